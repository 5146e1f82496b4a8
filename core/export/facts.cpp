// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/facts.h"

#include "core/figure/format.h"
#include "core/text.h"
#include "core/version.h"

#include <cmath>
#include <map>

namespace exporter {

using figure::si;
using figure::significant;

std::string intervalName(const fit::Fit& fit)
{
    if (fit.interval == "none")
        return "no interval";
    return significant(100 * fit.spec.level) + " % interval ("
        + (fit.interval == "bootstrap" ? "bootstrap, " + std::to_string(fit.resamples) + " resamples by " + fit.unit
                                       : fit.interval == "wald" ? std::string("Wald") : fit.interval) + ")";
}

Facts factsOf(const fit::Fit& fit)
{
    const law::Law& law = law::get(fit.spec.law);
    Facts out;
    const auto say = [&](std::string heading, std::string words) {
        if (!words.empty())
            out.emplace_back(std::move(heading), std::move(words));
    };
    const std::string unit = fit.unitOf(law.output).empty() ? "" : " " + fit.unitOf(law.output);
    say("Formula", std::string(law.info.formula));
    say("Reference", std::string(law.info.cite));
    say("Points", std::to_string(fit.n));
    std::vector<std::string> parts;
    for (const law::Quantity& q : law.inputs)
        if (const auto range = fit.ranges.find(std::string(q.id)); range != fit.ranges.end()) {
            const auto column = fit.inputs.find(range->first);
            const auto number = [&](double v) {
                return q.scale == law::Scale::Log || v >= 1e4 ? si(v) : significant(v);
            };
            parts.push_back(range->first + (column != fit.inputs.end() && column->second != range->first
                                                ? " (" + column->second + ")" : "")
                            + " from " + number(range->second.lower) + " to " + number(range->second.upper));
        }
    say("Inputs", text::join(parts, "; "));
    if (const auto column = fit.inputs.find(std::string(law.output.id)); column != fit.inputs.end())
        say("Output", column->first + " (" + std::string(law.output.name) + ") read from " + column->second);
    parts.clear();
    for (const auto& [id, name] : fit.units)
        parts.push_back(id + " in " + name);
    say("Units", text::join(parts, "; "));
    say("Selection", fit.spec.where);
    parts.clear();
    for (const auto& [key, value] : fit.spec.set)
        parts.push_back(key + "=" + value);
    say("Preparation", text::join(parts, ", "));
    std::map<std::string, int> reasons;
    for (const auto& e : fit.excluded)
        ++reasons[e.why];
    parts.clear();
    for (const auto& [why, count] : reasons)
        parts.push_back(std::to_string(count) + ": " + why);
    say("Excluded", text::join(parts, "; "));
    const auto objective = fit.spec.objective.value_or(law.objective);
    const bool huber = objective == fit::Objective::HuberLog || objective == fit::Objective::Huber;
    say("Objective",
        std::string(name(objective)) + (huber ? ", delta " + significant(fit.spec.delta) : "") + ", at the minimum "
            + significant(fit.objective, 6));
    parts.clear();
    for (const auto& [name, value] : fit.spec.fixed)
        parts.push_back(name + " fixed at " + significant(value, 6));
    for (const auto& [name, bounds] : fit.spec.bounds)
        parts.push_back(name + " within " + significant(bounds.first, 6) + " and " + significant(bounds.second, 6));
    say("Constraints", text::join(parts, "; "));
    if (fit.starts.tried > 0)
        say("Starts", std::string(fit.spec.starts < 0 ? "published grid, " : fit.spec.starts > 0 ? "chosen number, " : "those of the law, ") + std::to_string(fit.starts.tried) + ", of which " + std::to_string(fit.starts.reachedBest)
                          + " reached the best; distinct minima: " + std::to_string(fit.starts.distinctMinima));
    if (fit.starts.tried > 0)
        say("Solver", "bounded Levenberg-Marquardt with exact derivatives, linear amplitudes solved for at every start; ends when the objective "
                      "falls by less than 1e-9 of itself twice, the best continued to 1e-15");
    say("Uncertainty", intervalName(fit));
    if (fit.n > 0)
        say("Errors in sample",
            "MAE " + significant(fit.metrics.mae) + ", RMSE " + significant(fit.metrics.rmse) + unit + ", R\u00b2 "
                + significant(fit.metrics.r2) + ", AICc " + significant(fit.metrics.aicc) + ", BIC "
                + significant(fit.metrics.bic));
    if (fit.holdout.n > 0)
        say("Errors held out", "n " + std::to_string(fit.holdout.n)
                                   + (fit.spec.holdout.empty() ? "" : " (" + fit.spec.holdout + ")") + ", MAE "
                                   + significant(fit.holdout.mae) + ", RMSE " + significant(fit.holdout.rmse) + unit);
    parts.clear();
    for (const fit::Source& source : fit.sources)
        parts.push_back(source.name + (source.sha256.empty() ? "" : " (SHA-256 " + source.sha256 + ")"));
    say("Data", text::join(parts, "; "));
    parts.clear();
    for (const fit::Warning& warning : fit.warnings)
        parts.push_back(warning.message);
    say("Warnings", text::join(parts, " "));
    say("Made by", "Isoloss " + std::string(version) + ", seed " + std::to_string(fit.spec.seed));
    return out;
}

}

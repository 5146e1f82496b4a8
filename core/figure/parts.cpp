// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/figure/parts.h"

#include "core/error.h"
#include "core/figure/format.h"
#include "core/plan/plan.h"
#include "core/version.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace figure {

std::vector<double> spread(double from, double to, int n, bool log)
{
    std::vector<double> out(std::size_t(std::max(n, 2)));
    const double last = double(out.size() - 1);
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = log ? from * std::pow(to / from, double(i) / last) : from + (to - from) * double(i) / last;
    out.back() = to;
    return out;
}

Axis axisOf(const law::Quantity& q)
{
    return {.title = std::string(q.name), .unit = std::string(q.unit), .log = q.scale == law::Scale::Log};
}

Axis outputAxis(const fit::Fit& fit, const law::Law& law)
{
    Axis axis = axisOf(law.output);
    axis.unit = fit.unitOf(law.output);
    return axis;
}

Axis inputAxis(const fit::Fit& fit, const law::Quantity& q)
{
    Axis axis = axisOf(q);
    axis.unit = fit.unitOf(q);
    if (const auto column = fit.inputs.find(std::string(q.id)); q.name == q.id && column != fit.inputs.end())
        axis.title = column->second;
    return axis;
}

std::string noteOf(const fit::Fit& fit)
{
    const law::Law& law = law::get(fit.spec.law);
    std::string note = std::string(law.info.formula) + " \u00b7 n = " + std::to_string(fit.n);
    const std::string level = significant(100 * fit.spec.level) + " %";
    if (fit.interval == "bootstrap" && fit.unit == "wild")
        note += " \u00b7 " + level + " interval, " + std::to_string(fit.resamples) + " resamples by flipped residuals";
    else if (fit.interval == "profile")
        note += " \u00b7 " + level + " profile interval";
    else if (fit.interval == "leave-one-out")
        note += " \u00b7 " + level + " interval from leaving each run out";
    else if (fit.interval == "bootstrap")
        note += " \u00b7 " + level + " interval, " + std::to_string(fit.resamples) + " resamples by " + fit.unit;
    else if (fit.interval == "wald")
        note += " \u00b7 " + level + " Wald interval";
    else
        note += " \u00b7 no interval";
    const auto objective = fit.spec.objective.value_or(law.objective);
    note += " \u00b7 " + std::string(name(objective));
    if (objective == fit::Objective::HuberLog || objective == fit::Objective::Huber)
        note += ", delta " + significant(fit.spec.delta);
    if (fit.holdout.n > 0)
        note += " \u00b7 hollow: " + std::to_string(fit.holdout.n) + " held out, mean error "
            + significant(fit.holdout.mae, 3) + (fit.unitOf(law.output).empty() ? "" : " " + fit.unitOf(law.output));
    if (const auto unit = fit.units.find(std::string(law.output.id)); unit != fit.units.end())
        note += " \u00b7 " + std::string(law.output.name) + " in " + unit->second;
    if (!fit.excluded.empty())
        note += " \u00b7 " + std::to_string(fit.excluded.size()) + " excluded";
    return note;
}

nlohmann::ordered_json recipeOf(const fit::Fit& fit)
{
    nlohmann::ordered_json out{{"isoloss", version}, {"fit", nlohmann::json(fit.spec)},
                               {"sources", nlohmann::ordered_json::array()}};
    for (const fit::Source& source : fit.sources)
        out["sources"].push_back({{"name", source.name}, {"sha256", source.sha256}});
    return out;
}

std::vector<double> levels(std::vector<double> values, double tolerance)
{
    std::erase_if(values, [](double v) { return !std::isfinite(v); });
    std::ranges::sort(values);
    std::vector<double> out;
    for (std::size_t begin = 0; begin < values.size();) {
        std::size_t end = begin;
        while (end < values.size() && values[end] <= values[begin] + tolerance * std::abs(values[begin]))
            ++end;
        out.push_back(values[begin + (end - begin) / 2]);
        begin = end;
    }
    return out;
}

std::size_t nearestLevel(std::span<const double> levels, double value)
{
    const auto distance = [&](double level) {
        return level > 0 && value > 0 ? std::abs(std::log(value / level)) : std::abs(value - level);
    };
    return std::size_t(std::ranges::min_element(levels, {}, distance) - levels.begin());
}

void addCurve(Panel& panel, std::span<const double> x, const fit::Band& band, bool extrapolated, int color,
              const std::string& name, const std::string& bandName)
{
    const std::vector<double> xs(x.begin(), x.end());
    const bool known = std::ranges::any_of(band.low, [](double v) { return std::isfinite(v); });
    if (known)
        panel.layers.push_back({.mark = Mark::Band,
            .style = extrapolated ? Style::Extrapolated : Style::Interval,
            .name = bandName,
            .color = color,
            .x = xs,
            .y = {},
            .low = band.low,
            .high = band.high});
    panel.layers.push_back({.mark = Mark::Line, .style = extrapolated ? Style::Extrapolated : Style::Fit,
                            .name = name.empty() && !known ? bandName : name, .color = color, .x = xs, .y = band.value,
                            .low = {}, .high = {}});
}

Panel Residuals::panel(const Axis& x) const
{
    Panel out{.x = x, .y = {.title = "residual", .unit = relative ? "% of prediction" : unit},
              .layers = {}, .height = .3};
    out.layers.push_back({.mark = Mark::Rule, .style = Style::Reference, .name = {}, .color = -1, .x = {}, .y = {0},
                          .low = {}, .high = {}});
    return out;
}

SizeAndData::SizeAndData(const law::Law& law)
{
    if (law.inputs.size() != 2 || law.curves)
        return;
    for (int i = 0; i < 2; ++i)
        if (law.inputs[std::size_t(i)].id == "N" && law.inputs[std::size_t(1 - i)].id == "D")
            n = i, d = 1 - i;
}

Frontier frontier(const fit::Fit& fit, std::span<const double> budgets)
{
    // The place of the optimum needs no interval: at the optimum the loss does not depend on it to first order.
    fit::Fit bare = fit;
    bare.draws.clear(), bare.covariance.clear(), bare.points.clear();
    const SizeAndData place(law::get(fit.spec.law));
    Frontier out;
    std::vector<double> rows;
    for (const double flops : budgets) {
        try {
            const plan::Plan plan = plan::forFlops(bare, flops);
            out.flops.push_back(flops);
            out.params.push_back(plan.params.value);
            out.tokens.push_back(plan.tokens.value);
            std::ranges::copy(place.row(plan.params.value, plan.tokens.value), std::back_inserter(rows));
        } catch (const Error&) {
            continue;
        }
    }
    if (!rows.empty())
        out.loss = fit::band(fit, rows);
    return out;
}

}

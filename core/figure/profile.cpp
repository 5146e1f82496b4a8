// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/figure/contour.h"
#include "core/figure/fitview.h"
#include "core/figure/format.h"
#include "core/figure/parts.h"

#include "core/error.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>

namespace figure {

namespace {

Axis parameterAxis(const law::Law& law, const std::string& name)
{
    const int i = law.index(name);
    if (i < 0)
        throw UsageError("The law " + std::string(law.info.id) + " has no parameter '" + name + "'.");
    const law::Param& p = law.params[std::size_t(i)];
    return {.title = symbolOf(name) + (p.meaning.empty() ? "" : ", " + std::string(p.meaning)), .unit = {}, .log = p.scale == law::Scale::Log};
}

Layer layer(Mark mark, Style style, int color, std::string name = {})
{
    return {.mark = mark, .style = style, .name = std::move(name), .color = color, .x = {}, .y = {}, .low = {}, .high = {}};
}

// A grid `by` times as fine, through cubics of four neighbours: the rise is nearly a quadratic form, whose valley may be narrower
// than a cell. Where one of the four is not known, neither is what lies between.
struct Fine {
    std::vector<double> x, y, values;
};

std::vector<double> finer(const std::vector<double>& at, int by, bool log)
{
    std::vector<double> out;
    for (std::size_t i = 0; i + 1 < at.size(); ++i)
        for (int k = 0; k < by; ++k) {
            const double share = double(k) / by;
            out.push_back(log ? at[i] * std::pow(at[i + 1] / at[i], share) : at[i] + (at[i + 1] - at[i]) * share);
        }
    out.push_back(at.back());
    return out;
}

// Lagrange's weights of four equally spaced neighbours beginning at `first`, at a place in units of the spacing.
std::array<double, 4> weights(double at, double first)
{
    std::array<double, 4> out;
    for (int i = 0; i < 4; ++i) {
        out[std::size_t(i)] = 1;
        for (int j = 0; j < 4; ++j)
            if (j != i)
                out[std::size_t(i)] *= (at - first - j) / (i - j);
    }
    return out;
}

Fine refined(const fit::Profile& profile, bool logX, bool logY)
{
    const std::size_t n = profile.first.size(), m = profile.second.size();
    if (n < 4 || m < 4)
        return {profile.first, profile.second, profile.rise};
    const int by = std::max(2, int(480 / n));
    Fine out{.x = finer(profile.first, by, logX), .y = finer(profile.second, by, logY), .values = {}};
    const auto begin = [by](std::size_t fine, std::size_t size) { return std::min(std::max<std::size_t>(fine / std::size_t(by), 1) - 1, size - 4); };
    for (std::size_t i = 0; i < out.x.size(); ++i)
        for (std::size_t j = 0; j < out.y.size(); ++j) {
            const std::size_t a = begin(i, n), b = begin(j, m);
            const auto wx = weights(double(i) / by, double(a)), wy = weights(double(j) / by, double(b));
            double sum = 0;
            for (std::size_t k = 0; k < 4; ++k)
                for (std::size_t l = 0; l < 4; ++l)
                    sum += wx[k] * wy[l] * profile.rise[(a + k) * m + b + l];
            out.values.push_back(sum);
        }
    return out;
}

std::string percent(const fit::Fit& fit)
{
    return significant(100 * fit.spec.level) + " %";
}

}

std::string symbolOf(std::string_view parameter)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> greek{{{"alpha", "α"}, {"beta", "β"}, {"gamma", "γ"},
        {"delta", "δ"}, {"epsilon", "ε"}, {"zeta", "ζ"}, {"eta", "η"}, {"theta", "θ"}, {"kappa", "κ"}, {"lambda", "λ"}, {"mu", "μ"},
        {"nu", "ν"}, {"rho", "ρ"}, {"sigma", "σ"}, {"tau", "τ"}, {"phi", "φ"}}};
    for (const auto& [word, letter] : greek)
        if (parameter.starts_with(word) && (parameter.size() == word.size() || parameter[word.size()] == '_' || std::isdigit(static_cast<unsigned char>(parameter[word.size()]))))
            return std::string(letter) + std::string(parameter.substr(word.size()));
    return std::string(parameter);
}

Figure ofProfile(const fit::Fit& fit, const fit::Profile& profile)
{
    const law::Law& law = law::get(fit.spec.law);
    const std::string& name = profile.names.front();
    Panel panel{.x = parameterAxis(law, name), .y = {.title = "rise over the minimum", .unit = "t²"}, .layers = {}};
    const auto inside = [&](double v) { return v >= profile.ci.lower && v <= profile.ci.upper; };
    Layer band = layer(Mark::Band, Style::Interval, 0, percent(fit) + " interval");
    Layer curve = layer(Mark::Line, Style::Data, 0);
    double top = 2 * profile.threshold;
    for (std::size_t i = 0; i < profile.first.size(); ++i) {
        curve.x.push_back(profile.first[i]), curve.y.push_back(profile.rise[i]);
        // The interval ends between two values: there the rise is the threshold.
        if (i > 0)
            for (const double end : {profile.ci.lower, profile.ci.upper})
                if (end > profile.first[i - 1] && end < profile.first[i])
                    band.x.push_back(end), band.low.push_back(0), band.high.push_back(profile.threshold);
        if (inside(profile.first[i]) && std::isfinite(profile.rise[i]))
            band.x.push_back(profile.first[i]), band.low.push_back(0), band.high.push_back(profile.rise[i]);
    }
    panel.y.from = -.04 * top, panel.y.to = top * 1.05;      // the estimate stands whole
    Layer threshold = layer(Mark::Rule, Style::Reference, -1, percent(fit) + " threshold " + significant(profile.threshold, 3));
    threshold.y = {profile.threshold};
    Layer ends = layer(Mark::Rule, Style::Reference, -1);
    for (const double end : {profile.ci.lower, profile.ci.upper})
        if (std::isfinite(end))
            ends.x.push_back(end);
    Layer best = layer(Mark::Points, Style::Data, 0, "estimate");
    best.x = {fit.value(name)}, best.y = {0};
    panel.layers = {std::move(band), std::move(curve), std::move(threshold), std::move(best)};
    if (!ends.x.empty())
        panel.layers.push_back(std::move(ends));
    Figure out{.id = "profile", .title = std::string(law.info.name) + ": profile of " + symbolOf(name) + " = " + withInterval(fit.value(name), profile.ci),
               .note = noteOf(fit) + " \u00b7 at each value the other parameters are fitted again", .panels = {std::move(panel)}, .recipe = recipeOf(fit).dump()};
    for (const auto& [end, side] : {std::pair(profile.ci.lower, "below"), {profile.ci.upper, "above"}})
        if (std::isinf(end))
            out.warnings.push_back("The objective never rises enough " + std::string(side) + " the estimate: these rows do not bound "
                                   + symbolOf(name) + " there.");
    return out;
}

Figure ofProfileMap(const fit::Fit& fit, const fit::Profile& profile)
{
    const law::Law& law = law::get(fit.spec.law);
    Panel panel{.x = parameterAxis(law, profile.names.at(0)), .y = parameterAxis(law, profile.names.at(1)), .layers = {}};
    panel.x.from = profile.first.front(), panel.x.to = profile.first.back();
    panel.y.from = profile.second.front(), panel.y.to = profile.second.back();
    Shading shading{.title = "rise over the minimum", .unit = "t²", .log = true, .from = profile.threshold / 16, .to = profile.threshold * 64};
    bool named = false;
    const Fine fine = refined(profile, panel.x.log, panel.y.log);
    for (const double factor : {1. / 16, 1. / 4, 1., 4., 16., 64.})
        for (Polyline& line : contour(fine.x, fine.y, fine.values, profile.threshold * factor, panel.x.log, panel.y.log)) {
            const bool region = factor == 1;
            Layer one = layer(Mark::Line, Style::Data, 0, region && !named ? percent(fit) + " region" : "");
            named |= region;
            one.x = std::move(line.x), one.y = std::move(line.y);
            if (!region)
                one.shade = profile.threshold * factor;
            panel.layers.push_back(std::move(one));
        }
    Layer best = layer(Mark::Points, Style::Data, 0, "estimate");
    best.x = {fit.value(profile.names[0])}, best.y = {fit.value(profile.names[1])};
    panel.layers.push_back(std::move(best));
    return {.id = "map", .title = std::string(law.info.name) + ": " + symbolOf(profile.names[0]) + " and " + symbolOf(profile.names[1]) + " together",
            .note = noteOf(fit) + " \u00b7 lines of equal rise, a factor of 4 apart", .panels = {std::move(panel)},
            .recipe = recipeOf(fit).dump(), .shading = shading};
}

}

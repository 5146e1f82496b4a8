// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/figure/fitview.h"
#include "core/figure/format.h"
#include "core/figure/parts.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace figure {

namespace {

using Matrix = std::vector<std::vector<double>>;

// Of resampled parameters where there are any, else of the covariance.
Matrix covarianceOf(const fit::Fit& fit)
{
    if (fit.draws.size() < 3)
        return fit.covariance;
    const std::size_t k = fit.draws.front().size();
    std::vector<double> mean(k);
    for (const auto& draw : fit.draws)
        for (std::size_t i = 0; i < k; ++i)
            mean[i] += draw[i] / double(fit.draws.size());
    Matrix out(k, std::vector<double>(k));
    for (const auto& draw : fit.draws)
        for (std::size_t i = 0; i < k; ++i)
            for (std::size_t j = 0; j < k; ++j)
                out[i][j] += (draw[i] - mean[i]) * (draw[j] - mean[j]) / double(fit.draws.size() - 1);
    return out;
}

}

Figure ofCorrelation(const fit::Fit& fit)
{
    const law::Law& law = law::get(fit.spec.law);
    std::vector<std::string> names;
    for (const fit::Estimate& e : fit.parameters)
        if (!e.fixed)
            names.push_back(symbolOf(e.name));
    const Matrix covariance = covarianceOf(fit);
    const std::size_t k = names.size();
    if (k < 2)
        throw Error("Correlations need two free parameters; this fit has " + std::to_string(k) + ".");
    if (covariance.size() != k)
        throw Error("The correlations of this fit are not known: its parameters have no covariance.");
    Panel panel{.x = {.title = "parameter", .unit = {}, .log = false, .from = .5, .to = double(k) + .5, .names = names}, .y = {}, .layers = {}};
    panel.y = panel.x;
    panel.y.title = "correlation";
    // The first parameter stands on top, as in a table.
    std::ranges::reverse(panel.y.names);
    bool told[2]{};
    for (std::size_t i = 0; i < k; ++i)
        for (std::size_t j = 0; j < k; ++j) {
            const double r = covariance[i][j] / std::sqrt(covariance[i][i] * covariance[j][j]);
            const double x = double(j + 1), y = double(k - i);
            const bool positive = !(r < 0);
            Layer text{.mark = Mark::Text, .style = Style::Data, .name = std::isfinite(r) ? fixed(r, i != j && std::abs(r) > .99 ? 3 : 2) : "NaN", .color = -1,
                       .x = {x}, .y = {y}, .low = {}, .high = {}};
            if (std::isfinite(r)) {
                const double half = .48 * std::sqrt(std::min(1., std::abs(r)));
                std::string name = i != j && !std::exchange(told[positive], told[positive] || i != j) ? positive ? "rise together" : "one rises, the other falls" : "";
                // Two layers, since one is as pale as a band.
                for (int twice = 0; twice < 2; ++twice)
                    panel.layers.push_back({.mark = Mark::Band, .style = Style::Data, .name = twice ? std::string() : name, .color = positive ? 0 : 1,
                                            .x = {x - half, x + half}, .y = {}, .low = {y - half, y - half}, .high = {y + half, y + half}});
            }
            panel.layers.push_back(std::move(text));
        }
    return {.id = "correlation", .title = std::string(law.info.name) + ": correlations of the parameters",
            .note = noteOf(fit) + " \u00b7 of logarithms where a parameter is searched in its logarithm", .panels = {std::move(panel)},
            .recipe = recipeOf(fit).dump()};
}

}

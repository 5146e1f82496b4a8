// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/figure/build.h"
#include "core/figure/format.h"
#include "core/figure/views.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace figure {

namespace {

// Where along the shared axis each point of the first fit lies: compute for a law of N and D, else its one input.
double placeOf(const fit::Point& p)
{
    return p.x.size() == 2 ? 6 * p.x[0] * p.x[1] : p.x[0];
}

// Scores measured at a loss that the first fit knows the place of: the two fits share such rows where both were made
// from the same runs.
void addScores(Panel& panel, const fit::Chain& chain, std::size_t& placed)
{
    for (const bool out : {false, true}) {
        Layer layer{.mark = Mark::Points, .style = out ? Style::HeldOut : Style::Data,
                    .name = out ? "held out" : "observed", .color = 0, .x = {}, .y = {}, .low = {}, .high = {}};
        for (const fit::Point& score : chain.second.points) {
            const auto match = std::ranges::find_if(chain.first.points, [&](const fit::Point& loss) {
                return std::abs(loss.observed - score.x[0]) <= 1e-9 * std::abs(score.x[0]);
            });
            if (score.heldOut != out || match == chain.first.points.end())
                continue;
            layer.x.push_back(placeOf(*match)), layer.y.push_back(score.observed);
        }
        placed += layer.x.size();
        if (!layer.x.empty())
            panel.layers.push_back(std::move(layer));
    }
}

}

Figure ofChain(const fit::Chain& chain)
{
    const law::Law &first = law::get(chain.first.spec.law), &second = law::get(chain.second.spec.law);
    const SizeAndData place(first);
    if (first.curves || (!place && first.inputs.size() != 1))
        throw UsageError("A chain is drawn where its first law reads N and D or one input; " + chain.first.spec.law
                         + " reads others.");
    const law::Quantity& along = place ? law::quantity::C : first.inputs[0];
    Panel top{.x = place ? axisOf(along) : inputAxis(chain.first, along), .y = outputAxis(chain.second, second), .layers = {},
              .height = .5};
    Panel below{.x = top.x, .y = outputAxis(chain.first, first), .layers = {}, .height = .5};

    double from = std::numeric_limits<double>::infinity(), known = 0, all = 0;
    for (const fit::Point& p : chain.first.points) {
        const double at = placeOf(p);
        all = std::max(all, at);
        if (!p.heldOut)
            from = std::min(from, at), known = std::max(known, at);
    }
    if (known <= 0) {
        if (!place)
            throw Error("The first fit of the chain has no points to draw; fit it to data first.");
        from = 1e18, known = all = 1e26;
    }
    const double to = std::max(all * 1.1, known < 1e26 ? known * 3 : known);

    const auto add = [&](double low, double high, bool extrapolated) {
        if (!(low < high))
            return;
        std::vector<double> x = spread(low, high, extrapolated ? 16 : 32, along.scale == law::Scale::Log);
        fit::Band loss, score;
        std::vector<std::map<std::string, double>> at;
        if (place) {
            Frontier f = frontier(chain.first, x);
            x = f.flops, loss = f.loss;
            for (std::size_t i = 0; i < x.size(); ++i)
                at.push_back({{"N", f.params[i]}, {"D", f.tokens[i]}});
        } else {
            loss = fit::band(chain.first, x);
            for (const double v : x)
                at.push_back({{std::string(along.id), v}});
        }
        for (const auto& inputs : at) {
            const fit::Prediction p = fit::predict(chain, inputs);
            score.value.push_back(p.value);
            score.low.push_back(p.ci.lower), score.high.push_back(p.ci.upper);
        }
        const std::string beyond = extrapolated ? extrapolatedBy(high / low) : "";
        addCurve(top, x, score, extrapolated, 0, extrapolated ? "" : "predicted", beyond);
        addCurve(below, x, loss, extrapolated, -1, extrapolated ? "" : place ? "compute-optimal" : "fit", beyond);
    };
    add(known, to, true);
    add(from, known, false);
    std::size_t placed = 0;
    addScores(top, chain, placed);
    if (place) {
        addPoints(below, nullptr, chain.first);
    } else {
        for (const bool out : {false, true}) {
            Layer layer{.mark = Mark::Points, .style = out ? Style::HeldOut : Style::Data,
                        .name = out ? "held out" : "observed", .color = 0, .x = {}, .y = {}, .low = {}, .high = {}};
            for (const fit::Point& p : chain.first.points)
                if (p.heldOut == out)
                    layer.x.push_back(p.x[0]), layer.y.push_back(p.observed);
            if (!layer.x.empty())
                below.layers.push_back(std::move(layer));
        }
    }

    nlohmann::ordered_json recipe = recipeOf(chain.first);
    recipe["then"] = recipeOf(chain.second);
    recipe["then"].erase("isoloss");
    std::string note = std::string(first.info.formula) + ", then " + std::string(second.info.formula);
    if (!chain.second.points.empty())
        note += " \u00b7 " + std::to_string(placed) + " of " + std::to_string(chain.second.points.size())
            + " scores belong to a run of the first fit and are shown";
    return {.id = "chain",
            .title = std::string(second.output.name) + " and " + std::string(first.output.name) + " against "
                + top.x.title,
            .note = note, .panels = {std::move(top), std::move(below)}, .recipe = recipe.dump()};
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/figure/fitview.h"
#include "core/figure/format.h"
#include "core/figure/parts.h"
#include "core/fit/columns.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace figure {

namespace {

constexpr std::size_t mostLevels = 5, fewLevels = 3;       // of the other input a curve is drawn for; with many laws

struct Drawn {
    std::string name;
    const fit::Fit* fit;
    const law::Law* law;
    int color;
};

std::vector<std::string> inputsOf(const fit::Fit& fit, const law::Law& law)
{
    std::vector<std::string> out;
    for (const law::Quantity& q : law.inputs) {
        const auto column = fit.inputs.find(std::string(q.id));
        out.push_back(column == fit.inputs.end() ? std::string(q.id) : column->second);
    }
    return out;
}

fit::Fit bareOf(const fit::Fit& fit)
{
    fit::Fit out = fit;
    out.draws.clear(), out.covariance.clear();
    return out;
}

Layer points(bool held)
{
    return {.mark = Mark::Points, .style = held ? Style::HeldOut : Style::Data, .name = held ? "held out" : "fitted", .color = -1,
            .x = {}, .y = {}, .low = {}, .high = {}};
}

// Observed values of the first fit, once for all laws; those that a fold predicted without having seen them apart.
void addObserved(Panel& panel, const fit::Compared& first, std::size_t x)
{
    std::array layers{points(false), points(true), points(true)};
    layers[2].name = "held out in turn";
    for (const fit::Point& p : first.fit->points) {
        const bool inTurn = !p.heldOut && first.validated && p.row < first.validated->judged.size() && first.validated->judged[p.row];
        Layer& layer = layers[p.heldOut ? 1 : inTurn ? 2 : 0];
        layer.x.push_back(p.x[x]), layer.y.push_back(p.observed);
    }
    for (Layer& layer : layers)
        if (!layer.x.empty())
            panel.layers.push_back(std::move(layer));
}

Layer line(const Drawn& d, bool named)
{
    return {.mark = Mark::Line, .style = Style::Fit, .name = named ? d.name : std::string(), .color = d.color, .x = {}, .y = {}, .low = {}, .high = {}};
}

// Along the steps of each run.
void addCurves(Panel& panel, const Drawn& d)
{
    std::map<int, std::vector<std::pair<double, double>>> runs;
    for (const fit::Point& p : d.fit->points)
        runs[p.group].emplace_back(p.x[0], p.predicted);
    bool named = false;
    for (auto& [run, steps] : runs) {
        std::ranges::sort(steps);
        Layer layer = line(d, !std::exchange(named, true));
        for (const auto& [x, y] : steps)
            layer.x.push_back(x), layer.y.push_back(y);
        panel.layers.push_back(std::move(layer));
    }
}

// Along one input, for each level of the other where there is one.
void addAlong(Panel& panel, const Drawn& d, std::size_t along, const std::vector<double>& levels)
{
    double from = std::numeric_limits<double>::infinity(), to = -from;
    for (const fit::Point& p : d.fit->points)
        from = std::min(from, p.x[along]), to = std::max(to, p.x[along]);
    const fit::Fit bare = bareOf(*d.fit);
    bool named = false;
    for (const double level : levels) {
        Layer layer = line(d, !std::exchange(named, true));
        layer.x = spread(from, to, 96, panel.x.log);
        std::vector<double> rows;
        for (const double x : layer.x) {
            std::vector<double> row(d.law->inputs.size(), level);
            row[along] = x;
            rows.insert(rows.end(), row.begin(), row.end());
        }
        layer.y = fit::band(bare, rows).value;
        panel.layers.push_back(std::move(layer));
    }
}

// Predicted against observed, on the line where both are the same.
Panel agreement(std::span<const Drawn> laws)
{
    const Drawn& best = laws.front();
    Panel panel{.x = outputAxis(*best.fit, *best.law), .y = outputAxis(*best.fit, *best.law), .layers = {}};
    panel.x.title = "observed " + panel.x.title, panel.y.title = "predicted " + panel.y.title;
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const Drawn& d : laws)
        for (const bool held : {false, true}) {
            Layer layer = points(held);
            layer.color = d.color;
            layer.name = held ? "" : d.name;
            for (const fit::Point& p : d.fit->points)
                if (p.heldOut == held) {
                    layer.x.push_back(p.observed), layer.y.push_back(p.predicted);
                    low = std::min(low, p.observed), high = std::max(high, p.observed);
                }
            if (!layer.x.empty())
                panel.layers.push_back(std::move(layer));
        }
    panel.layers.push_back({.mark = Mark::Rule, .style = Style::Reference, .name = {}, .color = -1, .x = {low, high}, .y = {low, high}, .low = {}, .high = {}});
    return panel;
}

}

fit::Spec withLaw(fit::Spec rows, const std::string& id)
{
    rows.law = id;
    rows.fixed.clear(), rows.start.clear(), rows.bounds.clear(), rows.freed.clear();
    rows.objective.reset();
    const law::Law* law = law::find(id);
    if (!law)
        return rows;
    // A column chosen for what this law does not read would be refused.
    const std::vector<law::Quantity> read = fit::quantities(*law);
    std::erase_if(rows.map, [&](const auto& item) { return std::ranges::find(read, item.first, &law::Quantity::id) == read.end(); });
    return rows;
}

Figure ofComparison(const fit::Comparison& comparison)
{
    std::vector<Drawn> laws;
    for (const fit::Compared& c : comparison.laws)
        if (c.fit && !c.fit->points.empty()) {
            const law::Law& law = law::get(c.spec.law);
            laws.push_back({law.custom ? c.spec.law.substr(0, c.spec.law.find(';')) : std::string(law.info.name), &*c.fit, &law, int(laws.size())});
        }
    if (laws.empty())
        throw Error("None of the laws could be fitted: " + (comparison.laws.empty() ? std::string("none was chosen.") : comparison.laws.front().why));
    const Drawn best = laws.front();
    const std::vector<std::string> inputs = inputsOf(*best.fit, *best.law);
    Figure out{.id = "compare", .title = "Laws compared on the same rows", .note = {}, .panels = {}, .recipe = {}};
    const auto alike = [&](const Drawn& d) { return d.law->curves == best.law->curves && inputsOf(*d.fit, *d.law) == inputs; };
    Panel panel{.x = inputAxis(*best.fit, best.law->inputs[0]), .y = outputAxis(*best.fit, *best.law), .layers = {}};
    panel.y.log = best.law->output.scale == law::Scale::Log && panel.x.log;
    const SizeAndData place(*best.law);
    if (!best.law->curves && best.law->inputs.size() > 1 && !place) {
        panel = agreement(laws);
    } else {
        std::vector<double> levels{0};
        std::size_t along = 0;
        if (place) {
            along = std::size_t(place.d);
            panel.x = inputAxis(*best.fit, best.law->inputs[along]);
            std::vector<double> sizes;
            for (const fit::Point& p : best.fit->points)
                sizes.push_back(p.x[std::size_t(place.n)]);
            const std::vector<double> all = figure::levels(sizes, .05);
            levels.clear();
            const std::size_t n = std::min(laws.size() > 2 ? fewLevels : mostLevels, all.size());
            for (std::size_t k = 0; k < n; ++k)
                levels.push_back(all[n == 1 ? 0 : k * (all.size() - 1) / (n - 1)]);
            for (const double level : levels)
                out.note += (out.note.empty() ? "curves at N = " : ", ") + si(level);
        }
        addObserved(panel, *std::ranges::find(comparison.laws, best.fit, [](const auto& c) { return c.fit ? &*c.fit : nullptr; }), along);
        for (const Drawn& d : laws) {
            if (!alike(d))
                out.warnings.push_back(d.name + " is not drawn: it reads other inputs than " + best.name + ".");
            else if (d.law->curves)
                addCurves(panel, d);
            else
                addAlong(panel, d, along, levels);
        }
    }
    out.note += (out.note.empty() ? "" : " \u00b7 ") + std::string("n = ") + std::to_string(best.fit->n) + " \u00b7 best held-out error first, validation: "
        + std::string(fit::name(comparison.kind));
    auto recipe = recipeOf(*best.fit);
    for (const fit::Compared& c : comparison.laws)
        recipe["compare"].push_back(c.spec.law);
    out.recipe = recipe.dump();
    out.panels = {std::move(panel)};
    return out;
}

Figure ofJoint(const fit::Joint& joint)
{
    if (joint.fits.empty())
        throw Error("No group could be fitted.");
    const fit::Fit& first = joint.fits.front();
    const law::Law& law = law::get(first.spec.law);
    const std::vector<std::string> inputs = inputsOf(first, law);
    Figure out{.id = "groups", .title = std::string(law.info.name) + " by " + joint.by, .note = {}, .panels = {}, .recipe = {}};
    const SizeAndData place(law);
    std::vector<Drawn> groups;
    for (std::size_t i = 0; i < joint.fits.size(); ++i)
        groups.push_back({joint.names[i], &joint.fits[i], &law, int(i)});
    Panel panel{.x = inputAxis(first, law.inputs[0]), .y = outputAxis(first, law), .layers = {}};
    panel.y.log = law.output.scale == law::Scale::Log && panel.x.log;
    if (!law.curves && law.inputs.size() > 1 && !place) {
        panel = agreement(groups);
    } else {
        const std::size_t along = place ? std::size_t(place.d) : 0;
        panel.x = inputAxis(first, law.inputs[along]);
        for (const Drawn& group : groups) {
            for (const bool held : {false, true}) {
                Layer layer = points(held);
                layer.name.clear();
                layer.color = group.color;
                for (const fit::Point& p : group.fit->points)
                    if (p.heldOut == held)
                        layer.x.push_back(p.x[along]), layer.y.push_back(p.observed);
                if (!layer.x.empty())
                    panel.layers.push_back(std::move(layer));
            }
            std::vector<double> levels{0};
            if (place) {
                std::vector<double> sizes;
                for (const fit::Point& p : group.fit->points)
                    sizes.push_back(p.x[std::size_t(place.n)]);
                levels = figure::levels(sizes, .05);
            }
            if (law.curves)
                addCurves(panel, group);
            else
                addAlong(panel, group, along, levels);
        }
    }
    out.note = std::to_string(joint.fits.size()) + " groups \u00b7 n = " + std::to_string(joint.n);
    auto recipe = recipeOf(first);
    recipe["by"] = joint.by;
    recipe["shared"] = joint.shared;
    out.recipe = recipe.dump();
    for (const std::string& name : joint.shared)
        out.note += (name == joint.shared.front() ? " \u00b7 one for all: " : ", ") + symbolOf(name);
    out.panels = {std::move(panel)};
    return out;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/figure/fitview.h"
#include "core/figure/format.h"
#include "core/figure/parts.h"
#include "core/text.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <map>

namespace figure {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// A column's value at each point: the first row that holds the point's inputs and what was observed.
std::vector<double> valuesAt(const fit::Fit& fit, const law::Law& law, const data::Table& table, const data::Table::Numbers& wanted)
{
    std::vector<const data::Table::Numbers*> keys;
    for (const law::Quantity& q : law.inputs)
        if (const auto name = fit.inputs.find(std::string(q.id)); name != fit.inputs.end())
            keys.push_back(table.number(name->second));
        else
            keys.push_back(nullptr);
    std::map<std::vector<double>, double> known;
    for (std::size_t row = 0; row < table.rows; ++row) {
        std::vector<double> key;
        for (const auto* column : keys)
            key.push_back(column ? column->values[row] : 0);
        if (std::ranges::all_of(key, [](double v) { return std::isfinite(v); }))
            known.emplace(std::move(key), wanted.values[row]);
    }
    std::vector<double> out;
    for (const fit::Point& p : fit.points) {
        std::vector<double> key = p.x;
        for (std::size_t i = 0; i < key.size() && i < keys.size(); ++i)
            if (!keys[i])
                key[i] = 0;
        const auto it = known.find(key);
        out.push_back(it == known.end() ? nan : it->second);
    }
    return out;
}

bool wide(const std::vector<double>& values)
{
    double low = std::numeric_limits<double>::infinity(), high = 0;
    for (const double v : values) {
        if (!std::isfinite(v))
            continue;
        if (!(v > 0))
            return false;
        low = std::min(low, v), high = std::max(high, v);
    }
    return high > 20 * low;
}

}

Against against(const fit::Fit& fit, std::string_view id, const data::Table* table)
{
    const law::Law& law = law::get(fit.spec.law);
    Against out{.id = std::string(id), .title = std::string(id), .unit = {}, .log = false, .values = {}};
    const auto input = std::ranges::find(law.inputs, id, &law::Quantity::id);
    if (input != law.inputs.end()) {
        const Axis axis = inputAxis(fit, *input);
        out.title = axis.title, out.unit = axis.unit;
        for (const fit::Point& p : fit.points)
            out.values.push_back(p.x[std::size_t(input - law.inputs.begin())]);
        out.log = axis.log && wide(out.values);
        return out;
    }
    if (id == "predicted" || id == "order") {
        for (const fit::Point& p : fit.points)
            out.values.push_back(id == "order" ? double(out.values.size() + 1) : p.predicted);
        out.title = id == "order" ? "order of the rows" : "predicted " + std::string(law.output.name);
        out.unit = id == "order" ? "" : fit.unitOf(law.output);
        return out;
    }
    if (const auto* column = table ? table->number(id) : nullptr) {
        out.values = valuesAt(fit, law, *table, *column);
        out.log = wide(out.values);
        return out;
    }
    const std::vector<std::string> choices = againstChoices(fit, table);
    throw UsageError("Residuals cannot be drawn against '" + std::string(id) + "'" + text::didYouMean(id, choices) + "; they can against "
                     + text::join(choices, ", ") + ".");
}

std::vector<std::string> againstChoices(const fit::Fit& fit, const data::Table* table)
{
    std::vector<std::string> out;
    for (const law::Quantity& q : law::get(fit.spec.law).inputs)
        out.emplace_back(q.id);
    out.emplace_back("predicted");
    out.emplace_back("order");
    if (!table)
        return out;
    for (const data::Table::Numbers& column : table->numbers) {
        const auto read = [&](const auto& item) { return item.second == column.name; };
        if (std::ranges::none_of(fit.inputs, read) && std::ranges::find(out, column.name) == out.end())
            out.push_back(column.name);
    }
    return out;
}

Figure ofResiduals(const fit::Fit& fit, const Against& against)
{
    const law::Law& law = law::get(fit.spec.law);
    if (fit.points.empty())
        throw Error("The fit of " + fit.spec.law + " has no points; fit it to data first.");
    const Residuals residuals(fit, law);
    Panel panel = residuals.panel({.title = against.title, .unit = against.unit, .log = against.log});
    panel.height = 1;
    const bool byGroup = fit.groups.size() > 1 && fit.groups.size() <= 7;
    std::map<std::pair<int, bool>, Layer> layers;
    std::size_t missing = 0;
    for (std::size_t i = 0; i < fit.points.size(); ++i) {
        const fit::Point& p = fit.points[i];
        if (!std::isfinite(against.values[i])) {
            ++missing;
            continue;
        }
        const int group = byGroup ? p.group : 0;
        Layer& layer = layers.try_emplace({group, p.heldOut}, Layer{.mark = Mark::Points, .style = p.heldOut ? Style::HeldOut : Style::Data,
            .name = byGroup && !p.heldOut ? fit.groups[std::size_t(group)] : p.heldOut && !byGroup ? "held out" : "", .color = group,
            .x = {}, .y = {}, .low = {}, .high = {}}).first->second;
        layer.x.push_back(against.values[i]), layer.y.push_back(residuals.of(p));
    }
    if (missing == fit.points.size())
        throw Error("No fitted row has a value of " + against.title + " to draw its residual against.");
    for (auto& [key, layer] : layers)
        panel.layers.push_back(std::move(layer));
    Figure out{.id = "residuals", .title = std::string(law.info.name) + ": residuals against " + against.title, .note = noteOf(fit),
               .panels = {std::move(panel)}, .recipe = recipeOf(fit).dump()};
    if (missing > 0)
        out.warnings.push_back(std::to_string(missing) + " of " + std::to_string(fit.points.size()) + " points have no value of " + against.title + ".");
    return out;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/expression.h"
#include "core/error.h"
#include "core/figure/build.h"
#include "core/figure/format.h"
#include "core/text.h"
#include "core/version.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <unordered_map>

namespace figure {

namespace {

constexpr std::size_t mostPoints = 4000;        // of one curve in a figure; the window draws from the data itself
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Xy {
    std::vector<double> x, y;
};

// TensorBoard's smoothing: an exponential mean divided by the weight it has gathered, values that are not finite left
// as they are and not taken in.
std::vector<double> smoothed(const std::vector<double>& y, double weight)
{
    std::vector<double> out(y.size());
    double sum = 0, debias = 1;
    for (std::size_t i = 0; i < y.size(); ++i) {
        if (!std::isfinite(y[i])) {
            out[i] = y[i];
            continue;
        }
        sum = sum * weight + (1 - weight) * y[i];
        debias *= weight;
        out[i] = sum / (1 - debias);
    }
    return out;
}

// The smallest and largest of each stretch in their own order, so that spikes survive.
Xy thinned(const Xy& all)
{
    if (all.x.size() <= mostPoints)
        return all;
    Xy out;
    const std::size_t stretches = mostPoints / 2;
    for (std::size_t k = 0; k < stretches; ++k) {
        const std::size_t begin = k * all.x.size() / stretches, end = (k + 1) * all.x.size() / stretches;
        std::size_t low = begin, high = begin;
        for (std::size_t i = begin; i < end; ++i) {
            // A stretch that holds nothing finite keeps its gap.
            if (!(all.y[low] <= all.y[i]) && std::isfinite(all.y[i]))
                low = i;
            if (!(all.y[high] >= all.y[i]) && std::isfinite(all.y[i]))
                high = i;
        }
        for (const std::size_t i : {std::min(low, high), std::max(low, high)}) {
            out.x.push_back(all.x[i]), out.y.push_back(all.y[i]);
            if (low == high)
                break;
        }
    }
    return out;
}

bool isTime(const std::string& x)
{
    return x == "wall" || x == "time" || x == "relative";
}

// y of a run against x: its steps, hours since its first record, or another series at the same steps.
Xy curveOf(const data::Run& run, const ChartEntry& chart)
{
    const data::Series* y = run.find(chart.y);
    if (!y)
        return {};
    if (chart.x == "step" || chart.x.empty())
        return {*y->step, *y->value};
    Xy out;
    if (isTime(chart.x) && !run.find(chart.x)) {
        if (!y->wall || y->wall->empty())
            return {};
        for (std::size_t i = 0; i < y->wall->size(); ++i)
            out.x.push_back((y->wall->at(i) - y->wall->front()) / 3600), out.y.push_back(y->value->at(i));
        return out;
    }
    const data::Series* x = run.find(chart.x);
    if (!x) {
        // A number of the configuration puts the run's last finite value at one place.
        const auto it = run.config.find(chart.x);
        const double* at = it == run.config.end() ? nullptr : std::get_if<double>(&it->second);
        const auto last = std::find_if(y->value->rbegin(), y->value->rend(), [](double v) { return std::isfinite(v); });
        return at && last != y->value->rend() ? Xy{{*at}, {*last}} : Xy{};
    }
    std::unordered_map<double, double> atStep;
    for (std::size_t i = 0; i < x->step->size(); ++i)
        atStep[x->step->at(i)] = x->value->at(i);
    for (std::size_t i = 0; i < y->step->size(); ++i)
        if (const auto it = atStep.find(y->step->at(i)); it != atStep.end())
            out.x.push_back(it->second), out.y.push_back(y->value->at(i));
    return out;
}

// Which runs a filter over the configurations selects.
std::vector<bool> selected(std::span<const data::Run> runs, std::span<const RunEntry> entries, const std::string& where)
{
    data::Table table{.rows = runs.size()};
    std::map<std::string, std::vector<double>> numbers;
    std::map<std::string, std::vector<std::string>> words;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        words["run"].resize(runs.size());
        words["run"][i] = entries[i].name;
        for (const auto& [name, value] : runs[i].config)
            if (const double* v = std::get_if<double>(&value))
                numbers.try_emplace(name, runs.size(), nan).first->second[i] = *v;
            else
                words.try_emplace(name, runs.size()).first->second[i] = std::get<std::string>(value);
    }
    for (auto& [name, values] : numbers)
        table.numbers.push_back({name, std::move(values)});
    for (const auto& [name, values] : words) {
        if (table.number(name))
            continue;
        data::TextColumn column{.name = name, .code = {}, .levels = {}};
        for (const std::string& word : values) {
            const auto level = std::ranges::find(column.levels, word);
            column.code.push_back(word.empty() ? -1 : std::int32_t(level - column.levels.begin()));
            if (!word.empty() && level == column.levels.end())
                column.levels.push_back(word);
        }
        table.text.push_back(std::move(column));
    }
    return data::Expression(where).select(table);
}

// Steps where a run that ended in values that are not finite left them.
const double* divergedAt(const Xy& curve)
{
    return !curve.y.empty() && !std::isfinite(curve.y.back()) ? &curve.x[std::size_t(
        std::find_if(curve.y.rbegin(), curve.y.rend(), [](double v) { return std::isfinite(v); }).base()
        - curve.y.begin())] : nullptr;
}

Layer layerOf(Mark mark, Style style, int color, Xy data)
{
    return {.mark = mark, .style = style, .name = {}, .color = color, .x = std::move(data.x), .y = std::move(data.y),
            .low = {}, .high = {}};
}

}

Figure ofRuns(std::span<const data::Run> runs, std::span<const RunEntry> entries, const ChartEntry& chart)
{
    if (runs.size() != entries.size())
        throw Error("A chart of " + std::to_string(runs.size()) + " runs has " + std::to_string(entries.size())
                    + " entries; give one for each run.");
    const double weight = chart.smoothing;
    if (!(weight >= 0 && weight < 1))
        throw UsageError(
            "The smoothing of chart " + chart.id + " is " + text::number(weight) + "; it must be in [0, 1).");

    const bool byTime = isTime(chart.x);
    Panel panel{.x = {.title = byTime ? "time since the start" : chart.x, .unit = byTime ? "h" : "", .log = chart.logX},
                .y = {.title = chart.y, .unit = {}, .log = chart.logY}, .layers = {}, .height = 1};
    const std::vector<bool> shown = chart.where.empty() ? std::vector<bool>(runs.size(), true)
                                                        : selected(runs, entries, chart.where);
    nlohmann::ordered_json used = nlohmann::ordered_json::array();
    std::size_t diverged = 0;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (!entries[i].visible || !shown[i])
            continue;
        const int color = entries[i].color;
        Xy curve = curveOf(runs[i], chart);
        if (curve.x.empty())
            continue;
        used.push_back({{"name", entries[i].name}, {"hash", entries[i].hash}});
        const bool scattered = chart.kind == "scatter" || runs[i].kind == data::Kind::Table || curve.x.size() == 1;
        if (scattered) {
            panel.layers.push_back(layerOf(Mark::Points, Style::Data, color, std::move(curve)));
        } else {
            if (const double* at = divergedAt(curve)) {
                ++diverged;
                panel.layers.push_back(layerOf(Mark::Points, Style::Diverged, color, {{*at}, {nan}}));
            }
            if (weight > 0) {
                panel.layers.push_back(layerOf(Mark::Line, Style::Raw, color, thinned(curve)));
                curve.y = smoothed(curve.y, weight);
            }
            panel.layers.push_back(layerOf(Mark::Line, Style::Data, color, thinned(curve)));
        }
        panel.layers.back().name = entries[i].name;
    }

    std::string note = std::to_string(used.size()) + (used.size() == 1 ? " run" : " runs");
    if (weight > 0)
        note += " \u00b7 smoothed " + significant(weight) + " (debiased exponential mean), raw values faint";
    if (diverged)
        note += " \u00b7 " + std::to_string(diverged) + " diverged";
    if (!chart.where.empty())
        note += " \u00b7 where " + chart.where;
    nlohmann::ordered_json recipe{{"isoloss", version},
        {"chart", {{"kind", chart.kind}, {"x", chart.x}, {"y", chart.y}, {"where", chart.where}, {"logX", chart.logX},
                   {"logY", chart.logY}, {"smoothing", chart.smoothing}}},
        {"runs", std::move(used)}};
    return {.id = chart.id, .title = chart.title.empty() ? chart.y + " against " + panel.x.title : chart.title,
            .note = note, .panels = {std::move(panel)}, .recipe = recipe.dump()};
}

}

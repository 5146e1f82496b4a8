// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/lossunit.h"
#include "core/data/select.h"
#include "core/error.h"
#include "core/figure/axes.h"
#include "core/figure/build.h"
#include "core/figure/format.h"
#include "core/figure/shading.h"
#include "core/text.h"
#include "core/version.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <set>

namespace figure {

namespace {

constexpr std::size_t mostPoints = 4000;        // of one curve on paper
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Xy {
    std::vector<double> x, y;
};

// TensorBoard's smoothing: an exponential mean divided by the weight it has gathered, values that are not finite left
// as they are and not taken in. A constant series stays what it is, to the bit.
std::vector<double> smoothed(const std::vector<double>& y, double weight)
{
    if (std::ranges::all_of(y, [&](double v) { return v == y.front(); }))
        return y;
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
Xy thinned(Xy all, Detail detail)
{
    if (detail == Detail::Window || all.x.size() <= mostPoints)
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

// Steps where a run that ended in values that are not finite left them.
const double* divergedAt(const Xy& curve)
{
    return !curve.y.empty() && !std::isfinite(curve.y.back()) ? &curve.x[std::size_t(
        std::find_if(curve.y.rbegin(), curve.y.rend(), [](double v) { return std::isfinite(v); }).base()
        - curve.y.begin())] : nullptr;
}

// "a, b, c and 4 more"
std::string listed(const std::vector<std::string>& names)
{
    constexpr std::size_t most = 3;
    std::vector<std::string> first(names.begin(), names.begin() + std::ptrdiff_t(std::min(most, names.size())));
    return text::join(first, ", ") + (names.size() > most ? " and " + std::to_string(names.size() - most) + " more" : "");
}

// "2 runs", "1 run"
std::string counted(std::size_t n) { return std::to_string(n) + (n == 1 ? " run" : " runs"); }

// What is left out and why, gathered into a sentence for each reason.
struct LeftOut {
    std::vector<std::string> withoutY, withoutX, withoutUnit;
    std::string whyNoX;

    std::vector<std::string> sentences(const ChartEntry& chart, const std::string& x) const
    {
        const auto are = [](const std::vector<std::string>& names) {
            return names.size() == 1 ? std::string(" is left out: ") : std::string(" are left out: ");
        };
        std::vector<std::string> out;
        if (!withoutY.empty())
            out.push_back(counted(withoutY.size()) + (withoutY.size() == 1 ? " logs no '" : " log no '") + chart.y + "' and"
                          + are(withoutY) + listed(withoutY) + "; choose what they log, or hide them.");
        if (!withoutX.empty())
            out.push_back(counted(withoutX.size()) + " cannot be drawn against " + x + " and" + are(withoutX) + listed(withoutX)
                          + " (" + whyNoX + "); draw against step instead.");
        if (!withoutUnit.empty())
            out.push_back(counted(withoutUnit.size()) + " cannot be shown in the unit of the others, since bytes per token are not "
                          "known, and" + are(withoutUnit) + listed(withoutUnit)
                          + "; give their bytes per token, or show losses as logged.");
        return out;
    }
};

// Losses in one unit, as far as that is possible.
struct Units {
    std::optional<data::LossUnit> shown;    // none yet, or y is no loss
    bool asked = false, known = false;      // the chart asks for it; a log or a chart says it, so that the axis may
    std::set<std::string> tokenizers{};

    // False where the run cannot be shown in the unit.
    bool take(const data::Run& run, const RunEntry& entry, const std::string& series, std::vector<double>& y)
    {
        const std::optional<data::LossUnit> own = data::lossUnitOf(run, series);
        if (!own)
            return true;
        const double bytes = entry.bytesPerToken > 0 ? entry.bytesPerToken : data::bytesPerToken(run);
        const std::string tokenizer = data::tokenizer(run);
        if (!shown)
            shown = own;
        if (*own != *shown) {
            const bool needed = *own == data::LossUnit::BitsPerByte || *shown == data::LossUnit::BitsPerByte;
            if (needed && !(bytes > 0))
                return false;
            for (double& v : y)
                v = data::convertLoss(v, *own, *shown, bytes);
            known = true;
        }
        // A series that is only called loss may be that of no language model.
        known = known || asked || *own != data::LossUnit::NatsPerToken || bytes > 0 || !tokenizer.empty();
        if (!tokenizer.empty())
            tokenizers.insert(tokenizer);
        return true;
    }

    std::string axis() const { return shown && known ? std::string(data::name(*shown)) : ""; }

    std::string warning() const
    {
        if (tokenizers.size() < 2 || !shown || *shown == data::LossUnit::BitsPerByte)
            return {};
        const std::string what = *shown == data::LossUnit::Perplexity ? "perplexities" : "losses per token";
        return "Runs of " + std::to_string(tokenizers.size()) + " tokenizers ("
            + listed(std::vector<std::string>(tokenizers.begin(), tokenizers.end())) + ") are drawn together: " + what
            + " are not comparable between them; show bits per byte, which is.";
    }
};

Axis axisFor(const ChartEntry& chart, std::span<const data::Run> runs)
{
    const auto logged = [&](const std::string& name) {
        return std::ranges::any_of(runs, [&](const data::Run& run) { return run.find(name) != nullptr; });
    };
    Axis axis{.title = chart.x.empty() ? "step" : chart.x, .unit = {}, .log = chart.logX};
    if (chart.x == "flops")
        axis.title = "training compute", axis.unit = "FLOPs";
    else if (chart.x == "tokens")
        axis.title = "training tokens";
    else if (chart.x == "wall" || ((chart.x == "time" || chart.x == "relative") && !logged(chart.x)))
        axis.title = "time since the start", axis.unit = "h";
    return axis;
}

std::vector<bool> selected(std::span<const data::Run> runs, std::span<const RunEntry> entries, const std::string& where)
{
    std::vector<data::Selectable> selectable;
    for (std::size_t i = 0; i < runs.size(); ++i)
        selectable.push_back({entries[i].name, &runs[i].config});
    return data::select(selectable, where);
}

}

Figure ofRuns(std::span<const data::Run> runs, std::span<const RunEntry> entries, const ChartEntry& chart, Detail detail)
{
    if (runs.size() != entries.size())
        throw Error("A chart of " + std::to_string(runs.size()) + " runs has " + std::to_string(entries.size())
                    + " entries; give one for each run.");
    const double weight = chart.smoothing;
    if (!(weight >= 0 && weight < 1))
        throw UsageError(
            "The smoothing of chart " + chart.id + " is " + text::number(weight) + "; it must be in [0, 1).");
    Units units;
    if (!chart.unit.empty()) {
        units.shown = data::lossUnit(chart.unit);
        units.asked = true;
        if (!units.shown)
            throw UsageError("'" + chart.unit + "' is no unit of a loss; they are nats/token, bits/byte and perplexity.");
    }

    Panel panel{.x = axisFor(chart, runs), .y = {.title = chart.y, .unit = {}, .log = chart.logY}, .layers = {}, .height = 1};
    const std::vector<bool> shown = selected(runs, entries, chart.where);
    std::vector<Curve> curves;
    LeftOut left;
    bool derived = false, losses = false;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (!entries[i].visible || !shown[i])
            continue;
        const data::Series* y = runs[i].find(chart.y);
        if (!y) {
            left.withoutY.push_back(entries[i].name);
            continue;
        }
        Along curve = along(runs[i], *y, chart.x);
        if (curve.x.empty()) {
            if (left.withoutX.empty())
                left.whyNoX = curve.why.empty() ? "it has no records" : curve.why;
            left.withoutX.push_back(entries[i].name);
            continue;
        }
        if (!units.take(runs[i], entries[i], chart.y, curve.y)) {
            left.withoutUnit.push_back(entries[i].name);
            continue;
        }
        losses |= data::lossUnitOf(runs[i], chart.y).has_value();
        derived |= curve.derived;
        curves.push_back({.run = &runs[i], .entry = &entries[i], .x = std::move(curve.x), .y = std::move(curve.y)});
    }
    if (losses)
        panel.y.unit = units.axis();

    Figure figure{.id = chart.id, .title = chart.title.empty() ? chart.y + " against " + panel.x.title : chart.title,
                  .note = {}, .panels = {}, .recipe = {}, .shading = {}, .warnings = left.sentences(chart, panel.x.title)};
    if (const std::string warning = losses ? units.warning() : ""; !warning.empty())
        figure.warnings.push_back(warning);
    // A log without steps was read as rows, and rows have numbers only.
    if (chart.x == "step" || chart.x.empty())
        if (const auto rows = std::ranges::find_if(curves, [](const Curve& c) { return c.run->kind == data::Kind::Table; });
            rows != curves.end())
            figure.warnings.push_back(rows->entry->name + " has no steps: its rows are drawn in their order; choose another "
                                      "horizontal axis, or name the column of steps 'step' and import it again.");
    const std::string coloured = colour(figure, curves, chart.colorBy);

    nlohmann::ordered_json used = nlohmann::ordered_json::array();
    std::size_t diverged = 0;
    for (Curve& curve : curves) {
        used.push_back({{"name", curve.entry->name}, {"hash", curve.entry->hash}});
        if (curve.entry->bytesPerToken > 0)
            used.back()["bytesPerToken"] = curve.entry->bytesPerToken;
        const auto add = [&](Mark mark, Style style, Xy data) {
            panel.layers.push_back({.mark = mark, .style = style, .name = {}, .color = curve.color, .x = std::move(data.x),
                                    .y = std::move(data.y), .low = {}, .high = {}, .run = curve.entry->hash, .shade = curve.shade});
        };
        Xy data{std::move(curve.x), std::move(curve.y)};
        if (chart.kind == "scatter" || curve.run->kind == data::Kind::Table || data.x.size() == 1) {
            add(Mark::Points, Style::Data, std::move(data));
        } else {
            if (const double* at = divergedAt(data)) {
                ++diverged;
                add(Mark::Points, Style::Diverged, {{*at}, {nan}});
            }
            if (weight > 0) {
                Xy smooth{data.x, smoothed(data.y, weight)};
                add(Mark::Line, Style::Raw, thinned(std::move(data), detail));
                data = std::move(smooth);
            }
            add(Mark::Line, Style::Data, thinned(std::move(data), detail));
        }
        panel.layers.back().name = curve.entry->name;
    }

    figure.note = counted(curves.size());
    if (weight > 0)
        figure.note += " \u00b7 smoothed " + significant(weight) + " (debiased exponential mean), raw values faint";
    if (derived)
        figure.note += std::string(" \u00b7 ") + (chart.x == "flops" ? "FLOPs worked out from tokens and parameters (6 N D)"
                                                                     : "tokens worked out from steps and batch size");
    if (diverged)
        figure.note += " \u00b7 " + std::to_string(diverged) + " diverged";
    if (!coloured.empty())
        figure.note += " \u00b7 " + coloured;
    if (!chart.where.empty())
        figure.note += " \u00b7 where " + chart.where;
    nlohmann::ordered_json recipe{{"isoloss", version},
        {"chart", {{"kind", chart.kind}, {"x", chart.x}, {"y", chart.y}, {"where", chart.where}, {"logX", chart.logX},
                   {"logY", chart.logY}, {"smoothing", chart.smoothing}}},
        {"runs", std::move(used)}};
    if (!chart.unit.empty())
        recipe["chart"]["unit"] = chart.unit;
    if (!chart.colorBy.empty())
        recipe["chart"]["colorBy"] = chart.colorBy;
    figure.recipe = recipe.dump();
    figure.panels.push_back(std::move(panel));
    return figure;
}

}

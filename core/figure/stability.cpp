// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/figure/stability.h"

#include "core/error.h"
#include "core/figure/format.h"
#include "core/figure/parts.h"
#include "core/text.h"
#include "core/version.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace figure {

namespace {

using stability::Growth;
using stability::Sensitivity;
using stability::Study;

constexpr std::array views{
    StabilityView{"rates", "Loss over learning rate", "Final loss of every size at every rate, smallest to largest over seeds"},
    StabilityView{"sensitivity", "Sensitivity over size", "How much a wrong learning rate costs, with its interval over seeds"},
    StabilityView{"runs", "Which runs went wrong", "Every run by size and rate: well, with a sign of trouble, or diverged"},
    StabilityView{"logits", "Attention logits over size", "Early attention logits, extrapolated to the size that diverges"},
    StabilityView{"gradients", "Gradients over size", "Gradients of the first MLP, extrapolated to the optimiser's eps"},
};

const Axis rateAxis{.title = "learning rate", .unit = {}, .log = true}, sizeAxis{.title = "parameters", .unit = {}, .log = true};

Layer layer(Mark mark, Style style, std::string name, int color)
{
    return {.mark = mark, .style = style, .name = std::move(name), .color = color, .x = {}, .y = {}, .low = {}, .high = {}};
}

std::vector<double> sizes(const Study& study)
{
    std::set<double> out;
    for (const auto& t : study.trials)
        out.insert(t.N);
    return {out.begin(), out.end()};
}

void shadeBy(Figure& f, const std::string& title, std::span<const double> values)
{
    if (const auto [least, most] = std::ranges::minmax(values); least < most)
        f.shading = {.title = title, .unit = {}, .log = true, .from = least, .to = most};
}

// One size: an arm a colour. Several: a panel for each arm, sizes on the ramp.
void addRates(Figure& f, const Study& study)
{
    const std::vector<double> all = sizes(study);
    const bool ramp = all.size() > 1;
    if (ramp)
        shadeBy(f, "parameters", all);
    for (std::size_t arm = 0; arm < study.arms.size(); ++arm) {
        if (f.panels.empty() || ramp)
            f.panels.push_back({.x = rateAxis, .y = {.title = "final loss", .unit = "nats/token"}, .layers = {}});
        Panel& panel = f.panels.back();
        if (ramp && study.arms.size() > 1)
            panel.y.title = "final loss, " + study.arms[arm].name;
        double initial = 0;
        for (const Sensitivity& s : study.sensitivity) {
            if (s.arm != arm)
                continue;
            const std::string name = ramp ? "" : study.arms[arm].name;
            const auto shaded = [&](Layer l) {
                l.x = s.rates, l.y = s.losses;
                if (ramp)
                    l.shade = s.N;
                return l;
            };
            panel.layers.push_back(shaded(layer(Mark::Line, Style::Data, name, int(arm))));
            Layer points = shaded(layer(Mark::Points, Style::Data, "", int(arm)));
            if (s.perSeed.size() > 1)
                points.low = s.low, points.high = s.high;
            panel.layers.push_back(std::move(points));
            initial = std::max(initial, s.initial);
        }
        if (initial > 0 && (ramp || arm + 1 == study.arms.size())) {
            Layer rule = layer(Mark::Rule, Style::Reference, "at initialisation", -1);
            rule.y = {initial};
            panel.layers.push_back(std::move(rule));
        }
    }
    std::erase_if(f.panels, [](const Panel& p) { return p.layers.empty(); });
}

void addSensitivity(Figure& f, const Study& study)
{
    Panel panel{.x = sizeAxis, .y = {.title = "learning-rate sensitivity", .unit = "nats/token"}, .layers = {}};
    for (std::size_t arm = 0; arm < study.arms.size(); ++arm) {
        Layer line = layer(Mark::Line, Style::Data, study.arms[arm].name, int(arm)), points = layer(Mark::Points, Style::Data, "", int(arm));
        bool known = true;
        for (const Sensitivity& s : study.sensitivity)
            if (s.arm == arm) {
                for (Layer* l : {&line, &points})
                    l->x.push_back(s.N), l->y.push_back(s.value);
                points.low.push_back(s.ci.lower), points.high.push_back(s.ci.upper);
                known = known && std::isfinite(s.ci.lower);
            }
        if (line.x.empty())
            continue;
        if (!known)
            points.low.clear(), points.high.clear();
        panel.layers.push_back(std::move(line));
        panel.layers.push_back(std::move(points));
    }
    f.panels.push_back(std::move(panel));
}

// A mark for every run at its size and rate; seeds side by side.
void addRuns(Figure& f, const Study& study)
{
    std::set<double> seeds;
    for (const auto& t : study.trials)
        seeds.insert(std::isnan(t.seed) ? -1 : t.seed);
    std::set<std::string> named;
    const std::vector<double> all = sizes(study);
    for (std::size_t arm = 0; arm < study.arms.size(); ++arm) {
        Panel panel{.x = sizeAxis, .y = rateAxis, .layers = {}};
        if (study.arms.size() > 1)
            panel.y.title += ", " + study.arms[arm].name;
        std::array layers{layer(Mark::Points, Style::Data, "well", 0), layer(Mark::Points, Style::Data, "with a sign of trouble", 1),
                          layer(Mark::Points, Style::Diverged, "diverged", -1)};
        for (const auto& t : study.trials) {
            if (t.arm != arm)
                continue;
            const auto place = double(std::ranges::distance(seeds.begin(), seeds.find(std::isnan(t.seed) ? -1 : t.seed)));
            Layer& l = layers[t.verdict.diverged ? 2 : t.verdict.cause != stability::Cause::None];
            l.x.push_back(t.N * std::pow(1.06, place - double(seeds.size() - 1) / 2));
            l.y.push_back(t.lr);
        }
        for (Layer& l : layers)
            if (!l.x.empty()) {
                if (!named.insert(l.name).second)
                    l.name.clear();
                panel.layers.push_back(std::move(l));
            }
        // One size stands in the middle, its seeds close together.
        panel.x.from = all.front() / 2, panel.x.to = all.back() * 2;
        if (!panel.layers.empty())
            f.panels.push_back(std::move(panel));
    }
}

void addGrowth(Figure& f, const Study& study, const std::vector<Growth>& all, const std::string& title)
{
    std::set<double> rates;
    for (const Growth& g : all)
        rates.insert(g.lr);
    const std::vector<double> levels(rates.begin(), rates.end());
    shadeBy(f, "learning rate", levels);
    for (std::size_t arm = 0; arm < study.arms.size(); ++arm) {
        Panel panel{.x = sizeAxis, .y = {.title = title, .unit = {}, .log = true}, .layers = {}};
        if (study.arms.size() > 1)
            panel.y.title += ", " + study.arms[arm].name;
        double limit = 0;
        for (const Growth& g : all) {
            if (g.arm != arm)
                continue;
            const auto [least, most] = std::ranges::minmax(g.N);
            const auto curve = [&](Style style, double from, double to) {
                Layer l = layer(Mark::Line, style, "", 0);
                l.x = spread(from, to, 48, true);
                for (const double N : l.x)
                    l.y.push_back(g.at(N));
                l.shade = g.lr;
                return l;
            };
            Layer points = layer(Mark::Points, Style::Data, "", 0);
            points.x = g.N, points.y = g.value, points.shade = g.lr;
            panel.layers.push_back(curve(Style::Fit, least, most));
            panel.layers.push_back(curve(Style::Extrapolated, most, 10 * most));
            panel.layers.push_back(std::move(points));
            limit = g.limit;
        }
        if (panel.layers.empty())
            continue;
        Layer rule = layer(Mark::Rule, Style::Reference, all.front().falls ? "eps " + text::number(limit) : "limit " + text::number(limit), -1);
        rule.y = {limit};
        panel.layers.push_back(std::move(rule));
        f.panels.push_back(std::move(panel));
    }
}

}

std::span<const StabilityView> stabilityViews() { return views; }

Figure ofStability(const Study& study, const stability::Spec& spec, std::string_view view)
{
    const auto known = std::ranges::find(views, view.empty() ? views.front().id : view, &StabilityView::id);
    if (known == views.end()) {
        std::vector<std::string> ids;
        for (const StabilityView& v : views)
            ids.emplace_back(v.id);
        throw UsageError("A stability study has no view '" + std::string(view) + "'" + text::didYouMean(view, ids) + "; it has " + text::join(ids, ", ") + ".");
    }
    Figure f{.id = "stability-" + std::string(known->id), .title = std::string(known->name), .note = {}, .panels = {}, .recipe = {}};
    std::set<double> seeds;
    for (const auto& t : study.trials)
        seeds.insert(std::isnan(t.seed) ? -1 : t.seed);
    f.note = std::to_string(study.trials.size()) + " runs · " + std::to_string(seeds.size()) + (seeds.size() == 1 ? " seed" : " seeds");
    if (known->id == "rates" || known->id == "sensitivity") {
        if (study.sensitivity.empty())
            throw Error("No size has two learning rates that all its seeds share: nothing to draw.");
        known->id == "rates" ? addRates(f, study) : addSensitivity(f, study);
        f.note += known->id == "rates" ? " · bars: smallest to largest over seeds · losses above the initial one count as it"
                                       : " · bars: " + fixed(100 * spec.level, 0) + " % over seeds";
    } else if (known->id == "runs") {
        addRuns(f, study);
        f.note += " · seeds side by side";
    } else if (known->id == "logits") {
        if (study.logitGrowth.empty())
            throw Error("No two sizes with the same learning rate log their largest attention logit: nothing to extrapolate.");
        addGrowth(f, study, study.logitGrowth, "largest attention logit");
        f.note += " · first block, at " + text::number(100 * spec.at) + " % of the steps · dashed: extrapolated";
    } else {
        if (study.updateCollapse.empty())
            throw Error("No two sizes with the same learning rate log the RMS of their gradients and eps: nothing to extrapolate.");
        addGrowth(f, study, study.updateCollapse, "gradient RMS");
        f.note += " · first MLP matrix, mean of the last " + text::number(100 * spec.end) + " % of the steps · dashed: extrapolated";
    }
    f.recipe = nlohmann::ordered_json{{"isoloss", version}, {"stability", {{"view", known->id}, {"where", spec.where}, {"at", spec.at},
        {"window", spec.window}, {"decades", spec.decades}, {"limit", spec.logitLimit}, {"seed", spec.seed}}}}.dump();
    return f;
}

}

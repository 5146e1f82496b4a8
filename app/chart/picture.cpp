// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/picture.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>
#include <thread>

namespace chart {

using figure::Layer;
using figure::Mark;
using figure::Style;

namespace {

constexpr std::size_t shortCurve = 2000;        // records that are looked at one by one in no time

// Records by x, those without one last.
std::vector<std::uint32_t> sortedByX(std::span<const double> x)
{
    std::vector<std::uint32_t> order(x.size());
    std::iota(order.begin(), order.end(), 0u);
    const auto key = [&](std::uint32_t i) { return std::isnan(x[i]) ? std::numeric_limits<double>::infinity() : x[i]; };
    std::ranges::stable_sort(order, {}, key);
    return order;
}

struct Extremes {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    void add(double v)
    {
        low = std::min(low, v);
        high = std::max(high, v);
    }
    bool isSet() const { return low <= high; }
};

}

Axis dataRange(const figure::Panel& panel, bool vertical)
{
    const figure::Axis& wish = vertical ? panel.y : panel.x;
    Axis axis{.log = wish.log};
    if (wish.from != wish.to && std::isfinite(axis.coordinate(wish.from)) && std::isfinite(axis.coordinate(wish.to))) {
        axis.from = std::min(axis.coordinate(wish.from), axis.coordinate(wish.to));
        axis.to = std::max(axis.coordinate(wish.from), axis.coordinate(wish.to));
        return axis;
    }
    // What was measured decides; where there is none of it raw records do, then fits and the rest.
    Extremes tiers[3];
    const bool logX = panel.x.log;
    const auto shown = [](double v, bool log) { return std::isfinite(v) && (!log || v > 0); };
    for (const Layer& layer : panel.layers) {
        const bool soft = layer.mark == Mark::Band || layer.style == Style::Excluded || layer.style == Style::Diverged ||
                          layer.style == Style::Fit || layer.style == Style::Extrapolated;
        Extremes& tier = tiers[!vertical ? 0 : soft ? 2 : layer.style == Style::Raw ? 1 : 0];
        const std::vector<double>& values = vertical ? layer.y : layer.x;
        for (std::size_t i = 0; i < values.size(); ++i)     // a logarithmic x axis shows nothing of step 0
            if (shown(values[i], axis.log) && (!vertical || i >= layer.x.size() || shown(layer.x[i], logX)))
                tier.add(values[i]);
        if (!vertical)
            continue;
        for (const auto* edge : {&layer.low, &layer.high})
            for (const double v : *edge)
                if (shown(v, axis.log))
                    tiers[2].add(v);
        if (layer.mark == Mark::Bars && !axis.log)
            tier.add(0);
    }
    const auto first = std::ranges::find_if(tiers, &Extremes::isSet);
    if (first == std::end(tiers))
        return axis;
    const double firstLow = axis.coordinate(first->low), firstHigh = axis.coordinate(first->high);
    double low = firstLow, high = firstHigh;
    const double reach = std::max((high - low) / 2, axis.log ? .05 : 0.);
    for (const Extremes* more = first + 1; more != std::end(tiers); ++more)
        if (more->isSet()) {
            low = std::min(low, std::max(axis.coordinate(more->low), firstLow - reach));
            high = std::max(high, std::min(axis.coordinate(more->high), firstHigh + reach));
        }
    const double ends[] = {axis.value(low), axis.value(high)};
    return axisFor(ends, ends, axis.log);
}

std::size_t ByX::lowerBound(double value) const
{
    std::size_t low = 0, high = m_size;
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (x(middle) < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

Picture prepare(figure::Figure f)
{
    Picture out;
    out.figure = std::make_shared<const figure::Figure>(std::move(f));
    const auto& panels = out.figure->panels;
    out.pyramids.resize(panels.size());
    out.order.resize(panels.size());
    out.extents.resize(panels.size());
    std::vector<std::pair<std::size_t, std::size_t>> jobs;      // panel and layer; extents behind all layers
    std::size_t records = 0;
    for (std::size_t p = 0; p < panels.size(); ++p) {
        out.pyramids[p].resize(panels[p].layers.size());
        out.order[p].resize(panels[p].layers.size());
        for (std::size_t k = 0; k < panels[p].layers.size(); ++k) {
            jobs.emplace_back(p, k);
            records += panels[p].layers[k].x.size();
        }
        jobs.emplace_back(p, panels[p].layers.size());
    }
    const auto work = [&](std::size_t job) {
        const auto [p, k] = jobs[job];
        if (k == panels[p].layers.size()) {
            out.extents[p] = {.x = dataRange(panels[p], false), .y = dataRange(panels[p], true)};
            return;
        }
        const Layer& layer = panels[p].layers[k];
        const std::size_t n = std::min(layer.x.size(), layer.y.size());
        const std::span<const double> x = std::span(layer.x).first(n), y = std::span(layer.y).first(n);
        if (n >= Pyramid::Node::none)
            return;
        if (!ascends(x))
            out.order[p][k] = std::make_shared<const std::vector<std::uint32_t>>(sortedByX(x));
        else if (layer.mark == Mark::Line && n > shortCurve)
            out.pyramids[p][k] = std::make_shared<const Pyramid>(y);
    };
    std::atomic<std::size_t> next = 0;
    const auto drain = [&] {
        for (std::size_t job; (job = next++) < jobs.size();)
            work(job);
    };
    constexpr std::size_t worthAThread = 200'000;
    std::vector<std::jthread> others;
    const std::size_t threads = std::min<std::size_t>(std::max(1u, std::thread::hardware_concurrency()), jobs.size());
    for (std::size_t i = 1; i < threads && records > worthAThread; ++i)
        others.emplace_back(drain);
    drain();
    others.clear();
    return out;
}

}

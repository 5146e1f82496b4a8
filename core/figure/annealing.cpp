// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/figure/views.h"

#include <cmath>

namespace figure {

Figure ofCurves(const fit::Fit& fit, const law::Law& law)
{
    Panel main{.x = inputAxis(fit, law.inputs[0]), .y = outputAxis(fit, law), .layers = {}, .height = .7};
    main.x.log = main.y.log = false;
    const Residuals residuals(fit, law);
    Panel below = residuals.panel(main.x);

    std::vector<std::vector<const fit::Point*>> runs(fit.groups.size());
    for (const fit::Point& p : fit.points)
        if (p.group >= 0 && std::size_t(p.group) < runs.size())
            runs[std::size_t(p.group)].push_back(&p);

    const auto layer = [](Mark mark, Style style, int color) {
        return Layer{.mark = mark, .style = style, .name = {}, .color = color, .x = {}, .y = {}, .low = {}, .high = {}};
    };
    constexpr std::size_t mostRings = 24;       // of one run; hollow points that touch are no longer hollow
    bool heldNamed = false;
    for (std::size_t g = 0; g < runs.size(); ++g) {
        auto& run = runs[g];
        if (run.empty())
            continue;
        std::ranges::stable_sort(run, {}, [](const fit::Point* p) { return p->x[0]; });
        const int color = int(g);
        // Faint, as the raw records of any curve, so that the dashes of the fit show upon it.
        Layer observed = layer(Mark::Line, Style::Raw, color), fitted = layer(Mark::Line, Style::Fit, color),
              held = layer(Mark::Points, Style::HeldOut, color), rest = layer(Mark::Line, Style::Data, color);
        fitted.name = fit.groups[g];
        const auto out = std::size_t(std::ranges::count_if(run, &fit::Point::heldOut));
        const std::size_t every = std::max<std::size_t>(1, (out + mostRings - 1) / mostRings);
        std::size_t ring = 0;
        for (const fit::Point* p : run) {
            if (p->heldOut && ring++ % every == 0)
                held.x.push_back(p->x[0]), held.y.push_back(p->observed);
            observed.x.push_back(p->x[0]), observed.y.push_back(p->observed);
            fitted.x.push_back(p->x[0]), fitted.y.push_back(p->predicted);
            rest.x.push_back(p->x[0]), rest.y.push_back(residuals.of(*p));
        }
        main.layers.push_back(std::move(observed));
        if (!held.x.empty()) {
            held.name = heldNamed ? "" : "held out";
            heldNamed = true;
            main.layers.push_back(std::move(held));
        }
        main.layers.push_back(std::move(fitted));
        below.layers.push_back(std::move(rest));
    }
    return {.id = {}, .title = std::string(law.info.name) + ": " + std::string(law.output.name) + " against "
                + main.x.title + " per run",
            .note = noteOf(fit) + " \u00b7 faint: observed, dashed: fit",
            .panels = {std::move(main), std::move(below)}, .recipe = {}};
}

Figure ofAgreement(const fit::Fit& fit, const law::Law& law)
{
    Panel main{.x = outputAxis(fit, law), .y = outputAxis(fit, law), .layers = {}, .height = .7};
    main.x.title = "observed " + main.x.title, main.y.title = "predicted " + main.y.title;
    const Residuals residuals(fit, law);
    Panel below = residuals.panel(main.x);
    double from = std::numeric_limits<double>::infinity(), to = -from;
    for (const bool out : {false, true}) {
        Layer layer{.mark = Mark::Points,
            .style = out ? Style::HeldOut : Style::Data,
            .name = out ? "held out" : "fitted",
            .color = out ? 1 : 0,
            .x = {},
            .y = {},
            .low = {},
            .high = {}};
        Layer rest = layer;
        rest.name.clear();
        for (const fit::Point& p : fit.points) {
            if (p.heldOut != out)
                continue;
            layer.x.push_back(p.observed), layer.y.push_back(p.predicted);
            rest.x.push_back(p.observed), rest.y.push_back(residuals.of(p));
            from = std::min({from, p.observed, p.predicted}), to = std::max({to, p.observed, p.predicted});
        }
        if (layer.x.empty())
            continue;
        main.layers.push_back(std::move(layer));
        below.layers.push_back(std::move(rest));
    }
    main.layers.push_back({.mark = Mark::Rule, .style = Style::Reference, .name = {}, .color = -1, .x = {from, to},
                           .y = {from, to}, .low = {}, .high = {}});
    return {.id = {}, .title = std::string(law.info.name) + ": predicted against observed", .note = noteOf(fit),
            .panels = {std::move(main), std::move(below)}, .recipe = {}};
}

}

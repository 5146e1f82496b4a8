// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/figure/views.h"

#include <cmath>

namespace figure {

namespace {

constexpr int samples = 96;

struct Extent {
    double from = std::numeric_limits<double>::infinity(), to = -from;
    bool empty() const { return !(from <= to); }
    void add(double v)
    {
        from = std::min(from, v);
        to = std::max(to, v);
    }
};

// How far a curve is drawn: a little beyond its fitted points, and past every held-out one.
Extent reach(const Extent& fitted, const Extent& held, bool log, double factor)
{
    Extent out = fitted.empty() ? held : fitted;
    const double width = out.to - out.from;
    const Extent inner = out;
    if (log)
        out.add(inner.to * factor);
    else
        out.add(inner.from - .1 * width), out.add(inner.to + .1 * width);
    if (log && factor < 2)
        out.add(inner.from / factor);
    if (!held.empty()) {
        const double past = log ? 1.1 : .03;
        if (held.to > inner.to)
            out.add(log ? held.to * past : held.to + past * width);
        if (held.from < inner.from)
            out.add(log ? held.from / past : held.from - past * width);
    }
    return out;
}

Layer points(Style style, int color)
{
    return {.mark = Mark::Points, .style = style, .name = {}, .color = color, .x = {}, .y = {}, .low = {}, .high = {}};
}

}

Figure ofFamily(const fit::Fit& fit, const law::Law& law, const Family& family)
{
    Panel main{.x = family.x, .y = outputAxis(fit, law), .layers = {}, .height = .7};
    main.y.log = law.output.scale == law::Scale::Log && main.x.log;
    const Residuals residuals(fit, law);
    Panel below = residuals.panel(main.x);

    std::vector<std::vector<const fit::Point*>> members(family.values.size());
    for (const fit::Point& p : fit.points)
        members[nearestLevel(family.values, family.familyOf(p))].push_back(&p);

    const bool single = family.values.size() == 1;
    bool heldNamed = false, reachNamed = false;
    for (std::size_t k = 0; k < members.size(); ++k) {
        const int color = int(k);
        Layer data = points(Style::Data, color), held = points(Style::HeldOut, color);
        Layer dataBelow = data, heldBelow = held;
        Extent fitted, out;
        for (const fit::Point* p : members[k]) {
            const double x = family.xOf(*p);
            (p->heldOut ? out : fitted).add(x);
            Layer& above = p->heldOut ? held : data;
            above.x.push_back(x), above.y.push_back(p->observed);
            Layer& rest = p->heldOut ? heldBelow : dataBelow;
            rest.x.push_back(x), rest.y.push_back(residuals.of(*p));
        }
        if (fitted.empty() && out.empty())
            continue;

        const Extent whole = reach(fitted, out, main.x.log, family.reach);
        const std::string name = family.nameOf(family.values[k]);
        const auto curve = [&](double from, double to, bool extrapolated, const std::string& label) {
            if (!(from < to))
                return;
            const std::vector<double> x = spread(from, to, extrapolated ? samples / 4 : samples, main.x.log);
            std::vector<double> rows;
            for (const double v : x)
                std::ranges::copy(family.row(v, family.values[k]), std::back_inserter(rows));
            const bool first = extrapolated && !reachNamed;
            reachNamed |= extrapolated;
            const double factor = from > 0 && from >= fitted.to ? to / from : 1;
            const std::string beyond = main.x.log && factor > 1 ? extrapolatedBy(factor) : "extrapolated";
            addCurve(main, x, fit::band(fit, rows), extrapolated, color, label, first ? beyond : "");
        };
        if (fitted.empty()) {
            curve(whole.from, whole.to, true, name);
        } else {
            // The forward reach comes first: it is the one that is named.
            curve(fitted.to, whole.to, true, "");
            curve(whole.from, fitted.from, true, "");
            curve(fitted.from, fitted.to, false, name);
        }

        if (single)
            data.name = "observed";
        if (!held.x.empty() && !heldNamed) {
            held.name = "held out";
            heldNamed = true;
        }
        for (Layer* layer : {&data, &held})
            if (!layer->x.empty())
                main.layers.push_back(std::move(*layer));
        for (Layer* layer : {&dataBelow, &heldBelow})
            if (!layer->x.empty())
                below.layers.push_back(std::move(*layer));
    }
    return {.id = {}, .title = std::string(law.info.name) + ": " + family.title,
            .note = noteOf(fit) + (family.note.empty() ? "" : " \u00b7 " + family.note),
            .panels = {std::move(main), std::move(below)}, .recipe = {}};
}

}

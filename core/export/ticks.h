// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/figure/figure.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace exporter {

// Ticks of a logarithmic axis that spans less than a decade, where plotting programs have one or none of their own: round
// numbers at equal distances. Empty for every other axis.
inline std::vector<double> ticksWithinADecade(const figure::Panel& panel, bool horizontal)
{
    const figure::Axis& axis = horizontal ? panel.x : panel.y;
    double from = axis.from, to = axis.to;
    if (from == to) {
        from = std::numeric_limits<double>::infinity(), to = -from;
        for (const figure::Layer& layer : panel.layers)
            for (const auto* values : {horizontal ? &layer.x : &layer.y, horizontal ? &layer.x : &layer.low,
                                       horizontal ? &layer.x : &layer.high})
                for (const double v : *values)
                    if (std::isfinite(v) && v > 0)
                        from = std::min(from, v), to = std::max(to, v);
    }
    if (!axis.log || !(from > 0) || !(to > from) || to >= 10 * from)
        return {};
    const double rough = (to - from) / 4, unit = std::pow(10, std::floor(std::log10(rough)));
    const double step = unit * (rough < 1.5 * unit ? 1 : rough < 2.25 * unit ? 2 : rough < 3.5 * unit ? 2.5 : rough < 7.5 * unit ? 5 : 10);
    std::vector<double> out;
    for (double k = std::ceil(from / step); k * step <= to; ++k)
        out.push_back(k * step);
    return out;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <limits>

namespace law {

// Where f is least on [low, high]: the best of n + 1 even points, then golden sections around it. Values that are not
// numbers count as infinite; NaN where all are.
template <class F>
double minimum(F f, double low, double high, int n = 200)
{
    const auto at = [&](double x) {
        const double v = f(x);
        return std::isnan(v) ? std::numeric_limits<double>::infinity() : v;
    };
    const double step = (high - low) / n;
    double best = low, least = at(low);
    for (int i = 1; i <= n; ++i)
        if (const double v = at(low + i * step); v < least)
            best = low + i * step, least = v;
    if (std::isinf(least))
        return std::numeric_limits<double>::quiet_NaN();
    constexpr double golden = 0.6180339887498949;
    double a = std::max(low, best - step), b = std::min(high, best + step);
    double x = b - golden * (b - a), y = a + golden * (b - a), fx = at(x), fy = at(y);
    while (b - a > 1e-9 * (std::abs(a) + std::abs(b)) + 1e-12) {
        if (fx < fy) {
            b = y, y = x, fy = fx;
            x = b - golden * (b - a), fx = at(x);
        } else {
            a = x, x = y, fx = fy;
            y = a + golden * (b - a), fy = at(y);
        }
    }
    const double inner = (a + b) / 2;
    return at(inner) <= least ? inner : best;
}

}

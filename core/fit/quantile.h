// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace fit {

// The q-quantile of the values that are numbers, linear between order statistics; NaN where there are none. Sorts them.
inline double quantile(std::vector<double>& values, double q)
{
    std::erase_if(values, [](double v) { return std::isnan(v); });
    if (values.empty())
        return std::numeric_limits<double>::quiet_NaN();
    std::ranges::sort(values);
    const double at = q * double(values.size() - 1);
    const auto i = std::size_t(at);
    return i + 1 < values.size() ? values[i] + (at - double(i)) * (values[i + 1] - values[i]) : values.back();
}

}

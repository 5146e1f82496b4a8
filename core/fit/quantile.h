// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

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

// The lower percentile at which an interval of that level ends: a bootstrap of few runs or blocks is too narrow by about
// sqrt(n / (n - 1)) and has no Student's t, so its percentiles are expanded (Hesterberg 2015, section 4.5). NaN: not.
inline double drawnTail(double level, double dof)
{
    if (std::isnan(dof))
        return (1 - level) / 2;
    const double t = boost::math::quantile(boost::math::students_t(dof), 0.5 + level / 2);
    return boost::math::cdf(boost::math::normal(), -std::sqrt((dof + 1) / dof) * t);
}

}

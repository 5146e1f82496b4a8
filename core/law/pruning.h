// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <limits>
#include <span>

namespace law {

// The average over tokens of a model's size that is pruned along s(x) = sparsity (1 - (1 - x)^3), where x runs from 0
// to 1 between the fractions `begin` and `end` of the tokens (Zhu and Gupta 2017, arXiv:1710.01878). NaN where the
// fractions are not in order within 0 to 1, or the sparsity is not.
inline double averageOfCubicPruning(double parameters, double sparsity, double begin, double end)
{
    if (!(0 <= begin && begin <= end && end <= 1 && 0 <= sparsity && sparsity <= 1))
        return std::numeric_limits<double>::quiet_NaN();
    // The cubic is pruned by 3/4 of the final sparsity on average.
    return parameters * (1 - sparsity * (1 - end + 0.75 * (end - begin)));
}

// The same of any size that changes linearly between knots (tokens or their fraction, parameters) in order.
struct SizeAt {
    double tokens, parameters;
};
inline double averageOfSizes(std::span<const SizeAt> knots)
{
    double area = 0;
    for (std::size_t i = 1; i < knots.size(); ++i)
        area += (knots[i].tokens - knots[i - 1].tokens) * (knots[i].parameters + knots[i - 1].parameters) / 2;
    return knots.size() < 2 ? std::numeric_limits<double>::quiet_NaN()
                            : area / (knots.back().tokens - knots.front().tokens);
}

}

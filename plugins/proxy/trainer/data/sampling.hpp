// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/philox.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace proxy {

// The first symbol whose cumulative probability exceeds a uniform draw; `cumulative` has n entries, the last is 1.
inline std::uint16_t pick(const double* cumulative, int n, const Words& words)
{
    const double u = unitInterval(words.w[0], words.w[1]);
    const auto at = std::upper_bound(cumulative, cumulative + n, u) - cumulative;
    return static_cast<std::uint16_t>(std::min<std::ptrdiff_t>(at, n - 1));
}

// Standard normal number `index` of a table that belongs to `seed`, by Box and Muller.
inline double gaussian(std::uint64_t seed, std::uint32_t lane, std::uint64_t index)
{
    const Words words = randomWords(seed, Stream::Chain, lane, index);
    return std::sqrt(-2 * std::log(unitInterval(words.w[0], words.w[1])))
        * std::cos(2 * std::numbers::pi * unitInterval(words.w[2], words.w[3]));
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/philox.hpp"

#include <algorithm>
#include <cstdint>

namespace proxy {

// The first symbol whose cumulative probability exceeds a uniform draw; `cumulative` has n entries, the last is 1.
inline std::uint16_t pick(const double* cumulative, int n, const Words& words)
{
    const double u = unitInterval(words.w[0], words.w[1]);
    const auto at = std::upper_bound(cumulative, cumulative + n, u) - cumulative;
    return static_cast<std::uint16_t>(std::min<std::ptrdiff_t>(at, n - 1));
}

}

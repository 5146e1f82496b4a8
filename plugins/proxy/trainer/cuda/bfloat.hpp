// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/inline.hpp"

#include <cstdint>

namespace proxy {

// bfloat16 as its 16 bits: the upper half of a 32-bit float.
struct BFloat {
    std::uint16_t bits;
};

PROXY_INLINE float toFloat(BFloat value)
{
    return __builtin_bit_cast(float, static_cast<std::uint32_t>(value.bits) << 16);
}
PROXY_INLINE float toFloat(float value)
{
    return value;
}

// Rounds to nearest, ties to even, as the hardware does; NaN stays NaN.
PROXY_INLINE void store(BFloat& to, float value)
{
    const auto bits = __builtin_bit_cast(std::uint32_t, value);
    to.bits = value != value ? std::uint16_t{0x7fff}
                             : static_cast<std::uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}
PROXY_INLINE void store(float& to, float value)
{
    to = value;
}

}

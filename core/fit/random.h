// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace fit {

// SplitMix64 (Steele, Lea, Flood 2014): one stream per (seed, index), the same everywhere, unlike std distributions.
class Random {
public:
    Random(std::uint64_t seed, std::uint64_t index) : m_state(seed * 0x9e3779b97f4a7c15u + index) { m_state = next() ^ index; }
    std::uint64_t next()
    {
        std::uint64_t z = (m_state += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    double uniform() { return (double(next() >> 11) + 0.5) * 0x1p-53; }                 // in (0, 1)
    std::size_t below(std::size_t n) { return std::size_t(uniform() * double(n)); }
    double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * std::numbers::pi * uniform()); }

private:
    std::uint64_t m_state;
};

}

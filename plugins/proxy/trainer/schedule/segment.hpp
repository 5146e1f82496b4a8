// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/inline.hpp"

#include <cmath>
#include <cstdint>

namespace proxy {

// How a rate moves from one value to another inside a segment; x runs from 0 at its begin to 1 at its end.
enum class Curve : std::int32_t {
    Warm, // linear, reaching `to` at the last step rather than after it
    Linear,
    Cosine, // half a cosine wave
    MirrorCosine, // the cosine mirrored at the straight line
    OneMinusSqrt, // 1 - sqrt(x)
    Square, // 1 - x^2
    Exponential, // from (to / from)^x
    InverseSqrt, // from sqrt(begin / (t + 1)), whatever the end
    Constant,
};

// One piece of a schedule: steps t with begin <= t < end, which need not be whole numbers. Plain data, so that a
// device can hold a list of them.
struct Segment {
    Curve curve;
    double begin, end;
    double from, to; // learning rates
};

// Rate of one segment at step t.
PROXY_INLINE double rateInside(const Segment& s, double t)
{
    const double length = s.end - s.begin, x = length > 0 ? (t - s.begin) / length : 1;
    switch (s.curve) {
    case Curve::Warm:
        return s.from + (s.to - s.from) * (t - s.begin + 1) / length;
    case Curve::Linear:
        return s.from + (s.to - s.from) * x;
    case Curve::Cosine:
        return s.to + 0.5 * (s.from - s.to) * (1 + std::cos(3.14159265358979323846 * x));
    case Curve::MirrorCosine:
        return s.to + (s.from - s.to) * (2 * (1 - x) - 0.5 * (1 + std::cos(3.14159265358979323846 * x)));
    case Curve::OneMinusSqrt:
        return s.to + (s.from - s.to) * (1 - std::sqrt(x));
    case Curve::Square:
        return s.to + (s.from - s.to) * (1 - x * x);
    case Curve::Exponential:
        return s.from * std::pow(s.to / s.from, x);
    case Curve::InverseSqrt:
        return s.from * std::sqrt((s.begin > 1 ? s.begin : 1) / (t + 1));
    case Curve::Constant:
        return s.from;
    }
    return s.from;
}

// Rate at step `step` of `count` segments in their order; after the last one its own formula goes on.
PROXY_INLINE double rateAt(const Segment* segments, int count, std::int64_t step)
{
    const double t = static_cast<double>(step);
    int i = 0;
    while (i + 1 < count && t >= segments[i].end)
        ++i;
    return rateInside(segments[i], t);
}

}

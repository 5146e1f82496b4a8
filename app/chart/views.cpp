// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/views.h"

#include <algorithm>
#include <cmath>

namespace chart {

namespace {

constexpr std::size_t mostViews = 200;

// Closer than this doubles no longer tell neighbouring pixels apart; further than that values overflow.
bool isFine(const Axis& axis)
{
    const double length = axis.to - axis.from, size = std::max(std::abs(axis.from), std::abs(axis.to));
    return length > 1e-11 * size && size < (axis.log ? 300 : 1e300) && (!axis.log || length > 1e-11);
}

}

void Views::go(Seen seen, bool merge)
{
    if (seen == m_now)
        return;
    if (!merge || m_back.empty()) {
        m_back.push_back(std::move(m_now));
        if (m_back.size() > mostViews)
            m_back.erase(m_back.begin());
    }
    m_now = std::move(seen);
    m_forward.clear();
}

void Views::back()
{
    if (m_back.empty())
        return;
    m_forward.push_back(std::move(m_now));
    m_now = std::move(m_back.back());
    m_back.pop_back();
}

void Views::forward()
{
    if (m_forward.empty())
        return;
    m_back.push_back(std::move(m_now));
    m_now = std::move(m_forward.back());
    m_forward.pop_back();
}

void Views::forget()
{
    *this = {};
}

Axis zoomed(const Axis& axis, double factor, double share)
{
    const double centre = axis.from + share * (axis.to - axis.from);
    Axis out = axis;
    out.from = centre + (axis.from - centre) * factor;
    out.to = centre + (axis.to - centre) * factor;
    return isFine(out) ? out : axis;
}

Axis moved(const Axis& axis, double share)
{
    Axis out = axis;
    out.from += share * (axis.to - axis.from);
    out.to += share * (axis.to - axis.from);
    return isFine(out) ? out : axis;
}

Axis between(const Axis& axis, double from, double to)
{
    Axis out = axis;
    out.from = axis.from + std::min(from, to) * (axis.to - axis.from);
    out.to = axis.from + std::max(from, to) * (axis.to - axis.from);
    return isFine(out) ? out : axis;
}

Range rangeOf(const Axis& axis)
{
    return {axis.value(axis.from), axis.value(axis.to)};
}

std::optional<Axis> axisOf(const Range& range, bool log)
{
    Axis axis{.log = log};
    axis.from = axis.coordinate(std::min(range.from, range.to));
    axis.to = axis.coordinate(std::max(range.from, range.to));
    if (!range.isSet() || !std::isfinite(axis.from) || !std::isfinite(axis.to) || !isFine(axis))
        return {};
    return axis;
}

}

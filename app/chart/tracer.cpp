// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/tracer.h"

namespace chart {

namespace {

// Draws a stroke from left to right into extents.
class Tracer {
public:
    Tracer(const Stroke& stroke, const Frame& frame, const Edges& edges, const Scale& scale, double column, int left,
           Extents& extents)
        : m_x(stroke.x), m_y(stroke.y), m_edges(edges), m_scale(scale), m_extents(extents), m_part(extents.first()),
          m_next(edges[m_part + 1]), m_least(frame.y.log ? 0 : -most)
    {
        const auto partOf = [&](std::size_t i) { return (frame.sceneX(m_x[i]) / column - left) * edges.parts; };
        const auto from = std::lower_bound(m_x.begin(), m_x.end(), edges[extents.first()]);
        const auto to = std::lower_bound(from, m_x.end(), edges[extents.end()]);
        const auto begin = std::size_t(from - m_x.begin()), end = std::size_t(to - m_x.begin());
        if (begin > 0 && drawable(begin - 1) && std::isfinite(frame.x.coordinate(m_x[begin - 1]))) {
            m_down = true;
            m_lastX = std::clamp(partOf(begin - 1), -1e9, 1e9);
            m_lastY = scale(m_y[begin - 1]);
            m_lastPart = extents.first() - 1;
        }
        if (stroke.pyramid && end - begin > 24 * std::size_t(extents.end() - extents.first())) {
            const auto whole = [&](std::size_t i, std::size_t j) {
                if (m_x[i] >= m_next)
                    flush(), advance(m_x[i]);
                return m_x[j] < m_next;
            };
            const auto broken = [&] { flush(), m_down = false; };
            walk(*stroke.pyramid, m_y, begin, end, frame.y.log, whole, [&](std::size_t i) { record(i); }, broken);
            flush();
        } else {
            all(begin, end);
        }
        if (m_down && end < m_x.size() && drawable(end))
            m_extents.connect(m_lastX, m_lastY, m_lastPart, std::clamp(partOf(end), -1e9, 1e9), m_scale(m_y[end]),
                              m_extents.end());
    }
    std::size_t points() const { return m_points; }

private:
    static constexpr double most = std::numeric_limits<double>::infinity();

    bool drawable(std::size_t i) const { return m_y[i] > m_least && m_y[i] < most; }
    void advance(double x)
    {
        do
            m_next = m_edges[++m_part + 1];
        while (x >= m_next);
    }
    void record(std::size_t i)
    {
        if (m_x[i] >= m_next)
            flush(), advance(m_x[i]);
        if (m_count++ == 0) {
            m_first = m_last = i;
            m_low = m_high = m_y[i];
        } else {
            m_last = i;
            m_low = std::min(m_low, m_y[i]);
            m_high = std::max(m_high, m_y[i]);
        }
    }
    // record() for neighbours, which come most often.
    void all(std::size_t begin, std::size_t end)
    {
        for (std::size_t i = begin; i < end;) {
            if (!drawable(i)) {
                m_down = false;
                ++i;
                continue;
            }
            if (m_x[i] >= m_next)
                advance(m_x[i]);
            const double next = m_next, least = m_least;
            double low = m_y[i], high = low;
            m_first = i;
            for (++i; i < end && m_x[i] < next; ++i) {
                const double v = m_y[i];
                if (!(v > least && v < most))
                    break;
                low = std::min(low, v);
                high = std::max(high, v);
            }
            m_last = i - 1;
            m_count = i - m_first;
            m_low = low;
            m_high = high;
            flush();
        }
    }
    void flush()
    {
        if (m_count == 0)
            return;
        const float first = m_scale(m_y[m_first]);
        const double x = m_edges.within(m_part, m_x[m_first]);
        if (m_down)
            m_extents.connect(m_lastX, m_lastY, m_lastPart, x, first, m_part);
        m_lastX = x;
        m_lastY = first;
        m_lastPart = m_part;
        m_down = true;
        if (m_count == 1) {
            m_extents.add(m_part, first, first);
        } else {
            // The value grows upwards, pixels downwards.
            m_extents.add(m_part, m_scale(m_high), m_scale(m_low));
            m_lastX = m_edges.within(m_part, m_x[m_last]);
            m_lastY = m_scale(m_y[m_last]);
        }
        m_points += std::min<std::size_t>(m_count, 4);
        m_count = 0;
    }

    std::span<const double> m_x, m_y;
    const Edges& m_edges;
    const Scale& m_scale;
    Extents& m_extents;
    int m_part;
    double m_next, m_least;
    std::size_t m_count = 0, m_first = 0, m_last = 0, m_points = 0;
    double m_low = 0, m_high = 0;
    bool m_down = false;                // whether there is a record to draw from
    double m_lastX = 0;
    float m_lastY = 0;
    int m_lastPart = 0;
};

}

std::size_t trace(const Stroke& stroke, const Frame& frame, const Edges& edges, const Scale& scale, double column,
                  int left, Extents& extents)
{
    return Tracer(stroke, frame, edges, scale, column, left, extents).points();
}

}

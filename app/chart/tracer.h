// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/decimate.h"
#include "app/chart/raster.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

// How a curve becomes extents of pixel columns; for raster.cpp.
namespace chart {

// Values at the edges of the parts of all columns, and some beyond: what a record's column is, is asked without
// logarithms.
struct Edges {
    static constexpr int beyond = 8;
    int parts = 1;
    std::vector<double> at, perWidth;

    Edges(const Frame& frame, double column, int left, int columns, int parts_) : parts(parts_)
    {
        const double perPixel = (frame.x.to - frame.x.from) / frame.area.width() * column;
        const double start = frame.x.from + (left - frame.area.left() / column) * perPixel;
        for (int j = -beyond; j <= columns * parts + beyond; ++j)
            at.push_back(frame.x.value(start + perPixel * j / parts));
        for (std::size_t i = 0; i + 1 < at.size(); ++i)
            perWidth.push_back(at[i + 1] > at[i] ? 1 / (at[i + 1] - at[i]) : 0);
    }
    double operator[](int j) const { return at[std::size_t(j + beyond)]; }
    double within(int j, double value) const { return j + (value - (*this)[j]) * perWidth[std::size_t(j + beyond)]; }
};

// Values to pixels.
struct Scale {
    bool log = false;
    double factor = 1, offset = 0;      // device pixels below the top of the image
    float operator()(double v) const
    {
        const double c = log ? std::log2(v) : v;
        return float(std::clamp(c * factor + offset, -1e5, 1e5));
    }
};

inline Scale scaleOf(const Frame& frame, double column, int top)
{
    const double perUnit = -frame.area.height() / (frame.y.to - frame.y.from) / column;
    return {.log = frame.y.log, .factor = perUnit * (frame.y.log ? std::log10(2.) : 1),
            .offset = frame.area.bottom() / column - perUnit * frame.y.from - top};
}

// What one stroke covers of each part of the columns of a strip.
class Extents {
public:
    static constexpr float none = std::numeric_limits<float>::infinity();      // low of a part nothing covers

    void reset(int first, int end)
    {
        m_first = first;
        m_low.assign(std::size_t(end - first), none);
        m_high.assign(std::size_t(end - first), -none);
    }
    int first() const { return m_first; }
    int end() const { return m_first + int(m_low.size()); }
    const float* lows() const { return m_low.data(); }
    const float* highs() const { return m_high.data(); }
    void add(int j, float low, float high)
    {
        const auto i = std::size_t(j - m_first);
        m_low[i] = std::min(m_low[i], low);
        m_high[i] = std::max(m_high[i], high);
    }
    // A straight line from part i to part j; x in parts.
    void connect(double x0, float y0, int i, double x1, float y1, int j)
    {
        if (i == j)
            return;
        if (j == i + 1 && i >= m_first && j < end()) {      // neighbours, nearly always
            const auto share = float((j - x0) / (x1 - x0));
            const float y = y0 + (y1 - y0) * (share > 0 ? share : 0);
            add(i, y, y);
            return add(j, y, y);
        }
        const double slope = x1 > x0 ? (double(y1) - y0) / (x1 - x0) : 0;
        for (int at = std::max(i, m_first - 1) + 1; at <= std::min(j, end()); ++at) {
            const auto y = float(y0 + slope * (at - x0));
            if (at > m_first)
                add(at - 1, y, y);
            if (at < end())
                add(at, y, y);
        }
    }

private:
    int m_first = 0;
    std::vector<float> m_low, m_high;
};

// Draws a stroke from left to right into the extents; returns the number of records drawn. `left`: the device pixel of
// the first column.
std::size_t trace(const Stroke&, const Frame&, const Edges&, const Scale&, double column, int left, Extents&);

}

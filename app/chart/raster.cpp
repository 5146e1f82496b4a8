// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/raster.h"

#include <QtConcurrent>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace chart {

namespace {

constexpr float inf = std::numeric_limits<float>::infinity();
constexpr int stripColumns = 96;        // of one task; its pixels stay in the cache of a core

// How finely a stroke's columns are divided, and how many of the parts its width covers (odd: it is symmetric).
struct Pen {
    int parts = 1, window = 1;
    float pad[4] = {};                  // above and below a part that lies so many parts away

    explicit Pen(const Stroke& stroke)
    {
        const double w = stroke.width;
        parts = w < 1.25 || w >= 2.5 ? 1 : 2;
        const double wanted = (w * parts - 1) / 2;
        const int aside = std::clamp(int(stroke.color.alphaF() < .5 ? std::ceil(wanted - .5) : std::floor(wanted + .5)), 0, 3);
        window = 2 * aside + 1;
        const double r = w / 2;
        for (int o = 0; o <= aside; ++o) {
            const double away = o == 0 ? 0 : (o + .5) / parts;
            pad[o] = float(std::sqrt(std::max(0., r * r - away * away)));
        }
    }
};

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

struct Scale {
    bool log = false;
    double factor = 1, offset = 0;      // device pixels below the top of the image
    float operator()(double v) const
    {
        const double c = log ? std::log2(v) : v;
        return float(std::clamp(c * factor + offset, -1e5, 1e5));
    }
};

Scale scaleOf(const Frame& frame, double column, int top)
{
    const double perUnit = -frame.area.height() / (frame.y.to - frame.y.from) / column;
    return {.log = frame.y.log, .factor = perUnit * (frame.y.log ? std::log10(2.) : 1),
            .offset = frame.area.bottom() / column - perUnit * frame.y.from - top};
}

// What one stroke covers of each part of the columns of a strip.
class Extents {
public:
    void reset(int first, int end)
    {
        m_first = first;
        m_low.assign(std::size_t(end - first), inf);
        m_high.assign(std::size_t(end - first), -inf);
    }
    int first() const { return m_first; }
    int end() const { return m_first + int(m_low.size()); }
    float low(int j) const { return m_low[std::size_t(j - m_first)]; }
    float high(int j) const { return m_high[std::size_t(j - m_first)]; }
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

// Draws a stroke from left to right into extents.
class Tracer {
public:
    Tracer(const Stroke& stroke, const Frame& frame, const Edges& edges, const Scale& scale, double column, int left,
           Extents& extents)
        : m_x(stroke.x), m_y(stroke.y), m_edges(edges), m_scale(scale), m_extents(extents), m_part(extents.first()),
          m_next(edges[m_part + 1]), m_least(frame.y.log ? 0 : -most)
    {
        const auto partOf = [&](std::size_t i) { return (frame.sceneX(m_x[i]) / column - left) * edges.parts; };
        const auto begin = std::size_t(std::lower_bound(m_x.begin(), m_x.end(), edges[extents.first()]) - m_x.begin());
        const auto end = std::size_t(std::lower_bound(m_x.begin() + std::ptrdiff_t(begin), m_x.end(), edges[extents.end()]) -
                                     m_x.begin());
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

// A colour over premultiplied pixels: each channel times `share` / 255, two channels at once.
quint32 scaled(quint32 pixel, quint32 share)
{
    quint32 even = (pixel & 0xff00ff) * share;
    even = ((even + ((even >> 8) & 0xff00ff) + 0x800080) >> 8) & 0xff00ff;
    quint32 odd = ((pixel >> 8) & 0xff00ff) * share;
    odd = (odd + ((odd >> 8) & 0xff00ff) + 0x800080) & 0xff00ff00;
    return even | odd;
}

// One colour on its way into columns of pixels.
class Paint {
public:
    explicit Paint(const QColor& c) : m_color(c.rgb() | 0xff000000), m_alpha(float(c.alphaF()) * 255) {}

    void pixel(quint32* at, float coverage) const
    {
        const auto alpha = quint32(coverage * m_alpha + .5f);
        *at = scaled(m_color, alpha) + scaled(*at, 255 - alpha);
    }
    void run(quint32* from, quint32* to, float coverage) const
    {
        if (to <= from)
            return;
        const auto alpha = quint32(coverage * m_alpha + .5f);
        const quint32 source = scaled(m_color, alpha);
        if (alpha == 255) {
            std::fill(from, to, source);
            return;
        }
        // Sixteen channels at a time, which compilers turn into one instruction each.
        alignas(16) quint8 above[16];
        for (int i = 0; i < 16; i += 4)
            std::memcpy(above + i, &source, 4);
        const auto rest = quint16(255 - alpha);
        for (; to - from >= 4; from += 4) {
            auto* below = reinterpret_cast<quint8*>(from);
            for (int i = 0; i < 16; ++i) {
                const auto t = quint16(below[i] * rest + 128);
                below[i] = quint8(above[i] + (quint16(t + (t >> 8)) >> 8));
            }
        }
        for (; from < to; ++from)
            *from = source + scaled(*from, rest);
    }

private:
    quint32 m_color;
    float m_alpha;
};

struct Run {
    float from = inf, to = -inf;
    bool isEmpty() const { return !(from < to); }
    float of(int pixel) const { return std::max(0.f, std::min(to, float(pixel + 1)) - std::max(from, float(pixel))); }
};

void paintRun(const Paint& paint, quint32* column, int height, Run r, float weight)
{
    if (r.isEmpty())
        return;
    const int a = int(r.from), b = int(r.to);
    if (a >= height)
        return;
    paint.pixel(column + a, r.of(a) * weight);
    if (b == a)
        return;
    paint.run(column + a + 1, column + b, weight);
    if (b < height)
        paint.pixel(column + b, r.of(b) * weight);
}

// Two halves of a column at once: painted one after the other they would not add up to full where both cover.
void paintHalves(const Paint& paint, quint32* column, int height, Run p, Run q)
{
    if (p.isEmpty() || q.isEmpty() || std::max(p.from, q.from) >= std::min(p.to, q.to)) {
        paintRun(paint, column, height, p, .5f);
        paintRun(paint, column, height, q, .5f);
        return;
    }
    const int at[] = {int(std::min(p.from, q.from)), int(std::max(p.from, q.from)), int(std::min(p.to, q.to)),
                      int(std::max(p.to, q.to))};
    constexpr float between[] = {.5f, 1, .5f};
    for (int k = 0; k < 4; ++k) {
        if ((k == 0 || at[k] != at[k - 1]) && at[k] < height)
            paint.pixel(column + at[k], (p.of(at[k]) + q.of(at[k])) / 2);
        if (k < 3)
            paint.run(column + at[k] + 1, column + at[k + 1], between[k]);
    }
}

void paintStroke(const Stroke& stroke, const Pen& pen, const Extents& extents, quint32* pixels, int from, int to, int height)
{
    const Paint paint(stroke.color);
    const int aside = pen.window / 2;
    const auto covered = [&](int j) {
        Run run{extents.low(j), extents.high(j)};
        if (run.from > run.to && aside == 0)
            return Run{};
        if (aside == 0) {
            // As thick as an oblique line of this width is.
            const float tall = run.to - run.from;
            const float pad = (std::sqrt(float(stroke.width * stroke.width) + tall * tall) - tall) / 2;
            run = {run.from - pad, run.to + pad};
        } else {
            run = {run.from - pen.pad[0], run.to + pen.pad[0]};
            for (int o = 1; o <= aside; ++o)
                for (const int i : {j - o, j + o}) {
                    run.from = std::min(run.from, extents.low(i) - pen.pad[o]);
                    run.to = std::max(run.to, extents.high(i) + pen.pad[o]);
                }
        }
        return Run{std::max(run.from, 0.f), std::min(run.to, float(height))};
    };
    for (int c = from; c < to; ++c) {
        if (stroke.on > 0 && std::fmod(double(c), stroke.on + stroke.off) >= stroke.on)
            continue;
        quint32* column = pixels + std::ptrdiff_t(c - from) * height;
        if (pen.parts == 1)
            paintRun(paint, column, height, covered(c), 1);
        else
            paintHalves(paint, column, height, covered(2 * c), covered(2 * c + 1));
    }
}

}

void drawStrokes(Raster& out, const Frame& frame, std::span<const Stroke> strokes, double column)
{
    const int left = int(std::floor(frame.area.left() / column + 1e-6)), top = int(std::floor(frame.area.top() / column + 1e-6));
    const int columns = std::max(1, int(std::ceil(frame.area.right() / column - 1e-6)) - left);
    const int height = std::max(1, int(std::ceil(frame.area.bottom() / column - 1e-6)) - top);
    out.at = {left, top};
    out.points = 0;
    if (out.image.size() != QSize(columns, height))
        out.image = QImage(columns, height, QImage::Format_ARGB32_Premultiplied);
    const Edges edges[] = {{frame, column, left, columns, 1}, {frame, column, left, columns, 2}};
    const Scale scale = scaleOf(frame, column, top);
    std::vector<Pen> pens(strokes.begin(), strokes.end());
    auto* const bits = reinterpret_cast<quint32*>(out.image.bits());
    const std::ptrdiff_t stride = out.image.bytesPerLine() / 4;

    struct Strip {
        int from, to;
        std::size_t points = 0;
    };
    std::vector<Strip> strips;
    for (int from = 0; from < columns; from += stripColumns)
        strips.push_back({from, std::min(columns, from + stripColumns)});
    QtConcurrent::blockingMap(strips, [&](Strip& strip) {
        // Column by column in memory: a run is a stretch of neighbours.
        const int width = strip.to - strip.from;
        std::vector<quint32> pixels(std::size_t(width) * std::size_t(height), 0);
        Extents extents;
        for (std::size_t k = 0; k < strokes.size(); ++k) {
            const Pen& pen = pens[k];
            const int aside = pen.window / 2;
            extents.reset(strip.from * pen.parts - aside, strip.to * pen.parts + aside);
            strip.points += Tracer(strokes[k], frame, edges[pen.parts - 1], scale, column, left, extents).points();
            paintStroke(strokes[k], pen, extents, pixels.data(), strip.from, strip.to, height);
        }
        constexpr int tile = 16;
        for (int top_ = 0; top_ < height; top_ += tile)
            for (int c = 0; c < width; ++c)
                for (int row = top_; row < std::min(height, top_ + tile); ++row)
                    bits[row * stride + strip.from + c] = pixels[std::size_t(c) * std::size_t(height) + std::size_t(row)];
    });
    for (const Strip& strip : strips)
        out.points += strip.points;
}

}

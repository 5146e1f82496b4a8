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
    std::vector<double> at;

    Edges(const Frame& frame, double column, int left, int columns, int parts_) : parts(parts_)
    {
        const double perPixel = (frame.x.to - frame.x.from) / frame.area.width() * column;
        const double start = frame.x.from + (left - frame.area.left() / column) * perPixel;
        for (int j = -beyond; j <= columns * parts + beyond; ++j)
            at.push_back(frame.x.value(start + perPixel * j / parts));
    }
    double operator[](int j) const { return at[std::size_t(j + beyond)]; }
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
    Extents(int first, int end) : m_first(first), m_low(std::size_t(end - first), inf), m_high(m_low.size(), -inf) {}
    void clear()
    {
        std::ranges::fill(m_low, inf);
        std::ranges::fill(m_high, -inf);
    }
    int first() const { return m_first; }
    int end() const { return m_first + int(m_low.size()); }
    float low(int j) const { return m_low[std::size_t(j - m_first)]; }
    float high(int j) const { return m_high[std::size_t(j - m_first)]; }
    void add(int j, float y)
    {
        if (j < first() || j >= end())
            return;
        const auto i = std::size_t(j - m_first);
        m_low[i] = std::min(m_low[i], y);
        m_high[i] = std::max(m_high[i], y);
    }
    // A straight line; x in parts.
    void connect(double x0, float y0, double x1, float y1)
    {
        const int from = std::max(int(std::floor(std::max(x0, -1e9))), m_first - 1) + 1;
        const int to = std::min(int(std::floor(std::min(x1, 1e9))), end());
        const double slope = x1 > x0 ? (double(y1) - y0) / (x1 - x0) : 0;
        for (int j = from; j <= to; ++j) {
            const auto y = float(y0 + slope * (j - x0));
            add(j - 1, y);
            add(j, y);
        }
    }

private:
    int m_first;
    std::vector<float> m_low, m_high;
};

// Tells `extents` what a stroke covers; returns the number of records drawn.
std::size_t trace(const Stroke& stroke, const Frame& frame, const Edges& edges, const Scale& scale, double column, int left,
                  Extents& extents)
{
    const std::span<const double> x = stroke.x, y = stroke.y;
    const double least = frame.y.log ? 0 : -std::numeric_limits<double>::infinity();
    const double most = std::numeric_limits<double>::infinity();
    const auto drawable = [&](std::size_t i) { return y[i] > least && y[i] < most; };
    const auto partOf = [&](double value) {     // of records outside the strip
        return (frame.sceneX(value) / column - left) * edges.parts;
    };
    const auto begin = std::size_t(std::lower_bound(x.begin(), x.end(), edges[extents.first()]) - x.begin());
    const auto end = std::size_t(std::lower_bound(x.begin() + std::ptrdiff_t(begin), x.end(), edges[extents.end()]) - x.begin());
    bool pen = false;                   // whether there is a record to draw from
    double penX = 0;
    float penY = 0;
    if (begin > 0 && drawable(begin - 1) && std::isfinite(frame.x.coordinate(x[begin - 1]))) {
        pen = true;
        penX = partOf(x[begin - 1]);
        penY = scale(y[begin - 1]);
    }
    std::size_t points = 0;
    int part = extents.first();
    double next = edges[part + 1];
    std::size_t count = 0, first = 0, low = 0, high = 0, last = 0;
    const auto flush = [&] {
        if (count == 0)
            return;
        const double start = edges[part], width = next - start;
        const auto within = [&](std::size_t i) { return part + (width > 0 ? (x[i] - start) / width : .5); };
        const float yFirst = scale(y[first]);
        if (pen)
            extents.connect(penX, penY, within(first), yFirst);
        extents.add(part, yFirst);
        penY = yFirst;
        if (count > 1) {
            extents.add(part, scale(y[low]));
            extents.add(part, scale(y[high]));
            penY = scale(y[last]);
            extents.add(part, penY);
        }
        penX = within(last);
        pen = true;
        points += std::min<std::size_t>(count, 4);
        count = 0;
    };
    const auto record = [&](std::size_t i) {
        if (x[i] >= next) {
            flush();
            do
                next = edges[++part + 1];
            while (x[i] >= next);
        }
        const double v = y[i];
        if (!(v > least && v < most)) {
            flush();
            pen = false;
            return;
        }
        if (count++ == 0) {
            first = low = high = last = i;
            return;
        }
        if (v < y[low])
            low = i;
        else if (v > y[high])
            high = i;
        last = i;
    };
    const auto room = std::size_t(extents.end() - extents.first());
    if (stroke.pyramid && end - begin > 24 * room) {
        const auto whole = [&](std::size_t i, std::size_t j) {
            if (x[i] >= next) {
                flush();
                do
                    next = edges[++part + 1];
                while (x[i] >= next);
            }
            return x[j] < next;
        };
        const auto broken = [&] {
            flush();
            pen = false;
        };
        walk(*stroke.pyramid, y, begin, end, frame.y.log, whole, record, broken);
    } else {
        for (std::size_t i = begin; i < end; ++i)
            record(i);
    }
    flush();
    if (pen && end < x.size() && drawable(end))
        extents.connect(penX, penY, partOf(x[end]), scale(y[end]));
    return points;
}

// One colour on its way into columns of premultiplied pixels.
class Paint {
public:
    explicit Paint(const QColor& c) : m_color{c.blue(), c.green(), c.red(), 255}, m_alpha(float(c.alphaF())) {}

    void run(quint32* column, int from, int to, float coverage) const
    {
        if (to <= from)
            return;
        const auto alpha = quint16(coverage * m_alpha * 255 + .5f);
        if (alpha == 0)
            return;
        alignas(16) quint8 source[16];
        for (int i = 0; i < 16; ++i)
            source[i] = quint8((m_color[i % 4] * alpha + 127) / 255);
        quint32 solid;
        std::memcpy(&solid, source, 4);
        if (alpha == 255) {
            std::fill(column + from, column + to, solid);
            return;
        }
        const auto rest = quint16(255 - alpha);
        auto* bytes = reinterpret_cast<quint8*>(column + from);
        auto* end = reinterpret_cast<quint8*>(column + to);
        const auto over = [rest](quint8 below, quint8 above) {
            const auto t = quint16(below * rest + 128);
            return quint8(above + quint8(quint16(t + (t >> 8)) >> 8));
        };
        for (; end - bytes >= 16; bytes += 16)
            for (int i = 0; i < 16; ++i)
                bytes[i] = over(bytes[i], source[i]);
        for (; bytes < end; bytes += 4)
            for (int i = 0; i < 4; ++i)
                bytes[i] = over(bytes[i], source[i]);
    }

private:
    int m_color[4];
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
    paint.run(column, a, a + 1, r.of(a) * weight);
    if (b == a)
        return;
    paint.run(column, a + 1, b, weight);
    if (b < height)
        paint.run(column, b, b + 1, r.of(b) * weight);
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
            paint.run(column, at[k], at[k] + 1, (p.of(at[k]) + q.of(at[k])) / 2);
        if (k < 3)
            paint.run(column, at[k] + 1, at[k + 1], between[k]);
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
        for (std::size_t k = 0; k < strokes.size(); ++k) {
            const Pen& pen = pens[k];
            const int aside = pen.window / 2;
            Extents extents(strip.from * pen.parts - aside, strip.to * pen.parts + aside);
            strip.points += trace(strokes[k], frame, edges[pen.parts - 1], scale, column, left, extents);
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

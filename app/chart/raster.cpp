// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/raster.h"

#include "app/chart/tracer.h"

#include <QtConcurrent>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace chart {

namespace {

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
        const bool faint = stroke.color.alphaF() < .5;     // rather too thin; others rather too thick
        const int aside = std::clamp(int(faint ? std::ceil(wanted - .5) : std::floor(wanted + .5)), 0, 3);
        window = 2 * aside + 1;
        const double r = w / 2;
        for (int o = 0; o <= aside; ++o) {
            const double away = o == 0 ? 0 : (o + .4) / parts;      // .5 is their far edge, where oblique lines thin
            pad[o] = float(std::sqrt(std::max(0., r * r - away * away)));
        }
    }
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
    float from = Extents::none, to = -Extents::none;
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

// What the pen covers around what its middle covers, part by part; in plain loops that compilers vectorise.
class Outline {
public:
    void set(const Stroke& stroke, const Pen& pen, const Extents& extents, int height)
    {
        const int aside = pen.window / 2;
        m_first = extents.first() + aside;
        const auto n = std::size_t(extents.end() - aside - m_first);
        m_low.resize(n);
        m_high.resize(n);
        const float* low = extents.lows() + aside;
        const float* high = extents.highs() + aside;
        if (aside == 0) {
            // As thick as an oblique line of this width is.
            const auto square = float(stroke.width * stroke.width);
            for (std::size_t i = 0; i < n; ++i) {
                const float tall = high[i] - low[i];    // -infinity where there is nothing
                const float pad = (std::sqrt(square + tall * tall) - tall) / 2;
                m_low[i] = tall >= 0 ? low[i] - pad : Extents::none;
                m_high[i] = tall >= 0 ? high[i] + pad : -Extents::none;
            }
        } else {
            for (std::size_t i = 0; i < n; ++i) {
                m_low[i] = low[i] - pen.pad[0];
                m_high[i] = high[i] + pen.pad[0];
            }
        }
        for (int o = 1; o <= aside; ++o)
            for (std::size_t i = 0; i < n; ++i) {
                const auto at = std::ptrdiff_t(i);
                m_low[i] = std::min(m_low[i], std::min(low[at - o], low[at + o]) - pen.pad[o]);
                m_high[i] = std::max(m_high[i], std::max(high[at - o], high[at + o]) + pen.pad[o]);
            }
        const auto most = float(height);
        for (std::size_t i = 0; i < n; ++i) {
            m_low[i] = std::max(m_low[i], 0.f);
            m_high[i] = std::min(m_high[i], most);
        }
    }
    Run operator[](int part) const { return {m_low[std::size_t(part - m_first)], m_high[std::size_t(part - m_first)]}; }

private:
    int m_first = 0;
    std::vector<float> m_low, m_high;
};

void paintStroke(const Stroke& stroke, const Pen& pen, const Outline& outline, quint32* pixels, int from, int to,
                 int height)
{
    const Paint paint(stroke.color);
    for (int c = from; c < to; ++c) {
        if (stroke.on > 0 && std::fmod(double(c), stroke.on + stroke.off) >= stroke.on)
            continue;
        quint32* column = pixels + std::ptrdiff_t(c - from) * height;
        if (pen.parts == 1)
            paintRun(paint, column, height, outline[c], 1);
        else
            paintHalves(paint, column, height, outline[2 * c], outline[2 * c + 1]);
    }
}

}

void drawStrokes(Raster& out, const Frame& frame, std::span<const Stroke> strokes, double column)
{
    const auto floorPixel = [&](double at) { return int(std::floor(at / column + 1e-6)); };
    const auto ceilPixel = [&](double at) { return int(std::ceil(at / column - 1e-6)); };
    const int left = floorPixel(frame.area.left()), top = floorPixel(frame.area.top());
    const int columns = std::max(1, ceilPixel(frame.area.right()) - left);
    const int height = std::max(1, ceilPixel(frame.area.bottom()) - top);
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
        Outline outline;
        for (std::size_t k = 0; k < strokes.size(); ++k) {
            const Pen& pen = pens[k];
            const int aside = pen.window / 2;
            extents.reset(strip.from * pen.parts - aside, strip.to * pen.parts + aside);
            strip.points += trace(strokes[k], frame, edges[pen.parts - 1], scale, column, left, extents);
            outline.set(strokes[k], pen, extents, height);
            paintStroke(strokes[k], pen, outline, pixels.data(), strip.from, strip.to, height);
        }
        constexpr int tile = 16;
        for (int first = 0; first < height; first += tile)
            for (int c = 0; c < width; ++c) {
                const quint32* source = pixels.data() + std::ptrdiff_t(c) * height;
                for (int row = first; row < std::min(height, first + tile); ++row)
                    bits[row * stride + strip.from + c] = source[row];
            }
    });
    for (const Strip& strip : strips)
        out.points += strip.points;
}

}

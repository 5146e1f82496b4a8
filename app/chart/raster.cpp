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
        const int aside = std::clamp(int(stroke.color.alphaF() < .5 ? std::ceil(wanted - .5) : std::floor(wanted + .5)), 0, 3);
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

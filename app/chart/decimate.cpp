// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/decimate.h"

#include <algorithm>
#include <cmath>

namespace chart {

namespace {

// The records of one pixel column, as seen so far. Compared as values: two of them may share a place on the scene.
struct Bucket {
    double column = 0;
    std::size_t count = 0;
    std::size_t order[4] = {};      // first, smallest, largest, last
    double low = 0, high = 0;

    void start(double at, std::size_t i, double value)
    {
        column = at;
        count = 1;
        std::fill(std::begin(order), std::end(order), i);
        low = high = value;
    }
    void add(std::size_t i, double value)
    {
        ++count;
        if (value < low)
            order[1] = i, low = value;
        if (value > high)
            order[2] = i, high = value;
        order[3] = i;
    }
};

// Beyond this a rasteriser's fixed point overflows; the slope of a segment this long is no longer visible.
constexpr double farAway = 1e6;

}

std::pair<std::size_t, std::size_t> inView(const Axis& axis, std::span<const double> x)
{
    const auto first = std::lower_bound(x.begin(), x.end(), axis.value(axis.from)) - x.begin();
    const auto last = std::upper_bound(x.begin(), x.end(), axis.value(axis.to)) - x.begin();
    return {first > 0 ? std::size_t(first) - 1 : 0, std::min(x.size(), std::size_t(last) + 1)};
}

std::vector<QPolygonF> polylines(const Frame& frame, std::span<const double> x, std::span<const double> y, double column,
                                 const Pyramid* pyramid)
{
    x = x.first(std::min(x.size(), y.size()));
    y = y.first(x.size());
    std::vector<QPolygonF> out;
    QPolygonF line;
    Bucket bucket;
    const auto place = [&](std::size_t i) {
        const QPointF p = frame.scene(x[i], y[i]);
        return QPointF(std::clamp(p.x(), -farAway, farAway), std::clamp(p.y(), -farAway, farAway));
    };
    const auto flush = [&] {
        if (bucket.count == 0)
            return;
        std::size_t order[4];
        std::ranges::copy(bucket.order, order);
        std::ranges::sort(order);
        for (int k = 0; k < 4; ++k)
            if (k == 0 || order[k] != order[k - 1])
                line << place(order[k]);
        bucket.count = 0;
    };
    const auto finish = [&] {
        flush();
        if (!line.isEmpty())
            out.push_back(std::move(line));
        line = {};
    };
    const auto columnOf = [&](std::size_t i) {
        return std::floor(std::clamp(frame.sceneX(x[i]), -farAway, farAway) / column);
    };
    const auto record = [&](std::size_t i) {
        const double at = columnOf(i);
        if (!std::isfinite(at) || !std::isfinite(frame.y.coordinate(y[i])))
            return finish();
        if (bucket.count > 0 && at == bucket.column)
            return bucket.add(i, y[i]);
        flush();
        bucket.start(at, i, y[i]);
    };
    const bool sorted = pyramid || ascends(x);
    const auto [begin, end] = sorted ? inView(frame.x, x) : std::pair(std::size_t(0), x.size());
    if (pyramid)
        walk(*pyramid, y, begin, end, frame.y.log,
             [&](std::size_t i, std::size_t j) { return columnOf(i) == columnOf(j); }, record, finish);
    else
        for (std::size_t i = begin; i < end; ++i)
            record(i);
    finish();
    return out;
}

std::vector<QPolygonF> clipLine(const QPolygonF& line, const QRectF& r)
{
    std::vector<QPolygonF> out;
    QPolygonF piece;
    const auto finish = [&] {
        if (!piece.isEmpty())
            out.push_back(std::move(piece));
        piece = {};
    };
    if (line.size() == 1 && r.contains(line[0]))
        return {line};
    for (qsizetype i = 0; i + 1 < line.size(); ++i) {
        const QPointF a = line[i], d = line[i + 1] - a;
        double t0 = 0, t1 = 1;
        const double p[] = {-d.x(), d.x(), -d.y(), d.y()};
        const double q[] = {a.x() - r.left(), r.right() - a.x(), a.y() - r.top(), r.bottom() - a.y()};
        bool visible = true;
        for (int k = 0; k < 4 && visible; ++k) {
            if (p[k] == 0) {
                visible = q[k] >= 0;
            } else if (p[k] < 0) {
                t0 = std::max(t0, q[k] / p[k]);
            } else {
                t1 = std::min(t1, q[k] / p[k]);
            }
            visible = visible && t0 <= t1;
        }
        if (!visible) {
            finish();
            continue;
        }
        const auto inside = [&](QPointF v) {
            return QPointF(std::clamp(v.x(), r.left(), r.right()), std::clamp(v.y(), r.top(), r.bottom()));
        };
        if (t0 > 0)
            finish();
        if (piece.isEmpty())
            piece << inside(a + t0 * d);
        piece << inside(a + t1 * d);
        if (t1 < 1)
            finish();
    }
    finish();
    return out;
}

QPolygonF clipPolygon(const QPolygonF& polygon, const QRectF& r)
{
    QPolygonF in = polygon;
    for (int side = 0; side < 4 && !in.isEmpty(); ++side) {
        const auto inside = [&](QPointF p) {
            switch (side) {
            case 0: return p.x() >= r.left();
            case 1: return p.x() <= r.right();
            case 2: return p.y() >= r.top();
            default: return p.y() <= r.bottom();
            }
        };
        const auto cross = [&](QPointF a, QPointF b) -> QPointF {
            if (side < 2) {
                const double x = side == 0 ? r.left() : r.right();
                return {x, a.y() + (b.y() - a.y()) * (x - a.x()) / (b.x() - a.x())};
            }
            const double y = side == 2 ? r.top() : r.bottom();
            return {a.x() + (b.x() - a.x()) * (y - a.y()) / (b.y() - a.y()), y};
        };
        QPolygonF out;
        QPointF last = in.back();
        for (const QPointF& p : std::as_const(in)) {
            if (inside(p) != inside(last))
                out << cross(last, p);
            if (inside(p))
                out << p;
            last = p;
        }
        in = out;
    }
    return in;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/decimate.h"

#include <algorithm>
#include <cmath>

namespace chart {

namespace {

// The records of one pixel column, as seen so far.
struct Bucket {
    double column = 0;
    std::size_t count = 0;
    std::size_t order[4] = {};      // first, smallest, largest, last
    QPointF point[4];

    void start(double at, std::size_t i, QPointF p)
    {
        column = at;
        count = 1;
        std::fill(std::begin(order), std::end(order), i);
        std::fill(std::begin(point), std::end(point), p);
    }
    void add(std::size_t i, QPointF p)
    {
        ++count;
        if (p.y() < point[1].y())
            order[1] = i, point[1] = p;
        if (p.y() > point[2].y())
            order[2] = i, point[2] = p;
        order[3] = i;
        point[3] = p;
    }
    void flush(QPolygonF& to)
    {
        if (count == 0)
            return;
        int index[4] = {0, 1, 2, 3};
        std::sort(std::begin(index), std::end(index), [this](int a, int b) { return order[a] < order[b]; });
        for (int k = 0; k < 4; ++k)
            if (k == 0 || order[index[k]] != order[index[k - 1]])
                to << point[index[k]];
        count = 0;
    }
};

// Beyond this a rasteriser's fixed point overflows; the slope of a segment this long is no longer visible.
constexpr double farAway = 1e6;

}

std::vector<QPolygonF> polylines(const Frame& frame, std::span<const double> x, std::span<const double> y, double column)
{
    std::vector<QPolygonF> out;
    QPolygonF line;
    Bucket bucket;
    const auto finish = [&] {
        bucket.flush(line);
        if (!line.isEmpty())
            out.push_back(std::move(line));
        line = {};
    };
    std::size_t begin = 0, end = std::min(x.size(), y.size());
    // Records left and right of the view need not be looked at: one on each side is enough to draw to the rim.
    if (end > 4096 && std::is_sorted(x.begin(), x.begin() + std::ptrdiff_t(end))) {
        const double low = frame.x.value(frame.x.from), high = frame.x.value(frame.x.to);
        const auto first = std::lower_bound(x.begin(), x.begin() + std::ptrdiff_t(end), low) - x.begin();
        const auto last = std::upper_bound(x.begin(), x.begin() + std::ptrdiff_t(end), high) - x.begin();
        begin = first > 0 ? std::size_t(first) - 1 : 0;
        end = std::min(end, std::size_t(last) + 1);
    }
    for (std::size_t i = begin; i < end; ++i) {
        QPointF p = frame.scene(x[i], y[i]);
        if (!std::isfinite(p.x()) || !std::isfinite(p.y())) {
            finish();
            continue;
        }
        p = {std::clamp(p.x(), -farAway, farAway), std::clamp(p.y(), -farAway, farAway)};
        const double at = std::floor(p.x() / column);
        if (bucket.count > 0 && at == bucket.column) {
            bucket.add(i, p);
        } else {
            bucket.flush(line);
            bucket.start(at, i, p);
        }
    }
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

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/axis.h"
#include "app/chart/pyramid.h"

#include <QPolygonF>
#include <QRectF>

#include <span>
#include <utility>
#include <vector>

namespace chart {

// Where a panel's axes put data on the scene.
struct Frame {
    Axis x, y;
    QRectF area;        // plot area in scene units

    double sceneX(double value) const
    {
        return area.left() + (x.coordinate(value) - x.from) / (x.to - x.from) * area.width();
    }
    double sceneY(double value) const
    {
        return area.bottom() - (y.coordinate(value) - y.from) / (y.to - y.from) * area.height();
    }
    QPointF scene(double vx, double vy) const { return {sceneX(vx), sceneY(vy)}; }
};

// A curve as few points as draw the same pixels: of the records in one column of width `column` the first, smallest,
// largest and last are kept, in their order. NaN (and values a log axis cannot show) breaks the line. Not clipped.
// The pyramid of y, for x that ascends, gives the same without looking at every record.
std::vector<QPolygonF> polylines(const Frame&, std::span<const double> x, std::span<const double> y, double column = 1,
                                 const Pyramid* = nullptr);

// Records [begin, end) of an ascending x that a view needs: those inside and one on each side, to draw to the rim.
std::pair<std::size_t, std::size_t> inView(const Axis&, std::span<const double> x);

// The pieces of a line that lie inside the rectangle. Formats that ignore clipping (SVG) get these.
std::vector<QPolygonF> clipLine(const QPolygonF&, const QRectF&);
// A filled polygon cut to the rectangle (Sutherland and Hodgman 1974).
QPolygonF clipPolygon(const QPolygonF&, const QRectF&);

}

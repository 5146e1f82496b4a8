// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/decimate.h"

#include <QColor>
#include <QImage>

#include <span>

namespace chart {

// A curve whose x ascends, as the screen draws it.
struct Stroke {
    std::span<const double> x, y;
    const Pyramid* pyramid = nullptr;   // of y, for long ones
    QColor color;
    double width = 1;                   // device pixels
    double on = 0, off = 0;             // of a dash, in pixels along x: along a noisy curve it would be noise; 0: solid
};

struct Raster {
    QImage image;                       // premultiplied, device pixels
    QPoint at;                          // of its corner on the device
    std::size_t points = 0;             // records drawn
};

// Draws many dense curves at once, one above the other, cut to the plot area; `column` is the width of a device pixel.
// In each pixel column a curve is one or two vertical runs from its smallest to its largest value, smoothed at their
// ends, so that the cost is that of the pixels covered and not of the zigzag. Columns are drawn in parallel. Reuses the
// image where the size is the same.
void drawStrokes(Raster&, const Frame&, std::span<const Stroke>, double column);

}

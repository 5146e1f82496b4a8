// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <optional>
#include <span>
#include <vector>

namespace chart {

struct Tick {
    double at = 0;          // axis coordinate
    QString label;          // plain text, or rich text with <sup>
};

// Maps data to axis coordinates and back and chooses where the ticks go. Axis coordinates are the value itself, or
// its common logarithm where `log`; values <= 0 have none (NaN).
struct Axis {
    bool log = false;
    double from = 0, to = 1;            // visible range in axis coordinates, from < to

    double coordinate(double value) const;
    double value(double coordinate) const;

    // About `count` ticks inside [from, to], ascending, labels all different. Log axes over two decades and more: powers
    // of ten; below: 1-2-5 multiples, and under half a decade equal steps of the value, so that there are always labels.
    std::vector<Tick> ticks(int count) const;
};

// The range that shows all finite values (positive ones on a log axis) with a little air; [0, 1] of nothing.
Axis axisFor(std::span<const double> smallest, std::span<const double> largest, bool log);

// "6.7B", "3.1 × 10²¹" as rich text, "0.3473", with a true minus sign; NaN is the word.
QString number(double value, int digits = 4);
QString richNumber(double value, int digits = 4);
QString plain(const QString& rich);     // tags removed, for lists and accessibility

}

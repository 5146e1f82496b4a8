// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <vector>

namespace figure {

struct Polyline {
    std::vector<double> x, y;
};

// Where a function on a grid has the value `level`: by marching squares, the pieces joined end to end. `values` is row-major,
// x by y; cells with a NaN corner are left out. With a logarithmic axis places between grid lines are found in its logarithm.
std::vector<Polyline> contour(std::span<const double> x, std::span<const double> y, std::span<const double> values, double level, bool logX, bool logY);

}

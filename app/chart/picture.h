// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/axis.h"
#include "app/chart/pyramid.h"
#include "core/figure/figure.h"

#include <memory>
#include <vector>

namespace chart {

// A figure ready to be drawn at any zoom: with a pyramid of each long layer. Made on any thread, cheap to copy.
struct Picture {
    std::shared_ptr<const figure::Figure> figure = std::make_shared<figure::Figure>();
    std::vector<std::vector<std::shared_ptr<const Pyramid>>> pyramids;      // per panel and layer; null where short

    // How to find records by x, per panel and layer: null where x ascends anyway, else the records in its order.
    std::vector<std::vector<std::shared_ptr<const std::vector<std::uint32_t>>>> order;
    struct Extent {
        Axis x, y;
    };
    std::vector<Extent> extents;        // per panel: what shows everything
};

Picture prepare(figure::Figure);

// The range of all data of a panel; raw and excluded values, fits and bands may widen it by half at most: a law may
// shoot up where there are no data.
Axis dataRange(const figure::Panel&, bool vertical);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/pyramid.h"
#include "core/figure/figure.h"

#include <memory>
#include <vector>

namespace chart {

// A figure ready to be drawn at any zoom: with a pyramid of each long layer. Made on any thread, cheap to copy.
struct Picture {
    std::shared_ptr<const figure::Figure> figure = std::make_shared<figure::Figure>();
    std::vector<std::vector<std::shared_ptr<const Pyramid>>> pyramids;      // per panel and layer; null where short
};

Picture prepare(figure::Figure);

}

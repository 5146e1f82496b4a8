// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/axis.h"
#include "app/chart/pyramid.h"
#include "core/figure/figure.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace chart {

// The records of a layer from left to right, to be searched.
class ByX {
public:
    ByX(const figure::Layer& layer, const std::vector<std::uint32_t>* order)
        : m_layer(&layer), m_order(order), m_size(std::min(layer.x.size(), layer.y.size())) {}
    const figure::Layer& layer() const { return *m_layer; }
    std::size_t size() const { return m_size; }
    std::size_t record(std::size_t k) const { return m_order ? (*m_order)[k] : k; }
    double x(std::size_t k) const { return m_layer->x[record(k)]; }
    // The first whose x is not below the value; those that are NaN stand behind all.
    std::size_t lowerBound(double value) const;

private:
    const figure::Layer* m_layer;
    const std::vector<std::uint32_t>* m_order;
    std::size_t m_size;
};

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

    ByX byX(std::size_t panel, std::size_t layer) const
    {
        return {figure->panels[panel].layers[layer], order[panel][layer].get()};
    }
};

Picture prepare(figure::Figure);

// The range of all data of a panel; raw and excluded values, fits and bands may widen it by half at most: a law may
// shoot up where there are no data.
Axis dataRange(const figure::Panel&, bool vertical);

}

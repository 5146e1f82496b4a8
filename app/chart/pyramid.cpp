// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/pyramid.h"

#include <algorithm>
#include <cmath>

namespace chart {

Pyramid::Pyramid(std::span<const double> y)
{
    std::vector<Node> blocks((y.size() + 15) / 16);
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        const std::size_t begin = 16 * b, end = std::min(begin + 16, y.size());
        std::uint32_t low = Node::none, high = Node::none;
        bool broken = false;
        for (std::size_t i = begin; i < end; ++i) {
            const double v = y[i];
            if (!std::isfinite(v)) {
                broken = true;
                continue;
            }
            if (low == Node::none || v < y[low])
                low = std::uint32_t(i);
            if (high == Node::none || v > y[high])
                high = std::uint32_t(i);
        }
        blocks[b] = {low, high, broken};
    }
    m_levels.push_back(std::move(blocks));
    while (m_levels.back().size() > 4) {
        const std::vector<Node>& below = m_levels.back();
        std::vector<Node> nodes((below.size() + 3) / 4);
        for (std::size_t b = 0; b < nodes.size(); ++b) {
            std::uint32_t low = Node::none, high = Node::none;
            bool broken = false;
            for (std::size_t i = 4 * b; i < std::min(4 * b + 4, below.size()); ++i) {
                broken |= below[i].broken();
                if (below[i].smallest() == Node::none)
                    continue;
                if (low == Node::none || y[below[i].smallest()] < y[low])
                    low = below[i].smallest();
                if (high == Node::none || y[below[i].largest()] > y[high])
                    high = below[i].largest();
            }
            nodes[b] = {low, high, broken};
        }
        m_levels.push_back(std::move(nodes));
    }
}

bool ascends(std::span<const double> x)
{
    // Sorted first: NaN compares false and would pass.
    for (std::size_t i = 1; i < x.size(); ++i)
        if (!(x[i - 1] <= x[i]))
            return false;
    return x.empty() || (std::isfinite(x.front()) && std::isfinite(x.back()));
}

}

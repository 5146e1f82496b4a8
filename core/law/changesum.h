// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/changes.h"

#include <Eigen/Core>

#include <array>
#include <limits>

namespace law {

// The nodes of a learning rate's changes up to step s, a block at a time: columns hold a value per node, and the first n
// of each of `into` are a block's when f(n) is called. Blocks keep logarithms and powers in the processor's vectors.
using Block = Eigen::Array<double, 256, 1>;

template <std::size_t k, class F>
void blocks(const data::Changes& changes, std::size_t s, double travelled, data::Sums sums,
            const std::array<const double*, k>& columns, std::array<Block, k>& into, F f)
{
    Eigen::Index n = 0;
    changes.over(s, travelled, sums, [&](std::size_t begin, std::size_t end) {
        while (begin < end) {
            const auto take = std::min(Eigen::Index(end - begin), Block::SizeAtCompileTime - n);
            for (std::size_t c = 0; c < k; ++c)
                std::copy_n(columns[c] + begin, take, into[c].data() + n);
            n += take;
            begin += std::size_t(take);
            if (n == Block::SizeAtCompileTime)
                f(n), n = 0;
        }
    });
    if (n)
        f(n);
}

}

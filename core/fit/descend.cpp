// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/levenberg.h"

namespace fit {

Minimum descend(const Search& search, Vector u, std::span<const double> weights, Search::Scratch& scratch,
                double tolerance, std::span<const Minimum> known, int maxIterations, double damping)
{
    return levenberg(search, std::move(u), weights, scratch, tolerance, known, maxIterations, damping);
}

}

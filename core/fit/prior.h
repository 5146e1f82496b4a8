// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/search.h"
#include "core/tick.h"

namespace fit {

// How strongly parameters with a prior are held (spec.set prior=off|on|auto|WEIGHT).
struct Held {
    double points = 0;      // a prior missed by one sd costs as much as this many points missed by one residual sd
    double weight = 0;      // of Search::withPrior
    int left = 0;           // runs that were left out in turn to choose it; 0: it was given, or is the default
};

// The weight asked for. auto (the default of laws with priors) takes, of a fixed ladder, the weight whose fits to all
// runs but one predict the run left out best, in the mean absolute residual over the runs; with fewer than three runs
// the default weight. `from` is where the descents begin.
Held hold(const Search&, std::span<const Vector> from, int threads);

}

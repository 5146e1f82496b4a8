// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/search.h"

namespace fit {

// How strongly parameters with a prior are held, as spec.set prior=on|auto|off|W asks (on where nothing is said).
//   on    Points of one curve are not independent: the errors of a law run on over many steps. The prior counts against
//         as many points as there would be independent ones, by the residuals' integrated autocorrelation; residuals
//         and weight are brought to agree, from the strong side.
//   auto  of a fixed ladder the weight whose fits to all runs but one predict the run left out best, in the mean absolute
//         residual over the runs; as `on` with fewer than three runs.
//   W     W points' worth.
Hold hold(const Search&, std::span<const Vector> from, int threads);

// How many neighbouring residuals count as one: 1 + 2 sum of the autocorrelations up to the first below 0.05, each run on
// its own, averaged so that the runs' independent points add up.
double correlated(const Problem&, std::span<const double> residuals, double clip);

}

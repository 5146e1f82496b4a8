// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/fit.h"
#include "core/fit/search.h"
#include "core/tick.h"

namespace fit {

// Intervals from refits of changed data, each from the minimum u; fills se, ci, draws or covariance, and unit.
//
// bootstrap: resamples of runs (of rows where there is one group, of blocks of steps within each run where there are fewer
//   than 8 runs); percentiles, expanded for the number of what is drawn (quantile.h).
// wild: y* = prediction + v r with signs v drawn per block of a tenth of each run (per row where there are no runs), so that
//   the design stays and neighbouring residuals keep together (Shao 2010); percentiles.
// leave-one-out: each run left out once; the jackknife's covariance (Tukey 1958) with Student's t on runs - 1.
void bootstrap(Fit&, const Search&, const Vector& u, int threads, const Tick&);
void wild(Fit&, const Search&, const Vector& u, int threads, const Tick&);
void leaveOneOut(Fit&, const Search&, const Vector& u, int threads, const Tick&);   // throws Error with fewer than 3 runs

}

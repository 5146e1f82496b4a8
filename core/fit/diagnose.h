// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/search.h"

namespace fit {

// Metrics, held-out errors, ranges, points, and warnings where the data cannot say what was asked of them.
void diagnose(Fit&, const Search&, const Vector& u);

// Warnings that residuals give: what intervals take for granted and does not hold, points far away, a floor above the data.
void diagnoseResiduals(Fit&, const Search&, const Vector& u);

// Pearson's; 0 where one does not vary.
double correlation(const std::vector<double>&, const std::vector<double>&);

Fit::Starts countMinima(std::span<const Minimum>, const Minimum& best);
// Warns where clearly different parameters explain the data as well.
void diagnoseStarts(Fit&, const Search&, std::span<const Minimum>, const Minimum& best);

// Which parameters a prior holds, where and how strongly, and how far sums over bins put the predictions off: nothing where
// there is no prior in force, and no such sum.
void diagnosePrior(Fit&, const Search&);
void diagnoseBins(Fit&, const Search&, const Vector& u);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/table.h"
#include "core/fit/problem.h"
#include "core/tick.h"

namespace fit {

// One law over several groups of rows at once: some parameters are one number for all groups, the others each group's own.
struct Joint {
    std::string by;                             // the column whose values are the groups
    std::vector<std::string> names, shared;     // of the groups; of the parameters they share
    std::vector<Fit> fits;                      // one per group, the shared parameters alike in all, intervals from the joint fit
    int n = 0, free = 0;                        // rows and free parameters altogether
    double objective = 0, aicc = 0, bic = 0;    // of all groups together
    std::vector<Warning> warnings;
};

// Fits spec's law to each group of rows with the same value of the column `by`. Without shared parameters that is one
// fit per group, side by side; with them, one objective over all groups (Wald intervals of the joint covariance). Groups too
// small to be fitted are left out with a warning. Throws UsageError where there is no such column or parameter, Error where no
// group is left.
Joint solveJoint(const Spec&, const data::Table&, std::vector<Source> sources, const std::string& by,
                 const std::vector<std::string>& shared, int threads = 0, const Tick& = {});

}

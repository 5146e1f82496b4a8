// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/problem.h"
#include "core/tick.h"

namespace fit {

// Multi-start minimum of the problem's objective within bounds, intervals as spec asks, diagnostics and warnings.
// The same problem gives the same bits whatever the number of threads (0: all cores). Throws Error where no start
// gives finite predictions; a tick that returns false ends early with Error("cancelled").
Fit solve(const Problem&, int threads = 0, const Tick& = {});

// One descent from the parameters of `near`, on one thread and without intervals (Fit::interval is none): what a dragged
// slider asks for. Parameters of `held` stay exactly at its values, the others are re-optimised within their bounds.
// Throws UsageError where the law has no such parameter, Error where nothing finite is predicted there.
Fit refine(const Problem&, const Fit& near, const std::map<std::string, double>& held = {});

// The law at given values over the problem's rows, nothing fitted: objective (infinite where a prediction is not finite),
// residuals and metrics. Parameters that are not given take their fixed values. Throws UsageError where one has none, or
// the law does not have it.
Fit at(const Problem&, const std::map<std::string, double>& values);

}

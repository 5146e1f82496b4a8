// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/problem.h"
#include "core/tick.h"

namespace fit {

// Multi-start minimum of the problem's objective within bounds, intervals as spec asks, diagnostics and warnings.
// The same problem gives the same bits whatever the number of threads (0: all cores). Throws Error where no start
// gives finite predictions; a tick that returns false ends early with Error("cancelled").
Fit solve(const Problem&, int threads = 0, const Tick& = {});

// One start from spec.start (or the law's first), no intervals: what a dragged slider asks for.
Fit refine(const Problem&, const Fit& near);

}

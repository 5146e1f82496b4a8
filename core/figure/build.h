// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/run.h"
#include "core/figure/figure.h"
#include "core/fit/fit.h"
#include "core/plan/plan.h"
#include "core/workspace.h"

#include <span>

namespace figure {

// Paper: curves thinned to what a page can show; Window: every record.
enum class Detail { Paper, Window };

// Curves of runs: y against x, raw records faint and smoothed ones full where smoothing > 0 (TensorBoard's debiased
// EMA). Colours and names come from the entries (same order as runs). Losses are converted to chart.unit where that is
// possible; runs where it is not, or that lack x or y, are left out and named in the warnings.
Figure ofRuns(std::span<const data::Run>, std::span<const RunEntry>, const ChartEntry&, Detail = Detail::Paper);

// The fit over its data with band, extrapolation and held-out points, and the residuals below: against the law's first
// input, one curve per value of the others (or per run for laws over curves).
Figure ofFit(const fit::Fit&);
Figure ofChain(const fit::Chain&);

// Loss at the optimum against compute around a plan, with its band and the plan marked.
Figure ofPlan(const fit::Fit&, const plan::Plan&);

}

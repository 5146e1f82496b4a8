// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/predict.h"

#include <optional>

namespace plan {

struct Quantity {
    double value = 0;
    fit::Interval ci;
};

// The compute-optimal allocation of a budget under a fitted law of N and D.
struct Plan {
    double flops = 0;
    Quantity params, tokens, loss;
    double tokensPerParam = 0;
    double extrapolation = 1;           // budget over the largest compute fitted
    std::optional<Quantity> score;      // where the fit is a chain
    std::vector<fit::Warning> warnings;
};

// Minimises the law's loss over N with D = C / (6 N) (Hoffmann et al. 2022, section 3.3; found numerically in ln N, so
// any law of N and D will do), with the interval carried through by fit::spread. Throws UsageError where the law
// has no inputs N and D, Error where no optimum lies within 1e3 to 1e16 parameters.
Plan forFlops(const fit::Fit&, double flops);
Plan forFlops(const fit::Chain&, double flops);
// The smallest budget that reaches a loss. Throws Error where the loss is not above the irreducible one.
Plan forLoss(const fit::Fit&, double loss);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/table.h"
#include "core/fit/problem.h"
#include "core/tick.h"

namespace fit {

// How a law is judged by what it has not seen.
enum class Validation {
    Holdout,        // the rows of spec.holdout
    Rolling,        // fitted to the smaller half, 60 %, ..., 90 % by compute (or by the first input), judged by the larger rest
    LeaveOneOut,    // each run (each schedule of a curve law) predicted from the others; needs three runs
};
std::string_view name(Validation);              // holdout, rolling, leave-one-out
Validation validation(std::string_view name);   // throws UsageError
// What suits a problem: its held-out rows, else leave-one-out for curves of three runs or more, else rolling.
Validation usual(const Problem&);

// Errors over all folds, each fold's metrics weighing the same; `folds` says what was held out in each. Throws Error where
// the problem cannot be split that way or no fold can be fitted, Error("cancelled").
struct Validated {
    Validation kind = Validation::Holdout;
    struct Fold {
        std::string held;       // "compute above 1e20 FLOPs", "run wsd"
        int n = 0;              // rows fitted
        Metrics errors;         // of the rows held out
    };
    std::vector<Fold> folds;
    Metrics errors;
    std::vector<bool> judged;       // per row of Problem::train: was it held out in a fold; empty for Holdout
};
Validated validate(const Problem&, Validation, int threads = 0, const Tick& = {});

// Laws side by side on the same rows, best held-out error (mae) first; laws that could not be fitted come last, with why.
struct Compared {
    Spec spec;
    std::optional<Fit> fit;                     // to all rows that are not held out
    std::optional<Validated> validated;
    std::string why;                            // empty: it could be fitted and judged
};
struct Comparison {
    Validation kind = Validation::Holdout;
    std::vector<Compared> laws;
    std::vector<Warning> warnings;              // laws fitted to different rows, different objectives, ...
};
// `kind`: empty takes what suits the first law's problem. Throws UsageError where no law is given.
Comparison compare(const std::vector<Spec>&, const data::Table&, std::vector<Source> sources, std::optional<Validation> kind = {},
                   int threads = 0, const Tick& = {});

}

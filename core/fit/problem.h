// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/table.h"
#include "core/fit/fit.h"
#include "core/law/law.h"

#include <memory>
#include <vector>

namespace fit {

// A law, the rows to fit and to predict, bounds and the objective: all that solve() needs, and nothing of where it
// came from. A pure value but for the curves it shares.
struct Problem {
    Spec spec;
    const law::Law* law = nullptr;

    struct Data {
        std::vector<double> x, logX, y;         // x row-major, inputs per row
        std::vector<double> weight;             // one per row, or none where all count the same
        std::vector<law::Rows::Group> groups;
        std::vector<std::string> names;         // of the groups
        law::Rows rows() const { return {y.size(), x, logX, groups}; }
    };
    Data train, held;
    bool byRun = false;                         // the bootstrap draws groups, else rows
    bool precision = false;                     // weights are inverse variances; else how much a row counts

    std::vector<Fit::Excluded> excluded;
    std::vector<Source> sources;
    std::map<std::string, std::string> inputs;  // id -> column
    std::map<std::string, std::string> units;   // id -> unit, where it is not the law's own
    std::vector<Warning> warnings;              // of the rows: more than one tokenizer
};

// Forms the problem from rows. Columns: those of spec.map, else the first alias that is there (case-insensitive; the
// last component of a path counts). Rows where an input or the output is not finite, or not positive where logs are
// taken, are excluded with a reason. Positive inputs of a run (tokens, FLOPs) are interpolated over its steps. Preparation by spec.set:
//   last=K     single-point laws: a run's value is the mean of its last K records (default 1)
//   rows=all   single-point laws: every step of a run is a row (default: its final one)
//   skip=F     the first fraction F of each run's rows is left out
//   smooth=K   moving average over K rows within each run, after skip
//   warmup=W|none|peak   laws over curves: how the steps before the first logged one are filled
//   sums=exact|binned    laws that sum over the changes of a learning rate: every change, or bins of them (data::Changes)
//   prior=on|auto|off|W  how strongly parameters with a prior are held near it (core/fit/prior.h): on, the default, against
//              independent points, auto chosen by leaving out one run after the other, W points' worth
//   anchor=X:Y one row more, of the first input and the output
//   region=A:B only rows whose first input lies from A to B (either may be left out); the others are excluded, and said so
//   weight=run each run counts the same, whatever its number of rows; weight=n: the objective is a mean, not a sum;
//              weight=EXPR: a row counts so much, as if its variance were in inverse proportion (1/se^2)
//   unit=U     losses in nats/token, bits/byte or perplexity, by the bytes per token in the configuration of each run;
//              rows of which these are not known are excluded. Without it they are as logged, where runs differ as the
//              first one has them.
// Throws UsageError (no such column, law or key) or Error (no rows left, no learning rate).
Problem makeProblem(const Spec&, const data::Table&, std::vector<Source> sources = {});

// Whether a law can be fitted to a table, by what makeProblem would read: each of its inputs, its output and (laws over
// curves) the learning rate, with the column it is read from or why there is none.
struct Readiness {
    struct Needed {
        std::string id, name;       // D, training tokens
        std::string column;         // or expression; empty where none is found
        std::string why;            // empty: it can be read; else "needs training tokens: no column is called tokens, ..."
        bool output = false;
    };
    std::vector<Needed> columns;
    std::string why;                // what else is missing, as "needs runs that are logged over steps"
    bool isReady() const;
};
Readiness ready(const Spec&, const data::Table&);       // throws UsageError where there is no such law

// A key of everything that decides the result: equal keys, equal bits.
std::string key(const Problem&);

}

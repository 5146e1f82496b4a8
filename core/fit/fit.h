// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/spec.h"

#include <string>
#include <vector>

namespace law {
struct Quantity;
}

namespace fit {

struct Interval {
    double lower = 0, upper = 0;
};

struct Estimate {
    std::string name;
    double value = 0;
    double se = 0;              // standard error in the parameter's own unit; NaN where it cannot be had
    Interval ci;
    bool fixed = false, atBound = false;
};

struct Warning {
    std::string id, message;    // id for programs (collinear-n-d, at-bound, ...), message for people
};

// Errors in the output's unit, computed per run and averaged over runs; points of a table are one group.
struct Metrics {
    int n = 0;
    double r2 = 0, mae = 0, rmse = 0, mape = 0, aicc = 0, bic = 0;
};

struct Source {
    std::string name, sha256, path;
};

// How strongly parameters with a prior were held (core/fit/prior.h).
struct Hold {
    double points = 0;      // points that count as one: a prior missed by one sd costs as much as this many residuals
    double weight = 0;      // of Search::withPrior: points times their squared residual; 0: not at all
    int left = 0;           // where the weight was chosen by leaving out runs, one after the other: their number
};

// One observation as the fit saw it.
struct Point {
    std::vector<double> x;      // in the order of the law's inputs
    double observed = 0, predicted = 0;
    int group = 0;              // index into Fit::groups
    bool heldOut = false;
    std::size_t row = 0;            // of the problem's rows of its kind; not stored in a fit file
};

// A fitted law: parameters, uncertainty, diagnostics. A value; the file form is json.h.
struct Fit {
    Spec spec;
    int n = 0;
    struct Excluded {
        std::int64_t row;
        std::string why;
    };
    std::vector<Excluded> excluded;
    double objective = 0;                       // its value at the minimum
    std::vector<Estimate> parameters;
    std::string interval = "wald";              // wald, bootstrap, profile, leave-one-out or none
    int resamples = 0;
    std::string unit = "point";                 // what is drawn: run, block (of steps), point, or wild (signs of residuals)
    double dof = std::numeric_limits<double>::quiet_NaN();  // of Student's t; NaN: n less the free parameters
    Metrics metrics, holdout;
    struct Starts {
        int tried = 0, reachedBest = 0, distinctMinima = 0;
    } starts;
    Hold hold;                                  // not in files
    double condition = 0;                       // of J'J at the minimum
    std::vector<Warning> warnings;
    std::vector<Source> sources;
    std::map<std::string, std::string> inputs;  // input id -> the column it was read from
    std::map<std::string, std::string> units;   // input or output id -> its unit, where that is not the law's own
    std::map<std::string, Interval> ranges;     // input id -> smallest and largest value fitted
    std::vector<std::string> groups;
    std::vector<Point> points;                  // at most 2,000, thinned evenly
    // Free parameters in search space (logs where Scale::Log) of each resample, a row each; and the covariance there.
    std::vector<std::vector<double>> draws;
    std::vector<std::vector<double>> covariance;
    double seconds = 0;

    double value(std::string_view parameter) const;   // throws UsageError where there is none of that name
    std::vector<double> values() const;               // in the law's order
    std::string unitOf(const law::Quantity&) const;   // bits/byte, say, where losses were read or converted so
};

// Two steps: what `first` predicts is the input of `second`.
struct Chain {
    Fit first, second;
};

}

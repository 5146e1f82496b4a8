// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/fit.h"
#include "core/fit/search.h"
#include "core/tick.h"

namespace fit {

// How far the objective rises when parameters are held and the others re-optimised.
struct Profile {
    std::vector<std::string> names;                 // one or two parameters
    std::vector<double> first, second;              // the values held; second is empty for one parameter
    // 2 (objective - minimum) over the objective's own scale E[psi^2] / E[psi'] (Ronchetti 1982; the residual variance for
    // least squares), the square of Student's t: row-major, first by second; NaN where nothing finite is predicted.
    std::vector<double> rise;
    double threshold = 0;                           // of the interval or region at the fit's level
    // The interval at the fit's level (one parameter); infinite where the objective never rises that far within the bounds.
    Interval ci;
};

// From a parameter's estimate outwards to twice the threshold or its bounds. Throws UsageError where the law has no such
// free parameter, Error("cancelled").
Profile profile(const Problem&, const Fit&, std::string_view name, int points = 41, const Tick& = {});
// Over a square of both parameters' intervals, widened by a half each side.
Profile profile(const Problem&, const Fit&, std::string_view first, std::string_view second, int points = 25, int threads = 0, const Tick& = {});

// Profile intervals of every free parameter, in place of Wald's.
void profileIntervals(Fit&, const Search&, const Vector& u, int threads, const Tick&);

// E[psi^2] and E[psi'] of the residuals under the problem's loss, the first with the small-sample factor n / (n - k).
struct Scatter {
    double square = 0, slope = 1;
    double variance() const { return square / (slope * slope); }   // of the linearised residuals: what Wald's rests on
    double scale() const { return square / slope; }                // of twice the objective
};
Scatter scatter(const Search&, const Vector& u, Search::Scratch&);

}

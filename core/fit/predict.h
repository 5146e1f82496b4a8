// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/fit.h"
#include "core/law/law.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace fit {

struct Prediction {
    double value = 0;
    Interval ci;                                    // NaN where the fit has no uncertainty
    std::map<std::string, double> extrapolation;    // input -> factor beyond the fitted range, 1 inside
    std::vector<Warning> warnings;
};

// The law at the given inputs (`at`: input id -> value), with the interval by spread(). Annealing laws read the curve and at["step"].
// Throws UsageError naming a missing or unknown input.
Prediction predict(const Fit&, const std::map<std::string, double>& at,
                   const std::shared_ptr<const data::Curve>& curve = nullptr);
Prediction predict(const Chain&, const std::map<std::string, double>& at);

// One of the law's answers (law::Answer) at its arguments, with its interval. Throws UsageError naming a missing or unknown
// answer or argument, Error where the law has none at these.
Prediction answer(const Fit&, std::string_view id, const std::map<std::string, double>& arguments);

// The same for many rows at once (x row-major over the law's inputs): values and bands for drawing.
struct Band {
    std::vector<double> value, low, high;
};
Band band(const Fit&, const std::vector<double>& x, const std::shared_ptr<const data::Curve>& curve = nullptr);

// The interval of anything computed from the fit's parameters (`f`: all parameters in the law's order -> values): the
// percentiles over the bootstrap's draws, else Wald's, from one step of a standard deviation either way along each
// principal axis of the covariance (so that nearly collinear parameters move together) and Student's t. With `logs` the
// half-width is that of the logarithm. NaN where the fit has no uncertainty.
std::vector<Interval> spread(const Fit&, const std::function<std::vector<double>(const std::vector<double>&)>& f, bool logs);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/figure/figure.h"
#include "core/fit/predict.h"
#include "core/law/law.h"

#include <nlohmann/json_fwd.hpp>

#include <span>

// What the builders of figures share.
namespace figure {

// n values from `from` to `to`, evenly in the logarithm where log; both ends exactly.
std::vector<double> spread(double from, double to, int n, bool log);

Axis axisOf(const law::Quantity&);
// The axis of a fit's output, in the unit of the fit.
Axis outputAxis(const fit::Fit&, const law::Law&);
// The axis of a fit's input: named by the column it was read from where the law itself has no name for it.
Axis inputAxis(const fit::Fit&, const law::Quantity&);

// Small print of a fit: law, points, interval, objective, held-out error.
std::string noteOf(const fit::Fit&);
// {"isoloss": version, "fit": spec, "sources": [{name, sha256}]}; chains and plans add to it.
nlohmann::ordered_json recipeOf(const fit::Fit&);

// Groups of near-equal values (each within `tolerance` of the group's smallest), in rising order: the median of each.
std::vector<double> levels(std::vector<double> values, double tolerance);
std::size_t nearestLevel(std::span<const double> levels, double value);

// Line and band of one stretch of a curve. A band that is nowhere known is left out.
void addCurve(Panel&, std::span<const double> x, const fit::Band&, bool extrapolated, int color,
    const std::string& name, const std::string& bandName);

// Residuals of some of a fit's points.
struct Residuals {
    Residuals(const fit::Fit& fit, const law::Law& law) : relative(law.output.scale == law::Scale::Log), unit(fit.unitOf(law.output)) {}
    bool relative; // observed less predicted in per cent of the prediction, else in the
    std::string unit;                               // output's own unit
    double of(const fit::Point& p) const
    {
        return relative ? 100 * (p.observed - p.predicted) / p.predicted : p.observed - p.predicted;
    }
    Panel panel(const Axis& x) const;               // with its zero rule
};

// The places of N and D among a law's inputs; both -1 where it is not a law of these two alone.
struct SizeAndData {
    int n = -1, d = -1;
    explicit SizeAndData(const law::Law&);
    explicit operator bool() const { return n >= 0; }
    std::vector<double> row(double size, double data) const
    {
        return n == 0 ? std::vector{size, data} : std::vector{data, size};
    }
};

// The loss at the compute-optimal size along budgets, with the interval of the loss at that size. Budgets without an
// optimum are left out.
struct Frontier {
    std::vector<double> flops, params, tokens;
    fit::Band loss;
};
Frontier frontier(const fit::Fit&, std::span<const double> budgets);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/figure/parts.h"

#include <functional>

// The ways of looking at a fit; ofFit chooses.
namespace figure {

// Output against one quantity, one curve per value of another.
struct Family {
    Axis x;
    std::function<double(const fit::Point&)> xOf, familyOf;
    std::function<std::vector<double>(double x, double family)> row;    // the law's inputs again
    std::function<std::string(double family)> nameOf;
    std::vector<double> values;                                         // of the family; one for a single curve
    std::string title, note;
    double reach = 3;                                                   // how far beyond its data a curve goes
};

Figure ofFamily(const fit::Fit&, const law::Law&, const Family&);

// Laws over curves: output against step, a curve per run.
Figure ofCurves(const fit::Fit&, const law::Law&);

// Laws of N and D: loss against compute, points by size, and the frontier.
Figure ofCompute(const fit::Fit&, const law::Law&);

// Any law: predicted against observed.
Figure ofAgreement(const fit::Fit&, const law::Law&);

// Smallest and largest 6 N D of a fit's points.
struct Budgets {
    double from = std::numeric_limits<double>::infinity(), to = 0;      // of the fitted points
    double all = 0;                                                     // the largest, held-out ones too
};
Budgets budgetsOf(const fit::Fit&);

// Observed losses against compute, coloured by size; residuals too where a panel for them is given.
void addPoints(Panel&, Panel* residuals, const fit::Fit&);

// A fit's points against compute in bins of size, smallest first, and what they are called.
struct SizeBins {
    std::vector<double> upper;          // of each bin but the last
    std::vector<std::string> names;
    std::size_t of(double size) const;
};
SizeBins binsOfSize(std::span<const double> sizes);

// Adds the frontier from `from` to `to`, beyond `known` as extrapolated, and its band.
void addFrontier(Panel&, const fit::Fit&, double from, double known, double to, const std::string& name);

// "extrapolated x12"
std::string extrapolatedBy(double factor);

}

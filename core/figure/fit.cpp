// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/figure/build.h"
#include "core/figure/format.h"
#include "core/figure/views.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace figure {

namespace {

constexpr std::size_t mostCurves = 12;      // more cannot be told apart
constexpr double sameSize = .02, sameBudget = .05;

std::vector<double> valuesOf(const fit::Fit& fit, const std::function<double(const fit::Point&)>& of)
{
    std::vector<double> out;
    for (const fit::Point& p : fit.points)
        out.push_back(of(p));
    return out;
}

std::string withUnit(double value, const law::Quantity& q)
{
    const std::string number = q.scale == law::Scale::Log ? si(value) : significant(value);
    std::string out(q.id);
    out += " = ";
    out += number;
    if (!q.unit.empty())
        (out += ' ') += q.unit;
    return out;
}

Family ofOneInput(const fit::Fit& fit, const law::Law& law)
{
    const law::Quantity& input = law.inputs[0];
    Family family;
    family.x = inputAxis(fit, input);
    family.xOf = [](const fit::Point& p) { return p.x[0]; };
    family.familyOf = [](const fit::Point&) { return 0.; };
    family.row = [](double x, double) { return std::vector{x}; };
    family.nameOf = [](double) { return std::string("fit"); };
    family.values = {0};
    family.title = std::string(law.output.name) + " against " + family.x.title;
    return family;
}

// Curves over one of two inputs for each value of the other.
Family ofTwoInputs(const fit::Fit& fit, const law::Law& law, int x, std::vector<double> values)
{
    const auto along = std::size_t(x), across = std::size_t(1 - x);
    const law::Quantity& other = law.inputs[across];
    Family family;
    family.x = inputAxis(fit, law.inputs[along]);
    family.xOf = [along](const fit::Point& p) { return p.x[along]; };
    family.familyOf = [across](const fit::Point& p) { return p.x[across]; };
    family.row = [along, across](double at, double of) {
        std::vector<double> row(2);
        row[along] = at, row[across] = of;
        return row;
    };
    family.nameOf = [&other](double v) { return withUnit(v, other); };
    family.values = std::move(values);
    family.title = std::string(law.output.name) + " against " + family.x.title + ", by "
        + inputAxis(fit, other).title;
    return family;
}

// Curves over N of constant compute.
Family ofBudgets(const fit::Fit& fit, const law::Law& law, const SizeAndData& place, std::vector<double> budgets)
{
    Family family;
    family.x = inputAxis(fit, law.inputs[std::size_t(place.n)]);
    family.xOf = [place](const fit::Point& p) { return p.x[std::size_t(place.n)]; };
    family.familyOf = [](const fit::Point& p) { return 6 * p.x[0] * p.x[1]; };
    family.row = [place](double n, double flops) { return place.row(n, flops / (6 * n)); };
    family.nameOf = [](double flops) { return significant(flops, 3) + " FLOPs"; };
    family.values = std::move(budgets);
    family.title = std::string(law.output.name) + " against " + family.x.title + " at equal compute";
    family.note = "C = 6 N D";
    family.reach = 1.5;
    return family;
}

}

std::string extrapolatedBy(double factor)
{
    return "extrapolated \u00d7" + significant(factor, 2);
}

Figure ofFit(const fit::Fit& fit)
{
    const law::Law& law = law::get(fit.spec.law);
    const SizeAndData place(law);
    const auto figure = [&]() -> Figure {
        if (fit.points.empty()) {
            // Published constants have no data; only a law of N and D has a picture without a range.
            if (place)
                return ofCompute(fit, law);
            throw Error("The fit of " + fit.spec.law + " has no points to draw; fit it to data first.");
        }
        if (law.curves)
            return ofCurves(fit, law);
        if (law.inputs.size() == 1)
            return ofFamily(fit, law, ofOneInput(fit, law));
        if (law.inputs.size() != 2)
            return ofAgreement(fit, law);
        const auto first = levels(valuesOf(fit, [](const fit::Point& p) { return p.x[0]; }), sameSize);
        const auto second = levels(valuesOf(fit, [](const fit::Point& p) { return p.x[1]; }), sameSize);
        // Where both have few values N tells the curves apart, as in the papers.
        const bool across0 = first.size() <= mostCurves && (place ? place.n == 0 || second.size() > mostCurves
                                                                  : first.size() <= second.size());
        if (across0)
            return ofFamily(fit, law, ofTwoInputs(fit, law, 1, first));
        if (second.size() <= mostCurves)
            return ofFamily(fit, law, ofTwoInputs(fit, law, 0, second));
        if (!place)
            return ofAgreement(fit, law);
        const auto budgets = levels(valuesOf(fit, [](const fit::Point& p) { return 6 * p.x[0] * p.x[1]; }), sameBudget);
        return budgets.size() <= mostCurves ? ofFamily(fit, law, ofBudgets(fit, law, place, budgets))
                                            : ofCompute(fit, law);
    };
    Figure out = figure();
    out.id = "fit";
    out.recipe = recipeOf(fit).dump();
    return out;
}

}

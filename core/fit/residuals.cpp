// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/diagnose.h"

#include "core/text.h"

#include <cmath>
#include <numeric>

namespace fit {
namespace {

std::string digits(double v)
{
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.3g", v);
    return buffer;
}

double median(std::vector<double> v)
{
    std::ranges::nth_element(v, v.begin() + std::ptrdiff_t(v.size() / 2));
    return v[v.size() / 2];
}

// Correlation of neighbouring residuals within runs.
double neighbours(const Problem& problem, const std::vector<double>& r)
{
    double product = 0, square = 0;
    for (const auto& group : problem.train.groups)
        for (std::size_t k = group.begin; k < group.end; ++k) {
            square += r[k] * r[k];
            if (k > group.begin)
                product += r[k] * r[k - 1];
        }
    return square > 0 ? product / square : 0;
}

}

void diagnoseResiduals(Fit& fit, const Search& search, const Vector& u)
{
    const Problem& problem = search.problem();
    const law::Law& law = *problem.law;
    const auto warn = [&](std::string id, std::string message) { fit.warnings.push_back({std::move(id), std::move(message)}); };
    Search::Scratch scratch;
    const std::vector<double> r = search.residuals(u, scratch);
    const std::size_t n = r.size(), m = law.inputs.size();
    if (n < 3)
        return;

    // What the intervals of Wald and profile take for granted: independent residuals of one scale.
    const bool runs = problem.byRun && n > 5 * problem.train.groups.size();
    if (const double rho = neighbours(problem, r); runs && n >= 30 && rho > 0.5 && (fit.interval == "wald" || fit.interval == "profile"))
        warn("autocorrelated", "Neighbouring residuals of a run go together (correlation " + digits(rho) + "): these intervals take them as "
             "independent and are too narrow. Use the bootstrap, or leave one run out at a time.");
    std::vector<double> size(n);
    std::ranges::transform(r, size.begin(), [](double e) { return std::abs(e); });
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t(0));
    const std::vector<double> predicted = scratch.y;
    std::ranges::stable_sort(order, {}, [&](std::size_t k) { return predicted[k]; });
    const auto third = [&](std::size_t begin) {
        std::vector<double> part;
        for (std::size_t k = begin; k < begin + n / 3; ++k)
            part.push_back(size[order[k]]);
        return median(part);
    };
    if (n >= 60 && problem.train.weight.empty()) {
        const double low = third(0), high = third(n - n / 3);
        if (const double ratio = std::max(low, high) / std::min(low, high); ratio > 3 && fit.interval == "wald")
            warn("uneven-noise", "The residuals at " + std::string(high > low ? "high" : "low") + " predictions are " + digits(ratio)
                 + " times those at the other end: Wald's intervals take them as equal. Use the bootstrap, or weights.");
    }
    if (const double usual = median(size); n >= 20 && usual > 0) {
        const auto far = std::ranges::count_if(size, [&](double e) { return e > 10 * usual / 0.6745; });
        if (far > 0) {
            const auto worst = std::size_t(std::ranges::max_element(size) - size.begin());
            std::string place;
            for (std::size_t i = 0; i < m; ++i)
                place += (i ? ", " : "") + std::string(law.inputs[i].id) + " = " + digits(problem.train.x[worst * m + i]);
            warn("outliers", std::to_string(far) + (far == 1 ? " point lies" : " points lie") + " more than ten times the usual error away, the worst at "
                 + place + ". Huber's loss limits what they do; leave them out by a rule (--where) if there is a reason.");
        }
    }

    if (const bool none = std::ranges::any_of(fit.parameters, [](const Estimate& e) { return !e.fixed && !e.atBound && std::isnan(e.ci.lower) && std::isnan(e.ci.upper); });
        none && fit.interval == "wald")
        warn("undetermined", "Some combination of the parameters has no influence on these rows, so none has an interval: the values are one choice of many. "
             "Fix a parameter, or add runs that vary what it answers to.");
    const double least = *std::ranges::min_element(problem.train.y);
    for (const Estimate& e : fit.parameters)
        if ((e.name == "E" || e.name == "L0") && !e.fixed && e.value > least)
            warn("floor-above-data", e.name + " = " + digits(e.value) + " is what no loss gets below, and the data hold " + digits(least)
                 + ": the law does not describe these rows, or they mix what should be fitted apart.");
    // A positive parameter known to less than a factor of ten either way is a valley, not a value.
    for (const Estimate& e : fit.parameters)
        if (const int at = law.index(e.name); !e.fixed && at >= 0 && law.params[std::size_t(at)].scale == law::Scale::Log && e.ci.lower > 0
            && e.ci.upper / e.ci.lower > 100)
            warn("loose", e.name + " is known only to lie between " + digits(e.ci.lower) + " and " + digits(e.ci.upper)
                 + ": a valley rather than a value. Look at its profile, and trust predictions within the data.");
    if (law.fault) {
        std::vector<double> low, high;
        for (const law::Quantity& q : law.inputs) {
            const Interval range = fit.ranges.at(std::string(q.id));
            low.push_back(range.lower), high.push_back(range.upper);
        }
        if (const std::string message = law.fault(search.params(u), low, high); !message.empty())
            warn("unmet-condition", message);
    }
    if (fit.holdout.n && fit.holdout.mae > 3 * fit.metrics.mae)
        warn("holdout-worse", "The error on held-out rows is " + digits(fit.holdout.mae / fit.metrics.mae) + " times that on the fitted ones: "
             "judge the law by the former.");

    const auto given = [&](const char* key) {
        const auto it = problem.spec.set.find(key);
        return it == problem.spec.set.end() ? std::string() : it->second;
    };
    if (!law.curves && given("rows") == "all" && given("skip").empty() && runs)
        warn("early-points", "Every step of the runs is fitted from the first: the law knows nothing of warm-up. Leave out the first tenth (skip=0.1) or so.");
    if (!law.curves && given("rows") == "all" && runs
        && std::ranges::any_of(law.inputs, [](const law::Quantity& q) { return q.id == "D"; }))
        warn("unannealed", "Steps within a run have not seen their learning rate come down: their losses lie above those of runs that end there. "
             "Fit the ends of runs (rows=final), or a law over curves.");
    if (law.curves && problem.train.groups.size() > 1) {
        std::vector<double> sum, area;
        for (const auto& group : problem.train.groups) {
            const auto annealed = group.curve->annealing(.999);
            for (std::size_t k = group.begin; k < group.end; ++k) {
                const auto s = std::size_t(problem.train.x[k * m]);
                sum.push_back(group.curve->sum()[s]), area.push_back(annealed->area[s]);
            }
        }
        if (const double rho = correlation(sum, area); rho > 0.85)
            warn("similar-schedules", "The learning rate comes down alike in all runs (its sum and what has been annealed correlate by " + digits(rho)
                 + "): what annealing gains cannot be told from what steps gain. Add a run that keeps its rate, or drops it late.");
    }
}

}

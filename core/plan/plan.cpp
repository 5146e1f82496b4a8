// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/plan.h"

#include "core/error.h"

#include <boost/math/tools/minima.hpp>
#include <boost/math/tools/roots.hpp>

#include <array>
#include <cmath>

namespace plan {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
const double lowest = std::log(1e3), highest = std::log(1e16);

// A law of N and D with the places of its two inputs.
struct Surface {
    const law::Law* law;
    std::size_t n, d;

    double loss(const std::vector<double>& p, double logN, double logD) const
    {
        std::array<double, 2> x, logX;
        logX[n] = logN, logX[d] = logD;
        for (std::size_t i = 0; i < 2; ++i)
            x[i] = std::exp(logX[i]);
        double y;
        law->eval(p.data(), {1, x, logX, {}}, &y, nullptr);
        return y;
    }
};

Surface surface(const fit::Fit& fit)
{
    const law::Law& law = law::get(fit.spec.law);
    const auto place = [&](std::string_view id) {
        return std::size_t(std::ranges::find(law.inputs, id, &law::Quantity::id) - law.inputs.begin());
    };
    const Surface s{&law, place("N"), place("D")};
    if (law.inputs.size() != 2 || s.n == 2 || s.d == 2)
        throw UsageError("A plan needs a law of N and D such as chinchilla; " + fit.spec.law + " is not one.");
    return s;
}

struct Optimum {
    double logN = nan, loss = nan;
    bool inside = false;
};

Optimum optimum(const Surface& surface, const std::vector<double>& p, double flops)
{
    const double budget = std::log(flops / 6);
    const auto loss = [&](double logN) { return surface.loss(p, logN, budget - logN); };
    // Brent's method needs one valley: a coarse scan finds it first.
    double best = lowest;
    const double step = (highest - lowest) / 60;
    for (double at = lowest; at <= highest; at += step)
        if (loss(at) < loss(best))
            best = at;
    const auto [logN, value] = boost::math::tools::brent_find_minima(loss, best - step, best + step, 48);
    return {logN, value, logN > lowest + 1e-3 && logN < highest - 1e-3};
}

}

Plan forFlops(const fit::Fit& fit, double flops)
{
    if (!(flops > 0) || !std::isfinite(flops))
        throw UsageError("The budget must be a positive number of FLOPs.");
    const Surface s = surface(fit);
    const Optimum best = optimum(s, fit.values(), flops);
    if (!best.inside)
        throw Error("No optimum between 1e3 and 1e16 parameters: the fitted law gains from only one of size and data; "
                    "see the fit's warnings.");
    Plan plan{.flops = flops};
    plan.params.value = std::exp(best.logN);
    plan.tokens.value = flops / 6 / plan.params.value;
    plan.loss.value = best.loss;
    plan.tokensPerParam = plan.tokens.value / plan.params.value;

    int lost = 0, asked = 0;
    const auto around = fit::spread(fit, [&](const std::vector<double>& p) {
        const Optimum o = optimum(s, p, flops);
        ++asked;
        lost += !o.inside;
        const double size = std::exp(o.logN);
        return std::vector{size, flops / 6 / size, o.loss};
    }, true);
    plan.params.ci = around[0];
    plan.tokens.ci = around[1];
    plan.loss.ci = around[2];
    if (lost)
        plan.warnings.push_back({"unbounded-optimum", std::to_string(lost) + " of " + std::to_string(asked)
                                 + " parameter sets that fit have no optimum: the interval is too narrow."});
    double largest = 0;
    for (const fit::Point& point : fit.points)
        largest = std::max(largest, point.heldOut ? 0 : 6 * point.x[s.n] * point.x[s.d]);
    plan.extrapolation = largest > 0 ? std::max(1.0, flops / largest) : nan;
    if (plan.extrapolation > 10) {
        char text[160];
        std::snprintf(text, sizeof text, "The budget is %.3g times the largest run fitted; small errors of the exponents "
                      "grow with that factor.", plan.extrapolation);
        plan.warnings.push_back({"extrapolation", text});
    }
    for (const fit::Warning& w : fit.warnings)
        if (w.id == "at-bound" || w.id.starts_with("collinear") || w.id == "no-interval")
            plan.warnings.push_back(w);
    return plan;
}

Plan forFlops(const fit::Chain& chain, double flops)
{
    Plan plan = forFlops(chain.first, flops);
    const fit::Prediction score = fit::predict(chain, {{"N", plan.params.value}, {"D", plan.tokens.value}});
    plan.score = {score.value, score.ci};
    return plan;
}

Plan forLoss(const fit::Fit& fit, double loss)
{
    const Surface s = surface(fit);
    const std::vector<double> p = fit.values();
    const auto excess = [&](double logC) { return optimum(s, p, std::exp(logC)).loss - loss; };
    const double low = std::log(1e6), high = std::log(1e40);
    if (!(loss > 0) || excess(high) > 0)
        throw Error("No budget up to 1e40 FLOPs reaches a loss of " + std::to_string(loss)
                    + ": it is not above the irreducible loss of the fit.");
    if (excess(low) < 0)
        throw Error("A loss of " + std::to_string(loss) + " is reached by any budget; is its unit that of the fit?");
    std::uintmax_t iterations = 200;
    const auto [a, b] = boost::math::tools::toms748_solve(excess, low, high, boost::math::tools::eps_tolerance<double>(40), iterations);
    return forFlops(fit, std::exp((a + b) / 2));
}

}

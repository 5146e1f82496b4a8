// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/interval.h"

#include "core/fit/parallel.h"
#include "core/fit/quantile.h"
#include "core/fit/random.h"

#include <boost/math/distributions/students_t.hpp>
#include <Eigen/Eigenvalues>

#include <cmath>
#include <numeric>

namespace fit {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// E[psi^2] / E[psi']^2 of the residuals under Huber's loss, with the small-sample factor n / (n - k).
double scatter(std::vector<double> r, double delta, std::size_t k)
{
    const auto n = double(r.size());
    const double dof = std::max(1.0, n - double(k));
    double square = 0;
    for (const double e : r)
        square += std::pow(std::min(std::abs(e), delta), 2);
    if (std::isinf(delta))
        return square / dof;
    std::vector<double> size(r.size());
    std::ranges::transform(r, size.begin(), [](double e) { return std::abs(e); });
    std::ranges::nth_element(size, size.begin() + std::ptrdiff_t(size.size() / 2));
    // Silverman's rule on the median absolute residual; the share of residuals within delta, smoothed over that width.
    const double width = std::max(1.06 * size[size.size() / 2] / 0.6745 * std::pow(n, -0.2), 1e-300);
    double slope = 0;
    for (const double e : r)
        slope += 0.5 * (std::erf((delta - e) / (width * std::sqrt(2))) - std::erf((-delta - e) / (width * std::sqrt(2))));
    slope /= n;
    return slope > 0 ? square / dof / (slope * slope) : nan;
}

// Weights of one resample: how often each row was drawn.
void resample(const Problem& problem, Random& random, std::vector<double>& weights)
{
    const auto& groups = problem.train.groups;
    std::ranges::fill(weights, 0);
    if (!problem.byRun) {
        for (std::size_t i = 0; i < weights.size(); ++i)
            weights[random.below(weights.size())] += 1;
    } else if (groups.size() >= 8) {
        for (std::size_t i = 0; i < groups.size(); ++i) {
            const auto& group = groups[random.below(groups.size())];
            for (std::size_t k = group.begin; k < group.end; ++k)
                weights[k] += 1;
        }
    } else {
        // Blocks of a tenth of each run keep neighbouring steps, whose errors go together, together.
        for (const auto& group : groups) {
            const std::size_t n = group.end - group.begin, block = std::max<std::size_t>(1, n / 10);
            for (std::size_t drawn = 0; drawn < n;) {
                const std::size_t first = random.below(n);
                for (std::size_t k = 0; k < block && drawn < n; ++k, ++drawn)
                    weights[group.begin + (first + k) % n] += 1;
            }
        }
    }
}

void bootstrap(Fit& fit, const Search& search, const Vector& u, int threads, const Tick& tick)
{
    const Problem& problem = search.problem();
    const auto count = std::size_t(fit.spec.bootstrap);
    std::vector<Vector> at(count);
    struct Local : Search::Scratch {
        std::vector<double> weights;
    };
    parallel<Local>(count, threads, tick, [&](std::size_t i, Local& local) {
        Random random(fit.spec.seed, i);
        local.weights.resize(problem.train.y.size());
        resample(problem, random, local.weights);
        at[i] = descend(search, u, local.weights, local, 1e-9).u;
    });
    fit.interval = "bootstrap";
    fit.resamples = int(count);
    fit.unit = problem.byRun && problem.train.groups.size() < 8 ? "block" : "run";
    std::vector<std::vector<double>> params;
    for (const Vector& v : at) {
        fit.draws.emplace_back(v.data(), v.data() + v.size());
        params.push_back(search.params(v));
    }
    for (const int i : search.free()) {
        Estimate& estimate = fit.parameters[std::size_t(i)];
        std::vector<double> values;
        double mean = 0, square = 0;
        for (const auto& p : params) {
            values.push_back(p[std::size_t(i)]);
            mean += values.back() / double(count);
        }
        for (const double v : values)
            square += (v - mean) * (v - mean);
        estimate.se = count > 1 ? std::sqrt(square / double(count - 1)) : nan;
        const double tail = (1 - fit.spec.level) / 2;
        estimate.ci = {quantile(values, tail), quantile(values, 1 - tail)};
    }
}

}

void intervals(Fit& fit, const Search& search, const Vector& u, int threads, const Tick& tick)
{
    const Problem& problem = search.problem();
    Search::Scratch scratch;
    Search::Derivatives d;
    search.cost(u, {}, scratch, d);
    for (Estimate& estimate : fit.parameters)
        estimate.se = estimate.fixed ? 0 : nan,
        estimate.ci = estimate.fixed ? Interval{estimate.value, estimate.value} : Interval{nan, nan};

    // J'J without weights. Parameters at a bound, or without influence, are left out: they have no Wald interval.
    const std::size_t width = problem.law->params.size();
    const std::vector<double> p = search.params(u);
    std::vector<int> in;
    for (int i = 0; i < search.size(); ++i)
        if (!fit.parameters[std::size_t(search.free()[i])].atBound)
            in.push_back(i);
    const auto k = std::ssize(in);
    Eigen::MatrixXd normal = Eigen::MatrixXd::Zero(k, k);
    for (std::size_t row = 0; row < problem.train.y.size(); ++row) {
        Eigen::VectorXd j(k);
        for (Eigen::Index c = 0; c < k; ++c) {
            const auto param = std::size_t(search.free()[in[std::size_t(c)]]);
            const bool logs = problem.law->params[param].scale == law::Scale::Log;
            j[c] = scratch.jacobian[row * width + param] * (logs ? p[param] : 1) / (search.logs() ? scratch.y[row] : 1);
        }
        normal += j * j.transpose();
    }
    const Vector prior = search.precision();
    for (Eigen::Index c = 0; c < k; ++c)
        normal(c, c) += prior[in[std::size_t(c)]];
    const Eigen::VectorXd root = normal.diagonal().cwiseSqrt();
    fit.covariance.assign(std::size_t(search.size()), std::vector<double>(std::size_t(search.size()), 0));
    if (k && root.minCoeff() > 0) {
        const Eigen::MatrixXd unit = root.cwiseInverse().asDiagonal() * normal * root.cwiseInverse().asDiagonal();
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> plain(normal), eigen(unit);
        fit.condition = plain.eigenvalues().minCoeff() > 0 ? plain.eigenvalues().maxCoeff() / plain.eigenvalues().minCoeff()
                                                           : std::numeric_limits<double>::infinity();
        if (eigen.eigenvalues().minCoeff() > 1e-14) {
            // Where a prior is weighed against fewer, independent points, so are the intervals.
            const double spread = search.points() * scatter(search.residuals(u, scratch), search.delta(), std::size_t(k));
            const Eigen::MatrixXd inverse = eigen.eigenvectors() * eigen.eigenvalues().cwiseInverse().asDiagonal()
                * eigen.eigenvectors().transpose();
            const Eigen::MatrixXd covariance = spread * (root.cwiseInverse().asDiagonal() * inverse * root.cwiseInverse().asDiagonal());
            const double dof = std::max(1.0, double(fit.n) - double(k));
            const double t = boost::math::quantile(boost::math::students_t(dof), 0.5 + fit.spec.level / 2);
            for (Eigen::Index a = 0; a < k; ++a) {
                const int i = in[std::size_t(a)];
                const auto param = std::size_t(search.free()[i]);
                const bool logs = problem.law->params[param].scale == law::Scale::Log;
                const double se = std::sqrt(covariance(a, a));
                for (Eigen::Index b = 0; b < k; ++b)
                    fit.covariance[std::size_t(i)][std::size_t(in[std::size_t(b)])] = covariance(a, b);
                Estimate& estimate = fit.parameters[param];
                estimate.se = logs ? p[param] * se : se;
                estimate.ci = logs ? Interval{p[param] * std::exp(-t * se), p[param] * std::exp(t * se)}
                                   : Interval{p[param] - t * se, p[param] + t * se};
            }
        }
    } else {
        fit.condition = std::numeric_limits<double>::infinity();
    }
    if (fit.spec.bootstrap > 0)
        bootstrap(fit, search, u, threads, tick);
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/resample.h"

#include "core/fit/parallel.h"
#include "core/fit/quantile.h"
#include "core/fit/random.h"

#include <boost/math/distributions/students_t.hpp>

#include <cmath>

namespace fit {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Weights of one resample: how often each row was drawn, times its own.
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
    for (std::size_t k = 0; k < problem.train.weight.size(); ++k)
        weights[k] *= problem.train.weight[k];
}

void percentiles(Fit& fit, const Search& search, const std::vector<Vector>& at)
{
    const std::size_t count = at.size();
    fit.interval = "bootstrap";
    fit.resamples = int(count);
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
        const double tail = drawnTail(fit.spec.level, fit.dof);
        estimate.ci = {quantile(values, tail), quantile(values, 1 - tail)};
    }
}

}

void bootstrap(Fit& fit, const Search& search, const Vector& u, int threads, const Tick& tick)
{
    const Problem& problem = search.problem();
    const auto count = std::size_t(fit.spec.bootstrap);
    std::vector<Vector> at(count);
    const Search quick = search.binned();
    struct Local : Search::Scratch {
        std::vector<double> weights;
    };
    parallel<Local>(count, threads, tick, [&](std::size_t i, Local& local) {
        Random random(fit.spec.seed, i);
        local.weights.resize(problem.train.y.size());
        resample(problem, random, local.weights);
        at[i] = descend(quick, u, local.weights, local, 1e-9).u;
    });
    const auto& groups = problem.train.groups;
    fit.unit = !problem.byRun ? "point" : groups.size() < 8 ? "block" : "run";
    fit.dof = std::max(1.0, fit.unit == "point" ? double(fit.n) - double(search.size()) : double(groups.size()) * (fit.unit == "block" ? 10 : 1) - 1);
    percentiles(fit, search, at);
}

void wild(Fit& fit, const Search& search, const Vector& u, int threads, const Tick& tick)
{
    const Problem& problem = search.problem();
    const auto count = std::size_t(std::max(1, fit.spec.bootstrap));
    Search::Scratch first;
    const std::vector<double> r = search.residuals(u, first);
    std::vector<double> predicted(r.size());
    problem.law->eval(search.params(u).data(), problem.train.rows(), predicted.data(), nullptr);
    std::vector<Vector> at(count);
    struct Local : Search::Scratch {
        std::optional<Problem> problem;
    };
    parallel<Local>(count, threads, tick, [&](std::size_t i, Local& local) {
        Random random(fit.spec.seed, i);
        if (!local.problem)
            local.problem = problem;
        for (const auto& group : problem.train.groups) {
            const std::size_t n = group.end - group.begin, block = problem.byRun || problem.law->curves ? std::max<std::size_t>(1, n / 10) : 1;
            for (std::size_t begin = group.begin; begin < group.end; begin += block) {
                const double sign = random.below(2) ? 1 : -1;
                for (std::size_t k = begin; k < std::min(begin + block, group.end); ++k)
                    local.problem->train.y[k] = search.logs() ? (predicted[k] + search.shift()) * std::exp(-sign * r[k]) - search.shift() : predicted[k] - sign * r[k];
            }
        }
        at[i] = descend(Search(*local.problem).binned().withPrior(search.priorWeight(), search.points()), u, {}, local, 1e-9).u;
    });
    fit.unit = "wild";
    const bool blocks = problem.byRun || problem.law->curves;
    fit.dof = std::max(1.0, blocks ? 10 * double(problem.train.groups.size()) - 1 : double(fit.n) - double(search.size()));
    percentiles(fit, search, at);
}

void leaveOneOut(Fit& fit, const Search& search, const Vector& u, int threads, const Tick& tick)
{
    const Problem& problem = search.problem();
    const auto& groups = problem.train.groups;
    if (groups.size() < 3)
        throw Error("Leaving out one run at a time needs three runs or more; there " + std::string(groups.size() == 1 ? "is one." : "are two."));
    std::vector<Vector> at(groups.size());
    struct Local : Search::Scratch {
        std::vector<double> weights;
    };
    parallel<Local>(groups.size(), threads, tick, [&](std::size_t i, Local& local) {
        local.weights.assign(problem.train.y.size(), 1);
        if (!problem.train.weight.empty())
            local.weights = problem.train.weight;
        std::fill(local.weights.begin() + std::ptrdiff_t(groups[i].begin), local.weights.begin() + std::ptrdiff_t(groups[i].end), 0.0);
        at[i] = descend(search, u, local.weights, local, 1e-12).u;
    });
    const auto count = double(groups.size());
    const auto k = std::size_t(search.size());
    Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(Eigen::Index(k), Eigen::Index(k));
    Eigen::VectorXd mean = Eigen::VectorXd::Zero(Eigen::Index(k));
    for (const Vector& v : at)
        mean += v / count;
    for (const Vector& v : at)
        covariance += (count - 1) / count * (v - mean) * (v - mean).transpose();
    fit.interval = "leave-one-out";
    fit.resamples = int(groups.size());
    fit.unit = "run";
    fit.dof = count - 1;
    const double t = boost::math::quantile(boost::math::students_t(fit.dof), 0.5 + fit.spec.level / 2);
    const std::vector<double> p = search.params(u);
    for (std::size_t i = 0; i < k; ++i) {
        for (std::size_t j = 0; j < k; ++j)
            fit.covariance[i][j] = covariance(Eigen::Index(i), Eigen::Index(j));
        const auto param = std::size_t(search.free()[i]);
        const bool logs = problem.law->params[param].scale == law::Scale::Log;
        const double se = std::sqrt(fit.covariance[i][i]);
        fit.parameters[param].se = logs ? p[param] * se : se;
        fit.parameters[param].ci = logs ? Interval{p[param] * std::exp(-t * se), p[param] * std::exp(t * se)}
                                        : Interval{p[param] - t * se, p[param] + t * se};
    }
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/predict.h"

#include "core/error.h"
#include "core/fit/random.h"
#include "core/fit/search.h"
#include "core/text.h"

#include <Eigen/Eigenvalues>
#include <boost/math/distributions/students_t.hpp>

#include <cmath>

namespace fit {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Search space of a fit without its rows.
Problem shell(const Fit& fit)
{
    Problem problem{.spec = fit.spec, .law = &law::get(fit.spec.law)};
    for (const Estimate& e : fit.parameters)
        if (e.fixed)
            problem.spec.fixed[e.name] = e.value;
    return problem;
}

struct Inputs {
    std::vector<double> x, logX;
    std::vector<law::Rows::Group> groups;
    law::Rows rows;
};

std::unique_ptr<Inputs> inputs(const std::vector<double>& x, std::size_t width, const std::shared_ptr<const data::Curve>& curve)
{
    auto in = std::make_unique<Inputs>();
    in->x = x;
    for (const double v : x)
        in->logX.push_back(v > 0 ? std::log(v) : nan);
    const std::size_t n = x.size() / width;
    in->groups = {{0, n, curve}};
    in->rows = {n, in->x, in->logX, in->groups};
    return in;
}

double quantile(std::vector<double>& values, double q)
{
    std::erase_if(values, [](double v) { return std::isnan(v); });
    if (values.empty())
        return nan;
    std::ranges::sort(values);
    const double at = q * double(values.size() - 1);
    const auto i = std::size_t(at);
    return i + 1 < values.size() ? values[i] + (at - double(i)) * (values[i + 1] - values[i]) : values.back();
}

std::vector<double> row(const law::Law& law, const std::map<std::string, double>& at, bool curves)
{
    std::vector<double> x;
    for (const law::Quantity& q : law.inputs) {
        const auto given = at.find(std::string(q.id));
        if (given == at.end())
            throw UsageError("The law " + std::string(law.info.id) + " needs a value of " + std::string(q.id) + " ("
                             + std::string(q.name) + "): say --at " + std::string(q.id) + "=VALUE.");
        if (!std::isfinite(given->second) || (q.scale == law::Scale::Log && given->second <= 0))
            throw UsageError(std::string(q.id) + " must be a positive number, not " + text::number(given->second) + ".");
        x.push_back(given->second);
    }
    for (const auto& [id, value] : at)
        if (std::ranges::none_of(law.inputs, [&](const law::Quantity& q) { return q.id == id; }))
            throw UsageError("The law " + std::string(law.info.id) + " has no input '" + id + "'.");
    if (law.curves && !curves)
        throw UsageError("The law " + std::string(law.info.id) + " predicts along a run: a schedule is needed as well.");
    return x;
}

void extrapolate(Prediction& p, const Fit& fit, const std::map<std::string, double>& at)
{
    for (const auto& [id, value] : at) {
        const auto range = fit.ranges.find(id);
        if (range == fit.ranges.end())
            continue;
        const auto [low, high] = range->second;
        double factor = 1;
        if (low > 0 && value > 0)
            factor = value > high ? value / high : value < low ? low / value : 1;
        else if (value > high || value < low)
            factor = 1 + (value > high ? value - high : low - value) / std::max(high - low, 1e-300);
        p.extrapolation[id] = factor;
        if (factor > 10) {
            char text[160];
            std::snprintf(text, sizeof text, "%s lies %.3g times beyond the fitted range; the interval does not "
                          "cover a law that bends.", id.c_str(), factor);
            p.warnings.push_back({"extrapolation", text});
        }
    }
    if (fit.interval == "none")
        p.warnings.push_back({"no-interval", "Published constants carry no covariance: no interval can be given."});
}

}

std::vector<std::vector<double>> draws(const Fit& fit, int count)
{
    const Problem problem = shell(fit);
    const Search search(problem);
    std::vector<std::vector<double>> out;
    const auto push = [&](const Vector& u) { out.push_back(search.params(u.cwiseMax(search.lower()).cwiseMin(search.upper()))); };
    if (!fit.draws.empty()) {
        for (const auto& draw : fit.draws)
            push(Eigen::Map<const Eigen::VectorXd>(draw.data(), std::ssize(draw)));
        return out;
    }
    const auto k = Eigen::Index(search.size());
    if (k == 0 || std::ssize(fit.covariance) != k)
        return out;
    Eigen::MatrixXd covariance(k, k);
    for (Eigen::Index i = 0; i < k; ++i)
        for (Eigen::Index j = 0; j < k; ++j)
            covariance(i, j) = fit.covariance[std::size_t(i)][std::size_t(j)];
    if (!covariance.allFinite() || covariance.isZero(0))
        return out;
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(covariance);
    const Eigen::MatrixXd root = eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal();
    const Vector centre = search.search(fit.values());
    // Few points leave the residuals' scale uncertain: draw from Student's t, as the parameters' intervals do.
    const double dof = std::max(1.0, double(fit.n) - double(k));
    for (int i = 0; i < count; ++i) {
        Random random(fit.spec.seed, std::uint64_t(i));
        Eigen::VectorXd z(k);
        for (Eigen::Index j = 0; j < k; ++j)
            z[j] = random.normal();
        double chi = 0;
        for (int j = 0; j < std::min(dof, 200.0); ++j)
            chi += std::pow(random.normal(), 2);
        push(centre + Vector(root * z / std::sqrt(chi / std::min(dof, 200.0))));
    }
    return out;
}

Prediction predict(const Fit& fit, const std::map<std::string, double>& at, const std::shared_ptr<const data::Curve>& curve)
{
    const law::Law& law = law::get(fit.spec.law);
    Prediction p;
    const std::vector<double> x = row(law, at, curve != nullptr);
    const auto in = inputs(x, x.size(), curve);
    const std::vector<double> params = fit.values();
    law.eval(params.data(), in->rows, &p.value, nullptr);
    std::vector<double> values;
    for (const auto& draw : draws(fit)) {
        double y;
        law.eval(draw.data(), in->rows, &y, nullptr);
        values.push_back(y);
    }
    const double tail = (1 - fit.spec.level) / 2;
    p.ci = {quantile(values, tail), quantile(values, 1 - tail)};
    extrapolate(p, fit, at);
    return p;
}

Prediction predict(const Chain& chain, const std::map<std::string, double>& at)
{
    const law::Law &first = law::get(chain.first.spec.law), &second = law::get(chain.second.spec.law);
    Prediction middle = predict(chain.first, at);
    Prediction p;
    const std::vector<double> x = row(first, at, false);
    const auto in = inputs(x, x.size(), nullptr);
    const auto score = [&](const std::vector<double>& params, double loss) {
        const auto link = inputs({loss}, 1, nullptr);
        double y;
        second.eval(params.data(), link->rows, &y, nullptr);
        return y;
    };
    p.value = score(chain.second.values(), middle.value);
    // The two fits are drawn independently of one another.
    const auto a = draws(chain.first), b = draws(chain.second);
    std::vector<double> values;
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        double loss = middle.value;
        if (!a.empty())
            first.eval(a[i % a.size()].data(), in->rows, &loss, nullptr);
        // An odd stride keeps equal indices of two equally seeded sets from meeting.
        values.push_back(score(b.empty() ? chain.second.values() : b[(i * 7919 + 13) % b.size()], loss));
    }
    const double tail = (1 - chain.second.spec.level) / 2;
    p.ci = {quantile(values, tail), quantile(values, 1 - tail)};
    p.extrapolation = middle.extrapolation;
    p.warnings = middle.warnings;
    extrapolate(p, chain.second, {{std::string(second.inputs[0].id), middle.value}});
    return p;
}

Band band(const Fit& fit, const std::vector<double>& x, const std::shared_ptr<const data::Curve>& curve)
{
    const law::Law& law = law::get(fit.spec.law);
    const auto in = inputs(x, law.inputs.size(), curve);
    Band out;
    out.value.resize(in->rows.n);
    law.eval(fit.values().data(), in->rows, out.value.data(), nullptr);
    const auto sets = draws(fit, 400);
    std::vector<std::vector<double>> all(sets.size(), std::vector<double>(in->rows.n));
    for (std::size_t i = 0; i < sets.size(); ++i)
        law.eval(sets[i].data(), in->rows, all[i].data(), nullptr);
    const double tail = (1 - fit.spec.level) / 2;
    for (std::size_t k = 0; k < in->rows.n; ++k) {
        std::vector<double> values;
        for (const auto& y : all)
            values.push_back(y[k]);
        out.low.push_back(quantile(values, tail));
        out.high.push_back(quantile(values, 1 - tail));
    }
    return out;
}

}

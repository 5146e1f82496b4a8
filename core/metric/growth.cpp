// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/quantile.h"
#include "core/fit/random.h"
#include "core/metric/stability.h"
#include "core/text.h"

#include <Eigen/Cholesky>
#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <set>

// What small models say of larger ones: a polynomial in log10 N per rate, and where it reaches its limit.
namespace stability {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
constexpr double reach = 3;         // decades beyond the largest size in which a crossing is looked for

// Ordinary least squares of y on 1, x, x^2; x about its mean, so that the columns stay apart.
struct Polynomial {
    Eigen::VectorXd c;
    Eigen::MatrixXd spread;         // inverse of X'X
    double middle = 0, variance = nan;
    int dof = 0;

    Eigen::VectorXd row(double x) const
    {
        Eigen::VectorXd r(c.size());
        for (Eigen::Index k = 0; k < r.size(); ++k)
            r[k] = std::pow(x - middle, double(k));
        return r;
    }
    double at(double x) const { return c.dot(row(x)); }
    double errorAt(double x, double more) const
    {
        const Eigen::VectorXd r = row(x);
        return std::sqrt(variance * (more + r.dot(spread * r)));
    }
};

Polynomial polynomial(std::span<const double> x, std::span<const double> y, int degree)
{
    Polynomial p;
    p.c.setZero(degree + 1);
    for (const double v : x)
        p.middle += v / double(x.size());
    Eigen::MatrixXd columns(std::ssize(x), degree + 1);
    for (Eigen::Index i = 0; i < columns.rows(); ++i)
        columns.row(i) = p.row(x[std::size_t(i)]).transpose();
    const Eigen::Map<const Eigen::VectorXd> values(y.data(), std::ssize(y));
    p.c = columns.colPivHouseholderQr().solve(values);
    p.spread = (columns.transpose() * columns).ldlt().solve(Eigen::MatrixXd::Identity(degree + 1, degree + 1));
    p.dof = int(x.size()) - degree - 1;
    if (p.dof > 0)
        p.variance = (values - columns * p.c).squaredNorm() / p.dof;
    return p;
}

// The first place from the smallest size on where the curve passes the limit in its direction; infinity where it does not.
double crossing(const Eigen::VectorXd& c, double middle, double from, double to, double limit, bool falls)
{
    const auto value = [&](double x) {
        double out = 0;
        for (Eigen::Index k = c.size(); k-- > 0;)
            out = out * (x - middle) + c[k];
        return falls ? limit - out : out - limit;
    };
    constexpr int parts = 400;
    double before = from, there = value(from);
    if (there >= 0)
        return from;
    for (int i = 1; i <= parts; ++i) {
        const double x = from + (to - from) * i / parts;
        if (const double v = value(x); v >= 0)
            return before + (x - before) * there / (there - v);
        else
            before = x, there = v;
    }
    return infinity;
}

std::size_t kinds(std::span<const double> x)
{
    return std::set<double>(x.begin(), x.end()).size();
}

// A line through two sizes, a parabola from four, or from three with runs to spare (several seeds).
int degreeFor(std::span<const double> x)
{
    const std::size_t sizes = kinds(x);
    return sizes < 2 ? 0 : sizes >= 4 || (sizes == 3 && x.size() >= 6) ? 2 : 1;
}

void cross(Growth& g, std::span<const double> x, std::span<const double> y, const Spec& spec)
{
    const int degree = degreeFor(x);
    const Polynomial p = polynomial(x, y, degree);
    // Told of plain log10 N.
    const double m = p.middle, c0 = p.c[0], c1 = p.c.size() > 1 ? p.c[1] : 0, c2 = p.c.size() > 2 ? p.c[2] : 0;
    g.coefficients = {c0 - c1 * m + c2 * m * m, c1 - 2 * c2 * m, c2};
    g.coefficients.resize(std::size_t(degree) + 1);
    const double from = std::ranges::min(x), to = std::ranges::max(x) + reach, limit = std::log10(g.limit);
    const double at = crossing(p.c, p.middle, from, to, limit, g.falls);
    g.crossing = std::isfinite(at) ? std::pow(10, at) : nan;
    g.ci = {nan, nan};
    if (p.dof <= 0 || spec.resamples < 1)
        return;
    const Eigen::MatrixXd root = Eigen::LLT<Eigen::MatrixXd>(p.spread).matrixL();
    std::vector<double> draws;
    for (int r = 0; r < spec.resamples; ++r) {
        fit::Random random(spec.seed, std::uint64_t(r));
        double chi = 0;
        for (int k = 0; k < p.dof; ++k) {
            const double z = random.normal();
            chi += z * z;
        }
        Eigen::VectorXd z(p.c.size());
        for (double& v : z)
            v = random.normal();
        draws.push_back(crossing(p.c + std::sqrt(p.variance * p.dof / chi) * root * z, p.middle, from, to, limit, g.falls));
    }
    std::ranges::sort(draws);
    const auto at10 = [&](double q) {
        const double v = draws[std::size_t(q * double(draws.size() - 1))];
        return std::isfinite(v) ? std::pow(10, v) : infinity;
    };
    g.ci = {at10((1 - spec.level) / 2), at10((1 + spec.level) / 2)};
}

// The largest size from the smaller ones.
void testBack(Growth& g, std::span<const double> x, std::span<const double> y, const Spec& spec)
{
    const double top = std::ranges::max(x);
    std::vector<double> smallX, smallY;
    double held = 0;
    int n = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
        if (x[i] < top)
            smallX.push_back(x[i]), smallY.push_back(y[i]);
        else
            held += y[i], ++n;
    if (kinds(smallX) < 2)
        return;
    const Polynomial p = polynomial(smallX, smallY, degreeFor(smallX));
    Growth::BackTest b{.N = std::pow(10, top), .value = std::pow(10, held / n), .predicted = std::pow(10, p.at(top)), .ci = {nan, nan}};
    if (p.dof > 0) {
        const double t = boost::math::quantile(boost::math::students_t(p.dof), .5 + spec.level / 2), half = t * p.errorAt(top, 1. / n);
        b.ci = {std::pow(10, p.at(top) - half), std::pow(10, p.at(top) + half)};
    }
    g.backTest = b;
}

template <class Value, class Limit>
std::vector<Growth> grown(std::span<const Trial> trials, const Spec& spec, bool falls, Value&& value, Limit&& limit)
{
    std::map<std::pair<std::size_t, double>, Growth> by;
    for (const Trial& t : trials) {
        const double v = value(t), l = limit(t);
        // What is not finite has passed the limit already and has no place on a logarithm.
        if (!std::isfinite(v) || !(v > 0) || !(l > 0))
            continue;
        Growth& g = by[{t.arm, t.lr}];
        g.arm = t.arm, g.lr = t.lr, g.falls = falls, g.limit = l;
        g.N.push_back(t.N), g.value.push_back(v);
    }
    std::vector<Growth> out;
    for (auto& [place, g] : by) {
        std::vector<double> x, y;
        for (std::size_t i = 0; i < g.N.size(); ++i)
            x.push_back(std::log10(g.N[i])), y.push_back(std::log10(g.value[i]));
        if (kinds(x) < 2)
            continue;
        cross(g, x, y, spec);
        testBack(g, x, y, spec);
        out.push_back(std::move(g));
    }
    return out;
}

void warn(std::span<const Growth> all, const char* what, std::vector<fit::Warning>& warnings)
{
    if (std::ranges::any_of(all, [](const Growth& g) { return kinds(g.N) < 4; }))
        warnings.push_back({"few-sizes", std::string("Fewer than four sizes: ") + what + " is extrapolated along a straight line, or a parabola "
                            "through three sizes; a fourth size makes it a test."});
}

}

double Growth::at(double size) const
{
    const double x = std::log10(size);
    double out = 0;
    for (std::size_t k = coefficients.size(); k-- > 0;)
        out = out * x + coefficients[k];
    return std::pow(10, out);
}

std::vector<Growth> logitGrowth(std::span<const Trial> trials, const Spec& spec, std::vector<fit::Warning>& warnings)
{
    std::vector<Growth> out = grown(trials, spec, false, [](const Trial& t) { return t.earlyLogit; }, [&](const Trial&) { return spec.logitLimit; });
    warn(out, "the growth of attention logits", warnings);
    return out;
}

std::vector<Growth> updateCollapse(std::span<const Trial> trials, const Spec& spec, std::vector<fit::Warning>& warnings)
{
    std::vector<Growth> out = grown(trials, spec, true, [](const Trial& t) { return t.endGradient; }, [](const Trial& t) { return t.eps; });
    warn(out, "the fall of gradients", warnings);
    return out;
}

}

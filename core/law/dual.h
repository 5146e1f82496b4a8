// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Forward differentiation on Eigen's AutoDiffScalar, with the functions laws need and Eigen 3.4 lacks.

#include <Eigen/Core>
#include <unsupported/Eigen/AutoDiff>

#include <array>
#include <cmath>

namespace law {

template <int n>
using Dual = Eigen::AutoDiffScalar<Eigen::Matrix<double, n, 1>>;

// A positive observation and its logarithm, taken once for the whole fit.
struct Logged {
    double value, log;
    operator double() const { return value; }
};

template <std::size_t n>
std::array<Dual<int(n)>, n> variables(const std::array<double, n>& p)
{
    std::array<Dual<int(n)>, n> dual;
    for (std::size_t i = 0; i < n; ++i)
        dual[i] = Dual<int(n)>(p[i], int(n), int(i));
    return dual;
}

template <int n>
void unpack(const Dual<n>& y, double& value, double* gradient)
{
    value = y.value();
    std::copy_n(y.derivatives().data(), n, gradient);
}

// A positive power of 0 is 0, with a derivative of 0 (mixture shares reach 0).
inline double pow(Logged base, double x) { return base.value == 0 && x > 0 ? 0 : std::exp(x * base.log); }

template <class D>
auto pow(Logged base, const Eigen::AutoDiffScalar<D>& x)
{
    using V = typename Eigen::internal::remove_all<D>::type::PlainObject;
    const double v = pow(base, double(x.value()));
    return Eigen::AutoDiffScalar<V>(v, V((v == 0 ? 0 : v * base.log) * x.derivatives()));
}

// base^x of a positive base where both depend on parameters.
inline double power(double base, double x) { return std::pow(base, x); }

template <int n>
Dual<n> power(const Dual<n>& base, const Dual<n>& x)
{
    const double v = std::pow(base.value(), x.value());
    return Dual<n>(v, (v * x.value() / base.value()) * base.derivatives() + (v * std::log(base.value())) * x.derivatives());
}

// f(x) with its derivative, where Eigen has no overload: v and slope at x.value().
inline double log1p(double x) { return std::log1p(x); }
inline double expm1(double x) { return std::expm1(x); }
template <int n>
Dual<n> log1p(const Dual<n>& x) { return Dual<n>(std::log1p(x.value()), x.derivatives() / (1 + x.value())); }
template <int n>
Dual<n> expm1(const Dual<n>& x) { return Dual<n>(std::expm1(x.value()), std::exp(x.value()) * x.derivatives()); }

// 1 / (1 + exp(x)), without overflow on either side.
inline double logistic(double x) { return x > 0 ? std::exp(-x) / (1 + std::exp(-x)) : 1 / (1 + std::exp(x)); }

template <class D>
auto logistic(const Eigen::AutoDiffScalar<D>& x)
{
    using V = typename Eigen::internal::remove_all<D>::type::PlainObject;
    const double v = logistic(double(x.value()));
    return Eigen::AutoDiffScalar<V>(v, V((-v * (1 - v)) * x.derivatives()));
}

inline double valueOf(double x) { return x; }
template <class D>
double valueOf(const Eigen::AutoDiffScalar<D>& x) { return x.value(); }

// An implicit quantity: value v with slope dv/dx at x.
inline double withSlope(double, double v, double) { return v; }
template <class D>
auto withSlope(const Eigen::AutoDiffScalar<D>& x, double v, double slope)
{
    using V = typename Eigen::internal::remove_all<D>::type::PlainObject;
    return Eigen::AutoDiffScalar<V>(v, V(slope * x.derivatives()));
}

// A quantity of several arguments that was computed elsewhere: value v with a slope in each argument.
template <std::size_t k>
double withSlopes(double v, const std::array<double, k>&, const std::array<double, k>&) { return v; }
template <std::size_t k, int n>
Dual<n> withSlopes(double v, const std::array<double, k>& slopes, const std::array<Dual<n>, k>& arguments)
{
    Dual<n> y(v, Eigen::Matrix<double, n, 1>::Zero());
    for (std::size_t i = 0; i < k; ++i)
        y.derivatives() += slopes[i] * arguments[i].derivatives();
    return y;
}

// The fixed point v = r(v, p), from r at v with the derivatives of its parameters alone, and dr/dv.
inline double fixedPoint(double, double v, double) { return v; }
template <int n>
Dual<n> fixedPoint(const Dual<n>& r, double v, double slope) { return Dual<n>(v, r.derivatives() / (1 - slope)); }

// log(1 + exp(x)), without overflow.
inline double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }
template <int n>
Dual<n> softplus(const Dual<n>& x) { return Dual<n>(softplus(x.value()), logistic(-x.value()) * x.derivatives()); }

}

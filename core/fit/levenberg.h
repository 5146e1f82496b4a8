// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/search.h"

#include <Eigen/Cholesky>

#include <cmath>

namespace fit {

// Levenberg-Marquardt on anything that has bounds and a cost with derivatives as Search has: see search.h.
template <class S>
MinimumOf<typename S::Vector> levenberg(const S& search, typename S::Vector u, std::span<const double> weights, typename S::Scratch& scratch,
                                        double tolerance, std::span<const MinimumOf<typename S::Vector>> known, int maxIterations, double damping = 1e-3)
{
    using Vector = typename S::Vector;
    using Matrix = typename S::Matrix;
    const auto n = u.size();
    const Vector &lower = search.lower(), &upper = search.upper();
    u = u.cwiseMax(lower).cwiseMin(upper);
    typename S::Derivatives here, there;
    MinimumOf<Vector> m{.u = u, .cost = n ? search.cost(u, weights, scratch, here) : search.cost(u, weights, scratch)};
    if (!std::isfinite(m.cost) || n == 0)
        return m.converged = n == 0, m;

    double grow = 2, stiffness = 1;
    int still = 0;
    Vector scale = Vector::Zero(n);   // remembered briefly: a parameter that loses its influence is not let loose at once
    for (; m.iterations < maxIterations; ++m.iterations) {
        // A parameter that presses against its bound takes no part in the step.
        Eigen::Array<bool, Eigen::Dynamic, 1, 0, Vector::MaxRowsAtCompileTime, 1> pressed(n);
        for (int i = 0; i < n; ++i)
            pressed[i] = (m.u[i] <= lower[i] && here.gradient[i] > 0) || (m.u[i] >= upper[i] && here.gradient[i] < 0);

        Matrix hessian = here.inliers + stiffness * here.outliers;
        scale = (0.25 * scale).cwiseMax((here.inliers + here.outliers).diagonal());
        Matrix system = hessian;
        Vector gradient = here.gradient;
        for (int i = 0; i < n; ++i) {
            system(i, i) += damping * std::max(scale[i], 1e-12);
            if (!pressed[i])
                continue;
            system.row(i).setZero();
            system.col(i).setZero();
            system(i, i) = 1;
            gradient[i] = 0;
        }
        const Vector to = (m.u - Vector(system.ldlt().solve(gradient))).cwiseMax(lower).cwiseMin(upper);
        const Vector step = to - m.u;
        const double predicted = -step.dot(here.gradient) - 0.5 * step.dot(hessian * step);
        if (!step.allFinite() || step.norm() <= 1e-15 * (1 + m.u.norm())) {
            m.converged = true;
            return m;
        }
        const double cost = search.cost(to, weights, scratch, there);
        const double gain = (m.cost - cost) / predicted;
        if (predicted > 0 && gain > 1e-3) {
            still = m.cost - cost <= tolerance * m.cost ? still + 1 : 0;
            m.u = to, m.cost = cost;
            for (const auto& end : known)
                if (m.cost >= end.cost && m.cost <= 1.003 * end.cost && (m.u - end.u).cwiseAbs().maxCoeff() < 0.5)
                    return {end.u, end.cost, m.iterations, true};
            std::swap(here, there);
            damping *= std::max(1.0 / 5, 1 - std::pow(2 * std::min(gain, 1.0) - 1, 3));
            damping = std::max(damping, 1e-15);
            grow = 2;
            stiffness = gain > 0.5 ? stiffness * 0.3 : stiffness;
            // Two small steps in a row: one alone can be a damped one far from the minimum.
            if (still >= 2 || (still && damping < 1e-8)) {
                m.converged = true;
                return m;
            }
        } else {
            // A rejected step may mean that too many outliers changed sides: stiffen first, then damp.
            stiffness = std::min(1.0, std::max(3 * stiffness, 0.03));
            damping *= grow;
            grow *= 2;
            if (damping > 1e18) {
                m.converged = true;
                return m;
            }
        }
    }
    return m;
}

}

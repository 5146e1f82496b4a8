// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/law/perceptron.h"

#include <Eigen/LU>

#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <tuple>
#include <utility>
#include <vector>

namespace law::perceptron {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double far = 9;       // standard deviations beyond which a Gaussian is nothing

double density(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * pi); }
double below(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

// x with below(-x) = q, 0 < q <= 1/2, by Newton from the tail's leading term.
double upperQuantile(double q)
{
    if (q >= .5)
        return 0;
    double x = std::sqrt(std::max(0.0, -2 * std::log(2 * q)));
    for (int i = 0; i < 60; ++i) {
        const double step = (below(-x) - q) / density(x);
        x += step;
        if (std::abs(step) < 1e-15 * (1 + x))
            break;
    }
    return x;
}

// Gauss-Legendre nodes and weights on [0, 1], by Newton on the recurrence.
struct Rule {
    std::vector<double> x, w;

    explicit Rule(int n)
    {
        for (int i = 0; i < n; ++i) {
            double t = std::cos(pi * (i + .75) / (n + .5)), slope = 1;
            for (int k = 0; k < 100; ++k) {
                double a = 1, b = t;
                for (int j = 2; j <= n; ++j)
                    a = std::exchange(b, ((2 * j - 1) * t * b - (j - 1) * a) / j);
                slope = n * (t * b - a) / (t * t - 1);
                const double step = b / slope;
                t -= step;
                if (std::abs(step) < 1e-16)
                    break;
            }
            x.push_back((1 - t) / 2);
            w.push_back(1 / ((1 - t * t) * slope * slope));
        }
    }
};

const Rule& rule(bool fine)
{
    static const Rule coarse(14), exact(44);
    return fine ? exact : coarse;
}

// The student is R t + b w + sqrt(Q) x, with t along the teacher, w across it in the plane of the probe
// z = t cos(theta) + w sin(theta), x outside, Q = 1 - R^2 - b^2. By Gordon's inequality its margin kappa is the largest for
// which alpha E[(kappa - student)_+^2] <= Q for some (R, b). In units of sqrt Q, u = (R, b, kappa) / sqrt Q and
// m = u_3 - u_1 t - u_2 w, the mean over x of the square is g = (m^2 + 1) Phi(m) + m phi(m), and the largest kappa =
// u_3 / n, n^2 = 1 + u_1^2 + u_2^2, has alpha E[g] = 1 and n^2 E[h t] = u_1 u_3 E[h], the same for w, where
// h = m Phi(m) + phi(m). Signs are folded to t > 0.
using Vector = Eigen::Vector3d;
using Matrix = Eigen::Matrix3d;

struct Sums {
    double g = 0, h = 0, ht = 0, hw = 0, P = 0, Pt = 0, Pw = 0, Ptt = 0, Ptw = 0, Pww = 0;   // P: Phi
};

class Problem {
public:
    Problem(double alphaTot, double f, double theta, bool hard)
        : m_alpha(alphaTot * f), m_f(f), m_cos(std::cos(theta)), m_sin(std::sin(theta)), m_hard(hard),
          m_edge(f >= 1 ? (hard ? 2 * far : 0) : upperQuantile(hard ? (1 - f) / 2 : f / 2))
    {
    }

    double alpha() const { return m_alpha; }
    void setAlpha(double alpha) { m_alpha = alpha; }
    bool plane() const { return m_sin > 0; }

    // The three conditions over n^2 E[h] where they hold it, and, where asked for, the derivatives of their numerators.
    Vector conditions(const Vector& u, bool fine, Matrix* jacobian) const
    {
        const auto [u1, u2, k] = std::tuple(u[0], u[1], u[2]);
        const Sums s = sums(u, fine);
        const double n2 = 1 + u1 * u1 + u2 * u2, scale = 1 / (n2 * s.h);
        Vector C(m_alpha * s.g - 1, (n2 * s.ht - k * u1 * s.h) * scale, plane() ? (n2 * s.hw - k * u2 * s.h) * scale : 0);
        if (!jacobian)
            return C;
        *jacobian << -2 * m_alpha * s.ht, -2 * m_alpha * s.hw, 2 * m_alpha * s.h,
            (-s.Ptt * n2 + 2 * u1 * s.ht - k * s.h + k * u1 * s.Pt) * scale, (-s.Ptw * n2 + 2 * u2 * s.ht + k * u1 * s.Pw) * scale,
            (s.Pt * n2 - u1 * s.h - k * u1 * s.P) * scale,
            (-s.Ptw * n2 + 2 * u1 * s.hw + k * u2 * s.Pt) * scale, (-s.Pww * n2 + 2 * u2 * s.hw - k * s.h + k * u2 * s.Pw) * scale,
            (s.Pw * n2 - u2 * s.h - k * u2 * s.P) * scale;
        if (!plane()) {
            jacobian->row(2) << 0, 1, 0;
            jacobian->col(1) << 0, 0, 1;
        }
        return C;
    }

private:
    Sums sums(const Vector& u, bool fine) const
    {
        const Rule& nodes = rule(fine);
        const auto [u1, u2, k] = std::tuple(u[0], u[1], u[2]);
        Sums s;
        const auto node = [&](double t, double w, double weight) {
            const double m = k - u1 * t - u2 * w, phi = density(m);
            const double P = weight * below(m), h = m * P + weight * phi;
            s.g += m * h + P;
            s.h += h;
            s.ht += h * t;
            s.hw += h * w;
            s.P += P;
            s.Pt += P * t;
            s.Pw += P * w;
            s.Ptt += P * t * t;
            s.Ptw += P * t * w;
            s.Pww += P * w * w;
        };
        const auto panel = [&](double low, double high, const auto& each) {
            if (high > low)
                for (std::size_t i = 0; i < nodes.x.size(); ++i)
                    each(low + (high - low) * nodes.x[i], (high - low) * nodes.w[i]);
        };
        // Where the student's margin exceeds kappa by this, an example adds nothing.
        const double reach = k + far, scale = 2 / m_f;
        if (!plane()) {
            const double low = m_hard ? 0 : m_edge, cut = u1 > 0 ? reach / u1 : far;
            const double high = std::min({m_hard ? m_edge : far + m_edge, cut, far + low});
            const double middle = std::min(high, low + 2);
            for (const auto& [from, to] : {std::pair(low, middle), std::pair(middle, high)})
                panel(from, to, [&](double t, double weight) { node(t, 0, scale * density(t) * weight); });
            return s;
        }
        const auto across = [&](double t, double weight, double low, double high) {
            low = std::max(low, -far);
            high = std::min(high, far);
            if (u2 > 1e-12)
                high = std::min(high, (reach - u1 * t) / u2);
            else if (u2 < -1e-12)
                low = std::max(low, (reach - u1 * t) / u2);
            panel(low, high, [&](double w, double inner) { node(t, w, weight * density(w) * inner); });
        };
        const auto column = [&](double t, double weight) {
            weight *= scale * density(t);
            const double from = (-m_edge - t * m_cos) / m_sin, to = (m_edge - t * m_cos) / m_sin;
            if (m_hard)
                across(t, weight, from, to);
            else
                across(t, weight, to, far), across(t, weight, -far, from);
        };
        // The kept strip's edge is a step of width tan(theta) in t.
        const double top = std::min(far, u1 > 0 ? (reach + far * std::abs(u2)) / u1 : far);
        double last = 0;
        for (const double at : {m_edge / m_cos - far * m_sin / m_cos, m_edge / m_cos + far * m_sin / m_cos, top})
            if (const double next = std::clamp(at, last, top); next > last) {
                const double middle = std::min(next, last + 2);
                panel(last, middle, column);
                panel(middle, next, column);
                last = next;
            }
        return s;
    }

    double m_alpha, m_f, m_cos, m_sin;
    bool m_hard;
    double m_edge;      // of the strip |z| <= edge, or of what lies outside it
};

// Newton with steps halved until the conditions shrink.
bool newton(const Problem& problem, Vector& u, bool fine, bool exact, int most, Matrix& J)
{
    for (int i = 0; i < most; ++i) {
        const Vector C = problem.conditions(u, fine, &J);
        const Vector step = J.partialPivLu().solve(C);
        if (!step.allFinite())
            return false;
        const double size = step.norm() / u.norm();
        if (size < (exact ? 1e-12 : 1e-4))
            return true;
        double scale = 1;
        for (;;) {
            const Vector next = u - scale * step;
            if (next[2] > 0 && problem.conditions(next, fine, nullptr).norm() < C.norm()) {
                u = next;
                break;
            }
            scale /= 2;
            // At the rounding of the sums nothing shrinks any more.
            if (scale < 1e-3)
                return exact && size < 1e-9;
        }
    }
    return false;
}

// Few examples leave a margin of nearly 1 / sqrt(alpha): from there along the tangent to the alpha asked for, where the
// solution is found to rounding.
bool follow(Problem problem, bool fine, Vector& u, Matrix& J)
{
    const double alpha = problem.alpha();
    double at = std::min(alpha, .05), factor = 2;
    u = Vector(.5 * std::sqrt(at), 0, std::sqrt(1 / at));
    problem.setAlpha(at);
    if (!newton(problem, u, fine, false, 60, J))
        return false;
    while (at < alpha) {
        const double next = std::min(alpha, at * factor);
        Vector guess = u - std::log(next / at) * J.partialPivLu().solve(Vector(1, 0, 0));
        Matrix there;
        problem.setAlpha(next);
        if (guess[2] > 0 && newton(problem, guess, fine, false, 12, there)) {
            u = guess, J = there, at = next;
            factor = std::min(3.0, factor * 1.2);
        } else if ((factor = std::sqrt(factor)) < 1.001) {
            return false;
        }
    }
    return newton(problem, u, true, true, 60, J);
}

}

Student student(double alphaTot, double f, double theta, bool keepHard)
{
    constexpr Student nothing{nan, nan, nan, nan, nan};
    if (!(alphaTot > 0 && f > 0 && f <= 1 && theta >= 0 && theta <= pi / 2) || std::isinf(alphaTot))
        return nothing;
    // A coarse rule will do on the way, but for tiny shares just past the number of examples where learning sets in.
    Problem problem(alphaTot, f, theta, keepHard);
    Vector u;
    Matrix J;
    if (!follow(problem, false, u, J) && !follow(problem, true, u, J))
        return nothing;
    Student found;
    const double across = std::sqrt(1 + u[1] * u[1]), n = std::hypot(u[0], across);
    found.R = u[0] / n;
    found.rho = (u[0] * std::cos(theta) + u[1] * std::sin(theta)) / n;
    found.kappa = u[2] / n;
    found.error = std::atan2(across, u[0]) / pi;
    // The solution moves with theta as the conditions do; their derivative by differences, no new solution needed.
    if (theta > 0) {
        const double h = std::min(1e-4, theta / 2), up = std::min(theta + h, pi / 2), down = theta - h;
        const Vector moved = (Problem(alphaTot, f, up, keepHard).conditions(u, true, nullptr)
                              - Problem(alphaTot, f, down, keepHard).conditions(u, true, nullptr)) / (up - down);
        const Vector du = -J.partialPivLu().solve(moved);
        found.slope = (u[0] * u[1] * du[1] / across - across * du[0]) / (pi * n * n);
    }
    return found;
}

double epsilon(double alphaTot, double f, double theta, bool keepHard)
{
    return student(alphaTot, f, theta, keepHard).error;
}

}

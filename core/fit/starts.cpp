// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/starts.h"

#include <Eigen/QR>

#include <cmath>

namespace fit {
namespace {

constexpr double leastShare = 0.01;     // of what the law predicts

// Least squares for the parameters the law is linear in, the others given: errors relative to the output where its
// logarithm is fitted. Those whose bound is 0 or above stay so, by dropping the most negative of them.
void solveLinear(const Search& search, std::vector<double>& p, Search::Scratch& scratch)
{
    const Problem& problem = search.problem();
    const law::Law& law = *problem.law;
    const law::Rows rows = search.rows();
    const std::size_t width = law.params.size();
    std::vector<int> active;
    for (const int i : search.free())
        if (law.params[std::size_t(i)].linear)
            active.push_back(i);
    if (active.empty())
        return;
    for (const int i : active)
        p[std::size_t(i)] = 1;
    scratch.y.resize(rows.n);
    scratch.jacobian.resize(rows.n * width);
    law.eval(p.data(), rows, scratch.y.data(), scratch.jacobian.data());
    const std::size_t step = std::max<std::size_t>(1, rows.n / 2000);
    const auto n = Eigen::Index((rows.n + step - 1) / step);
    Eigen::VectorXd target(n);
    Eigen::MatrixXd all(n, std::ssize(active));
    for (Eigen::Index k = 0; k < n; ++k) {
        const std::size_t row = std::size_t(k) * step;
        const double weight = (search.logs() ? 1 / (problem.train.y[row] + search.shift()) : 1)
            * (problem.train.weight.empty() ? 1 : std::sqrt(problem.train.weight[row]));
        double rest = scratch.y[row];       // what the fixed linear parameters contribute
        for (std::size_t j = 0; j < active.size(); ++j) {
            const double c = scratch.jacobian[row * width + std::size_t(active[j])];
            all(k, Eigen::Index(j)) = weight * c;
            rest -= c;
        }
        target[k] = weight * (problem.train.y[row] - rest);
    }
    if (!all.allFinite() || !target.allFinite())
        return;
    std::vector<bool> in(active.size(), true);
    for (;;) {
        std::vector<Eigen::Index> columns;
        for (std::size_t j = 0; j < active.size(); ++j)
            if (in[j])
                columns.push_back(Eigen::Index(j));
        if (columns.empty())
            return;
        const Eigen::VectorXd a = Eigen::MatrixXd(all(Eigen::all, columns)).colPivHouseholderQr().solve(target);
        Eigen::Index least = -1;
        for (Eigen::Index j = 0; j < a.size(); ++j)
            if (law.params[std::size_t(active[std::size_t(columns[std::size_t(j)])])].lower >= 0 && a[j] < (least < 0 ? 0 : a[least]))
                least = j;
        if (least < 0) {
            for (std::size_t j = 0; j < active.size(); ++j)
                p[std::size_t(active[j])] = 0;
            for (std::size_t j = 0; j < columns.size(); ++j)
                p[std::size_t(active[std::size_t(columns[j])])] = a[Eigen::Index(j)];
            // A term without amplitude has no slope to be found by where amplitudes are searched as logarithms.
            for (std::size_t j = 0; j < active.size(); ++j) {
                const auto at = std::size_t(active[j]);
                const double least = leastShare * target.cwiseAbs().mean() / all.col(Eigen::Index(j)).cwiseAbs().mean();
                if (law.params[at].scale == law::Scale::Log && std::isfinite(least))
                    p[at] = std::max(p[at], least);
            }
            return;
        }
        in[std::size_t(columns[std::size_t(least)])] = false;
    }
}

}

std::vector<Vector> starts(const Search& search)
{
    const Problem& problem = search.problem();
    const law::Law& law = *problem.law;
    const Spec& spec = problem.spec;
    const bool whole = spec.starts < 0;
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (std::size_t k = 0; k < problem.train.y.size(); ++k) {
        low = std::min(low, problem.train.x[k * law.inputs.size()]);
        high = std::max(high, problem.train.x[k * law.inputs.size()]);
    }
    const double range = high > low ? high - low : std::max(std::abs(low), 1.0);
    const auto place = [&](law::Grid::Of of, double v) {
        switch (of) {
        case law::Grid::Of::Input: return low + v * range;
        case law::Grid::Of::LogInput: return low * std::pow(high > low ? high / low : 10, v);
        case law::Grid::Of::PerInput: return v / range;
        case law::Grid::Of::Value: break;
        }
        return v;
    };

    const std::vector<double> base = search.params(search.lower());
    std::vector<std::vector<double>> grid{base};
    bool linear = false;
    for (const int i : search.free()) {
        const law::Param& param = law.params[std::size_t(i)];
        const law::Grid& values = whole && param.wide.n ? param.wide : param.starts;
        if (!values.n) {
            linear |= param.linear;
            continue;
        }
        std::vector<std::vector<double>> wider;
        for (const auto& point : grid)
            for (std::size_t v = 0; v < values.n; ++v) {
                wider.push_back(point);
                wider.back()[std::size_t(i)] = place(values.of, values.value[v]);
            }
        grid = std::move(wider);
    }
    Search::Scratch scratch;
    // Variable projection: whatever amplitudes a start names, those that fit best with its exponents are where it begins.
    if (linear || whole)
        for (auto& point : grid)
            solveLinear(search, point, scratch);
    std::vector<Vector> out;
    if (!spec.start.empty()) {
        std::vector<double> point = grid.front();
        for (const auto& [name, value] : spec.start)
            point[std::size_t(law.index(name))] = value;
        out.push_back(search.search(point));
    }
    for (const auto& point : grid)
        out.push_back(search.search(point));
    // Asked for fewer: the most promising ones; for more: random ones around the grid, seeded.
    if (spec.starts > 0) {
        const auto k = std::size_t(spec.starts);
        if (out.size() > k) {
            std::vector<std::pair<double, std::size_t>> order;
            for (std::size_t i = 0; i < out.size(); ++i)
                order.emplace_back(search.cost(out[i], {}, scratch), i);
            std::ranges::sort(order);
            std::vector<Vector> best;
            for (std::size_t i = 0; i < k; ++i)
                best.push_back(out[order[i].second]);
            return best;
        }
        for (std::uint64_t draw = 0; out.size() < k; ++draw) {
            Random random(spec.seed, draw);
            Vector u = out[std::size_t(draw) % grid.size()];
            for (int i = 0; i < u.size(); ++i)
                u[i] += 0.3 * (1 + std::abs(u[i])) * random.normal();
            out.push_back(u.cwiseMax(search.lower()).cwiseMin(search.upper()));
        }
    }
    return out;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace data {

// How sums over the changes of a learning rate are taken: over every change, or over bins of them.
enum class Sums { Exact, Binned };

// The changes of a learning rate, rate_{k-1} - rate_k at step k >= 1, and bins of them for sums
//     sum over k <= s of (rate_{k-1} - rate_k) f(log rate_k, S1(s) - S1(k-1))
// of functions that grow smoother with the distance S1(s) - S1(k-1). A bin of 2^j neighbouring changes stands for them
// where it lies further away than it is wide, as a few of its members whose weights integrate polynomials over the bin
// exactly: a sum takes some 100 terms instead of one per change, and is off by some 1e-5 of the changes' total
// (the treecode of Barnes and Hut 1986, in one dimension). Neighbours of the last step always count one by one, and so
// do changes whose rates jump. Immutable.
class Changes {
public:
    // rate and sum (S1) of every step; falls: rises of the rate do not count.
    Changes(const std::vector<double>& rate, const std::vector<double>& sum, bool falls);

    // The changes in order of their steps, then the members that stand for bins. Rates of 0 count as 1e-30.
    struct Nodes {
        std::vector<double> weight, logRate, before, after, logAfter;    // before = S1(k-1), after = S1(k)
        std::size_t size() const { return weight.size(); }
    };
    const Nodes& nodes() const { return m_nodes; }
    std::size_t size() const { return m_step.size(); }                   // changes, without bins

    // The sum of the changes up to and including step s.
    double total(std::size_t s) const { const std::size_t n = count(s); return n ? m_total[n - 1] : 0; }

    // Calls f(begin, end) for the ranges of nodes that stand for the changes up to and including step s, where the rates
    // sum to `travelled`.
    template <class F>
    void over(std::size_t s, double travelled, Sums sums, F f) const
    {
        const std::size_t n = count(s);
        if (sums == Sums::Exact || m_levels.empty()) {
            if (n)
                f(std::size_t(0), n);
            return;
        }
        std::size_t pending = 0, end = 0;       // changes to be taken one by one
        const auto visit = [&](const auto& self, std::size_t level, std::size_t block) -> void {
            const std::size_t width = smallest << level, first = block * width;
            if (first >= n)
                return;
            const Bin* bin = block < m_levels[level].size() ? &m_levels[level][block] : nullptr;
            if (bin && bin->nodes && first + width <= n
                && travelled - m_nodes.after[first + width - 1] >= bin->extent) {
                if (end > pending)
                    f(pending, end);
                f(bin->begin, bin->begin + bin->nodes);
                pending = end = first + width;
            } else if (level == 0) {
                end = std::min(first + width, n);
            } else {
                self(self, level - 1, 2 * block);
                self(self, level - 1, 2 * block + 1);
            }
        };
        visit(visit, m_levels.size() - 1, 0);
        if (end > pending)
            f(pending, end);
    }

private:
    struct Bin {
        std::size_t begin = 0, nodes = 0;   // no nodes: its changes do not follow a smooth rate
        double extent = 0;                  // of S1 over its changes
    };
    static constexpr std::size_t smallest = 8;  // changes of a bin on the lowest level

    std::size_t count(std::size_t s) const { return std::size_t(std::ranges::upper_bound(m_step, s) - m_step.begin()); }
    Bin bin(std::size_t first, std::size_t last);

    Nodes m_nodes;
    std::vector<std::size_t> m_step;
    std::vector<double> m_total;
    std::vector<std::vector<Bin>> m_levels;     // bins of 8, 16, 32, ... changes
};

}

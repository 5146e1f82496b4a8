// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/changes.h"

#include <array>
#include <cmath>
#include <numbers>

namespace data {

constexpr std::size_t members = 4;      // that stand for a bin
constexpr double smooth = 1e-4;         // largest error of log rate, log S1 and S1 / extent between members

Changes::Changes(const std::vector<double>& rate, const std::vector<double>& sum, bool falls)
{
    double total = 0;
    for (std::size_t k = 1; k < rate.size(); ++k) {
        const double change = rate[k - 1] - rate[k];
        if (change == 0 || (falls && change < 0))
            continue;
        m_step.push_back(k);
        m_total.push_back(total += change);
        m_nodes.weight.push_back(change);
        m_nodes.logRate.push_back(std::log(std::max(rate[k], 1e-30)));
        m_nodes.before.push_back(sum[k - 1]);
        m_nodes.after.push_back(sum[k]);
        m_nodes.logAfter.push_back(std::log(sum[k]));
    }
    for (std::size_t width = smallest; width <= size(); width *= 2) {
        auto& level = m_levels.emplace_back();
        for (std::size_t first = 0; first + width <= size(); first += width)
            level.push_back(bin(first, first + width));
    }
    // One more level on top, without bins, so that one block holds all changes.
    if (!m_levels.empty())
        m_levels.emplace_back();
}

Changes::Bin Changes::bin(std::size_t first, std::size_t last)
{
    const double extent = m_nodes.after[last - 1] - m_nodes.before[first];
    const double middle = 0.5 * double(last - 1 - first), radius = 0.5 * double(last - first);
    std::array<std::size_t, members> place;
    for (std::size_t j = 0; j < members; ++j)
        place[j] = first + std::size_t(std::lround(std::clamp(
            middle - radius * std::cos(std::numbers::pi * (double(j) + 0.5) / double(members)), 0.0, 2 * middle)));
    std::array<double, members> scale;
    for (std::size_t j = 0; j < members; ++j) {
        scale[j] = 1;
        for (std::size_t i = 0; i < members; ++i)
            if (i != j)
                scale[j] *= double(place[j]) - double(place[i]);
    }
    // Lagrange's basis over the members: weights integrate it, and it must reproduce the rate and S1 of all others.
    std::array<double, members> weight{};
    for (std::size_t k = first; k < last; ++k) {
        double logRate = -m_nodes.logRate[k], before = -m_nodes.before[k], logAfter = -m_nodes.logAfter[k];
        for (std::size_t j = 0; j < members; ++j) {
            double basis = 1 / scale[j];
            for (std::size_t i = 0; i < members; ++i)
                if (i != j)
                    basis *= double(k) - double(place[i]);
            weight[j] += m_nodes.weight[k] * basis;
            logRate += basis * m_nodes.logRate[place[j]];
            before += basis * m_nodes.before[place[j]];
            logAfter += basis * m_nodes.logAfter[place[j]];
        }
        if (!(std::abs(logRate) < smooth && std::abs(logAfter) < smooth) || std::abs(before) > smooth * extent)
            return {};
    }
    const Bin made{m_nodes.size(), members, extent};
    for (std::size_t j = 0; j < members; ++j) {
        const std::size_t k = place[j];
        m_nodes.weight.push_back(weight[j]);
        m_nodes.logRate.push_back(m_nodes.logRate[k]);
        m_nodes.before.push_back(m_nodes.before[k]);
        m_nodes.after.push_back(m_nodes.after[k]);
        m_nodes.logAfter.push_back(m_nodes.logAfter[k]);
    }
    return made;
}

}

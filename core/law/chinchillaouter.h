// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"

namespace law {

// Chinchilla with both finite-size and finite-data terms under one more power.
struct ChinchillaOuter {
    static constexpr Info info{
        .id = "chinchilla_outer",
        .name = "Chinchilla with an outer exponent",
        .family = Family::Scaling,
        .formula = "L = E + (A / N^alpha + B / D^beta)^k",
        .latex = R"(L = E + \left(\frac{A}{N^{\alpha}} + \frac{B}{D^{\beta}}\right)^{k})",
        .cite = "Busbridge et al. 2025, arXiv:2502.08606; Beck et al. 2025, arXiv:2510.02228; with k = 1 Hoffmann et "
                "al. 2022, arXiv:2203.15556",
        .help = "Chinchilla's law where size and data stand in for each other more or less than by adding up. With k "
                "= 1 it is Chinchilla's. The best split of a budget depends on alpha, beta, A and B as there and not "
                "on k. k trades off against both exponents unless the data hold runs far from the optimum on both "
                "sides, from starved to over-trained: without them fix k. Compare with chinchilla on held-out runs, "
                "for one parameter more always fits better.",
    };
    static constexpr std::array inputs{quantity::N, quantity::D};
    static constexpr Quantity output = quantity::L;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::HuberLog;
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();
    static constexpr std::array params{
        Param{.id = "E", .symbol = "E", .meaning = "irreducible loss", .lower = 1e-4, .upper = 100, .published = none,
              .scale = Scale::Log, .linear = true},
        Param{.id = "A", .symbol = "A", .meaning = "size coefficient", .lower = 1e-6, .upper = 1e40, .published = none,
              .scale = Scale::Log, .starts = {300, 1e5, 1e8}},
        Param{.id = "B", .symbol = "B", .meaning = "data coefficient", .lower = 1e-6, .upper = 1e40, .published = none,
              .scale = Scale::Log, .starts = {300, 1e5, 1e8}},
        Param{.id = "alpha", .symbol = R"(\alpha)", .meaning = "size exponent", .lower = 0, .upper = 5, .published = none,
              .starts = {.3, .8}},
        Param{.id = "beta", .symbol = R"(\beta)", .meaning = "data exponent", .lower = 0, .upper = 5, .published = none,
              .starts = {.3, .8}},
        Param{.id = "k", .symbol = "k", .meaning = "outer exponent", .lower = .05, .upper = 5, .published = none,
              .scale = Scale::Log, .starts = {.3, .5, 1}},
    };
    static constexpr std::span<const Preset> presets{};

    template <class T>
    static T eval(const std::array<T, 6>& p, const Row& row)
    {
        const auto& [E, A, B, alpha, beta, k] = p;
        return E + power(T(A * pow(row[0], T(-alpha)) + B * pow(row[1], T(-beta))), k);
    }
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"

namespace law {

// A data law whose three coefficients are stretched exponentials of the model's size.
struct Farseer {
    static constexpr Info info{
        .id = "farseer",
        .name = "Farseer",
        .family = Family::Scaling,
        .formula = "L = exp(a3 N^gamma3 + b3) + exp(a2 N^gamma2 + b2) D^(-exp(a1 N^gamma1 + b1))",
        .latex = R"(L = e^{a_3 N^{\gamma_3} + b_3} + e^{a_2 N^{\gamma_2} + b_2}\, D^{-e^{a_1 N^{\gamma_1} + b_1}})",
        .cite = "Li et al. 2025, arXiv:2506.10972, equation 3",
        .help = "Final loss of a model of N parameters (without embeddings) on D tokens, where the exponent of the "
                "data itself changes with size: larger models may gain more from each token, or less. Nine parameters "
                "need a full grid of many sizes and, at each, many token counts; a, b and gamma of each part trade "
                "off so widely that only predictions mean anything. The authors fit it in stages by differences along "
                "D; here all nine are fitted at once. Compare with chinchilla on held-out larger runs before trusting "
                "it.",
        .unverified = "The formula was read from a secondary source, and none of the paper's fitted values were "
                      "checked.",
    };
    static constexpr std::array inputs{quantity::N, quantity::D};
    static constexpr Quantity output = quantity::L;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::HuberLog;
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();
    static constexpr std::array params{
        Param{.id = "a1", .symbol = "a_1", .meaning = "size dependence of the data exponent", .lower = -100, .upper = 100,
              .published = none, .starts = {-.02, .02}},
        Param{.id = "gamma1", .symbol = R"(\gamma_1)", .meaning = "its power of the size", .lower = -1, .upper = 1, .published = none,
              .starts = {.1}},
        Param{.id = "b1", .symbol = "b_1", .meaning = "logarithm of the data exponent", .lower = -30, .upper = 30, .published = none,
              .starts = {-1}},
        Param{.id = "a2", .symbol = "a_2", .meaning = "size dependence of the data coefficient", .lower = -1e3, .upper = 1e3,
              .published = none, .starts = {-.1, .1, 5}},
        Param{.id = "gamma2", .symbol = R"(\gamma_2)", .meaning = "its power of the size", .lower = -1, .upper = 1, .published = none,
              .starts = {-.1, .1}},
        Param{.id = "b2", .symbol = "b_2", .meaning = "logarithm of the data coefficient", .lower = -1e3, .upper = 1e3,
              .published = none, .starts = {6}},
        Param{.id = "a3", .symbol = "a_3", .meaning = "size dependence of the loss on endless data", .lower = -1e3, .upper = 1e3,
              .published = none, .starts = {-.05, 5}},
        Param{.id = "gamma3", .symbol = R"(\gamma_3)", .meaning = "its power of the size", .lower = -1, .upper = 1, .published = none,
              .starts = {-.15, .15}},
        Param{.id = "b3", .symbol = "b_3", .meaning = "logarithm of the loss on endless data", .lower = -30, .upper = 30,
              .published = none, .starts = {.5}},
    };
    static constexpr std::span<const Preset> presets{};

    template <class T>
    static T eval(const std::array<T, 9>& p, const Row& row)
    {
        using std::exp;
        const auto& [a1, g1, b1, a2, g2, b2, a3, g3, b3] = p;
        const T exponent = exp(T(a1 * pow(row[0], g1) + b1));
        return exp(T(a3 * pow(row[0], g3) + b3)) + exp(T(a2 * pow(row[0], g2) + b2 - exponent * row[1].log));
    }
};

}

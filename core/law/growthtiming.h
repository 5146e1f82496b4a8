// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"

namespace law {

// When to grow a small model into a large one by stacking its layers.
struct GrowthTiming {
    static constexpr Info info{
        .id = "growth_timing",
        .name = "Growth timing",
        .family = Family::Growth,
        .formula = "log10 d = a log10 N + b / log10 C + c",
        .latex = R"(\log_{10} d = a \log_{10} N + \frac{b}{\log_{10} C} + c)",
        .cite = "Du et al. 2024, arXiv:2405.15319 (G_stack)",
        .help = "Tokens to train a small model on before its layers are stacked into one of N parameters that is then "
                "trained with C = 6 N D FLOPs in all. The small model has a quarter of the layers. To fit it, give "
                "the best d of each of several pairs of N and C. The paper went up to 7B parameters and 750B tokens: "
                "beyond is extrapolation, and d must be far below the tokens of the whole run for the law to mean "
                "anything.",
    };
    static constexpr Quantity tokens{"d", "tokens before growth", "tokens", Scale::Log,
        "growth_tokens tokens_before_growth growth_timing d_tokens"};
    static constexpr std::array inputs{quantity::N, quantity::C};
    static constexpr Quantity output = tokens;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::LogLs;
    static constexpr std::array params{
        Param{.id = "a", .symbol = "a", .meaning = "exponent of the size", .lower = -10, .upper = 10, .published = .88,
              .starts = {.5, 1}},
        Param{.id = "b", .symbol = "b", .meaning = "weight of the budget", .lower = -1e5, .upper = 1e5, .published = 163.27,
              .starts = {0, 100}},
        Param{.id = "c", .symbol = "c", .meaning = "constant", .lower = -1e3, .upper = 1e3, .published = -5.74, .starts = {0}},
    };
    static constexpr std::array gStack{.88, 163.27, -5.74};
    static constexpr std::array presets{Preset{"g_stack", "Du et al. 2024, depth-wise stacking by 4", gStack}};
    static constexpr std::array run{Argument{"N", "parameters of the grown model", ""},
                                    Argument{"D", "tokens of the whole run", "tokens"}};
    static constexpr std::array answers{
        Answer{"tokens_before_growth", "tokens before growth of a run of D tokens", "tokens", Scale::Log, run,
               [](std::span<const double> p, std::span<const double> at) {
                   return std::pow(10, p[0] * std::log10(at[0]) + p[1] / std::log10(6 * at[0] * at[1]) + p[2]);
               }},
    };

    template <class T>
    static T eval(const std::array<T, 3>& p, const Row& row)
    {
        using std::exp;
        const auto& [a, b, c] = p;
        const double ten = std::log(10.0);
        return exp(T(a * row[0].log + b * (ten * ten / row[1].log) + c * ten));
    }
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"

namespace law {

// Loss of one model against the share of a corpus in its continued pre-training.
struct Cmr {
    static constexpr Info info{
        .id = "cmr",
        .name = "Critical mixture ratio",
        .family = Family::Data,
        .formula = "L = alpha R^s + beta",
        .latex = R"(L = \alpha R^{s} + \beta)",
        .cite = "Gu et al. 2024, arXiv:2407.17467",
        .help = "Validation loss of one model at a fixed number of tokens against the share R of the domain in its continued "
                "pre-training, as a fraction or in per cent. The loss on the domain falls with R, so alpha is negative; the "
                "loss on general text rises. Where the general loss after training may not exceed what it was before, the "
                "answer critical_ratio gives the largest R that keeps it. Three parameters need at least five ratios over a "
                "factor of ten or so: over a narrow range s and alpha trade off almost freely. Fit each model and each number "
                "of tokens on its own.",
        .unverified = "The formula and its table were read in notes on the paper, which is cited by its number from memory; there is no preset.",
    };
    static constexpr Quantity ratio{"R", "share of the domain", "", Scale::Linear,
        "ratio mixture_ratio domain_ratio share mixture r"};
    static constexpr std::array inputs{ratio};
    static constexpr Quantity output = quantity::L;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::HuberLog;
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();
    static constexpr std::array params{
        Param{.id = "alpha", .symbol = R"(\alpha)", .meaning = "effect of the whole share", .lower = -1000, .upper = 1000,
              .published = none, .linear = true},
        Param{.id = "s", .symbol = "s", .meaning = "exponent of the share", .lower = 1e-3, .upper = 5, .published = none,
              .starts = {.05, .2, .5, 1, 2}},
        Param{.id = "beta", .symbol = R"(\beta)", .meaning = "loss without the domain", .lower = 0, .upper = 1000,
              .published = none, .linear = true},
    };
    static constexpr std::array<Preset, 0> presets{};

    template <class T>
    static T eval(const std::array<T, 3>& p, const Row& row)
    {
        const auto& [alpha, s, beta] = p;
        return alpha * pow(row[0], s) + beta;
    }

    static constexpr std::array kept{
        Argument{"L0", "general loss before", "nats/token"},
        Argument{"T", "tolerated rise, as a share of it", "", 0}};
    static constexpr std::array answers{
        Answer{"critical_ratio", "share at which the loss equals a limit", "", Scale::Linear, kept,
               [](std::span<const double> p, std::span<const double> at) {
                   const double power = (at[0] * (1 + at[1]) - p[2]) / p[0];
                   return power >= 0 ? std::pow(power, 1 / p[1]) : none;
               }},
    };
};

}

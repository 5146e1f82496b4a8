// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"

namespace law {

// Gadre et al.'s law of compute and tokens per parameter, both taken from N and D.
struct OverTraining {
    static constexpr Info info{
        .id = "over_training",
        .name = "Over-training",
        .family = Family::Scaling,
        .formula = "L = E + (a M^eta + b M^-eta) C^-eta;  M = D / N,  C = 6 N D",
        .latex = R"(L = E + \left(a M^{\eta} + b M^{-\eta}\right) C^{-\eta},\quad M = D/N,\ C = 6ND)",
        .cite = "Gadre et al. 2024, arXiv:2403.08540, equation 4",
        .help = "Final loss of models trained on more tokens per parameter than is optimal. It is the Chinchilla law "
                "with one exponent for size and data, so curves of equal M are parallel and few small runs fit it: "
                "four at M = 20 and one at M = 320 did in the paper. Data of one M alone cannot tell a from b. The "
                "authors' code writes a' N^c + b' 6^(c/2) D^c: there c = -2 eta, a' = a / 6^eta and b' = b. A "
                "compute-optimal M below the fitted ones is an extrapolation.",
    };
    static constexpr std::array inputs{quantity::N, quantity::D};
    static constexpr Quantity output = quantity::L;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::Ls;
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();
    static constexpr std::array params{
        Param{.id = "a", .symbol = "a", .meaning = "coefficient of over-training", .lower = 1e-6, .upper = 1e20,
              .published = 212.2361, .scale = Scale::Log, .linear = true},
        Param{.id = "b", .symbol = "b", .meaning = "coefficient of under-training", .lower = 1e-6, .upper = 1e20,
              .published = 366.6872, .scale = Scale::Log, .linear = true},
        Param{.id = "eta", .symbol = R"(\eta)", .meaning = "exponent of compute", .lower = .01, .upper = .7, .published = .13643,
              .starts = {.04, .08, .12, .16, .2, .3, .45}},
        Param{.id = "E", .symbol = "E", .meaning = "irreducible loss", .lower = 1e-4, .upper = 100, .published = 1.8366,
              .scale = Scale::Log, .linear = true},
    };
    static constexpr std::array rpj{212.23611344981907, 366.687182, .136425352, 1.83664839};
    static constexpr std::array c4{141.27722342774186, 189.515519, .121236, 1.508261};
    static constexpr std::array rw{157.11630786156175, 246.206691, .1271975, 1.734462};
    static constexpr std::array presets{
        Preset{"rpj", "Gadre et al. 2024, RedPajama, loss on C4 eval, five fitted runs", rpj},
        Preset{"c4", "Gadre et al. 2024, C4, loss on C4 eval, five fitted runs", c4},
        Preset{"rw", "Gadre et al. 2024, RefinedWeb, loss on C4 eval, five fitted runs", rw},
    };
    static constexpr std::array atCompute{Argument{"C", "training compute", "FLOPs"},
                                          Argument{"M", "tokens per parameter", ""}};
    static constexpr std::array answers{
        Answer{"optimal_tokens_per_parameter", "compute-optimal tokens per parameter", "", Scale::Log, {},
               [](std::span<const double> p, std::span<const double>) { return std::pow(p[1] / p[0], 1 / (2 * p[2])); }},
        Answer{"loss_at_compute", "loss of a budget spent at M tokens per parameter", "nats/token", Scale::Log, atCompute,
               [](std::span<const double> p, std::span<const double> at) {
                   return p[3] + p[0] * std::pow(at[1] / at[0], p[2]) + p[1] * std::pow(at[1] * at[0], -p[2]);
               }},
    };

    template <class T>
    static T eval(const std::array<T, 4>& p, const Row& row)
    {
        const auto& [a, b, eta, E] = p;
        // M / C = 1 / (6 N^2) and 1 / (M C) = 1 / (6 D^2)
        const double size = 2 * row[0].log + std::log(6.0), data = 2 * row[1].log + std::log(6.0);
        return E + a * pow(Logged{std::exp(size), size}, T(-eta)) + b * pow(Logged{std::exp(data), data}, T(-eta));
    }
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/kaplan.h"

namespace law {

// Kaplan et al.'s law of size and steps, in the limit of large batches.
struct KaplanNs : Kaplan {
    static constexpr Info info{
        .id = "kaplan_ns",
        .name = "Kaplan, size and steps",
        .family = Family::Scaling,
        .formula = "L = (N_c / N)^alpha_N + (S_c / S)^alpha_S",
        .latex = R"(L = \left(\frac{N_c}{N}\right)^{\alpha_N} + \left(\frac{S_c}{S}\right)^{\alpha_S})",
        .cite = cite,
        .help = "Loss after S optimizer steps of a model of N parameters. S means steps at a batch far above the "
                "critical one; runs at ordinary batches are S (1 + B_crit / B) steps, which the law batch_trajectory "
                "counts itself. Leave out warm-up and the first steps after it, and give every step of a run "
                "(rows=all) or final losses of runs of many lengths. The law knows one learning rate, not a schedule: "
                "annealed ends lie below it.",
    };
    static constexpr std::array inputs{quantity::N, quantity::S};
    static constexpr std::array params{
        critical("N_c", "critical size", 6.5e13, {1e9, 1e12, 1e15}),
        exponent("alpha_N", R"(\alpha_N)", "size exponent", .077),
        critical("S_c", "critical number of steps", 2.1e3, {1e2, 1e4}),
        exponent("alpha_S", R"(\alpha_S)", "step exponent", .76, {.3, .7, 1.1}),
    };
    static constexpr std::array kaplan{6.5e13, .077, 2.1e3, .76};
    static constexpr std::array presets{Preset{"kaplan", "Kaplan et al. 2020, WebText2", kaplan}};
    static constexpr std::array atSize{Argument{"N", "parameters", ""}};
    static constexpr std::array atSizeAndLoss{Argument{"N", "parameters", ""},
                                              Argument{"L", "loss to reach", "nats/token"}};
    static constexpr std::array answers{
        Answer{"minimum_loss", "loss after endless steps", "nats/token", Scale::Log, atSize,
               [](std::span<const double> p, std::span<const double> at) { return std::pow(p[0] / at[0], p[1]); }},
        Answer{"minimum_steps", "steps that reach a loss", "", Scale::Log, atSizeAndLoss,
               [](std::span<const double> p, std::span<const double> at) {
                   return criticalReach(p[2], p[3], at[1] - std::pow(p[0] / at[0], p[1]));
               }},
    };

    template <class T>
    static T eval(const std::array<T, 4>& p, const Row& row)
    {
        const auto& [Nc, alphaN, Sc, alphaS] = p;
        return criticalPower(Nc, row[0], alphaN) + criticalPower(Sc, row[1], alphaS);
    }
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"
#include "core/law/pruning.h"

namespace law {

// Chinchilla for models whose size changes while they train.
struct AverageParameters {
    static constexpr Info info{
        .id = "average_parameters",
        .name = "Average parameter count",
        .family = Family::Scaling,
        .formula = "L = E + A / N_bar^alpha + B / D^beta;  N_bar = mean of N over the D tokens",
        .latex = R"(L = E + \frac{A}{\bar N^{\alpha}} + \frac{B}{D^{\beta}},\quad \bar N = \frac{1}{D}\int_0^D N(d)\,\mathrm{d}d)",
        .cite = "Jin et al. 2025, arXiv:2501.12486",
        .help = "Final loss of a model that is pruned (or grown) while it is trained: N_bar is its size averaged over "
                "the tokens, non-zero weights counted. As compute is 6 N_bar D, a sparse and a dense run of one "
                "budget and one N_bar are predicted to end alike. Fit sparse and dense runs together, else the law "
                "says nothing of pruning; N_bar and D must not grow together. The answer average_of_cubic_pruning "
                "turns a pruning schedule into N_bar; its fractions are of tokens, not of compute.",
        .unverified = "That the paper's pruning schedules have the cubic shape, and the paper's fitted values, were "
                      "not checked.",
    };
    static constexpr Quantity average{"N_bar", "average parameters", "", Scale::Log,
        "n_bar n_avg avg_params average_params average_parameters mean_params avg_n params_avg"};
    static constexpr std::array inputs{average, quantity::D};
    static constexpr Quantity output = quantity::L;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::HuberLog;
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();
    static constexpr std::array params{
        Param{.id = "E", .symbol = "E", .meaning = "irreducible loss", .lower = 1e-4, .upper = 100, .published = none,
              .scale = Scale::Log, .linear = true},
        Param{.id = "A", .symbol = "A", .meaning = "size coefficient", .lower = 1e-6, .upper = 1e20, .published = none,
              .scale = Scale::Log, .linear = true},
        Param{.id = "B", .symbol = "B", .meaning = "data coefficient", .lower = 1e-6, .upper = 1e20, .published = none,
              .scale = Scale::Log, .linear = true},
        Param{.id = "alpha", .symbol = R"(\alpha)", .meaning = "size exponent", .lower = 0, .upper = 3, .published = none,
              .starts = {.1, .2, .35, .5, .8, 1.2}},
        Param{.id = "beta", .symbol = R"(\beta)", .meaning = "data exponent", .lower = 0, .upper = 3, .published = none,
              .starts = {.1, .2, .35, .5, .8, 1.2}},
    };
    static constexpr std::span<const Preset> presets{};
    static constexpr std::array budget{Argument{"C", "training compute", "FLOPs"}};
    static constexpr std::array schedule{Argument{"N0", "parameters before pruning", ""},
        Argument{"s_f", "final sparsity", ""}, Argument{"f0", "share of the tokens at which pruning begins", "", .25},
        Argument{"f1", "share at which it ends", "", .75}};
    static constexpr std::array run{Argument{"D", "training tokens", "tokens"}, schedule[0], schedule[1],
                                    schedule[2], schedule[3]};
    static constexpr std::array answers{
        Answer{"optimal_average", "compute-optimal average size", "", Scale::Log, budget,
               [](std::span<const double> p, std::span<const double> at) {
                   const double both = p[3] + p[4];
                   return std::pow(p[3] * p[1] / (p[4] * p[2]), 1 / both) * std::pow(at[0] / 6, p[4] / both);
               }},
        Answer{"average_of_cubic_pruning", "average size of a model pruned along a cubic", "", Scale::Log, schedule,
               [](std::span<const double>, std::span<const double> at) {
                   return averageOfCubicPruning(at[0], at[1], at[2], at[3]);
               }},
        Answer{"loss_of_cubic_pruning", "loss of a model pruned along a cubic", "nats/token", Scale::Log, run,
               [](std::span<const double> p, std::span<const double> at) {
                   const double average = averageOfCubicPruning(at[1], at[2], at[3], at[4]);
                   return p[0] + p[1] * std::pow(average, -p[3]) + p[2] * std::pow(at[0], -p[4]);
               }},
    };

    template <class T>
    static T eval(const std::array<T, 5>& p, const Row& row)
    {
        const auto& [E, A, B, alpha, beta] = p;
        return E + A * pow(row[0], T(-alpha)) + B * pow(row[1], T(-beta));
    }
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/batchtrajectory.h"

namespace law {

// Steps against batch size at equal loss: a hyperbola per loss, whose bend is the critical batch.
struct CriticalBatch {
    static constexpr Info info{
        .id = "critical_batch",
        .name = "Critical batch size",
        .family = Family::Scaling,
        .formula = "S = S_min (1 + B_crit / B);  S_min = S_c / (L - L_inf)^(1/alpha_S),  B_crit = B_star / L^(1/alpha_B)",
        .latex = R"(S = S_{\min}\left(1 + \frac{B_{\mathrm{crit}}}{B}\right),\quad S_{\min} = \frac{S_c}{(L - L_\infty)^{1/\alpha_S}},\ B_{\mathrm{crit}} = \frac{B_*}{L^{1/\alpha_B}})",
        .cite = "McCandlish et al. 2018, arXiv:1812.06162; Kaplan et al. 2020, arXiv:2001.08361, "
                "equation 1.4",
        .help = "Steps that a run at batch size B takes to reach a loss L. Give a row for every loss of interest and "
                "every batch size: the step at which that run first got there. With E = B S it is the hyperbola (S / "
                "S_min - 1)(E / E_min - 1) = 1, and at B = B_crit a run takes twice the fewest steps and twice the "
                "fewest tokens. Three losses and batch sizes on both sides of the bend are needed; with one loss fix "
                "alpha_B, alpha_S and L_inf. All runs must be of one model, each at the best learning rate of its "
                "batch size: S_c and L_inf hold for that model only.",
    };
    static constexpr Quantity target{"L", "loss reached", "nats/token", Scale::Log,
        "target_loss loss_level level val_loss validation_loss eval_loss test_loss loss train_loss"};
    static constexpr std::array inputs{target, quantity::batch};
    static constexpr Quantity output = quantity::S;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::LogLs;
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();
    static constexpr std::array params{
        Param{.id = "B_star", .symbol = "B_*", .meaning = "critical batch at a loss of 1", .lower = 1e-3, .upper = 1e20,
              .published = 2.1e8, .scale = Scale::Log, .starts = {1e5, 1e7, 1e9}},
        Param{.id = "alpha_B", .symbol = R"(\alpha_B)", .meaning = "batch exponent", .lower = .02, .upper = 5, .published = .21,
              .starts = {.1, .2, .5}},
        Param{.id = "S_c", .symbol = "S_c", .meaning = "critical number of steps", .lower = 1e-6, .upper = 1e20, .published = none,
              .scale = Scale::Log, .linear = true},
        Param{.id = "alpha_S", .symbol = R"(\alpha_S)", .meaning = "step exponent", .lower = .02, .upper = 5, .published = none,
              .starts = {.4, .8, 1.3}},
        Param{.id = "L_inf", .symbol = R"(L_\infty)", .meaning = "loss after endless steps", .lower = 0, .upper = 100,
              .published = none, .starts = {{-.1, -.4, -1.5}, Grid::Of::Input}},
    };
    static constexpr std::span<const Preset> presets{};
    static double fewestSteps(std::span<const double> p, double L) { return criticalReach(p[2], p[3], L - p[4]); }
    static double critical(std::span<const double> p, double L) { return p[0] * std::pow(L, -1 / p[1]); }
    static constexpr std::array atLoss{Argument{"L", "loss to reach", "nats/token"}};
    static constexpr std::array atBatch{Argument{"L", "loss to reach", "nats/token"},
                                        Argument{"B", "batch size", "tokens"}};
    static constexpr std::array answers{
        Answer{"critical_batch", "critical batch size", "tokens", Scale::Log, atLoss,
               [](std::span<const double> p, std::span<const double> at) { return critical(p, at[0]); }},
        Answer{"minimum_steps", "fewest steps to a loss", "", Scale::Log, atLoss,
               [](std::span<const double> p, std::span<const double> at) { return fewestSteps(p, at[0]); }},
        Answer{"minimum_tokens", "fewest tokens to a loss", "tokens", Scale::Log, atLoss,
               [](std::span<const double> p, std::span<const double> at) {
                   return fewestSteps(p, at[0]) * critical(p, at[0]);
               }},
        Answer{"tokens_at_batch", "tokens to a loss at a batch size", "tokens", Scale::Log, atBatch,
               [](std::span<const double> p, std::span<const double> at) {
                   return fewestSteps(p, at[0]) * (at[1] + critical(p, at[0]));
               }},
    };

    template <class T>
    static T eval(const std::array<T, 5>& p, const Row& row)
    {
        using std::exp, std::log;
        const auto& [Bstar, alphaB, Sc, alphaS, Linf] = p;
        const T crowd = exp(T(log(Bstar) - row[0].log / alphaB - row[1].log));
        return Sc * exp(T(-log(T(double(row[0]) - Linf)) / alphaS)) * (1 + crowd);
    }
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/kaplan.h"

namespace law {

// Parameters: N_c, alpha_N, S_c, alpha_S, B_star, alpha_B.
namespace trajectory {

inline double minimumLoss(std::span<const double> p, double N) { return std::pow(p[0] / N, p[1]); }
inline double criticalBatch(std::span<const double> p, double L) { return p[4] * std::pow(L, -1 / p[5]); }
inline double minimumSteps(std::span<const double> p, double N, double L)
{
    return criticalReach(p[2], p[3], L - minimumLoss(p, N));
}

// The loss L at which L = floor + (S_c / S (1 + B_crit(L) / B))^alpha_S. The right side is convex and falls in L, so
// Newton's steps from the loss of endless batches rise to the one root and never pass it.
inline double loss(std::span<const double> p, double N, double S, double B)
{
    const double floor = minimumLoss(p, N);
    double L = floor + std::pow(p[2] / S, p[3]);
    for (int i = 0; i < 500; ++i) {
        const double crowd = criticalBatch(p, L) / B, rest = std::pow(p[2] / S * (1 + crowd), p[3]);
        const double slope = -rest * p[3] * crowd / (1 + crowd) / (p[5] * L);
        const double step = (floor + rest - L) / (1 - slope);
        if (!(std::abs(step) > 1e-15 * L))
            return std::isfinite(step) ? L + step : std::numeric_limits<double>::quiet_NaN();
        L += step;
    }
    return std::numeric_limits<double>::quiet_NaN();
}

}

// The loss along a run at any batch size: Kaplan et al.'s size and step terms, with the steps a finite batch wastes.
struct BatchTrajectory : Kaplan {
    static constexpr Info info{
        .id = "batch_trajectory",
        .name = "Trajectory at a batch size",
        .family = Family::Scaling,
        .formula = "L = (N_c / N)^alpha_N + (S_c / S (1 + B_star / (B L^(1/alpha_B))))^alpha_S",
        .latex = R"(L = \left(\frac{N_c}{N}\right)^{\alpha_N} + \left(\frac{S_c}{S}\Big(1 + \frac{B_*}{B\,L^{1/\alpha_B}}\Big)\right)^{\alpha_S})",
        .cite = "Su et al. 2024, arXiv:2403.06563; terms of Kaplan et al. 2020, arXiv:2001.08361, and McCandlish et "
                "al. 2018, arXiv:1812.06162",
        .help = "Loss after S steps of B tokens each of a model of N parameters; L stands on both sides and is solved "
                "for. B_star / L^(1/alpha_B) is the critical batch: there a run takes twice the fewest steps and "
                "twice the fewest tokens. The data must hold three batch sizes or more at one model size at least, "
                "else B_star and alpha_B are not seen: fix them then. Leave out warm-up and the steps up to ten times "
                "as late. It assumes a learning rate that is constant and tuned at each batch size; annealed losses "
                "lie below it.",
        .unverified = "The order in which the paper estimates the constants, and its own constants, were not checked: "
                      "all six are fitted at once, and the preset holds Kaplan et al.'s constants.",
    };
    static constexpr std::array inputs{quantity::N, quantity::S, quantity::batch};
    static constexpr std::array params{
        critical("N_c", "critical size", 6.5e13, {1e11, 1e14}),
        exponent("alpha_N", R"(\alpha_N)", "size exponent", .077, {.06, .12}),
        critical("S_c", "critical number of steps", 2.1e3, {3e2, 5e3}),
        exponent("alpha_S", R"(\alpha_S)", "step exponent", .76, {.4, .8}),
        critical("B_star", "critical batch at a loss of 1", 2.1e8, {1e7, 1e9}, "B_*"),
        exponent("alpha_B", R"(\alpha_B)", "batch exponent", .21, {.15, .3}),
    };
    static constexpr std::array kaplan{6.5e13, .077, 2.1e3, .76, 2.1e8, .21};
    static constexpr std::array presets{Preset{"kaplan", "Kaplan et al. 2020, WebText2", kaplan}};
    static constexpr Argument size{"N", "parameters", ""}, target{"L", "loss to reach", "nats/token"},
        batch{"B", "batch size", "tokens"};
    static constexpr std::array atSize{size};
    static constexpr std::array atLoss{target};
    static constexpr std::array atSizeAndLoss{size, target};
    static constexpr std::array atBatch{size, target, batch};
    static constexpr std::array answers{
        Answer{"minimum_loss", "loss after endless steps", "nats/token", Scale::Log, atSize,
               [](std::span<const double> p, std::span<const double> at) { return trajectory::minimumLoss(p, at[0]); }},
        Answer{"critical_batch", "critical batch size", "tokens", Scale::Log, atLoss,
               [](std::span<const double> p, std::span<const double> at) { return trajectory::criticalBatch(p, at[0]); }},
        Answer{"minimum_steps", "fewest steps to a loss", "", Scale::Log, atSizeAndLoss,
               [](std::span<const double> p, std::span<const double> at) {
                   return trajectory::minimumSteps(p, at[0], at[1]);
               }},
        Answer{"minimum_tokens", "fewest tokens to a loss", "tokens", Scale::Log, atSizeAndLoss,
               [](std::span<const double> p, std::span<const double> at) {
                   return trajectory::minimumSteps(p, at[0], at[1]) * trajectory::criticalBatch(p, at[1]);
               }},
        Answer{"steps_at_batch", "steps to a loss at a batch size", "", Scale::Log, atBatch,
               [](std::span<const double> p, std::span<const double> at) {
                   return trajectory::minimumSteps(p, at[0], at[1]) * (1 + trajectory::criticalBatch(p, at[1]) / at[2]);
               }},
        Answer{"tokens_at_batch", "tokens to a loss at a batch size", "tokens", Scale::Log, atBatch,
               [](std::span<const double> p, std::span<const double> at) {
                   return trajectory::minimumSteps(p, at[0], at[1]) * (at[2] + trajectory::criticalBatch(p, at[1]));
               }},
    };

    template <class T>
    static T eval(const std::array<T, 6>& p, const Row& row)
    {
        using std::exp, std::log;
        const auto& [Nc, alphaN, Sc, alphaS, Bstar, alphaB] = p;
        std::array<double, 6> at;
        std::ranges::transform(p, at.begin(), [](const T& v) { return valueOf(v); });
        const double L = trajectory::loss(at, row[0], row[1], row[2]);
        // The right side with L held, whose derivatives give those of the root.
        const T crowd = exp(T(log(Bstar) - row[2].log - std::log(L) / alphaB));
        const T rest = exp(T(alphaS * (log(Sc) - row[1].log + log1p(crowd))));
        const double share = valueOf(crowd) / (1 + valueOf(crowd));
        return fixedPoint(T(criticalPower(Nc, row[0], alphaN) + rest), L, -valueOf(rest) * at[3] * share / (at[5] * L));
    }
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"

namespace law {

// The best learning rate of a model of N parameters trained on D tokens.
struct StepLaw {
    static constexpr Info info{
        .id = "step_law",
        .name = "Step law, learning rate",
        .family = Family::Scaling,
        .formula = "lr = c N^a D^b",
        .latex = R"(\eta^* = c\,N^{a} D^{b})",
        .cite = "Li et al. 2025, arXiv:2503.04715",
        .help = "Peak learning rate that gives the lowest final loss of a model of N parameters (without embeddings) "
                "trained on D tokens. To fit it, give the best rate of each of many pairs of N and D, not every run "
                "of a sweep; the minimum is flat, so rates scatter. The published constants hold for the paper's "
                "optimizer, schedule and initialisation: elsewhere use the exponents at most.",
    };
    static constexpr Quantity rate{"lr", "learning rate", "", Scale::Log, "lr learning_rate peak_lr max_lr best_lr"};
    static constexpr std::array inputs{quantity::N, quantity::D};
    static constexpr Quantity output = rate;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::LogLs;
    static constexpr std::array params{
        Param{.id = "c", .symbol = "c", .meaning = "coefficient", .lower = 1e-20, .upper = 1e20, .published = 1.79,
              .scale = Scale::Log, .linear = true},
        Param{.id = "a", .symbol = "a", .meaning = "exponent of the size", .lower = -5, .upper = 5, .published = -.713,
              .starts = {-.7, 0}},
        Param{.id = "b", .symbol = "b", .meaning = "exponent of the tokens", .lower = -5, .upper = 5, .published = .307,
              .starts = {0, .3}},
    };
    static constexpr std::array published{1.79, -.713, .307};
    static constexpr std::array bootstrap{1.7973399939002082, -.7129222911873004, .3074909504111001};
    static constexpr std::array presets{
        Preset{"published", "Li et al. 2025, as printed", published},
        Preset{"bootstrap_mean", "Li et al. 2025, mean of the 1,000 released bootstrap fits (c from the mean of its logarithm)",
               bootstrap},
    };

    template <class T>
    static T eval(const std::array<T, 3>& p, const Row& row)
    {
        using std::exp;
        const auto& [c, a, b] = p;
        return c * exp(T(a * row[0].log + b * row[1].log));
    }
};

// The best batch size, which in the same sweep answered to the tokens alone.
struct StepLawBatch {
    static constexpr Info info{
        .id = "step_law_batch",
        .name = "Step law, batch size",
        .family = Family::Scaling,
        .formula = "B = c D^a",
        .latex = R"(B^* = c\,D^{a})",
        .cite = "Li et al. 2025, arXiv:2503.04715",
        .help = "Batch size in tokens that gives the lowest final loss of a run of D tokens, whatever the size of the "
                "model. To fit it, give the best batch of each of several D. A batch counted in sequences must be "
                "multiplied by their length first (--map B='batch*2048'). The minimum is flat: half or twice the "
                "batch costs little.",
    };
    static constexpr std::array inputs{quantity::D};
    static constexpr Quantity output = quantity::batch;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::LogLs;
    static constexpr std::array params{
        Param{.id = "c", .symbol = "c", .meaning = "coefficient", .lower = 1e-20, .upper = 1e20, .published = .58,
              .scale = Scale::Log, .linear = true},
        Param{.id = "a", .symbol = "a", .meaning = "exponent of the tokens", .lower = -5, .upper = 5, .published = .571,
              .starts = {0, .5}},
    };
    static constexpr std::array published{.58, .571};
    static constexpr std::array bootstrap{.580687708449874, .5709443646892001};
    static constexpr std::array presets{
        Preset{"published", "Li et al. 2025, as printed", published},
        Preset{"bootstrap_mean", "Li et al. 2025, mean of the 1,000 released bootstrap fits (c from the mean of its logarithm)",
               bootstrap},
    };

    template <class T>
    static T eval(const std::array<T, 2>& p, const Row& row)
    {
        using std::exp;
        const auto& [c, a] = p;
        return c * exp(T(a * row[0].log));
    }
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"

namespace law {

// Loss of fine-tuning: flat while the examples add little to what pre-training has learnt, then a power law.
struct RectifiedFinetuning {
    static constexpr Info info{
        .id = "rectified_finetuning",
        .name = "Rectified fine-tuning",
        .family = Family::Scaling,
        .formula = "L = B / (D_t + D_f^beta) + E",
        .latex = R"(L = \frac{B}{D_t + D_f^{\beta}} + E)",
        .cite = "Lin et al. 2024, arXiv:2402.02314",
        .help = "Test loss of one pre-trained model fine-tuned on D_f examples of one task. D_t is what pre-training "
                "is worth, in units of examples^beta: below D_t^(1/beta) examples the curve is flat, above it a power "
                "law. The data need points on both sides of that bend, else D_t, or B and beta, are not determined. "
                "Fit every model and task on its own (where=...); the loss without any fine-tuning is not a point of "
                "the law.",
    };
    static constexpr Quantity examples{"D_f", "fine-tuning examples", "", Scale::Log,
        "samples examples n_samples num_samples train_samples finetune_samples sample_size sft_tokens dataset_size"};
    static constexpr std::array inputs{examples};
    static constexpr Quantity output = quantity::L;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::LogLs;
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();
    static constexpr std::array params{
        Param{.id = "B", .symbol = "B", .meaning = "coefficient", .lower = 1e-9, .upper = 1e15, .published = none,
              .scale = Scale::Log, .linear = true},
        Param{.id = "D_t", .symbol = "D_t", .meaning = "what pre-training is worth", .lower = 1e-6, .upper = 1e15,
              .published = none, .scale = Scale::Log, .starts = {1, 10, 100, 1e3, 1e4, 1e6}},
        Param{.id = "beta", .symbol = R"(\beta)", .meaning = "exponent of the examples", .lower = .005, .upper = 4,
              .published = none, .starts = {.1, .3, .6, .9, 1.3}},
        Param{.id = "E", .symbol = "E", .meaning = "irreducible loss", .lower = 0, .upper = 100, .published = none,
              .linear = true},
    };
    static constexpr std::span<const Preset> presets{};
    static constexpr std::array answers{
        Answer{"bend", "examples at which the power law begins", "", Scale::Log, {},
               [](std::span<const double> p, std::span<const double>) { return std::pow(p[1], 1 / p[2]); }},
    };

    template <class T>
    static T eval(const std::array<T, 4>& p, const Row& row)
    {
        const auto& [B, Dt, beta, E] = p;
        return B / (Dt + pow(row[0], beta)) + E;
    }
};

}

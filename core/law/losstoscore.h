// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"

namespace law {

// A score that rises from chance to its ceiling as the loss falls.
struct LossToScore {
    static constexpr Info info{
        .id = "loss_to_score",
        .name = "Loss to score",
        .family = Family::Downstream,
        .formula = "score = floor + (ceiling - floor) / (1 + exp(slope (L - midpoint)))",
        .latex = R"(\mathrm{score} = f + \frac{c - f}{1 + e^{k (L - L_m)}})",
        .cite = "Bhagia et al. 2024, arXiv:2412.04403, step 2",
        .help = "Accuracy of a task from the loss (or bits per byte) on it. The second of two steps: chain it behind a "
                "law of N and D to predict the score of a model not yet trained. The floor is chance level where "
                "the data do not reach it; a fit whose data stay on one side of the midpoint cannot tell the ceiling.",
    };
    static constexpr Quantity input{"L", "loss", "", Scale::Linear,
        "bpb task_loss val_loss validation_loss validation/loss eval_loss test_loss loss train_loss"};
    static constexpr std::array inputs{input};
    static constexpr Quantity output = quantity::score;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::Ls;
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();
    static constexpr std::array params{
        Param{.id = "floor", .symbol = "f", .meaning = "score at high loss", .lower = 0, .upper = 1,
              .published = none, .linear = true},
        Param{.id = "ceiling", .symbol = "c", .meaning = "score at low loss", .lower = 0, .upper = 1,
              .published = none, .linear = true},
        Param{.id = "slope", .symbol = "k", .meaning = "steepness per unit of loss", .lower = 1e-3, .upper = 1e4,
              .published = none, .scale = Scale::Log, .starts = {{1, 3, 6, 12, 30}, Grid::Of::PerInput}},
        Param{.id = "midpoint", .symbol = "L_m", .meaning = "loss half-way", .lower = 0, .upper = 100,
              .published = none, .starts = {{-.5, 0, .25, .5, .75, 1}, Grid::Of::Input}},
    };
    static constexpr std::array mmlu{.2579, 1.0, 4.8334, .6160};
    static constexpr std::array hellaswag{.2620, .9921, 12.7417, .7667};
    static constexpr std::array arcChallenge{.2223, 1.0, 5.9106, .7086};
    static constexpr std::array piqa{.5414, 1.0, 5.0330, .9630};
    static constexpr std::array presets{
        Preset{"mmlu", "OLMo ladder (arXiv:2412.04403), MMLU ranked choice 5-shot, loss in bits per byte", mmlu},
        Preset{"hellaswag", "OLMo ladder, HellaSwag 5-shot, loss in bits per byte", hellaswag},
        Preset{"arc_challenge", "OLMo ladder, ARC-Challenge 5-shot, loss in bits per byte", arcChallenge},
        Preset{"piqa", "OLMo ladder, PIQA 5-shot, loss in bits per byte", piqa},
    };

    template <class T>
    static T eval(const std::array<T, 4>& p, const Row& row)
    {
        const auto& [floor, ceiling, slope, midpoint] = p;
        return floor + (ceiling - floor) * logistic(T(slope * (double(row[0]) - midpoint)));
    }
};

}

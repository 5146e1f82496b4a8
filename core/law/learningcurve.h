// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"

namespace law {

// Generalisation error against the size of the training set.
struct LearningCurve {
    static constexpr Info info{
        .id = "learning_curve",
        .name = "Learning curve",
        .family = Family::Scaling,
        .formula = "err = gamma + alpha m^beta_g",
        .latex = R"(\varepsilon = \gamma + \alpha\,m^{\beta_g})",
        .cite = "Hestness et al. 2017, arXiv:1712.00409",
        .help = "Error (or loss) of the best model for each training set of m examples or tokens. Learning curves "
                "have three regions: with little data a model does no better than a best guess and the curve is flat; "
                "then it is a power law; at last it levels off at gamma, what no data removes. The law is the last "
                "two: leave the rows of the first out, for they flatten beta_g. Data that do not yet bend leave gamma "
                "undetermined. Every set needs its own best model size and, best, the median of several seeds.",
        .unverified = "The paper's exponents per domain were not checked; its preset holds the character models read "
                      "off a figure.",
    };
    static constexpr Quantity examples{"m", "training examples", "", Scale::Log,
        "dataset_size train_size samples examples n_samples num_examples tokens shard_size m"};
    static constexpr Quantity error{"err", "error", "", Scale::Log,
        "error err test_error val_error valid_error error_rate wer val_loss validation_loss eval_loss test_loss loss"};
    static constexpr std::array inputs{examples};
    static constexpr Quantity output = error;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::HuberLog;
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();
    static constexpr std::array params{
        Param{.id = "gamma", .symbol = R"(\gamma)", .meaning = "irreducible error", .lower = 0, .upper = 1e3, .published = none,
              .linear = true},
        Param{.id = "alpha", .symbol = R"(\alpha)", .meaning = "coefficient", .lower = 1e-9, .upper = 1e20, .published = none,
              .scale = Scale::Log, .linear = true},
        Param{.id = "beta_g", .symbol = R"(\beta_g)", .meaning = "exponent", .lower = -1.5, .upper = -.01, .published = none,
              .starts = {-.03, -.08, -.2, -.4, -.7, -1.1}},
    };
    static constexpr std::array sgd{0., 5.37, -.094};
    static constexpr std::array adam{0., 5.25, -.095};
    static constexpr std::array presets{
        Preset{"char_lm_sgd", "Hestness et al. 2017, character language model, SGD", sgd},
        Preset{"char_lm_adam", "Hestness et al. 2017, character language model, Adam", adam},
    };
    static constexpr std::array target{Argument{"err", "error to reach", ""}};
    static constexpr std::array answers{
        Answer{"data_for_error", "training examples that reach an error", "", Scale::Log, target,
               [](std::span<const double> p, std::span<const double> at) {
                   return at[0] > p[0] ? std::pow((at[0] - p[0]) / p[1], 1 / p[2]) : none;
               }},
    };

    template <class T>
    static T eval(const std::array<T, 3>& p, const Row& row)
    {
        const auto& [gamma, alpha, beta] = p;
        return gamma + alpha * pow(row[0], beta);
    }
};

}

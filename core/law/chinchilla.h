// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"

namespace law {

// The entropy of text, and what a finite model and finite data each add to it.
struct Chinchilla {
    static constexpr Info info{
        .id = "chinchilla",
        .name = "Chinchilla",
        .family = Family::Scaling,
        .formula = "L = E + A / N^alpha + B / D^beta",
        .latex = R"(L = E + \frac{A}{N^{\alpha}} + \frac{B}{D^{\beta}})",
        .cite = "Hoffmann et al. 2022, arXiv:2203.15556",
        .help = "Final loss of a model of N parameters trained on D tokens. E is the loss no model gets below; the two "
                "powers are what finite size and finite data cost. A and alpha (B and beta) trade off along a narrow "
                "valley: read the optimum at a budget, not A or B on their own. The fit needs runs whose N and D do "
                "not grow together.",
    };
    static constexpr std::array inputs{quantity::N, quantity::D};
    static constexpr Quantity output = quantity::L;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::HuberLog;
    static constexpr std::array params{
        Param{.id = "E", .symbol = "E", .meaning = "irreducible loss", .lower = 1e-4, .upper = 100, .published = 1.6934,
              .scale = Scale::Log, .linear = true,
              .wide = {0.36787944117144233, 0.6065306597126334, 1, 1.6487212707001282, 2.718281828459045}},
        Param{.id = "A", .symbol = "A", .meaning = "size coefficient", .lower = 1e-6, .upper = 1e20, .published = 406.4,
              .scale = Scale::Log, .linear = true,
              .wide = {1, 148.4131591025766, 22026.465794806718, 3269017.3724721107, 485165195.4097903, 72004899337.38588}},
        Param{.id = "B", .symbol = "B", .meaning = "data coefficient", .lower = 1e-6, .upper = 1e20, .published = 410.7,
              .scale = Scale::Log, .linear = true,
              .wide = {1, 148.4131591025766, 22026.465794806718, 3269017.3724721107, 485165195.4097903, 72004899337.38588}},
        Param{.id = "alpha", .symbol = R"(\alpha)", .meaning = "size exponent", .lower = 0, .upper = 3,
              .published = 0.33917, .starts = {.1, .2, .35, .5, .8, 1.2}, .wide = {0, .5, 1, 1.5, 2}},
        Param{.id = "beta", .symbol = R"(\beta)", .meaning = "data exponent", .lower = 0, .upper = 3,
              .published = 0.28491, .starts = {.1, .2, .35, .5, .8, 1.2}, .wide = {0, .5, 1, 1.5, 2}},
    };
    static constexpr std::array hoffmann{1.6933736809989528, 406.4010175194737, 410.7228269450398, 0.33917084, 0.2849083};
    static constexpr std::array hoffmannRounded{1.69, 406.4, 410.7, 0.34, 0.28};
    static constexpr std::array epoch{1.8168640, 482.0057174, 2085.4341996, 0.3478130, 0.3658541};
    static constexpr std::array epochMinimum{1.8172181, 477.826, 2143.417, 0.3473105, 0.3671724};
    static constexpr std::array presets{
        Preset{"hoffmann", "Hoffmann et al. 2022, unrounded values of the paper's source", hoffmann},
        Preset{"hoffmann_rounded", "Hoffmann et al. 2022, as printed (two digits of the exponents are too few to plan with)",
               hoffmannRounded},
        Preset{"epoch", "Besiroglu et al. 2024, arXiv:2404.10102, as reported", epoch},
        Preset{"epoch_minimum", "Minimum of the same objective on the 240 points of Besiroglu et al. 2024", epochMinimum},
    };

    template <class T>
    static T eval(const std::array<T, 5>& p, const Row& row)
    {
        const auto& [E, A, B, alpha, beta] = p;
        return E + A * pow(row[0], T(-alpha)) + B * pow(row[1], T(-beta));
    }
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/kaplan.h"

namespace law {

// Kaplan et al.'s joint law of size and data: limited by either, and over-fitted where D is small for N.
struct KaplanNd : Kaplan {
    static constexpr Info info{
        .id = "kaplan_nd",
        .name = "Kaplan, size and data",
        .family = Family::Scaling,
        .formula = "L = ((N_c / N)^(alpha_N / alpha_D) + D_c / D)^alpha_D",
        .latex = R"(L = \left[\left(\frac{N_c}{N}\right)^{\alpha_N/\alpha_D} + \frac{D_c}{D}\right]^{\alpha_D})",
        .cite = cite,
        .help = "Loss of a model of N parameters (without embeddings) trained on D tokens until it stops improving. "
                "Its limits are the pure laws of N and of D. The data must vary N and D on their own and hold some "
                "runs that over-fit, else D_c and alpha_D are not seen. There is no irreducible loss: distrust it far "
                "above the fitted sizes. The critical scales move with the exponents and mean little alone.",
    };
    static constexpr std::array inputs{quantity::N, quantity::D};
    static constexpr std::array params{
        critical("N_c", "critical size", 6.4e13, {1e8, 1e11, 1e14, 1e18}),
        critical("D_c", "critical number of tokens", 1.8e13, {1e8, 1e11, 1e14, 1e18}),
        exponent("alpha_N", R"(\alpha_N)", "size exponent", .076),
        exponent("alpha_D", R"(\alpha_D)", "data exponent", .103),
    };
    static constexpr std::array kaplan{6.4e13, 1.8e13, .076, .103};
    static constexpr std::array presets{Preset{"kaplan", "Kaplan et al. 2020, WebText2", kaplan}};
    static constexpr std::array needed{Argument{"N", "parameters", ""},
                                       Argument{"excess", "loss over that of endless data, as a share of it", "", .02}};
    static constexpr std::array answers{
        Answer{"tokens_against_overfitting", "tokens that keep over-fitting below a share of the loss", "tokens",
               Scale::Log, needed,
               [](std::span<const double> p, std::span<const double> at) {
                   const double least = std::expm1(std::log1p(at[1]) / p[3]);
                   return least > 0 ? p[1] * std::pow(at[0] / p[0], p[2] / p[3]) / least : none;
               }},
    };

    template <class T>
    static T eval(const std::array<T, 4>& p, const Row& row)
    {
        const auto& [Nc, Dc, alphaN, alphaD] = p;
        return power(T(criticalPower(Nc, row[0], T(alphaN / alphaD)) + Dc / double(row[1])), alphaD);
    }
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"

namespace law {

// One power of one quantity above a floor; with E fixed at 0 a pure power law.
struct PowerLaw {
    static constexpr Info info{
        .id = "power_law",
        .name = "Power law",
        .family = Family::Scaling,
        .formula = "L = E + A / x^alpha",
        .latex = R"(L = E + \frac{A}{x^{\alpha}})",
        .cite = "Kaplan et al. 2020, arXiv:2001.08361 (without floor); Henighan et al. 2020, arXiv:2010.14701 (with floor)",
        .help = "Loss against one quantity: compute, tokens, parameters or steps. Fix E at 0 for the law without a "
                "floor. Data that do not bend leave E undetermined: its interval then reaches down to 0.",
    };
    static constexpr Quantity input{"x", "x", "", Scale::Log,
        "flops flop compute tokens params parameters n_params samples dataset_size step"};
    static constexpr std::array inputs{input};
    static constexpr Quantity output = quantity::L;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::HuberLog;
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();
    static constexpr std::array params{
        Param{.id = "E", .symbol = "E", .meaning = "irreducible loss", .lower = 1e-6, .upper = 1e6, .published = none,
              .scale = Scale::Log, .linear = true},
        Param{.id = "A", .symbol = "A", .meaning = "coefficient", .lower = 1e-9, .upper = 1e30, .published = none,
              .scale = Scale::Log, .linear = true},
        Param{.id = "alpha", .symbol = R"(\alpha)", .meaning = "exponent", .lower = 0, .upper = 5, .published = none,
              .starts = {.03, .08, .2, .4, .7, 1.1, 2}},
    };
    static constexpr std::array kaplanN{0.0, 11.475739550450955, 0.076};
    static constexpr std::array kaplanD{0.0, 20.16403335564776, 0.095};
    static constexpr std::array kaplanC{0.0, 2.6580802262455236, 0.050};
    static constexpr std::array presets{
        Preset{"kaplan_n", "Kaplan et al. 2020: x = non-embedding parameters, (8.8e13 / N)^0.076", kaplanN},
        Preset{"kaplan_d", "Kaplan et al. 2020: x = tokens, (5.4e13 / D)^0.095", kaplanD},
        Preset{"kaplan_c", "Kaplan et al. 2020: x = compute in PF-days, (3.1e8 / C)^0.050", kaplanC},
    };

    template <class T>
    static T eval(const std::array<T, 3>& p, const Row& row)
    {
        const auto& [E, A, alpha] = p;
        return E + A * pow(row[0], T(-alpha));
    }
};

}

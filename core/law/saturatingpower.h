// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"

namespace law {

// A power law that levels off at both ends.
struct SaturatingPower {
    static constexpr Info info{
        .id = "saturating_power",
        .name = "Saturating power law",
        .family = Family::Scaling,
        .formula = "y = a (x + b)^c + d",
        .latex = R"(y = a\,(x + b)^{c} + d)",
        .cite = "Nezhurina et al. 2025, arXiv:2506.04598; Zhai et al. 2022, arXiv:2106.04560",
        .help = "Error of a downstream task against compute or samples: flat below b, then a power law with a "
                "negative exponent c, then flat at d. Fix d at 0 (--fix d=0) for the form without a floor. Only data "
                "that bend at the small end tell b, and only data that bend at the large end tell d: without the one "
                "or the other fix it. a, b and c move together: read predictions. Nothing says that an error law goes "
                "on where the data end.",
    };
    static constexpr Quantity input{"x", "x", "", Scale::Log,
        "flops flop compute gflops_total samples_seen samples tokens params dataset_size step"};
    static constexpr Quantity error{"y", "error", "", Scale::Log,
        "error err test_error val_error zero_shot_error error_rate val_loss test_loss eval_loss loss y"};
    static constexpr std::array inputs{input};
    static constexpr Quantity output = error;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::HuberLog;
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();
    static constexpr std::array params{
        Param{.id = "a", .symbol = "a", .meaning = "coefficient", .lower = 1e-9, .upper = 1e40, .published = none,
              .scale = Scale::Log, .linear = true},
        Param{.id = "b", .symbol = "b", .meaning = "where the curve leaves its plateau", .lower = 1e-9, .upper = 1e40,
              .published = none, .scale = Scale::Log, .starts = {{-.2, .05, .2, .4, .6, .8}, Grid::Of::LogInput}},
        Param{.id = "c", .symbol = "c", .meaning = "exponent", .lower = -5, .upper = -1e-3, .published = none,
              .starts = {-.05, -.15, -.3, -.5, -.8, -1.3}},
        Param{.id = "d", .symbol = "d", .meaning = "irreducible error", .lower = 0, .upper = 1e6, .published = none,
              .linear = true},
    };
    static constexpr std::span<const Preset> presets{};

    template <class T>
    static T eval(const std::array<T, 4>& p, const Row& row)
    {
        const auto& [a, b, c, d] = p;
        return a * power(T(double(row[0]) + b), c) + d;
    }
};

}

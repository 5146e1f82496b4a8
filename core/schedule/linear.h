// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/schedule/options.h"

namespace schedule {

inline constexpr std::array linearOptions{option::final};

inline constexpr Schedule linear{
    .id = "linear",
    .name = "Linear decay",
    .formula = "lr(t) = peak (final + (1 - final) (1 - x)),  x = (t - warmup) / (steps - warmup)",
    .cite = "Defazio et al. 2023, arXiv:2310.07831",
    .options = linearOptions,
    .factor = [](double t, const Course& course) {
        const double final = course.set[0];
        return final + (1 - final) * (1 - course.progress(t, 0));
    },
};

}

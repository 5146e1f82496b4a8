// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/schedule/options.h"

namespace schedule {

inline constexpr std::array wsdLinearOptions{option::decay, option::final};

inline constexpr Schedule wsdLinear{
    .id = "wsd-linear",
    .name = "Warm-up, stable, linear decay",
    .formula = "lr(t) = peak (1 - (1 - final) x),  x = (t - begin) / (steps - begin),  begin = steps - decay",
    .cite = "Haegele et al. 2024, arXiv:2405.18392",
    .options = wsdLinearOptions,
    .factor = [](double t, const Course& course) {
        const double begin = course.steps - course.span(course.set[0]);
        return 1 - (1 - course.set[1]) * course.progress(t, begin);
    },
};

}

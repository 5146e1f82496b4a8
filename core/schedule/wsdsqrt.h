// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/schedule/options.h"

#include <cmath>

namespace schedule {

inline constexpr std::array wsdSqrtOptions{option::decay, option::final};

inline constexpr Schedule wsdSqrt{
    .id = "wsd-sqrt",
    .name = "Warm-up, stable, 1-sqrt decay",
    .formula = "lr(t) = peak (final + (1 - final) (1 - sqrt(x))),  x = (t - begin) / (steps - begin),  "
               "begin = steps - decay",
    .cite = "Haegele et al. 2024, arXiv:2405.18392",
    .options = wsdSqrtOptions,
    .factor = [](double t, const Course& course) {
        const double begin = course.steps - course.span(course.set[0]), final = course.set[1];
        return final + (1 - final) * (1 - std::sqrt(course.progress(t, begin)));
    },
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/schedule/options.h"

#include <cmath>
#include <numbers>

namespace schedule {

inline constexpr std::array cosineOptions{option::final};

inline constexpr Schedule cosine{
    .id = "cosine",
    .name = "Cosine",
    .formula = "lr(t) = peak (final + (1 - final) (1 + cos(pi x)) / 2),  x = (t - warmup) / (steps - warmup)",
    .cite = "Loshchilov and Hutter 2017, arXiv:1608.03983",
    .options = cosineOptions,
    .factor = [](double t, const Course& course) {
        const double final = course.set[0];
        return final + (1 - final) * (1 + std::cos(std::numbers::pi * course.progress(t, 0))) / 2;
    },
};

}

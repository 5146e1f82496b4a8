// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/schedule/options.h"

namespace schedule {

inline constexpr std::array twoStageOptions{
    Option{"at", "first step of the second stage: a fraction of all steps where at most 1, else a step", .5, 0, 1e9},
    Option{"factor", "rate of the second stage as a fraction of the peak", .3, 0, 1}};

inline constexpr Schedule twoStage{
    .id = "two-stage",
    .name = "Two constant stages",
    .formula = "lr(t) = peak before step at, peak factor from there",
    .cite = "Luo et al. 2025, arXiv:2503.12811",
    .options = twoStageOptions,
    .factor = [](double t, const Course& course) { return t < course.span(course.set[0]) ? 1 : course.set[1]; },
};

}

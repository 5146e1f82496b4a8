// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/schedule/schedule.h"

namespace schedule {

inline constexpr Schedule constant{
    .id = "constant",
    .name = "Constant",
    .formula = "lr(t) = peak",
    .cite = "",
    .options = {},
    .factor = [](double, const Course&) { return 1.; },
};

}

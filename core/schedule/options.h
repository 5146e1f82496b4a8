// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/schedule/schedule.h"

// Options that several schedules share.
namespace schedule::option {

inline constexpr Option final{"final", "rate at the end as a fraction of the peak", .1, 0, 1};
inline constexpr Option decay{"decay", "length of the decay: a fraction of all steps where at most 1, else steps",
                              .2, 0, 1e9};

}

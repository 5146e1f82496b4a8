// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "schedule/schedule.hpp"
#include "spec/reader.hpp"

namespace proxy {

// Reads the "sched" object of a member with peak rate `lr`. Which keys exist depends on the kind, so a key that would
// have no effect is refused. The names of the core's schedules (wsd-sqrt, final, at, factor, ...) are understood.
Schedule readSchedule(Reader reader, double lr);

// The schedule in canonical form, part of a member's identity.
Json describeSchedule(const Schedule& schedule);

}

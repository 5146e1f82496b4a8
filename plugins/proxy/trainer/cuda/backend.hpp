// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "run/backend.hpp"

namespace proxy {

// Members of a class in the slots of one step program on device `number`; a slot whose member ended takes the next
// one. Members with a switch that the device does not know are trained on `threads` threads of the CPU, after the
// others. Throws Failure(NoDevice).
std::unique_ptr<Backend> cudaBackend(std::int64_t number, int threads);

}

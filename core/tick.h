// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

// Progress of long work in [0, 1]; false means stop. Called at least every 50 ms where it matters; may be empty.
using Tick = std::function<bool(double)>;

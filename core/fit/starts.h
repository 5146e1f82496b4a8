// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/random.h"
#include "core/fit/search.h"

namespace fit {

// The multi-start in search space: the product of the law's grids over its free parameters (spec.starts: 0 the law's own,
// -1 the published procedure's whole grid, K the K best of them, topped up by seeded random ones). Parameters a law is
// linear in, and that have no grid, are solved for at each start.
std::vector<Vector> starts(const Search&);

}

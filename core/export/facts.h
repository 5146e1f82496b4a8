// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/fit.h"
#include "core/law/law.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace exporter {

// What a reader of a fit needs to judge or repeat it (the checklist of Li et al. 2025, arXiv:2502.18969), as pairs of a
// heading and plain words: data and ranges, points left out and why, objective, starts, interval, errors, version.
using Facts = std::vector<std::pair<std::string, std::string>>;
Facts factsOf(const fit::Fit&);

// "95 % interval (bootstrap, 4000 resamples by run)"
std::string intervalName(const fit::Fit&);

}

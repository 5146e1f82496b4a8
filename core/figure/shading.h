// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/run.h"
#include "core/figure/figure.h"
#include "core/workspace.h"

#include <span>

namespace figure {

// One run of a chart on its way into layers.
struct Curve {
    const data::Run* run;
    const RunEntry* entry;
    std::vector<double> x, y;
    int color = 0;
    double shade = std::numeric_limits<double>::quiet_NaN();
};

// Colours curves by ChartEntry::colorBy: by run, by the numbers of a key (the figure gets a shading), or by its words.
// Returns what the note says of it; a key that no run has is named in the warnings.
std::string colour(Figure&, std::span<Curve>, const std::string& colorBy);

}

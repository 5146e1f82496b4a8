// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/run.h"

#include <span>
#include <string>
#include <vector>

// What a curve can be drawn against, logged or worked out.
namespace figure {

// A series of a run against x: "step"; "tokens" (a logged counter, else step times the configuration's tokens per
// step); "flops" (logged, else 6 N D, Kaplan et al. 2020, arXiv:2001.08361, section 2.1, with N from the
// configuration); "wall" (hours since the run's first record); or the name of another series, joined at equal steps,
// or of a number of the configuration. Same length; records without an x are left out.
struct Along {
    std::vector<double> x, y;
    std::string why;            // where it cannot be had, as the end of a sentence: "it logs no tokens and its ..."
    bool derived = false;       // worked out, not logged
};
Along along(const data::Run&, const data::Series& y, std::string_view x);

// The four axes above for these runs and every other series they may be drawn against.
struct AxisChoice {
    std::string id, title, unit;
    bool available = false;     // for at least one run
    std::string why;            // where it is not
};
std::vector<AxisChoice> axisChoices(std::span<const data::Run>);

}

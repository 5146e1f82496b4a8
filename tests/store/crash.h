// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/store/sample.h"

namespace crash {

// The three runs of a number, of sizes from a handful of records to enough to start a checkpoint every few numbers.
inline std::vector<data::Run> runs(std::uint64_t number)
{
    std::vector<data::Run> out;
    for (std::uint64_t i = 0; i < 3; ++i) {
        const std::uint64_t seed = 3 * number + i;
        const std::size_t n = seed % 5 == 4 ? 20000 : 10 + seed * 37 % 900;
        out.push_back(sample::log(std::string("run ").append(std::to_string(seed)), n, seed));
    }
    return out;
}

}

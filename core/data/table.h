// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/run.h"

#include <cstddef>
#include <span>

namespace data {

// Rows to fit, filter or plot: numeric columns of one length (NaN where a cell is missing), columns of words, and
// the run each row came from.
struct Table {
    struct Numbers {
        std::string name;
        std::vector<double> values;
    };
    std::vector<Numbers> numbers;
    std::vector<TextColumn> text;
    std::vector<std::int32_t> group;         // per row: index into groups
    std::vector<std::string> groups;         // names of runs; a table of single points is one group
    std::vector<bool> curve;                 // per group: rows are steps of one run (true) or single points (false)
    std::size_t rows = 0;

    const Numbers* number(std::string_view name) const;
    const TextColumn* words(std::string_view name) const;
};

// One table of all runs. A run that is a log gives one row per distinct step (columns "step", its metrics, its
// config repeated, "run" as words; the last record wins where a step was logged twice); a run that is a table gives
// its own rows. Columns are the union, NaN or empty where a run lacks one.
Table tabulate(std::span<const Run> runs);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/sheet.h"

#include <array>

namespace io {

inline constexpr std::size_t noColumn = static_cast<std::size_t>(-1);
inline constexpr std::array<std::string_view, 3> runNames = {"run", "run_name", "run_id"};

// Which rows belong together.
struct Groups {
    std::vector<std::int32_t> of;   // per row
    std::vector<std::size_t> first; // per group: its first row
    std::size_t count() const { return first.size(); }
};

// The runs a sheet holds.
struct Grouping {
    Groups groups;
    std::vector<std::size_t> keys;  // the columns that tell them apart, in file order
    double overlap = 0;             // share of cells that another record of the same run and step contradicts
};

bool among(std::string_view name, std::span<const std::string_view> names);
// The first of the names that is a column of that kind, noColumn where none is.
std::size_t findColumn(const Sheet&, std::span<const std::string_view> names, bool words);
// The column of steps, noColumn where the sheet is no log.
std::size_t stepColumn(const Sheet&);
// `metric` is the column of metric names of a long sheet, else noColumn.
Grouping groupRows(const Sheet&, std::size_t step, std::size_t metric);
// Whether a column has one value in each group, empty cells aside.
bool constantInGroups(const Sheet&, const Groups&, const Sheet::Column&);

}

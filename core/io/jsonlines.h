// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/sheet.h"

#include <variant>

namespace io {

// One value of a JSON object, however deep: its path joined by '/', and a number or a word. Nulls are left out.
struct Leaf {
    std::string_view name;
    std::variant<double, std::string_view> value;
};

// Reads JSON lines: calls `record` with the leaves of each object and its line (from 1). Bare and quoted NaN and
// Infinity are numbers, as Python writes them. Lines that are no object are warned of. The leaves live until the
// call returns. Returns how many lines there are.
std::uint64_t eachRecord(const Input&, const Tick&, Losses&,
                         const std::function<void(std::span<const Leaf>, std::uint64_t line)>& record);

// Text of JSON in which the bare tokens that strict JSON refuses (NaN, Infinity, 1e999) are strings that begin with bareMark.
inline constexpr char bareMark = '\x01';
std::string withBareTokensQuoted(std::string_view text);

// The share of the first lines that look like one JSON object each.
double looksLikeJsonLines(std::string_view head);

}

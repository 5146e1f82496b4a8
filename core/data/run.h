// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace data {

// A column is shared, never copied: series of one log point at the same steps.
using Column = std::shared_ptr<const std::vector<double>>;

// What a log says of a run beside its curves. Booleans are 1 and 0.
using Value = std::variant<double, std::string>;
using Config = std::map<std::string, Value, std::less<>>;

// One quantity as it was logged: records in file order, NaN and infinities kept, before any overlap policy.
struct Series {
    std::string name;
    Column step;    // x of each record; in a table the row number from 0, ascending, rows without a value left out
    Column value;   // same length as step
    Column wall;    // seconds since the epoch where the log has it, else null
};

// A column of words: code[i] indexes levels, -1 where the cell is empty.
struct TextColumn {
    std::string name;
    std::vector<std::int32_t> code;
    std::vector<std::string> levels;
};

enum class Kind {
    Log,    // a curve or several over steps
    Table,  // rows without an order, such as one final loss per trained model
};

// What was measured. Immutable once read; its identity is its content (see store::contentHash).
struct Run {
    std::string name;
    std::string format;   // id of the reader that read it
    std::string source;   // the file, as it was given
    Kind kind = Kind::Log;
    Config config;
    std::vector<Series> series;
    std::vector<TextColumn> text;   // tables only: one code per row

    const Series* find(std::string_view name) const;
};

}

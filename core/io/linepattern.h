// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/sheet.h"

#include <array>

namespace io {

// A text log as data. A pattern is the text of a line in which {name} stands for a number, {} for anything, a space
// for any blanks or none, and [ ] enclose what may be absent. It may begin anywhere in a line. {step} is the step of
// the record; a record without one is at the last step seen.
struct TextFormat {
    std::string_view id;
    std::vector<std::string_view> records;  // each {name} is a series
    std::vector<std::string_view> facts;    // each {name} is a number of the run's config
    bool parameterTable = false;            // lines "| name | value |" are its config too
};

// Share of the records' patterns among the lines, as a sniffer's score of 0 to `most`.
int looksLike(const TextFormat&, std::string_view head, int most);

// Reads every line that fits; a line that only begins like a record is warned of.
Import readLines(const TextFormat&, const Input&, const Tick&);

}

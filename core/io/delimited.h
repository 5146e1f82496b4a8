// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/sheet.h"

namespace io {

// How a file of separated values is written.
struct Dialect {
    char separator = ',';
    bool decimalComma = false;
    std::size_t columns = 0;    // cells of most lines
    double agreement = 0;       // share of the lines that have as many
    double numeric = 0;         // share of the cells after the first line that are numbers or empty
};

// Judged from the first lines of a text.
Dialect findDialect(std::string_view head);

// Reads separated values in one pass (a second only where a column turns out to be of the other kind).
Sheet readDelimited(const Input&, const Tick&, Losses&);

}

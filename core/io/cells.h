// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/sheet.h"

namespace io {

// Walks over the cells of a text, quotes understood.
struct Cursor {
    const char* at;
    const char* end;
    char separator;
    std::string scratch {};
    std::uint64_t newlines = 0;     // inside quotes, so that lines are still counted
    bool openQuote = false;         // the last cell had a quote that is never closed

    bool atLineEnd() const { return at == end || *at == '\n' || *at == '\r'; }

    // The next cell, its quotes removed; stops at the separator or the end of the line.
    std::string_view cell() {
        if (at != end && *at == '"') return quoted();
        const char* first = at;
        while (at != end && *at != separator && *at != '\n' && *at != '\r') ++at;
        return {first, static_cast<std::size_t>(at - first)};
    }

    void skipLineEnd() {
        if (at != end && *at == '\r') ++at;
        if (at != end && *at == '\n') ++at;
    }

    void skipLine() {
        while (!atLineEnd()) ++at;
        skipLineEnd();
    }

private:
    std::string_view quoted();
};

// Parses a plain number at `at`; returns its end, or null where there is none.
const char* plainNumber(const char* at, const char* end, double& value);

// Digits in groups of three, such as 419,430,400 or 1,234.5.
bool grouped(std::string_view cell, char mark, char point);

// The number in a cell, its thousands grouped or not.
std::optional<double> numberIn(std::string_view cell, bool decimalComma);

}

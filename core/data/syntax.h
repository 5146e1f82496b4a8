// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace data {

// An expression as a tree. A leaf is a number, a word in quotes or a name.
struct Syntax {
    enum class Kind { Number, Word, Name, Not, Negate, Call, Or, And, Compare, Sum, Product, Power };
    Kind kind = Kind::Number;
    std::string text;           // the word, the name, the function or the operator
    double number = 0;
    std::vector<Syntax> parts;  // operands from left to right
    std::size_t column = 1;     // of its first character, from 1
};

// Throws UsageError naming the column of the first character that does not fit.
Syntax parse(std::string_view text);

// A number with an optional suffix k K M B G T, as a whole; nothing else fits.
std::optional<double> scaledNumber(std::string_view text);

}

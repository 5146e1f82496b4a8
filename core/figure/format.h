// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/fit.h"

#include <string>

// Numbers as people read them, in UTF-8: real minus, true superscripts, NaN is the word NaN.
namespace figure {

// That many significant digits without trailing zeros: 0.3473, 12.5, -3. From 1e6 and below 1e-4 as 3.1 x 10^21 with
// true signs.
std::string significant(double value, int digits = 4);

// Counts with a suffix: 512, 6.7B, 1.4T; above 1e15 and below 1 as significant().
std::string si(double value, int digits = 3);

// "0.3473 (0.317 to 0.373)": the interval to two digits of its width, the value to one more. Without an interval the
// value to four digits.
std::string withInterval(double value, const fit::Interval& interval);

// How the same numbers are cut, for tables that set them in their own way: the power of ten taken out (0 for none) and
// the decimals left.
struct Rounding {
    int exponent = 0;
    int valueDecimals = 0, intervalDecimals = 0;
    bool hasInterval = false;
};
Rounding rounding(double value, const fit::Interval& interval);

// Fixed decimals, negative ones round to tens and hundreds: fixed(2143.4, -1) is 2140. ASCII minus; NaN, Infinity.
std::string fixed(double value, int decimals);

}

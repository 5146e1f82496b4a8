// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/figure/format.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace figure {

namespace {

const std::string minusSign = "\u2212", times = "\u00d7";

std::string superscript(int power)
{
    static const std::array<const char*, 10> digit{"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                                   "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
    std::string out = power < 0 ? "\u207b" : "";
    for (const char c : std::to_string(std::abs(power)))
        out += digit[std::size_t(c - '0')];
    return out;
}

std::string realMinus(const std::string& ascii)
{
    return ascii.starts_with('-') ? minusSign + ascii.substr(1) : ascii;
}

std::string withoutTrailingZeros(std::string s)
{
    if (s.find('.') == std::string::npos)
        return s;
    s.erase(s.find_last_not_of('0') + 1);
    if (s.ends_with('.'))
        s.pop_back();
    return s;
}

// The exponent of the first digit once rounded to so many: 9.9996 has 1 at four digits.
int exponentOf(double value, int digits)
{
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "%.*e", digits - 1, value);
    return std::atoi(std::string_view(buffer).substr(std::string_view(buffer).find('e') + 1).data());
}

std::string notFinite(double value)
{
    return std::isnan(value) ? "NaN" : value > 0 ? "\u221e" : minusSign + "\u221e";
}

}

std::string fixed(double value, int decimals)
{
    if (!std::isfinite(value))
        return std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
    if (decimals < 0) {
        const double unit = std::pow(10, -decimals);
        value = std::round(value / unit) * unit;
        decimals = 0;
    }
    char buffer[400];
    std::snprintf(buffer, sizeof buffer, "%.*f", decimals, value);
    const std::string out = buffer;
    return out.find_first_not_of("-0.") == std::string::npos && out.starts_with('-') ? out.substr(1) : out;
}

std::string significant(double value, int digits)
{
    if (!std::isfinite(value))
        return notFinite(value);
    if (value == 0)
        return "0";
    const int exponent = exponentOf(value, digits);
    if (exponent >= 6 || exponent < -4) {
        char mantissa[40];
        std::snprintf(mantissa, sizeof mantissa, "%.*e", digits - 1, value);
        const std::string_view text = mantissa;
        return realMinus(withoutTrailingZeros(std::string(text.substr(0, text.find('e'))))) + " " + times + " 10"
            + superscript(exponent);
    }
    return realMinus(withoutTrailingZeros(fixed(value, digits - 1 - exponent)));
}

std::string si(double value, int digits)
{
    if (!std::isfinite(value))
        return notFinite(value);
    const int exponent = value == 0 ? 0 : exponentOf(value, digits);
    if (exponent < 0 || exponent >= 15)
        return significant(value, digits);
    static const std::array<const char*, 5> suffix{"", "k", "M", "B", "T"};
    const int step = exponent / 3;
    return realMinus(withoutTrailingZeros(fixed(value / std::pow(10, 3 * step), digits - 1 - (exponent - 3 * step))))
        + suffix[std::size_t(step)];
}

Rounding rounding(double value, const fit::Interval& interval)
{
    Rounding out;
    const double width = interval.upper - interval.lower;
    out.hasInterval = std::isfinite(width) && width > 0;
    const double largest = std::max(std::abs(value), out.hasInterval ? std::max(std::abs(interval.lower),
                                                                                std::abs(interval.upper)) : 0.);
    const int top = largest > 0 && std::isfinite(largest) ? exponentOf(largest, 4) : 0;
    if (top >= 6 || top < -4)
        out.exponent = value != 0 && std::isfinite(value) ? exponentOf(value, 4) : top;
    const int ofValue = value != 0 && std::isfinite(value) ? exponentOf(value, 4) : top;
    if (!out.hasInterval) {
        out.valueDecimals = out.intervalDecimals = 3 - (ofValue - out.exponent);
        return out;
    }
    // More than nine decimals only where the interval is that narrow beside its value; a double has 16 digits.
    out.intervalDecimals = std::min(1 - (exponentOf(width, 2) - out.exponent), 14 - (ofValue - out.exponent));
    out.valueDecimals = out.intervalDecimals + 1;
    return out;
}

std::string withInterval(double value, const fit::Interval& interval)
{
    if (!std::isfinite(value))
        return notFinite(value);
    const Rounding cut = rounding(value, interval);
    if (std::isinf(interval.lower) || std::isinf(interval.upper))
        return significant(value) + " (" + significant(interval.lower, 3) + " to " + significant(interval.upper, 3)
            + ")";
    if (!cut.hasInterval)
        return significant(value);
    const double unit = std::pow(10, cut.exponent);
    const auto part = [&](double v, int decimals) { return realMinus(fixed(v / unit, decimals)); };
    return part(value, cut.valueDecimals) + " (" + part(interval.lower, cut.intervalDecimals) + " to "
        + part(interval.upper, cut.intervalDecimals) + ")"
        + (cut.exponent ? " " + times + " 10" + superscript(cut.exponent) : "");
}

}

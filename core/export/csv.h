// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text.h"

#include <cmath>
#include <string>
#include <vector>

namespace exporter {

// A cell of RFC 4180: quoted where it holds a comma, a quote or a line break.
inline std::string cell(std::string_view words)
{
    if (words.find_first_of(",\"\r\n") == std::string_view::npos)
        return std::string(words);
    std::string out = "\"";
    for (const char c : words)
        out.append(c == '"' ? 2 : 1, c);
    return out + '"';
}

// Every digit; NaN, Infinity and -Infinity by name.
inline std::string cell(double v)
{
    return std::isfinite(v) ? text::number(v) : std::isnan(v) ? "NaN" : v > 0 ? "Infinity" : "-Infinity";
}

inline std::string line(const std::vector<std::string>& cells)
{
    return text::join(cells, ",") + "\n";
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <numeric>

namespace text {

std::string lower(std::string_view s)
{
    std::string out(s);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    return out;
}

std::vector<std::string> split(std::string_view s, char separator)
{
    std::vector<std::string> parts;
    for (std::size_t begin = 0;;) {
        const std::size_t end = s.find(separator, begin);
        parts.emplace_back(s.substr(begin, end - begin));
        if (end == std::string_view::npos)
            return parts;
        begin = end + 1;
    }
}

std::string_view trim(std::string_view s)
{
    const auto first = s.find_first_not_of(" \t\r\n");
    return first == std::string_view::npos ? std::string_view{} : s.substr(first, s.find_last_not_of(" \t\r\n") - first + 1);
}

std::string join(const std::vector<std::string>& parts, std::string_view separator)
{
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i)
        out.append(i ? separator : std::string_view{}).append(parts[i]);
    return out;
}

std::string number(double v)
{
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
    return {buffer, end};
}

std::string didYouMean(std::string_view word, const std::vector<std::string>& names)
{
    const std::string a = lower(word);
    std::string best;
    std::size_t least = std::size_t(-1);
    for (const std::string& name : names) {
        const std::string b = lower(name);
        std::vector<std::size_t> row(b.size() + 1);
        std::iota(row.begin(), row.end(), 0);
        for (std::size_t i = 0; i < a.size(); ++i) {
            std::size_t diagonal = row[0]++;
            for (std::size_t j = 0; j < b.size(); ++j) {
                const std::size_t above = row[j + 1];
                row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] != b[j])});
                diagonal = above;
            }
        }
        const bool holds = !a.empty() && (b.find(a) != std::string::npos || a.find(b) != std::string::npos);
        const std::size_t distance = holds ? std::min<std::size_t>(row.back(), 1) : row.back();
        if (distance < least && distance <= std::max<std::size_t>(1, b.size() / 3))
            least = distance, best = name;
    }
    return best.empty() ? "" : ", did you mean '" + best + "'?";
}

}

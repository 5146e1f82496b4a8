// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/cells.h"
#include "core/io/delimited.h"

#include <algorithm>
#include <map>

namespace io {

namespace {

struct Lines {
    std::vector<std::vector<std::string>> cells;
    double agreement = 0;
    std::size_t width = 0;
};

// The first 50 lines cut at one separator.
Lines cut(std::string_view head, char separator) {
    Lines lines;
    Cursor cursor {.at = head.data(), .end = head.data() + head.size(), .separator = separator};
    while (cursor.at != cursor.end && lines.cells.size() < 50) {
        if (*cursor.at == '#') {
            cursor.skipLine();
            continue;
        }
        if (cursor.atLineEnd()) {
            cursor.skipLineEnd();
            continue;
        }
        auto& row = lines.cells.emplace_back();
        for (;;) {
            row.emplace_back(cursor.cell());
            if (cursor.atLineEnd()) break;
            ++cursor.at;
        }
        cursor.skipLineEnd();
    }
    std::map<std::size_t, std::size_t> widths;
    for (const auto& row : lines.cells) ++widths[row.size()];
    for (const auto& [width, count] : widths)
        if (const double share = static_cast<double>(count) / static_cast<double>(lines.cells.size());
            share >= lines.agreement) {
            lines.agreement = share;
            lines.width = width;
        }
    return lines;
}

}

Dialect findDialect(std::string_view head) {
    Dialect best;
    double bestScore = -1;
    Lines lines;
    for (char separator : {',', '\t', ';'}) {
        Lines candidate = cut(head, separator);
        if (candidate.cells.empty()) continue;
        // With a decimal comma both , and ; cut lines; ; agrees with the header too.
        const bool likeHeader = candidate.cells.front().size() == candidate.width;
        const double score = candidate.width < 2 ? 0 : candidate.agreement + (likeHeader ? 1 : 0);
        if (score > bestScore || (score == bestScore && separator == ';')) {
            bestScore = score;
            best = {.separator = separator, .columns = candidate.width, .agreement = candidate.agreement};
            lines = std::move(candidate);
        }
    }
    if (best.separator != ',') {
        // 3,5 and 3.5 are plain; 1,234 and 1.234 may be grouped thousands, so they decide only where nothing else does.
        std::size_t commas = 0, points = 0, maybeCommas = 0, maybePoints = 0;
        for (std::size_t r = 1; r < lines.cells.size(); ++r)
            for (const std::string& cell : lines.cells[r]) {
                if (cell.find(',') != std::string::npos && numberIn(cell, true)) ++(grouped(cell, ',', '.') ? maybeCommas : commas);
                if (cell.find('.') != std::string::npos && numberIn(cell, false)) ++(grouped(cell, '.', ',') ? maybePoints : points);
            }
        best.decimalComma = points == 0 && (commas > 0 || (maybeCommas > 0 && maybePoints == 0));
    }
    std::size_t all = 0, numbers = 0;
    for (std::size_t r = 1; r < lines.cells.size(); ++r)
        for (const std::string& cell : lines.cells[r]) {
            ++all;
            numbers += saysNothing(cell) || numberIn(cell, best.decimalComma);
        }
    best.numeric = all ? static_cast<double>(numbers) / static_cast<double>(all) : 0;
    return best;
}

}

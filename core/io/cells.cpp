// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/cells.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace io {

namespace {

constexpr std::array<double, 23> powersOfTen = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13,
                                               1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

}

namespace {

// Appends the eight digits at `at` to a number, all at once: pairs, then fours, then the eight; false where one is no digit.
bool eightDigits(const char* at, std::uint64_t& number) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    if constexpr (std::endian::native != std::endian::little) return false;
    if (((word & 0xF0F0F0F0F0F0F0F0) | ((word + 0x0606060606060606) & 0xF0F0F0F0F0F0F0F0) >> 4) != 0x3333333333333333) return false;
    word = (word & 0x0F0F0F0F0F0F0F0F) * 2561 >> 8;
    word = (word & 0x00FF00FF00FF00FF) * 6553601 >> 16;
    word = (word & 0x0000FFFF0000FFFF) * 42949672960001 >> 32;
    number = number * 100000000 + word;
    return true;
}

}

std::string_view Cursor::quoted() {
    const char* first = at + 1;
    scratch.clear();
    for (const char* from = first;;) {
        const char* mark = static_cast<const char*>(std::memchr(from, '"', static_cast<std::size_t>(end - from)));
        if (!mark) {
            // Never closed: the quote counts as a letter, or the rest of the file would be one cell.
            openQuote = true;
            const char* start = at;
            while (!atLineEnd() && *at != separator) ++at;
            return {start, static_cast<std::size_t>(at - start)};
        }
        scratch.append(from, mark);
        from = mark + 1;
        if (from == end || *from != '"') {
            newlines += static_cast<std::uint64_t>(std::count(first, mark, '\n'));
            at = from;
            break;
        }
        scratch.push_back('"');
        ++from;
    }
    while (!atLineEnd() && *at != separator) scratch.push_back(*at++);
    return scratch;
}

const char* plainNumber(const char* at, const char* end, double& value) {
    const char* first = at;
    const bool minus = at != end && *at == '-';
    at += minus;
    std::uint64_t digits = 0;
    const char* whole = at;
    while (at != end && static_cast<unsigned char>(*at - '0') < 10) digits = digits * 10 + static_cast<std::uint64_t>(*at++ - '0');
    std::size_t count = static_cast<std::size_t>(at - whole), decimals = 0;
    if (at != end && *at == '.') {
        const char* point = ++at;
        if (end - at >= 8 && eightDigits(at, digits)) at += 8;
        while (at != end && static_cast<unsigned char>(*at - '0') < 10)
            digits = digits * 10 + static_cast<std::uint64_t>(*at++ - '0');
        decimals = static_cast<std::size_t>(at - point);
        count += decimals;
    }
    // Up to 15 digits both operands of the division are exact, so the quotient is the nearest double.
    if (count >= 1 && count <= 15 && (at == end || (*at != 'e' && *at != 'E'))) {
        value = static_cast<double>(digits) / powersOfTen[decimals];
        if (minus) value = -value;
        return at;
    }
    const auto [rest, error] = std::from_chars(first, end, value);
    return error == std::errc() ? rest : nullptr;
}

bool grouped(std::string_view cell, char mark, char point) {
    if (!cell.empty() && (cell.front() == '-' || cell.front() == '+')) cell.remove_prefix(1);
    std::size_t run = 0, groups = 0;
    std::size_t i = 0;
    for (; i < cell.size() && cell[i] != point; ++i) {
        if (cell[i] == mark) {
            if (groups == 0 ? run < 1 || run > 3 : run != 3) return false;
            ++groups;
            run = 0;
        } else if (cell[i] >= '0' && cell[i] <= '9') {
            ++run;
        } else {
            return false;
        }
    }
    if (groups == 0 || run != 3) return false;
    for (++i; i < cell.size(); ++i)
        if (cell[i] < '0' || cell[i] > '9') return false;
    return true;
}

std::optional<double> numberIn(std::string_view cell, bool decimalComma) {
    cell = trim(cell);
    const char mark = decimalComma ? '.' : ',', point = decimalComma ? ',' : '.';
    if (cell.find(',') == std::string_view::npos && !(decimalComma && cell.find('.') != std::string_view::npos))
        return cellNumber(cell);
    std::string plain(cell);
    if (grouped(cell, mark, point)) std::erase(plain, mark);
    else if (plain.find(mark) != std::string::npos) return std::nullopt;
    if (decimalComma) std::ranges::replace(plain, ',', '.');
    return cellNumber(plain);
}

}

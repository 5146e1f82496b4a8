// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/sheet.h"

#include <charconv>

namespace io {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}

std::int32_t Dictionary::code(std::string_view word) {
    if (m_last >= 0 && m_levels[static_cast<std::size_t>(m_last)] == word) return m_last;
    const auto found = m_codes.find(word);
    if (found != m_codes.end()) return m_last = found->second;
    m_last = static_cast<std::int32_t>(m_levels.size());
    m_levels.emplace_back(word);
    m_codes.emplace(word, m_last);
    return m_last;
}

void Losses::add(Warning warning) {
    if (m_warnings.size() < 1000)
        m_warnings.push_back(std::move(warning));
    else
        ++m_more;
}

void Losses::append(Losses&& part, std::uint64_t lines) {
    for (Warning& warning : part.m_warnings) {
        warning.file = m_file;
        if (warning.line) *warning.line += lines;
        add(std::move(warning));
    }
    m_more += part.m_more;
    part.m_warnings.clear();
    part.m_more = 0;
}

std::vector<Warning> Losses::take() {
    if (m_more > 0) m_warnings.push_back({m_file, {}, {}, std::to_string(m_more) + " more losses are not listed"});
    m_more = 0;
    return std::move(m_warnings);
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.front() == '\r')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

bool equalsIgnoringCase(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<double> cellNumber(std::string_view cell) {
    cell = trim(cell);
    if (cell.starts_with('+') && !cell.starts_with("+-")) cell.remove_prefix(1);
    if (cell.empty()) return std::nullopt;
    double value = 0;
    const char* end = cell.data() + cell.size();
    const auto [rest, error] = std::from_chars(cell.data(), end, value);
    if (rest == end) {
        if (error == std::errc()) return value;
        // Out of range: towards zero for a small number, else infinite, as every writer of 1e999 means it.
        const bool small = cell.find("e-") != std::string_view::npos || cell.find("E-") != std::string_view::npos;
        const double size = small ? 0.0 : std::numeric_limits<double>::infinity();
        return cell.front() == '-' ? -size : size;
    }
    if (equalsIgnoringCase(cell, "true")) return 1.0;
    if (equalsIgnoringCase(cell, "false")) return 0.0;
    return std::nullopt;
}

bool saysNothing(std::string_view cell) {
    cell = trim(cell);
    return cell.empty() || cell == "-" || cell == "NA" || cell == "N/A" || cell == "n/a" || cell == "#N/A" || cell == "<NA>"
        || cell == "None" || equalsIgnoringCase(cell, "null");
}

void tickAt(const Tick& tick, std::size_t done, std::size_t all) {
    if (tick && !tick(all ? static_cast<double>(done) / static_cast<double>(all) : 1.0)) throw Error("cancelled");
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/linepattern.h"

#include "core/data/expression.h"
#include "core/io/records.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace io {

namespace {

bool blank(char c) { return c == ' ' || c == '\t'; }

struct Found {
    std::string_view name;
    double value;
};

// How far a number at the start of a text reaches: digits, groups of three, a suffix, nan and inf.
std::optional<double> numberAt(std::string_view text, std::size_t& length) {
    double value = 0;
    const std::size_t plus = text.starts_with('+') ? 1 : 0;
    const auto [end, error] = std::from_chars(text.data() + plus, text.data() + text.size(), value);
    if (error == std::errc::invalid_argument) return std::nullopt;
    length = static_cast<std::size_t>(end - text.data());
    if (error == std::errc::result_out_of_range) return cellNumber(text.substr(0, length));
    // "491,520" is one number, "0.5, 0.6" are two.
    while (length + 3 < text.size() && text[length] == ',' && std::isfinite(value)
           && std::ranges::all_of(text.substr(length + 1, 3), [](char c) { return c >= '0' && c <= '9'; })
           && text.substr(0, length).find('.') == std::string_view::npos) {
        double group = 0;
        std::from_chars(text.data() + length + 1, text.data() + length + 4, group);
        value = value * 1000 + (std::signbit(value) ? -group : group);
        length += 4;
    }
    if (length < text.size() && std::string_view("KMBT").find(text[length]) != std::string_view::npos) {
        value = data::parseNumber(std::string(text.substr(plus, length - plus)) + text[length]);
        ++length;
    }
    return value;
}

// Walks a pattern and a line together.
class Matcher {
public:
    explicit Matcher(std::string_view line) : m_line(line) {}

    // The end of the match that begins at `at`, or npos.
    std::size_t match(std::string_view pattern, std::size_t at) {
        for (std::size_t p = 0; p < pattern.size();) {
            if (pattern[p] == '[') {
                const std::size_t close = pattern.find(']', p);
                const std::size_t before = found.size();
                const std::size_t end = match(pattern.substr(p + 1, close - p - 1), at);
                if (end == std::string_view::npos) found.resize(before);
                else at = end;
                p = close + 1;
            } else if (pattern[p] == '{') {
                const std::size_t close = pattern.find('}', p);
                const std::string_view name = pattern.substr(p + 1, close - p - 1);
                p = close + 1;
                if (name.empty()) {
                    at = skipTo(pattern.substr(p), at);
                } else {
                    while (at < m_line.size() && blank(m_line[at])) ++at;
                    std::size_t length = 0;
                    const auto value = numberAt(m_line.substr(at), length);
                    if (!value) return std::string_view::npos;
                    found.push_back({name, *value});
                    at += length;
                }
                if (at == std::string_view::npos) return at;
            } else if (pattern[p] == ' ') {
                while (at < m_line.size() && blank(m_line[at])) ++at;
                ++p;
            } else {
                if (at >= m_line.size() || m_line[at] != pattern[p]) return std::string_view::npos;
                ++at;
                ++p;
            }
        }
        return at;
    }

    std::vector<Found> found;

private:
    // Where the text that follows {} is found next.
    std::size_t skipTo(std::string_view rest, std::size_t at) const {
        const std::string_view literal = rest.substr(0, rest.find_first_of("{[ "));
        if (literal.empty()) {
            while (at < m_line.size() && !blank(m_line[at])) ++at;
            return at;
        }
        return m_line.find(literal, at);
    }

    std::string_view m_line;
};

std::string_view opening(std::string_view pattern) { return pattern.substr(0, pattern.find_first_of("{[ ")); }

// The numbers of a line that fits, else nothing. `begun` tells whether it fits up to the step and one letter more.
std::vector<Found> fit(std::string_view pattern, std::string_view line, bool& begun) {
    const std::string_view first = opening(pattern);
    for (std::size_t at = line.find(first); at != std::string_view::npos; at = line.find(first, at + 1)) {
        // Not inside a word: "substep 3" is no "step 3".
        if (at > 0 && std::isalnum(static_cast<unsigned char>(line[at - 1]))) continue;
        Matcher matcher(line);
        if (matcher.match(pattern, at) != std::string_view::npos) return std::move(matcher.found);
        begun = begun || (!matcher.found.empty() && matcher.found.front().name == "step" && at == 0);
    }
    return {};
}

std::string word(std::string_view cell) { return std::string(trim(cell)); }

// "| name | value |"
bool tableRow(std::string_view line, data::Config& config) {
    if (!line.starts_with('|')) return false;
    const std::size_t bar = line.find('|', 1), end = line.find('|', bar == std::string_view::npos ? bar : bar + 1);
    if (end == std::string_view::npos || !trim(line.substr(end + 1)).empty()) return false;
    const std::string name = word(line.substr(1, bar - 1)), value = word(line.substr(bar + 1, end - bar - 1));
    if (name.empty() || name == "Parameter") return true;
    if (const auto number = cellNumber(value)) config[name] = *number;
    else config[name] = value;
    return true;
}

// Lines end at \n or \r: progress written over itself is lines, too.
std::string_view nextLine(std::string_view text, std::size_t& at) {
    const std::size_t end = std::min(text.find_first_of("\n\r", at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (end + 1 < text.size() && text[end] == '\r' && text[end + 1] == '\n') ++at;
    return line;
}

}

int looksLike(const TextFormat& format, std::string_view head, int most) {
    if (head.find('\0') != std::string_view::npos) return 0;
    std::size_t lines = 0, hits = 0;
    for (std::size_t at = 0; at < head.size() && lines < 2000;) {
        const std::string_view line = nextLine(head, at);
        if (trim(line).empty()) continue;
        ++lines;
        bool begun = false;
        for (std::string_view pattern : format.records)
            if (pattern.find("{step}") != std::string_view::npos && !fit(pattern, line, begun).empty()) {
                ++hits;
                break;
            }
    }
    return hits >= 3 || hits * 2 >= std::max<std::size_t>(lines, 1) ? most : hits > 0 ? most / 2 : 0;
}

Import readLines(const TextFormat& format, const Input& input, const Tick& tick) {
    Losses losses(input.path.string());
    Import result;
    data::Run& run = result.runs.emplace_back();
    run.name = input.path.stem().string();
    run.format = format.id;
    run.source = input.path.string();
    Records records;
    std::string_view text = input.bytes;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    std::uint64_t number = 1;
    std::size_t reported = 0;
    double step = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (at - reported > (1u << 18)) {
            reported = at;
            tickAt(tick, at, text.size());
            if (input.passed) input.passed(at);
        }
        const std::size_t start = at;
        const std::string_view line = nextLine(text, at);
        const std::uint64_t thisLine = number;
        if (text.substr(start, at - start).find('\n') != std::string_view::npos) ++number;
        if (line.empty()) continue;
        bool known = false, begun = false;
        for (std::string_view pattern : format.records) {
            const std::vector<Found> found = fit(pattern, line, begun);
            if (found.empty()) continue;
            for (const Found& one : found)
                if (one.name == "step") step = one.value;
            for (const Found& one : found)
                if (one.name != "step") records.add(one.name, step, one.value);
            known = true;
            break;
        }
        if (known) continue;
        if (begun) losses.atLine(thisLine, "this line begins like a record but is cut or damaged; it is left out");
        if (format.parameterTable && tableRow(line, run.config)) continue;
        for (std::string_view pattern : format.facts)
            for (const Found& one : fit(pattern, line, begun)) run.config[std::string(one.name)] = one.value;
    }
    run.series = records.take();
    result.warnings = losses.take();
    return result;
}

}

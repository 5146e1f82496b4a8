// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/reader.h"

#include <bit>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

namespace io {

// An empty cell, told from a logged NaN by its payload.
inline constexpr std::uint64_t missingBits = 0x7ff8'6d69'7373'0001;
inline double missing() { return std::bit_cast<double>(missingBits); }
inline bool isMissing(double value) { return std::bit_cast<std::uint64_t>(value) == missingBits; }

// Rows and named columns as a file has them, before they are told apart into runs.
struct Sheet {
    // A column of numbers (`values`, missing() where the cell is empty) or of words (`code` into `levels`, -1 where
    // empty).
    struct Column {
        std::string name;
        bool words = false;
        std::vector<double> values {};
        std::vector<std::int32_t> code {};
        std::vector<std::string> levels {};
    };
    std::vector<Column> columns;
    std::size_t rows = 0;
};

// The words of a column by their code.
class Dictionary {
public:
    std::int32_t code(std::string_view word);
    const std::vector<std::string>& levels() const { return m_levels; }
    std::vector<std::string> take() { return std::move(m_levels); }

private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    std::unordered_map<std::string, std::int32_t, Hash, std::equal_to<>> m_codes;
    std::vector<std::string> m_levels;
    std::int32_t m_last = -1;   // rows of one run come together
};

// Collects the warnings of one file. After a thousand the rest is only counted.
class Losses {
public:
    explicit Losses(std::string file) : m_file(std::move(file)) {}
    void atLine(std::uint64_t line, std::string message) { add({m_file, line, std::nullopt, std::move(message)}); }
    void atOffset(std::uint64_t offset, std::string message) { add({m_file, std::nullopt, offset, std::move(message)}); }
    void add(std::string message) { add({m_file, std::nullopt, std::nullopt, std::move(message)}); }
    // Those of a later part of the file, whose lines were counted from 1, so many lines in.
    void append(Losses&& part, std::uint64_t lines);
    std::vector<Warning> take();

private:
    void add(Warning warning);
    std::string m_file;
    std::vector<Warning> m_warnings;
    std::size_t m_more = 0;
};

// Tells the rows of a sheet apart into runs: wide and long logs, W&B exports, tables. Every run is a copy of `like`
// (format, source, config) with a name of its own where the sheet holds several.
std::vector<data::Run> arrange(Sheet sheet, const data::Run& like, Losses& losses);

// A number as logs write them: spaces around, a leading plus, nan and inf in any case, true and false.
std::optional<double> cellNumber(std::string_view cell);
// Whether a cell says that there is nothing: empty, NA, N/A, null, None, -.
bool saysNothing(std::string_view cell);
std::string_view trim(std::string_view text);
bool equalsIgnoringCase(std::string_view a, std::string_view b);

// Passes progress on; throws Error("cancelled") where the receiver wants no more.
void tickAt(const Tick& tick, std::size_t done, std::size_t all);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/formats.h"
#include "core/io/jsonlines.h"
#include "core/io/large.h"
#include "core/io/pieces.h"
#include "core/text.h"

#include <algorithm>

namespace io {

namespace {

// A column while records come in; a name may carry numbers in some records and words in others.
struct Mixed {
    std::string name;
    std::vector<double> values {};
    std::vector<std::int32_t> code {};
    Dictionary words {};
    std::size_t numbers = 0, texts = 0;
    std::uint64_t oddLine = 0;      // of the first word
};

class Gatherer {
public:
    void record(std::span<const Leaf> leaves, std::uint64_t line) {
        std::size_t next = 0;
        for (const Leaf& leaf : leaves) {
            Mixed& column = at(leaf.name, next);
            if (const double* value = std::get_if<double>(&leaf.value)) {
                column.values.resize(m_rows, missing());
                column.values.push_back(*value);
                ++column.numbers;
            } else {
                column.code.resize(m_rows, -1);
                column.code.push_back(column.words.code(std::get<std::string_view>(leaf.value)));
                if (column.texts++ == 0) column.oddLine = line;
            }
        }
        ++m_rows;
    }

    // Puts the records of a later part of the file, whose lines were counted from 1, behind those that are there.
    void append(Gatherer&& part, std::uint64_t lines, std::size_t expected) {
        std::size_t next = 0;
        for (Mixed& from : part.m_columns) {
            Mixed& to = at(from.name, next);
            if (from.numbers > 0) {
                reserveLarge(to.values, expected);
                to.values.resize(m_rows, missing());
                to.values.insert(to.values.end(), from.values.begin(), from.values.end());
            }
            if (from.texts > 0) {
                std::vector<std::int32_t> codes;
                for (const std::string& word : from.words.levels()) codes.push_back(to.words.code(word));
                to.code.resize(m_rows, -1);
                for (const std::int32_t code : from.code) to.code.push_back(code < 0 ? -1 : codes[static_cast<std::size_t>(code)]);
                if (to.texts == 0) to.oddLine = lines + from.oddLine;
            }
            to.numbers += from.numbers;
            to.texts += from.texts;
            from = {};
        }
        m_rows += part.m_rows;
    }
    std::size_t rows() const { return m_rows; }

    Sheet sheet(Losses& losses) {
        Sheet sheet {.columns = {}, .rows = m_rows};
        for (Mixed& column : m_columns) {
            column.values.resize(m_rows, missing());
            column.code.resize(m_rows, -1);
            const bool words = column.texts * 10 > column.texts + column.numbers;
            if (words && column.numbers > 0)
                for (std::size_t row = 0; row < m_rows; ++row)
                    if (!isMissing(column.values[row])) column.code[row] = column.words.code(text::number(column.values[row]));
            if (!words && column.texts > 0)
                losses.atLine(column.oddLine, std::to_string(column.texts) + " words among the numbers of '" + column.name
                                                  + "', here first; left out");
            Sheet::Column& to = sheet.columns.emplace_back(Sheet::Column {.name = std::move(column.name), .words = words});
            if (words) {
                to.code = std::move(column.code);
                to.levels = column.words.take();
            } else {
                to.values = std::move(column.values);
            }
            column = {};
        }
        return sheet;
    }

private:
    Mixed& at(std::string_view name, std::size_t& next) {
        if (next < m_columns.size() && m_columns[next].name == name) return unused(next++);
        const auto found = m_at.find(std::string(name));
        if (found != m_at.end()) {
            next = found->second + 1;
            return unused(found->second);
        }
        m_at.emplace(name, m_columns.size());
        m_columns.push_back({.name = std::string(name)});
        next = m_columns.size();
        return m_columns.back();
    }

    // Of a key that an object holds twice, the last value counts.
    Mixed& unused(std::size_t c) {
        Mixed& column = m_columns[c];
        if (column.values.size() > m_rows) column.values.pop_back();
        if (column.code.size() > m_rows) column.code.pop_back();
        return column;
    }

    std::vector<Mixed> m_columns;
    std::unordered_map<std::string, std::size_t> m_at;
    std::size_t m_rows = 0;
};

// Some lines of a file, read by one thread.
struct Part {
    Losses losses {std::string()};
    Gatherer records;
    std::uint64_t lines = 0;
};

int sniff(const Input& head) {
    const std::string extension = head.path.extension().string();
    const bool named = extension == ".jsonl" || extension == ".ndjson";
    const double share = looksLikeJsonLines(head.bytes);
    if (share >= 0.5) return named ? 80 : 60;
    return named && head.bytes.find('{') != std::string_view::npos && head.bytes.find('\0') == std::string_view::npos ? 50 : 0;
}

Import read(const Input& input, const Tick& tick) {
    Losses losses(input.path.string());
    Gatherer gatherer;
    std::uint64_t lines = 0;
    const auto readPart = [&](std::string_view text, const Tick& told, const std::function<void(std::size_t)>& passed) {
        auto part = std::make_unique<Part>();
        part->lines = eachRecord({.path = input.path, .bytes = text, .passed = passed}, told, part->losses,
                                 [&](std::span<const Leaf> leaves, std::uint64_t line) { part->records.record(leaves, line); });
        return part;
    };
    const auto append = [&](Part& part, std::string_view piece) {
        const auto share = static_cast<double>(input.bytes.size()) / static_cast<double>(piece.size());
        gatherer.append(std::move(part.records), lines, static_cast<std::size_t>(1.05 * share * static_cast<double>(part.records.rows())));
        losses.append(std::move(part.losses), lines);
        lines += part.lines;
        if (input.passed) input.passed(static_cast<std::size_t>(piece.data() + piece.size() - input.bytes.data()));
        return true;
    };
    std::size_t taken = 0;
    if (input.bytes.size() > 2 * pieceSize)
        taken = inPieces(input.bytes, tick, [&](std::string_view piece) { return readPart(piece, {}, {}); }, append);
    if (const std::string_view rest = input.bytes.substr(taken); !rest.empty())
        append(*readPart(rest, tick, [&](std::size_t n) { if (input.passed) input.passed(taken + n); }), rest);
    const data::Run like {.name = input.path.stem().string(), .format = "jsonl", .source = input.path.string(),
                          .kind = data::Kind::Log, .config = {}, .series = {}, .text = {}};
    Import result;
    result.runs = arrange(gatherer.sheet(losses), like, losses);
    result.warnings = losses.take();
    return result;
}

}

extern const Reader jsonlReader {.id = "jsonl", .name = "JSON lines, one object per record", .patterns = "*.jsonl *.ndjson",
                                 .sniff = sniff, .read = read};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/delimited.h"

#include "core/io/cells.h"
#include "core/io/large.h"
#include "core/io/pieces.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace io {

namespace {

enum class CellKind : std::uint8_t { Unknown, Numbers, Words };

struct Odd {
    std::uint64_t line;
    std::string text;
};

struct Growing {
    CellKind kind = CellKind::Unknown;
    bool fixed = false;                 // the kind was decided by an earlier pass
    std::vector<double> values {};
    std::vector<std::int32_t> code {};
    Dictionary words {};
    std::vector<std::size_t> uses {};   // of each word
    std::vector<Odd> odd {};            // words among numbers, the first of them
    std::size_t odds = 0, present = 0;
};

class Delimited {
public:
    Delimited(const Input& input, const Tick& tick, Losses& losses) : m_input(input), m_tick(tick), m_losses(losses) {
        m_text = input.bytes;
        if (m_text.starts_with("\xEF\xBB\xBF")) m_text.remove_prefix(3);
        m_dialect = findDialect(m_text.substr(0, 65536));
        m_cursor = {.at = m_text.data(), .end = m_text.data() + m_text.size(), .separator = m_dialect.separator};
    }

    Sheet read() {
        readHeader();
        const Cursor body = m_cursor;
        const std::uint64_t bodyLine = m_line;
        const Losses ofHeader = m_losses;
        readBody();
        if (decideKinds()) {
            m_losses = ofHeader;
            m_cursor = body;
            m_line = bodyLine;
            readBody();
        }
        return finish();
    }

private:
    // ---- pieces, each read by a Delimited of its own

    // Of some lines of another's body; begins with what that one knows of its columns.
    explicit Delimited(const Delimited& whole)
        : m_input(whole.m_input), m_tick(whole.m_tick), m_losses(m_pieceLosses), m_text(whole.m_text), m_header(whole.m_header), m_dialect(whole.m_dialect),
          m_isPiece(true) {
        for (const Growing& column : whole.m_columns) m_columns.push_back({.kind = column.kind, .fixed = column.fixed});
    }

    // None where a quote, which might span pieces, is there.
    std::unique_ptr<Delimited> readPiece(std::string_view lines) const {
        if (lines.find('"') != std::string_view::npos) return nullptr;
        std::unique_ptr<Delimited> piece(new Delimited(*this));
        piece->m_cursor = {.at = lines.data(), .end = lines.data() + lines.size(), .separator = m_dialect.separator};
        piece->reserve();
        piece->readRows(piece->m_cursor.end);
        return piece;
    }

    // Puts a piece behind what is there; false, and nothing done, where one after the other would have been read otherwise.
    bool append(Delimited& piece) {
        std::vector<Growing>& more = piece.m_columns;
        for (std::size_t c = 0; c < m_columns.size(); ++c)
            if (more[c].kind != m_columns[c].kind && more[c].kind != CellKind::Unknown && m_columns[c].kind != CellKind::Unknown) return false;
        for (std::size_t c = 0; c < m_columns.size(); ++c) {
            Growing &to = m_columns[c], &from = more[c];
            if (from.kind != CellKind::Unknown) begin(to, from.kind);
            if (to.kind == CellKind::Words) {
                reserveLarge(to.code, m_expected);
                if (from.kind == CellKind::Unknown) from.code.assign(from.values.size(), -1);
                std::vector<std::int32_t> codes;
                for (std::size_t w = 0; w < from.words.levels().size(); ++w) {
                    codes.push_back(to.words.code(from.words.levels()[w]));
                    to.uses.resize(to.words.levels().size());
                    to.uses[static_cast<std::size_t>(codes.back())] += from.uses[w];
                }
                for (const std::int32_t code : from.code) to.code.push_back(code < 0 ? -1 : codes[static_cast<std::size_t>(code)]);
            } else {
                to.values.insert(to.values.end(), from.values.begin(), from.values.end());
            }
            for (const Odd& odd : from.odd)
                if (to.odd.size() < 1000) to.odd.push_back({m_line + odd.line - 1, odd.text});
            to.odds += from.odds;
            to.present += from.present;
        }
        m_losses.append(std::move(piece.m_losses), m_line - 1);
        m_line += piece.m_line - 1;
        m_rows += piece.m_rows;
        m_cursor.at = piece.m_cursor.at;
        passed();
        return true;
    }

    // All rows: the first of them show what the columns hold, the others are read in pieces as long as that gives what one
    // pass would, and from there on in one.
    void readBody() {
        m_rows = 0;
        reserve();
        const char* end = m_text.data() + m_text.size();
        const auto left = [&] { return static_cast<std::size_t>(end - m_cursor.at); };
        if (left() > 2 * pieceSize)
            if (const char* head = nextLine(m_cursor.at + pieceSize / 16, m_cursor.at + pieceSize)) {
                readRows(head);
                inPieces({head, left()}, m_tick, [this](std::string_view lines) { return readPiece(lines); },
                         [this](Delimited& piece, std::string_view) { return append(piece); });
            }
        readRows(end);
    }

    void readHeader() {
        while (m_cursor.at != m_cursor.end) {
            const char* start = m_cursor.at;
            if (m_cursor.atLineEnd()) {
                m_cursor.skipLineEnd();
                ++m_line;
                continue;
            }
            const bool hash = *start == '#';
            std::vector<std::string> cells = lineCells();
            const std::uint64_t line = std::exchange(m_line, m_line + 1 + std::exchange(m_cursor.newlines, 0));
            if (hash && !headsNumbers(cells)) continue;
            if (hash) cells[0] = trim(std::string_view(cells[0]).substr(cells[0].find_first_not_of('#')));
            nameColumns(std::move(cells), hash, start, line);
            return;
        }
    }

    std::vector<std::string> lineCells() {
        std::vector<std::string> cells;
        for (;;) {
            cells.emplace_back(trim(m_cursor.cell()));
            if (m_cursor.atLineEnd()) break;
            ++m_cursor.at;
        }
        m_cursor.skipLineEnd();
        return cells;
    }

    // A line behind # is the header where the next line has as many cells and all of them are numbers.
    bool headsNumbers(const std::vector<std::string>& cells) const {
        if (cells[0].find_first_not_of("# \t") == std::string::npos) return false;
        Cursor next = m_cursor;
        if (next.at == next.end || next.atLineEnd() || *next.at == '#') return false;
        std::size_t count = 0;
        for (;; ++next.at) {
            const std::string_view cell = next.cell();
            if (!saysNothing(cell) && !numberIn(cell, m_dialect.decimalComma)) return false;
            ++count;
            if (next.atLineEnd()) break;
        }
        return count == cells.size();
    }

    void nameColumns(std::vector<std::string> cells, bool hash, const char* start, std::uint64_t line) {
        const bool numbers = !hash && std::ranges::all_of(cells, [&](const std::string& cell) {
            return numberIn(cell, m_dialect.decimalComma).has_value();
        });
        if (numbers) {
            m_losses.atLine(line, "there are no column names; the columns are called column1, column2, ...");
            for (std::size_t c = 0; c < cells.size(); ++c) cells[c] = "column" + std::to_string(c + 1);
            m_cursor.at = start;
            m_line = line;
        } else {
            const char* end = m_cursor.at;
            while (end > start && (end[-1] == '\n' || end[-1] == '\r')) --end;
            m_header = {start, static_cast<std::size_t>(end - start)};
        }
        // A separator at the end of every line makes no column.
        if (cells.size() > 1 && cells.back().empty()) {
            m_trailing = true;
            cells.pop_back();
        }
        std::map<std::string, std::size_t> seen;
        for (std::size_t c = 0; c < cells.size(); ++c) {
            if (cells[c].empty()) cells[c] = c == 0 ? "index" : "column" + std::to_string(c + 1);
            const std::string name = cells[c];
            for (std::size_t copy = seen[name] + 1; seen[cells[c]]++ > 0; ++copy) cells[c] = name + "_" + std::to_string(copy);
            if (cells[c] != name)
                m_losses.atLine(line, "the column '" + name + "' appears again; it is called '" + cells[c] + "'");
        }
        m_names = std::move(cells);
        m_columns.resize(m_names.size());
        for (std::size_t c = 0; c < m_names.size(); ++c)
            for (std::string_view run : {"run", "run_name", "run_id"})
                if (equalsIgnoringCase(m_names[c], run)) m_columns[c] = {.kind = CellKind::Words, .fixed = true};
    }

    void reserve() {
        const std::string_view head(m_cursor.at, std::min<std::size_t>(65536, static_cast<std::size_t>(m_cursor.end - m_cursor.at)));
        const auto lines = static_cast<std::size_t>(std::ranges::count(head, '\n')) + 1;
        const double perLine = static_cast<double>(head.size()) / static_cast<double>(lines);
        m_expected = perLine > 0 ? static_cast<std::size_t>(static_cast<double>(m_cursor.end - m_cursor.at) / perLine * 1.1) + 16 : 0;
    }

    std::size_t done() const { return static_cast<std::size_t>(m_cursor.at - m_text.data()); }

    void passed() {
        if (m_input.passed) m_input.passed(done());
    }

    void readRows(const char* until) {
        std::size_t reported = done();
        while (m_cursor.at < until) {
            if (!m_isPiece && done() - reported > (1u << 20)) {
                reported = done();
                tickAt(m_tick, done(), m_text.size());
                passed();
            }
            if (m_cursor.atLineEnd()) {
                m_cursor.skipLineEnd();
                ++m_line;
            } else if (*m_cursor.at == '#' || repeatsHeader()) {
                m_cursor.skipLine();
                ++m_line;
            } else {
                readRow();
            }
        }
    }

    bool repeatsHeader() const {
        if (m_header.empty() || *m_cursor.at != m_header.front()) return false;
        const std::string_view rest(m_cursor.at, static_cast<std::size_t>(m_cursor.end - m_cursor.at));
        return rest.starts_with(m_header)
            && (rest.size() == m_header.size() || rest[m_header.size()] == '\n' || rest[m_header.size()] == '\r');
    }

    void readRow() {
        const std::size_t width = m_columns.size();
        std::size_t c = 0;
        for (;;) {
            if (c < width) readCell(m_columns[c]);
            else if (!trim(m_cursor.cell()).empty() && c == width)
                m_losses.atLine(m_line, "there are more than " + std::to_string(width) + " cells; the others are left out");
            ++c;
            if (m_cursor.atLineEnd()) break;
            ++m_cursor.at;
        }
        if (m_cursor.openQuote) {
            m_losses.atLine(m_line, "a quote is never closed; it is read as a letter");
            m_cursor.openQuote = false;
        }
        if (c < width) {
            const bool last = m_cursor.at == m_cursor.end;
            m_losses.atLine(m_line, std::string(last ? "the file ends inside this line: " : "") + std::to_string(c) + " of "
                                        + std::to_string(width) + " cells are there; the others are read as empty");
            for (; c < width; ++c) addMissing(m_columns[c]);
        }
        m_cursor.skipLineEnd();
        m_line += 1 + std::exchange(m_cursor.newlines, 0);
        ++m_rows;
    }

    void readCell(Growing& column) {
        if (column.kind == CellKind::Numbers && !m_dialect.decimalComma) {
            double value = 0;
            const char* end = plainNumber(m_cursor.at, m_cursor.end, value);
            if (end && (end == m_cursor.end || *end == m_cursor.separator || *end == '\n' || *end == '\r')) {
                m_cursor.at = end;
                column.values.push_back(value);
                ++column.present;
                return;
            }
        }
        const std::string_view cell = m_cursor.cell();
        if (column.kind == CellKind::Words) {
            // An empty word is rarely looked up, so the cheap test comes first.
            if (cell.size() <= 6 && saysNothing(cell)) addMissing(column);
            else addWord(column, cell);
        } else if (saysNothing(cell)) {
            addMissing(column);
        } else if (const auto value = numberIn(cell, m_dialect.decimalComma)) {
            begin(column, CellKind::Numbers);
            column.values.push_back(*value);
            ++column.present;
        } else if (column.kind == CellKind::Unknown) {
            begin(column, CellKind::Words);
            addWord(column, cell);
        } else {
            if (column.odd.size() < 1000) column.odd.push_back({m_line, std::string(trim(cell).substr(0, 60))});
            ++column.odds;
            ++column.present;
            column.values.push_back(missing());
        }
    }

    // The first cell that is not empty decides what a column holds.
    void begin(Growing& column, CellKind kind) {
        if (column.kind == CellKind::Unknown) {
            column.kind = kind;
            if (kind == CellKind::Words) {
                column.code.assign(column.values.size(), -1);
                column.values = {};
            }
        }
        if (kind == CellKind::Numbers) reserveLarge(column.values, m_expected);
    }

    void addMissing(Growing& column) {
        if (column.kind == CellKind::Words) column.code.push_back(-1);
        else column.values.push_back(missing());
    }

    void addWord(Growing& column, std::string_view cell) {
        reserveLarge(column.code, m_expected);
        const std::int32_t code = column.words.code(trim(cell));
        column.code.push_back(code);
        if (static_cast<std::size_t>(code) == column.uses.size()) column.uses.push_back(0);
        ++column.uses[static_cast<std::size_t>(code)];
        ++column.present;
    }

    // A column is numbers where at least nine tenths of its cells are. Returns whether a column was read as the other
    // kind, in which case every such column is emptied for a second pass over the file.
    bool decideKinds() {
        bool again = false;
        for (Growing& column : m_columns) {
            CellKind right = column.kind;
            if (column.fixed) continue;
            if (column.kind == CellKind::Numbers && column.odds * 10 > column.present) right = CellKind::Words;
            if (column.kind == CellKind::Words) {
                std::size_t numbers = 0;
                for (std::size_t w = 0; w < column.uses.size(); ++w)
                    if (numberIn(column.words.levels()[w], m_dialect.decimalComma)) numbers += column.uses[w];
                if (numbers * 10 >= column.present * 9) right = CellKind::Numbers;
            }
            if (right != column.kind) {
                again = true;
                column.kind = right;
            }
        }
        if (again) {
            for (Growing& column : m_columns) {
                const CellKind kind = column.kind;
                column = {};
                column.kind = kind;
                column.fixed = true;
            }
        }
        return again;
    }

    Sheet finish() {
        Sheet sheet {.columns = {}, .rows = m_rows};
        for (std::size_t c = 0; c < m_columns.size(); ++c) {
            Growing& column = m_columns[c];
            for (const Odd& odd : column.odd)
                m_losses.atLine(odd.line, "'" + odd.text + "' in column '" + m_names[c] + "' is no number; read as empty");
            if (column.odds > column.odd.size())
                m_losses.add(std::to_string(column.odds - column.odd.size()) + " more cells of column '" + m_names[c]
                             + "' are no numbers; read as empty");
            const bool words = column.kind == CellKind::Words;
            sheet.columns.push_back({.name = m_names[c], .words = words, .values = std::move(column.values),
                                     .code = std::move(column.code), .levels = column.words.take()});
            column = {};
        }
        return sheet;
    }

    const Input& m_input;
    const Tick& m_tick;
    Losses& m_losses;
    std::string_view m_text, m_header;
    Dialect m_dialect;
    Cursor m_cursor {};
    std::uint64_t m_line = 1;
    bool m_trailing = false;
    bool m_isPiece = false;
    Losses m_pieceLosses {std::string()};
    std::vector<std::string> m_names;
    std::vector<Growing> m_columns;
    std::size_t m_rows = 0, m_expected = 0;
};

}

Sheet readDelimited(const Input& input, const Tick& tick, Losses& losses) { return Delimited(input, tick, losses).read(); }

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/runs.h"

#include "core/error.h"

#include <algorithm>

namespace store {
namespace {

Hash hashAt(const Statement& row, int index)
{
    Hash out{};
    if (const Bytes bytes = row.bytes(index); bytes.size() == out.size())
        std::ranges::copy(bytes, out.begin());
    return out;
}

// Reads the columns of one run, each once.
struct ColumnReader {
    const Database& db;
    Parts& parts;
    bool values;
    std::map<std::int64_t, std::size_t> places{};   // by row

    std::optional<std::size_t> read(const Statement& row, int index)
    {
        if (row.null(index))
            return {};
        const auto [it, added] = places.try_emplace(row.integer(index), parts.columns.size());
        if (added)
            parts.columns.push_back(read(it->first));
        return it->second;
    }

    PackedColumn read(std::int64_t id) const
    {
        static const auto empty = std::make_shared<const std::vector<double>>();
        Statement row(db, values ? "SELECT hash, n, data FROM \"column\" WHERE id=?" : "SELECT hash FROM \"column\" WHERE id=?", id);
        if (!row.step())
            return {};
        PackedColumn out{.hash = hashAt(row, 0), .n = 0, .frame = {}, .values = nullptr};
        if (!values)
            out.values = empty;
        else if (parts.shared)
            out.values = parts.shared->find(out.hash);
        if (values)
            out.n = row.integer(1);
        if (!out.values) {
            const Bytes frame = row.bytes(2);
            out.frame.assign(frame.begin(), frame.end());
        }
        return out;
    }
};

// Whether a column lies in the file as it would be written, or at least can be read.
bool holds(const Statement& row, int n, int data, const PackedColumn& column)
{
    const Bytes frame = row.bytes(data);
    // Another version of the compressor may have written other bytes that mean the same.
    return row.integer(n) == column.n
        && (std::ranges::equal(frame, column.frame) || unpackColumn(frame, column.hash, column.n).has_value());
}

}

std::int64_t RunWriter::keep(const PackedColumn& column)
{
    if (const auto kept = m_kept.find(column.hash); kept != m_kept.end())
        return kept->second;
    std::int64_t& id = m_kept[column.hash];
    Statement known(m_db, "SELECT id, n, data FROM \"column\" WHERE hash=?", Bytes(column.hash));
    if (known.step()) {
        id = known.integer(0);
        if (!holds(known, 1, 2, column))
            run(m_db, "UPDATE \"column\" SET n=?, data=? WHERE id=?", column.n, Bytes(column.frame), id);
        return id;
    }
    run(m_db, "INSERT INTO \"column\"(hash, n, data) VALUES(?,?,?)", Bytes(column.hash), column.n, Bytes(column.frame));
    return id = m_db.integer("SELECT last_insert_rowid()");
}

bool RunWriter::sound(const Parts& parts)
try {
    if (!Statement(m_db, "SELECT 1 FROM run WHERE hash=?", Bytes(parts.hash)).step())
        return false;
    // What describes it, then each column.
    unpack(readParts(m_db, parts.hash, false, nullptr));
    for (const PackedColumn& column : parts.columns) {
        Statement row(m_db, "SELECT n, data FROM \"column\" WHERE hash=?", Bytes(column.hash));
        if (!row.step() || !holds(row, 0, 1, column))
            return false;
    }
    return true;
} catch (const Damage&) {
    return false;
}

// With every frame: those read from a project are without one where the column was in memory.
static Parts whole(Parts parts)
{
    for (PackedColumn& column : parts.columns)
        if (column.values && column.frame.empty())
            column.frame = packColumn(*column.values, column.hash);
    unpack(parts);      // names what is damaged before any of it is written
    return parts;
}

bool RunWriter::write(const Parts& parts)
{
    if (std::ranges::any_of(parts.columns, [](const PackedColumn& column) { return column.frame.empty(); }))
        return write(whole(parts));
    if (sound(parts))
        return false;
    for (const char* part : {"series", "words"})
        store::run(m_db, std::string("DELETE FROM ") + part + " WHERE run IN (SELECT id FROM run WHERE hash=?)", Bytes(parts.hash));
    store::run(m_db, "DELETE FROM run WHERE hash=?", Bytes(parts.hash));
    store::run(m_db, "INSERT INTO run(hash, name, source, format, kind, config, seal) VALUES(?,?,?,?,?,?,?)", Bytes(parts.hash),
               parts.name, parts.source, parts.format, parts.kind, parts.config, Bytes(parts.seal));
    const std::int64_t id = m_db.integer("SELECT last_insert_rowid()");

    const auto row = [&](std::optional<std::size_t> place) {
        return place ? std::optional(keep(parts.columns[*place])) : std::nullopt;
    };
    for (std::size_t i = 0; i < parts.series.size(); ++i) {
        const Parts::Series& s = parts.series[i];
        const auto step = row(s.step), value = row(s.value), wall = row(s.wall);
        store::run(m_db, "INSERT INTO series VALUES(?,?,?,?,?,?)", id, std::int64_t(i), s.name, step, value, wall);
    }
    for (std::size_t i = 0; i < parts.words.size(); ++i) {
        const Parts::Words& words = parts.words[i];
        store::run(m_db, "INSERT INTO words VALUES(?,?,?,?,?)", id, std::int64_t(i), words.name, row(words.code), words.levels);
    }
    return true;
}

Parts readParts(const Database& db, const Hash& hash, bool values, const std::shared_ptr<SharedColumns>& shared)
{
    Parts parts;
    parts.name = hex(hash).substr(0, 12);
    parts.in = " in " + db.name();
    parts.hash = hash;
    parts.shared = shared;
    try {
        Statement row(db, "SELECT id, name, source, format, kind, config, seal FROM run WHERE hash=?", Bytes(hash));
        if (!row.step())
            throw Error(db.name() + " has no run " + parts.name + "...: it was imported into another project.");
        const std::int64_t id = row.integer(0);
        parts.name = row.text(1), parts.source = row.text(2), parts.format = row.text(3), parts.kind = row.text(4);
        parts.config = row.text(5);
        parts.seal = hashAt(row, 6);

        ColumnReader columns{db, parts, values};
        Statement series(db, "SELECT name, step, value, wall FROM series WHERE run=? ORDER BY ordinal", id);
        while (series.step()) {
            const auto step = columns.read(series, 1), value = columns.read(series, 2), wall = columns.read(series, 3);
            parts.series.emplace_back(series.text(0), step, value, wall);
        }
        Statement words(db, "SELECT name, code, levels FROM words WHERE run=? ORDER BY ordinal", id);
        while (words.step()) {
            const auto code = columns.read(words, 1);
            parts.words.push_back({words.text(0), code, words.text(2)});
        }
    } catch (const Damage& e) {
        throw Damage("Run '" + parts.name + "' in " + db.name() + " is damaged (" + e.what() + "): import its log"
                     + (parts.source.empty() ? "" : " '" + parts.source + "'") + " again to restore it.");
    }
    return parts;
}

std::vector<std::pair<Hash, std::string>> listRuns(const Database& db)
{
    std::vector<std::pair<Hash, std::string>> out;
    Statement rows(db, "SELECT hash, name FROM run ORDER BY id");
    while (rows.step())
        out.emplace_back(hashAt(rows, 0), rows.text(1));
    return out;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/runs.h"

#include "core/error.h"
#include "core/store/project.h"

#include <nlohmann/json.hpp>

#include <bit>
#include <cmath>
#include <cstring>

namespace store {
namespace {

using Json = nlohmann::json;

// Every part is preceded by its length, so no two runs are written alike.
struct Writer {
    std::string out = "isoloss run 1\n";
    void number(std::uint64_t n) { out.append(reinterpret_cast<const char*>(&n), sizeof n); }
    void text(std::string_view s) { number(s.size()), out.append(s); }
    void hash(const Hash& h) { out.append(reinterpret_cast<const char*>(h.data()), h.size()); }
    void hash(const std::optional<Hash>& h)
    {
        number(h.has_value());
        if (h)
            hash(*h);
    }
};

std::vector<double> codes(const data::TextColumn& column) { return {column.code.begin(), column.code.end()}; }

bool validUtf8(const std::string& s)
{
    try {
        return !Json(s).dump().empty();
    } catch (const Json::exception&) {
        return false;
    }
}

// JSON knows neither text that is not UTF-8 nor numbers that are not finite: those are written as hex digits of their
// bytes, {"bytes": ...} and {"float64": ...}, so that a run comes back to the bit.
Json textJson(const std::string& s)
{
    return validUtf8(s) ? Json(s) : Json{{"bytes", hex(std::as_bytes(std::span(s)))}};
}

Json valueJson(const data::Value& value)
{
    if (const auto* word = std::get_if<std::string>(&value))
        return textJson(*word);
    const double number = std::get<double>(value);
    if (std::isfinite(number))
        return number;
    return {{"float64", hex(std::as_bytes(std::span(&number, 1)))}};
}

int nibble(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

std::string unhex(const std::string& digits)
{
    std::string out;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        out += char(nibble(digits[i]) << 4 | nibble(digits[i + 1]));
    return out;
}

std::string textOf(const Json& json)
{
    return json.is_object() ? unhex(json.at("bytes").get<std::string>()) : json.get<std::string>();
}

data::Value valueOf(const Json& json)
{
    if (json.is_number())
        return json.get<double>();
    if (json.is_object() && json.contains("float64")) {
        double number = 0;
        const std::string bytes = unhex(json["float64"].get<std::string>());
        std::memcpy(&number, bytes.data(), std::min(bytes.size(), sizeof number));
        return number;
    }
    return textOf(json);
}

Hash seal(const Hash& hash, std::string_view format, std::string_view source)
{
    Writer writer;
    writer.hash(hash);
    writer.text(format);
    writer.text(source);
    return sha256Of(std::as_bytes(std::span(writer.out)));
}

Hash hashAt(const Statement& row, int index)
{
    Hash out{};
    if (const Bytes bytes = row.bytes(index); bytes.size() == out.size())
        std::ranges::copy(bytes, out.begin());
    return out;
}

// Reads the columns of one run.
struct ColumnReader {
    const Database& db;
    Columns& shared;
    bool values;

    struct Read {
        Hash hash{};
        data::Column column;
    };
    // Null where it cannot be read.
    Read read(std::int64_t id) const
    {
        static const auto empty = std::make_shared<const std::vector<double>>();
        Statement row(db, values ? "SELECT hash, n, data FROM \"column\" WHERE id=?" : "SELECT hash FROM \"column\" WHERE id=?", id);
        if (!row.step())
            return {};
        const Hash hash = hashAt(row, 0);
        if (!values)
            return {hash, empty};
        std::weak_ptr<const std::vector<double>>& kept = shared[id];
        data::Column column = kept.lock();
        if (!column)
            if (auto unpacked = unpackColumn(row.bytes(2), hash, row.integer(1)))
                kept = column = std::make_shared<const std::vector<double>>(std::move(*unpacked));
        return {hash, column};
    }

    std::optional<Hash> read(const Statement& row, int index, const std::string& series, data::Column& column) const
    {
        if (row.null(index))
            return {};
        const Read got = read(row.integer(index));
        if (!got.column)
            throw Damage("the values of '" + series + "' cannot be read");
        column = got.column;
        return got.hash;
    }
};

data::Run readParts(const Database& db, const Statement& row, const Hash& hash, const ColumnReader& columns)
{
    const std::int64_t id = row.integer(0);
    data::Run run{.name = row.text(1), .format = row.text(3), .source = row.text(2),
                  .kind = row.text(4) == "table" ? data::Kind::Table : data::Kind::Log, .config = {}, .series = {}, .text = {}};
    for (const Json& entry : Json::parse(row.text(5)))
        run.config.emplace(textOf(entry.at(0)), valueOf(entry.at(1)));
    Manifest manifest{.name = run.name, .kind = run.kind, .config = run.config, .series = {}, .words = {}};

    Statement series(db, "SELECT name, step, value, wall FROM series WHERE run=? ORDER BY ordinal", id);
    while (series.step()) {
        data::Series& s = run.series.emplace_back();
        s.name = series.text(0);
        Manifest::Series& sealed = manifest.series.emplace_back();
        sealed.name = s.name;
        sealed.step = columns.read(series, 1, s.name, s.step);
        sealed.value = columns.read(series, 2, s.name, s.value);
        sealed.wall = columns.read(series, 3, s.name, s.wall);
    }
    Statement words(db, "SELECT name, code, levels FROM words WHERE run=? ORDER BY ordinal", id);
    while (words.step()) {
        data::TextColumn& t = run.text.emplace_back();
        t.name = words.text(0);
        data::Column code;
        const auto sealed = columns.read(words, 1, t.name, code);
        for (const Json& level : Json::parse(words.text(2)))
            t.levels.push_back(textOf(level));
        manifest.words.push_back({t.name, sealed.value_or(Hash{}), t.levels});
        if (code)
            for (const double c : *code)
                t.code.push_back(c >= 0 && c < double(t.levels.size()) ? std::int32_t(c) : -1);
    }
    if (manifest.hash() != hash || seal(hash, run.format, run.source) != hashAt(row, 6))
        throw Damage("what describes it was altered");
    return run;
}

}

Hash Manifest::hash() const
{
    Writer writer;
    writer.text(name);
    writer.number(std::uint64_t(kind));
    writer.number(config.size());
    for (const auto& [key, value] : config) {
        writer.text(key);
        writer.number(value.index());
        if (const auto* word = std::get_if<std::string>(&value))
            writer.text(*word);
        else
            writer.number(std::bit_cast<std::uint64_t>(std::get<double>(value)));
    }
    writer.number(series.size());
    for (const Series& s : series) {
        writer.text(s.name);
        writer.hash(s.step);
        writer.hash(s.value);
        writer.hash(s.wall);
    }
    writer.number(words.size());
    for (const Words& w : words) {
        writer.text(w.name);
        writer.hash(w.code);
        writer.number(w.levels.size());
        for (const std::string& level : w.levels)
            writer.text(level);
    }
    return sha256Of(std::as_bytes(std::span(writer.out)));
}

Manifest manifest(const data::Run& run, Hashes& known)
{
    const auto hash = [&](const data::Column& column) -> std::optional<Hash> {
        if (!column)
            return {};
        const auto [it, added] = known.try_emplace(column.get());
        if (added)
            it->second = columnHash(*column);
        return it->second;
    };
    Manifest out{.name = run.name, .kind = run.kind, .config = run.config, .series = {}, .words = {}};
    for (const data::Series& s : run.series)
        out.series.push_back({s.name, hash(s.step), hash(s.value), hash(s.wall)});
    for (const data::TextColumn& t : run.text)
        out.words.push_back({t.name, columnHash(codes(t)), t.levels});
    return out;
}

std::int64_t RunWriter::keep(std::span<const double> values, const Hash& hash)
{
    if (const auto kept = m_kept.find(hash); kept != m_kept.end())
        return kept->second;
    std::int64_t& id = m_kept[hash];
    const auto n = std::int64_t(values.size());
    Statement known(m_db, "SELECT id, n, data FROM \"column\" WHERE hash=?", Bytes(hash));
    if (known.step()) {
        id = known.integer(0);
        if (!unpackColumn(known.bytes(2), hash, known.integer(1)))
            run(m_db, "UPDATE \"column\" SET n=?, data=? WHERE id=?", n, Bytes(packColumn(values, hash)), id);
        return id;
    }
    run(m_db, "INSERT INTO \"column\"(hash, n, data) VALUES(?,?,?)", Bytes(hash), n, Bytes(packColumn(values, hash)));
    return id = m_db.integer("SELECT last_insert_rowid()");
}

void RunWriter::write(const data::Run& run, const Manifest& manifest, const Hash& hash)
{
    for (const char* part : {"series", "words"})
        store::run(m_db, std::string("DELETE FROM ") + part + " WHERE run IN (SELECT id FROM run WHERE hash=?)", Bytes(hash));
    store::run(m_db, "DELETE FROM run WHERE hash=?", Bytes(hash));

    Json config = Json::array();
    for (const auto& [key, value] : run.config)
        config.push_back(Json::array({textJson(key), valueJson(value)}));
    store::run(m_db, "INSERT INTO run(hash, name, source, format, kind, config, seal) VALUES(?,?,?,?,?,?,?)", Bytes(hash),
               run.name, run.source, run.format, run.kind == data::Kind::Table ? "table" : "log", config.dump(),
               Bytes(seal(hash, run.format, run.source)));
    const std::int64_t id = m_db.integer("SELECT last_insert_rowid()");

    const auto column = [&](const data::Column& values, const std::optional<Hash>& of) {
        return values ? std::optional(keep(*values, *of)) : std::nullopt;
    };
    for (std::size_t i = 0; i < run.series.size(); ++i) {
        const data::Series& s = run.series[i];
        const Manifest::Series& hashes = manifest.series[i];
        const auto step = column(s.step, hashes.step), value = column(s.value, hashes.value), wall = column(s.wall, hashes.wall);
        store::run(m_db, "INSERT INTO series VALUES(?,?,?,?,?,?)", id, std::int64_t(i), s.name, step, value, wall);
    }
    for (std::size_t i = 0; i < run.text.size(); ++i) {
        const data::TextColumn& t = run.text[i];
        Json levels = Json::array();
        for (const std::string& level : t.levels)
            levels.push_back(textJson(level));
        store::run(m_db, "INSERT INTO words VALUES(?,?,?,?,?)", id, std::int64_t(i), t.name,
                   keep(codes(t), manifest.words[i].code), levels.dump());
    }
}

std::string contentHash(const data::Run& run)
{
    Hashes known;
    return hex(manifest(run, known).hash());
}

data::Run readRun(const Database& db, const Hash& hash, bool values, Columns& shared)
{
    std::string called = hex(hash).substr(0, 12), source;
    try {
        Statement row(db, "SELECT id, name, source, format, kind, config, seal FROM run WHERE hash=?", Bytes(hash));
        if (!row.step())
            throw Error(db.name() + " has no run " + called + "...: it was imported into another project.");
        called = row.text(1);
        source = row.text(2);
        return readParts(db, row, hash, {db, shared, values});
    } catch (const Damage& e) {
        throw Damage("Run '" + called + "' in " + db.name() + " is damaged (" + e.what() + "): import its log"
                     + (source.empty() ? "" : " '" + source + "'") + " again to restore it.");
    } catch (const Json::exception&) {
        throw Damage("Run '" + called + "' in " + db.name() + " is damaged (its config is not JSON): import its log again to "
                     "restore it.");
    }
}

bool sound(const Database& db, const Hash& hash)
try {
    if (!Statement(db, "SELECT 1 FROM run WHERE hash=?", Bytes(hash)).step())
        return false;
    Columns columns;
    readRun(db, hash, true, columns);
    return true;
} catch (const Damage&) {
    return false;
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

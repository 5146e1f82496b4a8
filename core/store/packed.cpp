// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/packed.h"

#include "core/error.h"
#include "core/store/project.h"
#include "core/store/runs.h"

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

// The columns of one run, each hashed and compressed once however many series share it.
struct ColumnPacker {
    std::vector<PackedColumn>& columns;
    std::map<const void*, std::size_t> places{};    // by where they lie

    std::size_t add(std::span<const double> values)
    {
        const Hash hash = columnHash(values);
        const auto place = std::size_t(std::ranges::find(columns, hash, &PackedColumn::hash) - columns.begin());
        if (place == columns.size())
            columns.push_back({.hash = hash, .n = std::int64_t(values.size()), .frame = packColumn(values, hash), .values = nullptr});
        return place;
    }
    std::optional<std::size_t> add(const data::Column& column)
    {
        if (!column)
            return {};
        const auto [it, added] = places.try_emplace(column.get());
        if (added)
            it->second = add(std::span(*column));
        return it->second;
    }
};

// The columns of one run; those that other runs have in memory are shared with them.
class ColumnUnpacker {
public:
    explicit ColumnUnpacker(const Parts& parts) : m_parts(parts), m_columns(parts.columns.size()) { }

    data::Column get(std::optional<std::size_t> place, const std::string& series)
    {
        if (!place)
            return nullptr;
        const PackedColumn& packed = m_parts.columns[*place];
        data::Column& column = m_columns[*place];
        if (!column)
            column = packed.values ? packed.values : m_parts.shared ? m_parts.shared->find(packed.hash) : nullptr;
        if (!column)
            if (auto values = unpackColumn(packed.frame, packed.hash, packed.n)) {
                column = std::make_shared<const std::vector<double>>(std::move(*values));
                if (m_parts.shared)
                    column = m_parts.shared->keep(packed.hash, column);
            }
        if (!column)
            throw Damage("the values of '" + series + "' cannot be read");
        return column;
    }

private:
    const Parts& m_parts;
    std::vector<data::Column> m_columns;
};

data::Run unpackParts(const Parts& parts)
{
    data::Run run{.name = parts.name, .format = parts.format, .source = parts.source,
                  .kind = parts.kind == "table" ? data::Kind::Table : data::Kind::Log, .config = {}, .series = {}, .text = {}};
    for (const Json& entry : Json::parse(parts.config))
        run.config.emplace(textOf(entry.at(0)), valueOf(entry.at(1)));
    Manifest manifest{.name = run.name, .kind = run.kind, .config = run.config, .series = {}, .words = {}};
    ColumnUnpacker columns(parts);
    const auto hash = [&](std::optional<std::size_t> place) {
        return place ? std::optional(parts.columns[*place].hash) : std::nullopt;
    };
    for (const Parts::Series& s : parts.series) {
        data::Series& to = run.series.emplace_back();
        to.name = s.name;
        to.step = columns.get(s.step, s.name);
        to.value = columns.get(s.value, s.name);
        to.wall = columns.get(s.wall, s.name);
        manifest.series.push_back({s.name, hash(s.step), hash(s.value), hash(s.wall)});
    }
    for (const Parts::Words& words : parts.words) {
        data::TextColumn& to = run.text.emplace_back();
        to.name = words.name;
        for (const Json& level : Json::parse(words.levels))
            to.levels.push_back(textOf(level));
        manifest.words.push_back({words.name, hash(words.code).value_or(Hash{}), to.levels});
        if (const data::Column code = columns.get(words.code, words.name))
            for (const double c : *code)
                to.code.push_back(c >= 0 && c < double(to.levels.size()) ? std::int32_t(c) : -1);
    }
    if (manifest.hash() != parts.hash || seal(parts.hash, run.format, run.source) != parts.seal)
        throw Damage("what describes it was altered");
    return run;
}

Manifest manifest(const data::Run& run)
{
    std::map<const void*, Hash> known;
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

std::string contentHash(const data::Run& run) { return hex(manifest(run).hash()); }

data::Column SharedColumns::find(const Hash& hash)
{
    const std::lock_guard lock(m_mutex);
    const auto it = m_columns.find(hash);
    return it == m_columns.end() ? nullptr : it->second.lock();
}

data::Column SharedColumns::keep(const Hash& hash, const data::Column& column)
{
    const std::lock_guard lock(m_mutex);
    std::weak_ptr<const std::vector<double>>& kept = m_columns[hash];
    if (const data::Column there = kept.lock())
        return there;       // another thread was first
    kept = column;
    return column;
}

Parts packParts(const data::Run& run)
{
    Parts parts{.name = run.name, .source = run.source, .format = run.format,
                .kind = run.kind == data::Kind::Table ? "table" : "log"};
    Json config = Json::array();
    for (const auto& [key, value] : run.config)
        config.push_back(Json::array({textJson(key), valueJson(value)}));
    parts.config = config.dump();

    Manifest manifest{.name = run.name, .kind = run.kind, .config = run.config, .series = {}, .words = {}};
    ColumnPacker columns{parts.columns};
    const auto hash = [&](std::optional<std::size_t> place) {
        return place ? std::optional(parts.columns[*place].hash) : std::nullopt;
    };
    for (const data::Series& s : run.series) {
        const Parts::Series& to = parts.series.emplace_back(s.name, columns.add(s.step), columns.add(s.value), columns.add(s.wall));
        manifest.series.push_back({s.name, hash(to.step), hash(to.value), hash(to.wall)});
    }
    for (const data::TextColumn& t : run.text) {
        Json levels = Json::array();
        for (const std::string& level : t.levels)
            levels.push_back(textJson(level));
        const std::size_t code = columns.add(std::span<const double>(codes(t)));
        parts.words.push_back({t.name, code, levels.dump()});
        manifest.words.push_back({t.name, parts.columns[code].hash, t.levels});
    }
    parts.hash = manifest.hash();
    parts.seal = seal(parts.hash, run.format, run.source);
    return parts;
}

data::Run unpack(const Parts& parts)
try {
    return unpackParts(parts);
} catch (const Damage& e) {
    throw Damage("Run '" + parts.name + "'" + parts.in + " is damaged (" + e.what() + "): import its log"
                 + (parts.source.empty() ? "" : " '" + parts.source + "'") + " again to restore it.");
} catch (const Json::exception&) {
    throw Damage("Run '" + parts.name + "'" + parts.in + " is damaged (its config is not JSON): import its log again to "
                 "restore it.");
}

const std::string& Packed::hash() const { return m->hash; }
const std::string& Packed::name() const { return m->parts.name; }

Packed pack(const data::Run& run)
{
    Parts parts = packParts(run);
    std::string hash = hex(parts.hash);
    Packed packed;
    packed.m = std::make_shared<const Packed::Data>(std::move(parts), std::move(hash));
    return packed;
}

data::Run unpack(const Packed& packed) { return unpack(packed.m->parts); }

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/run.h"
#include "core/store/column.h"
#include "core/store/packed.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace store {

// What a run's hash is taken over: name, kind, config, and the hashes of its columns; not format nor source.
struct Manifest {
    struct Series {
        std::string name;
        std::optional<Hash> step, value, wall;
    };
    struct Words {
        std::string name;
        Hash code;
        std::vector<std::string> levels;
    };
    std::string name;
    data::Kind kind = data::Kind::Log;
    data::Config config;
    std::vector<Series> series;
    std::vector<Words> words;

    Hash hash() const;
};

// Columns in use, by content: runs that share steps share the memory. Any thread.
class SharedColumns {
public:
    data::Column find(const Hash&);                             // null where it is not in use
    data::Column keep(const Hash&, const data::Column&);        // the one in use, which may be another of the same content

private:
    std::mutex m_mutex;
    std::map<Hash, std::weak_ptr<const std::vector<double>>> m_columns;
};

struct PackedColumn {
    Hash hash{};
    std::int64_t n = 0;
    std::vector<std::byte> frame;       // see column.h; empty where it is not there
    data::Column values;                // where another run has them in memory: there is no frame then
};

// A run as it lies in the file. A column is named by its place in `columns`.
struct Parts {
    struct Series {
        std::string name;
        std::optional<std::size_t> step, value, wall;
        Series(std::string called, std::optional<std::size_t> s, std::optional<std::size_t> v, std::optional<std::size_t> w)
            : name(std::move(called)), step(s), value(v), wall(w) { }
    };
    struct Words {
        std::string name;
        std::optional<std::size_t> code;
        std::string levels;             // JSON
    };
    std::string name, source, format, kind, config;     // config: JSON
    Hash hash{}, seal{};
    std::vector<PackedColumn> columns;
    std::vector<Series> series;
    std::vector<Words> words;
    std::string in;                     // " in 'FILE'", for messages
    std::shared_ptr<SharedColumns> shared;
};

struct Packed::Data {
    Parts parts;
    std::string hash;                   // 64 digits
    Data(Parts p, std::string h) : parts(std::move(p)), hash(std::move(h)) { }
};

Parts packParts(const data::Run&);
// Throws Damage where what was read is not what was written.
data::Run unpack(const Parts&);

// Writes runs inside one transaction; what several of them share is written and checked once.
class RunWriter {
public:
    explicit RunWriter(Database& db) : m_db(db) { }
    // Replaces what is there of this hash, and columns that are damaged. False where all is there and sound.
    bool write(const Parts&);

private:
    bool sound(const Parts&);
    std::int64_t keep(const PackedColumn&);
    Database& m_db;
    std::map<Hash, std::int64_t> m_kept;
};

// Reads what is there without looking into it; without values the columns are empty. Throws Error where there is no such
// run, and Damage where the database itself is damaged.
Parts readParts(const Database&, const Hash&, bool values, const std::shared_ptr<SharedColumns>&);
// Hash and name of every run in the file, in order of import.
std::vector<std::pair<Hash, std::string>> listRuns(const Database&);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/run.h"
#include "core/store/column.h"

#include <map>
#include <memory>
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

// Hashes of columns by where they lie: a column that several series share is read once. They must not outlive it.
using Hashes = std::map<const void*, Hash>;
Manifest manifest(const data::Run&, Hashes&);

// Writes runs inside one transaction; what several of them share is written and checked once.
class RunWriter {
public:
    explicit RunWriter(Database& db) : m_db(db) { }
    // Replaces what is there of this hash, and columns that are damaged.
    void write(const data::Run&, const Manifest&, const Hash&);

private:
    std::int64_t keep(std::span<const double>, const Hash&);
    Database& m_db;
    std::map<Hash, std::int64_t> m_kept;
};

// Columns in use, by their row: runs that share steps share the memory.
using Columns = std::map<std::int64_t, std::weak_ptr<const std::vector<double>>>;

// Whether the run is there and can be read whole.
bool sound(const Database&, const Hash&);
// Throws Error where the run is not there, and Damage where what was read is not what was written. Without values the
// columns are empty.
data::Run readRun(const Database&, const Hash&, bool values, Columns&);
// Hash and name of every run in the file, in order of import.
std::vector<std::pair<Hash, std::string>> listRuns(const Database&);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/schema.h"

#include "core/error.h"
#include "core/store/column.h"

#include <array>

namespace store {
namespace {

// Columns are stored once each, by content: the series of a log share their steps. `config` and `levels` are JSON.
// run.seal is the SHA-256 of hash, format and source; series and words are sealed by run.hash itself.
void version1(Database& db)
{
    db.exec(R"(
        CREATE TABLE "column"(id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, n INTEGER NOT NULL, data BLOB NOT NULL);
        CREATE TABLE run(id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, name TEXT NOT NULL, source TEXT NOT NULL,
            format TEXT NOT NULL, kind TEXT NOT NULL, config TEXT NOT NULL, seal BLOB NOT NULL);
        CREATE TABLE series(run INTEGER NOT NULL, ordinal INTEGER NOT NULL, name TEXT NOT NULL,
            step INTEGER, value INTEGER, wall INTEGER, PRIMARY KEY(run, ordinal)) WITHOUT ROWID;
        CREATE TABLE words(run INTEGER NOT NULL, ordinal INTEGER NOT NULL, name TEXT NOT NULL,
            code INTEGER NOT NULL, levels TEXT NOT NULL, PRIMARY KEY(run, ordinal)) WITHOUT ROWID;
        CREATE TABLE history(seq INTEGER PRIMARY KEY, label TEXT NOT NULL, at TEXT NOT NULL, workspace BLOB NOT NULL);
        CREATE TABLE head(id INTEGER PRIMARY KEY CHECK(id = 1), seq INTEGER NOT NULL, change INTEGER NOT NULL);
        CREATE TABLE result(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, at TEXT NOT NULL, json BLOB NOT NULL);
        INSERT INTO head VALUES(1, 0, 0);
    )");
    run(db, "INSERT INTO history VALUES(0, '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?)", Bytes(packText("{}")));
}

constexpr std::array<Migration, 1> all = {version1};

}

std::span<const Migration> migrations() { return all; }

std::int64_t version(const Database& db, std::span<const Migration> known)
{
    const std::int64_t id = db.integer("PRAGMA application_id"), version = db.integer("PRAGMA user_version");
    const bool empty = id == 0 && version == 0 && db.integer("SELECT count(*) FROM sqlite_schema") == 0;
    if (!empty && id != applicationId)
        throw Error(db.name() + " is not an Isoloss project but a database of another program: choose another file.");
    if (version > std::int64_t(known.size()))
        throw Error(db.name() + " was made by a newer Isoloss (its format is " + std::to_string(version)
                    + ", this program knows up to " + std::to_string(known.size()) + "): update Isoloss to open it.");
    if (version < 0)
        throw Error(db.name() + " is damaged (it says its format is " + std::to_string(version) + "): restore a copy of it.");
    return version;
}

void migrate(Database& db, std::span<const Migration> known)
{
    if (version(db, known) == std::int64_t(known.size()))
        return;
    Transaction transaction(db);
    // Another program may have migrated it while this one waited for the lock.
    for (std::size_t v = std::size_t(version(db, known)); v < known.size(); ++v)
        known[v](db);
    db.exec(("PRAGMA application_id=" + std::to_string(applicationId)).c_str());
    db.exec(("PRAGMA user_version=" + std::to_string(known.size())).c_str());
    transaction.commit();
}

}

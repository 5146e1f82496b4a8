// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/open.h"

#include "core/error.h"

#include <unistd.h>

namespace store {
namespace {

namespace fs = std::filesystem;

// Asked before SQLite opens it, which would leave its files beside one that it can only read.
bool writable(const fs::path& path) { return access(path.c_str(), W_OK) == 0; }
fs::path folderOf(const fs::path& path) { return fs::absolute(path).parent_path(); }

void checkKind(const fs::path& path, bool mayBeNew)
{
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    const std::string name = quoted(path);
    if (fs::is_directory(status))
        throw Error(name + " is a folder, not an Isoloss project: name the file.");
    if (fs::exists(status) && !fs::is_regular_file(status))
        throw Error(name + " is not an Isoloss project: it is no ordinary file.");
    if (fs::exists(status))
        return;
    if (!mayBeNew)
        throw Error("There is no project " + name + ": check the name.");
    const fs::path folder = fs::absolute(path).parent_path();
    if (!fs::is_directory(folder, error))
        throw Error(name + " cannot be made because there is no folder " + quoted(folder) + ": make it first.");
}

Database readable(const fs::path& path)
{
    using enum Database::Access;
    if (writable(path) && writable(folderOf(path))) {
        // Reading through a connection that may write tidies up after itself; one that may not leaves files behind.
        Database db(path, ReadWrite);
        db.exec("PRAGMA query_only=ON");
        return db;
    }
    const fs::path log = path.string() + "-wal";
    std::error_code error;
    if (!fs::exists(log, error))
        return {path, Immutable};
    try {
        Database db(path, ReadOnly);
        db.integer("SELECT count(*) FROM sqlite_schema");
        return db;
    } catch (const Error&) {
        if (fs::file_size(log, error) == 0)
            return {path, Immutable};
        throw Error(quoted(path) + " cannot be read here because its last changes still lie in " + quoted(log)
                    + ": copy both files to where you may write and open the copy.");
    }
}

}

Database openToWrite(const fs::path& path, std::span<const Migration> known)
{
    checkKind(path, true);
    if (std::error_code error; !writable(folderOf(path)) || (fs::exists(path, error) && !writable(path)))
        throw Error(quoted(path) + " cannot be written: the file or its folder is read-only; open it for reading only, or copy "
                    "it to where you may write.");
    Database db(path, Database::Access::Create);
    version(db, known);     // before anything is written to a file that may be another program's
    // WAL: a reader never waits, and what is committed outlives the process, however it ends. Pages of a new file are
    // large, since columns are: a run of 10 MB is written in half the time.
    db.exec("PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=16777216");
    migrate(db, known);
    return db;
}

Database openToRead(const fs::path& path, std::span<const Migration> known)
{
    checkKind(path, false);
    Database db = readable(path);
    const std::int64_t found = version(db, known);
    if (found == std::int64_t(known.size()))
        return db;
    if (found == 0)
        throw Error(quoted(path) + " is empty: there is no project in it.");
    Database copy = Database::memory(db.name());
    db.copyTo(copy);
    migrate(copy, known);
    return copy;
}

}

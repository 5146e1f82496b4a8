// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/sqlite.h"

#include <sqlite3.h>

#include <cstring>

namespace store {
namespace {

// A file name inside a URI: SQLite takes these three characters as syntax.
std::string uri(const std::filesystem::path& path, std::string_view query)
{
    std::string out = "file://";
    for (const char c : std::filesystem::absolute(path).string()) {
        constexpr std::string_view digits = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(c);
        if (c == '%' || c == '?' || c == '#')
            out.append({'%', digits[byte >> 4], digits[byte & 15]});
        else
            out += c;
    }
    return out.append(query);
}

int flags(Database::Access access)
{
    switch (access) {
    case Database::Access::ReadWrite: return SQLITE_OPEN_READWRITE;
    case Database::Access::Create: return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    default: return SQLITE_OPEN_READONLY;
    }
}

}

std::string quoted(const std::filesystem::path& path) { return std::string("'").append(path.string()).append("'"); }

Database::Database(const std::string& uri, int flags, std::string name) : m_name(std::move(name))
{
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(uri.c_str(), &handle, flags | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE, nullptr);
    m_handle.reset(handle);
    if (code != SQLITE_OK)
        fail(code);
    sqlite3_busy_timeout(handle, 5000);
    // The file may come from anyone: its schema must not run functions, nor a damaged cell lead outside its page.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    sqlite3_exec(handle, "PRAGMA cell_size_check=ON", nullptr, nullptr, nullptr);
}

Database::Database(const std::filesystem::path& path, Access access)
    : Database(uri(path, access == Access::Immutable ? "?immutable=1" : ""), flags(access), quoted(path))
{
}

Database Database::memory(std::string name) { return {"file::memory:", flags(Access::Create), std::move(name)}; }

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

void Database::exec(const char* sql) const
{
    if (const int code = sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr); code != SQLITE_OK)
        fail(code);
}

std::int64_t Database::integer(const char* sql) const
{
    Statement query(*this, sql);
    if (!query.step())
        fail(SQLITE_CORRUPT);
    return query.integer(0);
}

void Database::copyTo(Database& other) const
{
    sqlite3_backup* backup = sqlite3_backup_init(other.handle(), "main", handle(), "main");
    if (!backup)
        other.fail(sqlite3_extended_errcode(other.handle()));
    sqlite3_backup_step(backup, -1);
    if (const int code = sqlite3_backup_finish(backup); code != SQLITE_OK)
        fail(code);
}

void Database::fail(int code) const
{
    const int system = m_handle ? sqlite3_system_errno(handle()) : 0;
    const std::string reason = system ? std::strerror(system) : sqlite3_errstr(code);
    switch (code & 0xff) {
    case SQLITE_FULL:
        throw Error(m_name + " could not be written because the disk is full: free some space and try again; all that was "
                             "kept before is still there.");
    case SQLITE_READONLY:
    case SQLITE_PERM:
        throw Error(m_name + " cannot be written: the file or its folder is read-only; copy it to where you may write.");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        throw Error(m_name + " is locked by another program: wait until that is done, or close it, and try again.");
    case SQLITE_NOTADB:
        throw Error(m_name + " is not an Isoloss project: it is no SQLite database.");
    case SQLITE_CANTOPEN:
        throw Error(m_name + " cannot be opened (" + reason + "): check that the file can be read and that its folder can "
                             "be written.");
    case SQLITE_IOERR:
        throw Error(m_name + " could not be read or written (" + reason + "): check the disk and try again; all that was "
                             "kept before is still there.");
    case SQLITE_NOMEM:
        throw Error("There is not enough memory for " + m_name + ": close other programs and try again.");
    case SQLITE_TOOBIG:
        throw Error(m_name + " cannot take a column of more than 1 GB: import the run with fewer records.");
    case SQLITE_CORRUPT:
    case SQLITE_ERROR:      // a table or column that should be there is not
    case SQLITE_FORMAT:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        throw Damage(m_name + " is damaged (" + sqlite3_errmsg(handle()) + "): restore a copy of it, or import the logs into "
                             "a new project.");
    default:
        throw Error(m_name + " cannot be used (" + sqlite3_errmsg(handle()) + "): close other programs that use it and try "
                             "again.");
    }
}

Statement::Statement(const Database& db, std::string_view sql) : m_db(db)
{
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(db.handle(), sql.data(), int(sql.size()), &statement, nullptr);
    m_statement.reset(statement);
    if (code != SQLITE_OK)
        db.fail(code);
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

bool Statement::step()
{
    const int code = sqlite3_step(m_statement.get());
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        m_db.fail(code);
    return code == SQLITE_ROW;
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(m_statement.get(), column); }

std::string Statement::text(int column) const
{
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(m_statement.get(), column));
    return text ? std::string(text, std::size_t(sqlite3_column_bytes(m_statement.get(), column))) : std::string();
}

Bytes Statement::bytes(int column) const
{
    const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(m_statement.get(), column));
    return {data, data ? std::size_t(sqlite3_column_bytes(m_statement.get(), column)) : 0};
}

bool Statement::null(int column) const { return sqlite3_column_type(m_statement.get(), column) == SQLITE_NULL; }

void Statement::bind(int index, std::int64_t value)
{
    if (const int code = sqlite3_bind_int64(m_statement.get(), index, value); code != SQLITE_OK)
        m_db.fail(code);
}

void Statement::bind(int index, std::string_view value)
{
    const char* data = value.empty() ? "" : value.data();   // a null pointer would be bound as NULL
    if (const int code = sqlite3_bind_text64(m_statement.get(), index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8);
        code != SQLITE_OK)
        m_db.fail(code);
}

void Statement::bind(int index, Bytes value)
{
    const void* data = value.empty() ? static_cast<const void*>("") : value.data();
    if (const int code = sqlite3_bind_blob64(m_statement.get(), index, data, value.size(), SQLITE_STATIC); code != SQLITE_OK)
        m_db.fail(code);
}

void Statement::bind(int index, const std::optional<std::int64_t>& value)
{
    if (value)      // else NULL, which is what an unbound value is
        bind(index, *value);
}

Transaction::Transaction(Database& db) : m_db(db) { db.exec("BEGIN IMMEDIATE"); }

Transaction::~Transaction()
{
    // Some failures have rolled back already; a second ROLLBACK is refused and that is fine.
    if (m_open)
        sqlite3_exec(m_db.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit()
{
    m_db.exec("COMMIT");
    m_open = false;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace store {

using Bytes = std::span<const std::byte>;

// The file holds something else than was written into it.
struct Damage : Error {
    using Error::Error;
};

std::string quoted(const std::filesystem::path&);     // 'path', for messages

// One connection. Every failure of SQLite is thrown as an Error with a sentence that names the file.
class Database {
public:
    enum class Access {
        ReadWrite,
        Create,     // as ReadWrite, and made where absent
        ReadOnly,
        Immutable,  // nobody writes it meanwhile: needs no locks, so works where nothing can be written beside the file
    };
    Database(const std::filesystem::path&, Access);
    static Database memory(std::string name = "This project");

    void exec(const char* sql) const;
    std::int64_t integer(const char* sql) const;    // first column of the first row
    void copyTo(Database& other) const;             // replaces all that is in other
    const std::string& name() const { return m_name; }
    sqlite3* handle() const { return m_handle.get(); }
    [[noreturn]] void fail(int code) const;

private:
    struct Close {
        void operator()(sqlite3*) const;
    };
    Database(const std::string& uri, int flags, std::string name);
    std::string m_name;                             // as messages call it
    std::unique_ptr<sqlite3, Close> m_handle;
};

// A prepared statement with its values bound, in order. Texts and bytes must outlive it.
class Statement {
public:
    template<class... Values>
    Statement(const Database& db, std::string_view sql, const Values&... values) : Statement(db, sql)
    {
        int index = 0;
        (bind(++index, values), ...);
    }
    Statement(const Database&, std::string_view sql);

    bool step();                                    // false when there is no further row
    void run() { while (step()) { } }
    std::int64_t integer(int column) const;
    std::string text(int column) const;
    Bytes bytes(int column) const;                  // until the next step
    bool null(int column) const;

private:
    struct Finalize {
        void operator()(sqlite3_stmt*) const;
    };
    void bind(int index, std::int64_t value);
    void bind(int index, std::string_view value);
    void bind(int index, Bytes value);
    void bind(int index, const std::optional<std::int64_t>& value);
    const Database& m_db;
    std::unique_ptr<sqlite3_stmt, Finalize> m_statement;
};

template<class... Values>
void run(const Database& db, std::string_view sql, const Values&... values)
{
    Statement(db, sql, values...).run();
}

// Takes the write lock at once, so that what is read inside stays true until the commit; undone unless committed.
class Transaction {
public:
    explicit Transaction(Database&);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

private:
    Database& m_db;
    bool m_open = true;
};

}

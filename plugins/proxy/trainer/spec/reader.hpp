// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/failure.hpp"
#include "spec/spec.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace proxy {

// Where a value of an expanded member stands in the spec the user wrote: ("/lr", "/grid/lr/2").
using Origins = std::vector<std::pair<std::string, std::string>>;

// Reads one JSON object key by key. Every refusal is a Failure(Usage) that points at the key; finish() refuses the
// keys nobody asked for.
class Reader {
public:
    Reader(const OrderedJson& object, std::string path, const Origins* origins = nullptr);

    bool has(const char* key) const { return m_object.contains(key); }
    double number(const char* key, double fallback, double low, double high);
    std::int64_t integer(const char* key, std::int64_t fallback, std::int64_t low, std::int64_t high);
    std::string text(const char* key, const std::string& fallback);
    bool flag(const char* key, bool fallback);
    // Index into `names` of the value.
    std::size_t choice(const char* key, std::size_t fallback, const std::vector<std::string>& names);
    // The nested object, or an empty one.
    Reader object(const char* key);
    // Object number `index` of the list at `key`, which must exist.
    Reader item(const char* key, std::size_t index);
    const OrderedJson* raw(const char* key);
    // Accepts the key only with one of the given values: a switch of the format that this version lacks.
    void only(const char* key, const std::vector<OrderedJson>& values);
    void finish() const;

    [[noreturn]] void refuse(const char* key, const std::string& must) const;

private:
    std::string pointer(const std::string& key) const;

    OrderedJson m_object;
    std::string m_path;
    const Origins* m_origins;
    std::set<std::string> m_known;
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/error.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Members of a JSON object read by name into what they are for. A member that is missing leaves its target as it was;
// one of the wrong type throws a UsageError that names it by its path, such as fits[2].spec.delta.
class Fields {
public:
    Fields(const nlohmann::json& object, std::string path) : m_object(object), m_path(std::move(path))
    {
        if (!object.is_object())
            fail(m_path.empty() ? "the document" : m_path, "an object", object);
    }

    // Calls f(member, its path) where the member is there.
    template<class F>
    void visit(const char* key, F f) const
    {
        if (const auto it = m_object.find(key); it != m_object.end())
            f(*it, m_path.empty() ? std::string(key) : m_path + "." + key);
    }

    template<class T>
    void read(const char* key, T& target) const
    {
        visit(key, [&](const nlohmann::json& json, const std::string& path) { convert(json, path, target); });
    }

    // One value that is no member, such as an element of an array.
    template<class T>
    static void take(const nlohmann::json& json, const std::string& path, T& target)
    {
        convert(json, path, target);
    }

    // Calls f(element, its path) for each element of an array.
    template<class F>
    void each(const char* key, F f) const
    {
        visit(key, [&](const nlohmann::json& json, const std::string& path) {
            if (!json.is_array())
                fail(path, "a list", json);
            for (std::size_t i = 0; i < json.size(); ++i)
                f(json[i], path + "[" + std::to_string(i) + "]");
        });
    }

    [[noreturn]] static void fail(const std::string& path, std::string_view expected, const nlohmann::json& got)
    {
        std::string shown = got.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        if (shown.size() > 40)
            shown = std::string("a ") + got.type_name();
        throw UsageError("'" + path + "' must be " + std::string(expected) + ", not " + shown + ".");
    }

private:
    using Json = nlohmann::json;

    static void convert(const Json& json, const std::string& path, std::string& target)
    {
        if (!json.is_string())
            fail(path, "text", json);
        target = json.get<std::string>();
    }

    static void convert(const Json& json, const std::string& path, bool& target)
    {
        if (!json.is_boolean())
            fail(path, "true or false", json);
        target = json.get<bool>();
    }

    static void convert(const Json& json, const std::string& path, double& target)
    {
        if (json.is_number()) {
            target = json.get<double>();
            return;
        }
        const std::string word = json.is_string() ? json.get<std::string>() : "";
        if (word == "NaN")
            target = std::numeric_limits<double>::quiet_NaN();
        else if (word == "Infinity" || word == "-Infinity")
            target = std::copysign(std::numeric_limits<double>::infinity(), word[0] == '-' ? -1. : 1.);
        else
            fail(path, "a number", json);
    }

    static void convert(const Json& json, const std::string& path, int& target)
    {
        // A whole number may have been written as 3.0 by another program.
        const double value = json.is_number() ? json.get<double>() : std::numeric_limits<double>::quiet_NaN();
        if (!(std::abs(value) <= double(std::numeric_limits<int>::max())) || value != std::trunc(value))
            fail(path, "a whole number", json);
        target = int(value);
    }

    static void convert(const Json& json, const std::string& path, std::uint64_t& target)
    {
        if (!json.is_number_unsigned())
            fail(path, "a whole number from 0", json);
        target = json.get<std::uint64_t>();
    }

    static void convert(const Json& json, const std::string& path, std::pair<double, double>& target)
    {
        if (!json.is_array() || json.size() != 2)
            fail(path, "a pair of numbers", json);
        convert(json[0], path + "[0]", target.first);
        convert(json[1], path + "[1]", target.second);
    }

    static void convert(const Json& json, const std::string& path, std::vector<std::string>& target)
    {
        if (!json.is_array())
            fail(path, "a list", json);
        target.clear();
        for (std::size_t i = 0; i < json.size(); ++i)
            convert(json[i], path + "[" + std::to_string(i) + "]", target.emplace_back());
    }

    template<class T>
    static void convert(const Json& json, const std::string& path, std::map<std::string, T>& target)
    {
        if (!json.is_object())
            fail(path, "an object", json);
        target.clear();
        for (const auto& [key, value] : json.items())
            convert(value, path + "." + key, target[key]);
    }

    const Json& m_object;
    std::string m_path;
};

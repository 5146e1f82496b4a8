// SPDX-License-Identifier: GPL-3.0-or-later
#include "spec/reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace proxy {

namespace {

std::string shortest(double value)
{
    char buffer[32];
    return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

std::string joined(const std::vector<std::string>& names)
{
    std::string all;
    for (const std::string& name : names)
        all += (all.empty() ? "" : ", ") + name;
    return all;
}

}

Reader::Reader(const OrderedJson& object, std::string path, const Origins* origins)
    : m_object(object)
    , m_path(std::move(path))
    , m_origins(origins)
{
    if (!m_object.is_object())
        throw Failure(Exit::Usage,
            "Spec error at " + (m_path.empty() ? "/" : m_path) + ": an object in braces is expected here.");
}

std::string Reader::pointer(const std::string& key) const
{
    const std::string full = m_path + "/" + key;
    if (!m_origins)
        return full;
    const std::pair<std::string, std::string>* best = nullptr;
    for (const auto& origin : *m_origins) {
        const bool inside = full == origin.first || full.starts_with(origin.first + "/");
        if (inside && (!best || origin.first.size() >= best->first.size()))
            best = &origin;
    }
    return best ? best->second + full.substr(best->first.size()) : "/defaults" + full;
}

void Reader::refuse(const char* key, const std::string& must) const
{
    const auto found = m_object.find(key);
    throw Failure(Exit::Usage,
        "Spec error at " + pointer(key) + ": " + must
            + (found == m_object.end() ? ", but it is missing." : ", not " + found->dump() + "."));
}

double Reader::number(const char* key, double fallback, double low, double high)
{
    m_known.insert(key);
    const auto found = m_object.find(key);
    if (found == m_object.end())
        return fallback;
    const double value = found->is_number() ? found->get<double>() : std::nan("");
    if (!(value >= low && value <= high))
        refuse(key, "the value must be a number from " + shortest(low) + " to " + shortest(high));
    return value;
}

std::int64_t Reader::integer(const char* key, std::int64_t fallback, std::int64_t low, std::int64_t high)
{
    m_known.insert(key);
    const auto found = m_object.find(key);
    if (found == m_object.end())
        return fallback;
    // 1e6 is a fine way to write an integer.
    const double value = found->is_number() ? found->get<double>() : std::nan("");
    if (!(value >= static_cast<double>(low) && value <= static_cast<double>(high)) || value != std::floor(value))
        refuse(key, "the value must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    return found->is_number_integer() ? found->get<std::int64_t>() : static_cast<std::int64_t>(value);
}

std::string Reader::text(const char* key, const std::string& fallback)
{
    m_known.insert(key);
    const auto found = m_object.find(key);
    if (found == m_object.end())
        return fallback;
    if (!found->is_string())
        refuse(key, "the value must be a text in quotes");
    return found->get<std::string>();
}

bool Reader::flag(const char* key, bool fallback)
{
    m_known.insert(key);
    const auto found = m_object.find(key);
    if (found == m_object.end())
        return fallback;
    if (!found->is_boolean())
        refuse(key, "the value must be true or false");
    return found->get<bool>();
}

std::size_t Reader::choice(const char* key, std::size_t fallback, const std::vector<std::string>& names)
{
    m_known.insert(key);
    const auto found = m_object.find(key);
    if (found == m_object.end())
        return fallback;
    const auto at = found->is_string() ? std::find(names.begin(), names.end(), found->get<std::string>()) : names.end();
    if (at == names.end())
        refuse(key, "the value must be one of " + joined(names));
    return static_cast<std::size_t>(at - names.begin());
}

Reader Reader::object(const char* key)
{
    m_known.insert(key);
    const auto found = m_object.find(key);
    if (found != m_object.end() && !found->is_object())
        refuse(key, "the value must be an object in braces");
    return {found == m_object.end() ? OrderedJson::object() : *found, m_path + "/" + key, m_origins};
}

Reader Reader::item(const char* key, std::size_t index)
{
    m_known.insert(key);
    const OrderedJson& value = m_object.at(key).at(index);
    const std::string path = std::string(key) + "/" + std::to_string(index);
    if (!value.is_object())
        throw Failure(Exit::Usage, "Spec error at " + pointer(path) + ": an object in braces is expected here.");
    return {value, m_path + "/" + path, m_origins};
}

const OrderedJson* Reader::raw(const char* key)
{
    m_known.insert(key);
    const auto found = m_object.find(key);
    return found == m_object.end() ? nullptr : &*found;
}

void Reader::only(const char* key, const std::vector<OrderedJson>& values)
{
    const OrderedJson* found = raw(key);
    if (!found || std::find(values.begin(), values.end(), *found) != values.end())
        return;
    std::vector<std::string> names;
    for (const OrderedJson& value : values)
        names.push_back(value.dump());
    refuse(key, "this version supports only " + joined(names));
}

void Reader::finish() const
{
    for (const auto& [key, value] : m_object.items()) {
        if (!m_known.contains(key))
            throw Failure(Exit::Usage,
                "Spec error at " + pointer(key) + ": this key is not known here; the known ones are "
                    + joined({m_known.begin(), m_known.end()}) + ".");
    }
}

}

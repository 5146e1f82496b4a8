// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/jsonlines.h"

#include <charconv>
#include <deque>
#include <simdjson.h>

namespace io {

namespace {

// Objects deeper than this are left out; no log nests so far.
constexpr int maxDepth = 32;
constexpr std::size_t maxItems = 4096;

bool isTokenChar(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-' || c == '.';
}

// Whether strict JSON refuses a bare token that cellNumber reads: NaN, Infinity, 1e999, an integer of 20 digits.
bool needsQuotes(std::string_view token) {
    if (token == "true" || token == "false" || token == "null" || !cellNumber(token)) return false;
    const bool letters = token.find_first_of("naNAiI") != std::string_view::npos;
    return letters || token.size() > 15 || token.find_first_of("eE") != std::string_view::npos;
}

}

std::string withBareTokensQuoted(std::string_view line) {
    std::string out;
    out.reserve(line.size() + 64);
    for (std::size_t i = 0; i < line.size();) {
        if (line[i] == '"') {
            const std::size_t first = i++;
            while (i < line.size() && line[i] != '"') i += line[i] == '\\' ? 2 : 1;
            i = std::min(i + 1, line.size());
            out.append(line, first, i - first);
        } else if (isTokenChar(line[i])) {
            const std::size_t first = i;
            while (i < line.size() && isTokenChar(line[i])) ++i;
            const std::string_view token = line.substr(first, i - first);
            if (needsQuotes(token)) out.append("\"\\u0001").append(token).append("\"");
            else out.append(token);
        } else {
            out.push_back(line[i++]);
        }
    }
    return out;
}

namespace {

class Flattener {
public:
    // Returns whether something was left out.
    bool operator()(simdjson::dom::object object) {
        m_leaves.clear();
        m_used = 0;
        m_cut = false;
        walk(object, {}, 0);
        return m_cut;
    }
    std::span<const Leaf> leaves() const { return m_leaves; }

private:
    std::string_view joined(std::string_view prefix, std::string_view key) {
        if (m_used == m_names.size()) m_names.emplace_back();
        std::string& name = m_names[m_used++];
        name.assign(prefix).append(prefix.empty() ? "" : "/").append(key);
        return name;
    }

    void walk(simdjson::dom::object object, std::string_view prefix, int depth) {
        std::string_view type;
        // Pictures, tables and the like of W&B are no series.
        if (depth > 0 && !object["_type"].get(type)) return;
        for (auto [key, value] : object) leaf(value, prefix.empty() ? key : joined(prefix, key), depth);
    }

    void leaf(simdjson::dom::element value, std::string_view name, int depth) {
        using Type = simdjson::dom::element_type;
        switch (value.type()) {
        case Type::DOUBLE: add(name, double(value)); break;
        case Type::INT64: add(name, static_cast<double>(std::int64_t(value))); break;
        case Type::UINT64: add(name, static_cast<double>(std::uint64_t(value))); break;
        case Type::BOOL: add(name, bool(value) ? 1.0 : 0.0); break;
        case Type::STRING: word(name, std::string_view(value)); break;
        case Type::NULL_VALUE: break;
        case Type::OBJECT:
            if (depth + 1 < maxDepth) walk(simdjson::dom::object(value), name, depth + 1);
            else m_cut = true;
            break;
        case Type::ARRAY: {
            if (depth + 1 >= maxDepth) {
                m_cut = true;
                break;
            }
            std::size_t i = 0;
            for (simdjson::dom::element item : simdjson::dom::array(value)) {
                if (i >= maxItems) {
                    m_cut = true;
                    break;
                }
                leaf(item, joined(name, std::to_string(i++)), depth + 1);
            }
            break;
        }
        }
    }

    void add(std::string_view name, double value) { m_leaves.push_back({.name = name, .value = value}); }

    void word(std::string_view name, std::string_view text) {
        const bool bare = text.starts_with(bareMark);
        if (bare) text.remove_prefix(1);
        const std::string_view size = text.starts_with('-') ? text.substr(1) : text;
        if (bare || size == "NaN" || size == "nan" || size == "Infinity" || size == "inf" || size == "Inf") {
            if (const auto value = cellNumber(text)) return add(name, *value);
        }
        m_leaves.push_back({.name = name, .value = text});
    }

    std::vector<Leaf> m_leaves;
    std::deque<std::string> m_names;    // a deque keeps the views of earlier names valid
    std::size_t m_used = 0;
    bool m_cut = false;
};

}

std::uint64_t eachRecord(const Input& input, const Tick& tick, Losses& losses,
                         const std::function<void(std::span<const Leaf>, std::uint64_t line)>& record) {
    std::string_view text = input.bytes;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    simdjson::dom::parser parser;
    Flattener flatten;
    std::string copy;
    std::uint64_t number = 0;
    std::size_t reported = 0;
    for (std::size_t at = 0; at < text.size();) {
        ++number;
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = trim(text.substr(at, end - at));
        if (at - reported > (1u << 20)) {
            reported = at;
            tickAt(tick, at, text.size());
            if (input.passed) input.passed(at);
        }
        const bool last = end == text.size();
        at = end + 1;
        if (line.empty()) continue;
        simdjson::dom::element element;
        // The parser reads past the end of the line, which the bytes behind it allow except near the end of the file.
        const auto behind = static_cast<std::size_t>(text.data() + text.size() - (line.data() + line.size()));
        auto error = parser.parse(line.data(), line.size(), behind < simdjson::SIMDJSON_PADDING).get(element);
        if (error) {
            copy = withBareTokensQuoted(line);
            error = parser.parse(copy).get(element);
        }
        simdjson::dom::object object;
        if (error || element.get(object)) {
            losses.atLine(number, last && input.bytes.back() != '\n' ? "the file ends inside this line; it is left out"
                                  : error                            ? "this line is no JSON; it is left out"
                                                                     : "this line is no JSON object; it is left out");
            continue;
        }
        if (flatten(object)) losses.atLine(number, "this line nests too deeply or has a list too long; a part is left out");
        record(flatten.leaves(), number);
    }
    return number;
}

double looksLikeJsonLines(std::string_view head) {
    std::size_t lines = 0, objects = 0;
    for (std::size_t at = 0; at < head.size() && lines < 20;) {
        const std::size_t end = head.find('\n', at);
        const std::string_view line = trim(head.substr(at, end == std::string_view::npos ? end : end - at));
        const bool cut = end == std::string_view::npos && lines > 0;
        at = end == std::string_view::npos ? head.size() : end + 1;
        if (line.empty() || cut) continue;
        ++lines;
        objects += line.front() == '{' && line.back() == '}' && line.find(':') != std::string_view::npos;
    }
    return lines ? static_cast<double>(objects) / static_cast<double>(lines) : 0;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/expression.h"

#include "core/data/syntax.h"
#include "core/error.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

namespace data {

struct Expression::Node {
    Syntax tree;
    std::string unread;   // why the text is no expression; it may still be the name of a column
};

namespace {

// What a part of an expression stands for: one number, one per row, words of a column, or a word in quotes.
struct Operand {
    double scalar = 0;
    std::vector<double> rows {};
    const TextColumn* words = nullptr;
    const std::string* word = nullptr;
    std::string name {};

    bool isWord() const { return words || word; }
    double operator[](std::size_t row) const { return rows.empty() ? scalar : rows[row]; }
};

bool truth(double value) { return value != 0 && !std::isnan(value); }

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\n\r");
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t\n\r") - first + 1));
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Levenshtein's distance, capitals aside.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t {0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t corner = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t swap = corner + (lower(a[i]) == lower(b[j]) ? 0 : 1);
            corner = row[j + 1];
            row[j + 1] = std::min({swap, corner + 1, row[j] + 1});
        }
    }
    return row.back();
}

[[noreturn]] void unknownColumn(const Table& table, const std::string& name) {
    std::vector<std::string_view> columns;
    for (const auto& column : table.numbers) columns.push_back(column.name);
    for (const auto& column : table.text) columns.push_back(column.name);
    std::string message = "there is no column '" + name + "'";
    if (name.size() < 200) {
        const auto far = [&](std::string_view column) { return distance(name, column); };
        const auto nearest = std::ranges::min_element(columns, {}, far);
        if (nearest != columns.end() && far(*nearest) <= std::max<std::size_t>(2, name.size() / 3))
            throw UsageError(message + "; did you mean '" + std::string(*nearest) + "'?");
    }
    message += "; there are";
    for (std::size_t i = 0; i < columns.size() && i < 12; ++i) message += (i ? ", " : " ") + std::string(columns[i]);
    throw UsageError(message + (columns.empty() ? " none" : columns.size() > 12 ? ", ..." : ""));
}

// A word as the number a column of numbers would hold: true and false are 1 and 0, as in a log's config.
std::optional<double> numberOf(std::string_view word) {
    std::string plain = trimmed(word);
    std::ranges::transform(plain, plain.begin(), lower);
    if (plain == "true") return 1.0;
    if (plain == "false") return 0.0;
    if (plain.starts_with('-')) {
        const auto value = scaledNumber(std::string_view(plain).substr(1));
        return value ? std::optional(-*value) : std::nullopt;
    }
    return scaledNumber(trimmed(word));
}

class Evaluator {
public:
    explicit Evaluator(const Table& table) : m_table(table) {}

    Operand operator()(const Syntax& node) const {
        using Kind = Syntax::Kind;
        switch (node.kind) {
        case Kind::Number: return {.scalar = node.number};
        case Kind::Word: return {.word = &node.text, .name = "'" + node.text + "'"};
        case Kind::Name: return column(node.text, false);
        case Kind::Not: return map(numbers(node.parts[0]), [](double x) { return std::isnan(x) ? x : x == 0 ? 1.0 : 0.0; });
        case Kind::Negate: return map(numbers(node.parts[0]), [](double x) { return -x; });
        case Kind::Or: return both(node, [](double a, double b) { return truth(a) || truth(b) ? 1.0 : 0.0; });
        case Kind::And: return both(node, [](double a, double b) { return truth(a) && truth(b) ? 1.0 : 0.0; });
        case Kind::Sum:
            if (node.text == "+") return both(node, [](double a, double b) { return a + b; });
            return both(node, [](double a, double b) { return a - b; });
        case Kind::Product:
            if (node.text == "*") return both(node, [](double a, double b) { return a * b; });
            return both(node, [](double a, double b) { return a / b; });
        case Kind::Power: return both(node, [](double a, double b) { return std::pow(a, b); });
        case Kind::Compare: return compare(node);
        case Kind::Call: return call(node);
        }
        return {};
    }

    Operand numbers(const Syntax& node) const {
        Operand value = (*this)(node);
        if (value.isWord())
            throw UsageError(value.name + " is words, not numbers; words are compared by == and != only");
        return value;
    }

    // Where a name is a column of numbers in some runs and of words in others, `preferWords` chooses.
    Operand column(const std::string& name, bool preferWords) const {
        const TextColumn* words = m_table.words(name);
        const Table::Numbers* number = m_table.number(name);
        if (words && (preferWords || !number)) return {.words = words, .name = "column '" + name + "'"};
        if (!number) unknownColumn(m_table, name);
        Operand value {.rows = number->values};
        value.name = "column '" + name + "'";
        return value;
    }

private:
    template <class F> Operand map(Operand value, F f) const {
        value.scalar = f(value.scalar);
        for (double& x : value.rows) x = f(x);
        return value;
    }

    template <class F> Operand zip(Operand a, const Operand& b, F f) const {
        if (a.rows.empty() && b.rows.empty()) return {.scalar = f(a.scalar, b.scalar)};
        if (a.rows.empty()) a.rows.assign(b.rows.size(), a.scalar);
        for (std::size_t i = 0; i < a.rows.size(); ++i) a.rows[i] = f(a.rows[i], b[i]);
        return a;
    }

    template <class F> Operand both(const Syntax& node, F f) const {
        return zip(numbers(node.parts[0]), numbers(node.parts[1]), f);
    }

    Operand side(const Syntax& node, const Syntax& other) const {
        const bool named = node.kind == Syntax::Kind::Name;
        return named ? column(node.text, other.kind == Syntax::Kind::Word) : (*this)(node);
    }

    Operand compare(const Syntax& node) const {
        Operand a = side(node.parts[0], node.parts[1]), b = side(node.parts[1], node.parts[0]);
        if (a.isWord() || b.isWord()) return compareWords(node, std::move(a), std::move(b));
        // Every comparison with a NaN is false, != too: a missing value is not known to differ.
        const std::string& op = node.text;
        if (op == "==") return zip(std::move(a), b, [](double x, double y) { return x == y ? 1.0 : 0.0; });
        if (op == "!=") return zip(std::move(a), b, [](double x, double y) { return x < y || x > y ? 1.0 : 0.0; });
        if (op == "<") return zip(std::move(a), b, [](double x, double y) { return x < y ? 1.0 : 0.0; });
        if (op == "<=") return zip(std::move(a), b, [](double x, double y) { return x <= y ? 1.0 : 0.0; });
        if (op == ">") return zip(std::move(a), b, [](double x, double y) { return x > y ? 1.0 : 0.0; });
        return zip(std::move(a), b, [](double x, double y) { return x >= y ? 1.0 : 0.0; });
    }

    Operand compareWords(const Syntax& node, Operand a, Operand b) const {
        const bool equal = node.text == "==";
        if (!equal && node.text != "!=")
            throw UsageError((a.isWord() ? a : b).name + " is words; " + node.text + " compares numbers only");
        if (!a.words) std::swap(a, b);
        if (a.words && b.words) return columns(*a.words, *b.words, equal);
        if (a.words && b.word) {
            return perLevel(*a.words, [&](const std::string& level) { return level == *b.word ? equal : !equal; });
        }
        if (a.words) {
            if (!b.rows.empty()) throw UsageError(a.name + " is words and " + b.name + " is numbers; they do not compare");
            bool any = a.words->levels.empty();
            for (const std::string& level : a.words->levels) any = any || numberOf(level).has_value();
            if (!any) throw UsageError(a.name + " is words; compare it with a word in quotes");
            return perLevel(*a.words, [&](const std::string& level) {
                const auto value = numberOf(level);
                return value && *value == b.scalar ? equal : !equal;
            });
        }
        if (a.word && b.word) return {.scalar = (*a.word == *b.word) == equal ? 1.0 : 0.0};
        if (!a.word) std::swap(a, b);
        const auto value = numberOf(*a.word);
        if (!value) throw UsageError(b.name + " is numbers; it does not compare with the word " + a.name);
        return zip(std::move(b), {.scalar = *value},
                   [equal](double x, double y) { return std::isnan(x) ? 0.0 : (x == y) == equal ? 1.0 : 0.0; });
    }

    // An empty cell is the empty word.
    template <class F> Operand perLevel(const TextColumn& words, F f) const {
        std::vector<double> verdict {f(std::string()) ? 1.0 : 0.0};
        for (const std::string& level : words.levels) verdict.push_back(f(level) ? 1.0 : 0.0);
        Operand result;
        result.rows.reserve(words.code.size());
        for (std::int32_t code : words.code) result.rows.push_back(verdict[static_cast<std::size_t>(code + 1)]);
        return result;
    }

    Operand columns(const TextColumn& a, const TextColumn& b, bool equal) const {
        Operand result;
        const std::string none;
        const auto at = [&](const TextColumn& c, std::size_t i) -> const std::string& {
            return c.code[i] < 0 ? none : c.levels[static_cast<std::size_t>(c.code[i])];
        };
        for (std::size_t i = 0; i < a.code.size(); ++i)
            result.rows.push_back((at(a, i) == at(b, i)) == equal ? 1.0 : 0.0);
        return result;
    }

    Operand call(const Syntax& node) const {
        Operand value = numbers(node.parts[0]);
        if (node.text == "log") return map(std::move(value), [](double x) { return std::log(x); });
        if (node.text == "log10") return map(std::move(value), [](double x) { return std::log10(x); });
        if (node.text == "exp") return map(std::move(value), [](double x) { return std::exp(x); });
        if (node.text == "sqrt") return map(std::move(value), [](double x) { return std::sqrt(x); });
        if (node.text == "abs") return map(std::move(value), [](double x) { return std::abs(x); });
        if (node.text == "sin") return map(std::move(value), [](double x) { return std::sin(x); });
        if (node.text == "cos") return map(std::move(value), [](double x) { return std::cos(x); });
        if (node.text == "tan") return map(std::move(value), [](double x) { return std::tan(x); });
        if (node.text == "atan") return map(std::move(value), [](double x) { return std::atan(x); });
        if (node.text == "tanh") return map(std::move(value), [](double x) { return std::tanh(x); });
        if (node.text == "first") {
            for (std::size_t i = 1; i < node.parts.size(); ++i)
                value = zip(std::move(value), numbers(node.parts[i]), [](double x, double y) { return std::isnan(x) ? y : x; });
            return value;
        }
        // A NaN stays: the smaller of a number and an unknown is unknown.
        const bool least = node.text == "min";
        for (std::size_t i = 1; i < node.parts.size(); ++i)
            value = zip(std::move(value), numbers(node.parts[i]), [least](double x, double y) {
                return std::isnan(x) || std::isnan(y) ? std::nan("") : least ? std::min(x, y) : std::max(x, y);
            });
        return value;
    }

    const Table& m_table;
};

void collectNames(const Syntax& node, std::vector<std::string>& names) {
    if (node.kind == Syntax::Kind::Name && std::ranges::find(names, node.text) == names.end()) names.push_back(node.text);
    for (const Syntax& part : node.parts) collectNames(part, names);
}

// Whether a text that is no expression may be the name of a column, such as `Model Size (B)`.
bool mayBeName(std::string_view text) {
    if (text.empty() || text.find_first_of("<>=!'\"`&|") != std::string_view::npos) return false;
    if (std::string_view("+-*/^(,").find(text.back()) != std::string_view::npos) return false;
    return std::ranges::count(text, '(') == std::ranges::count(text, ')');
}

}

Expression::Expression(std::string_view text) : m_text(trimmed(text)) {
    auto node = std::make_unique<Node>();
    try {
        if (!m_text.empty()) node->tree = parse(m_text);
    } catch (const UsageError& error) {
        if (!mayBeName(m_text)) throw;
        node->unread = error.what();
    }
    m_root = std::move(node);
}

Expression::~Expression() = default;
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;

std::vector<std::string> Expression::names() const {
    if (m_text.empty()) return {};
    if (!m_root->unread.empty()) return {m_text};
    std::vector<std::string> names;
    collectNames(m_root->tree, names);
    return names;
}

std::vector<double> Expression::values(const Table& table) const {
    if (m_text.empty()) return std::vector<double>(table.rows, 1.0);
    if (const Table::Numbers* whole = table.number(m_text)) return whole->values;
    if (!m_root->unread.empty()) throw UsageError(m_root->unread);
    Operand result = Evaluator(table).numbers(m_root->tree);
    if (result.rows.empty()) result.rows.assign(table.rows, result.scalar);
    return std::move(result.rows);
}

std::vector<bool> Expression::select(const Table& table) const {
    const std::vector<double> verdict = values(table);
    std::vector<bool> selected(verdict.size());
    std::transform(verdict.begin(), verdict.end(), selected.begin(), truth);
    return selected;
}

double parseNumber(std::string_view text) {
    const std::string plain = trimmed(text);
    const bool minus = plain.starts_with('-');
    const auto value = scaledNumber(std::string_view(plain).substr(minus ? 1 : 0));
    if (!value || (minus && plain.starts_with("-+")))
        throw UsageError("'" + std::string(text) + "' is not a number; write it like 3e8, 6.7B, 300M or 20k");
    return minus ? -*value : *value;
}

}

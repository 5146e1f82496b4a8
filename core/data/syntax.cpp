// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/syntax.h"

#include "core/error.h"

#include <array>
#include <charconv>

namespace data {

namespace {

// Deeper nesting is refused, so hostile text cannot exhaust the stack.
constexpr int maxDepth = 200;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

// Bytes above 127 belong to UTF-8 letters.
bool isNameChar(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '_' || c == '.'
        || static_cast<unsigned char>(c) >= 128;
}

struct Token {
    enum class Kind { End, Number, Word, Name, Sign };
    Kind kind = Kind::End;
    std::string text {};
    double number = 0;
    std::size_t column = 1;
};

class Parser {
public:
    explicit Parser(std::string_view text) : m_text(text) { advance(); }

    Syntax whole() {
        Syntax tree = disjunction();
        if (m_token.kind != Token::Kind::End) refuse("expected an operator or the end");
        return tree;
    }

private:
    [[noreturn]] void refuse(const std::string& expected) const {
        const std::string found = m_token.kind == Token::Kind::End ? "the end" : "'" + m_token.text + "'";
        fail(m_token.column, expected + ", found " + found);
    }

    [[noreturn]] void fail(std::size_t column, const std::string& what) const {
        throw UsageError("expression '" + std::string(m_text) + "', column " + std::to_string(column) + ": " + what);
    }

    void advance() {
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\t' || m_text[m_at] == '\n')) ++m_at;
        m_token = {.column = m_at + 1};
        if (m_at == m_text.size()) return;
        const char c = m_text[m_at];
        if (c == '\'' || c == '"' || c == '`') return quoted(c);
        if (isNameChar(c)) return nameOrNumber();
        static constexpr std::array<std::string_view, 19> signs
            = {"==", "!=", "<=", ">=", "&&", "||", "**", "<", ">", "+", "-", "*", "/", "^", "(", ")", ",", "!", "="};
        for (std::string_view sign : signs)
            if (m_text.substr(m_at).starts_with(sign)) {
                m_token.kind = Token::Kind::Sign;
                m_token.text = sign == "&&" ? "and" : sign == "||" ? "or" : sign == "**" ? "^" : std::string(sign);
                m_at += sign.size();
                return;
            }
        fail(m_at + 1, "the character '" + std::string(1, c) + "' fits nowhere; put names with it between backticks");
    }

    void quoted(char mark) {
        const std::size_t end = m_text.find(mark, m_at + 1);
        if (end == std::string_view::npos) fail(m_at + 1, "the quote is never closed");
        m_token.kind = mark == '`' ? Token::Kind::Name : Token::Kind::Word;
        m_token.text = m_text.substr(m_at + 1, end - m_at - 1);
        m_at = end + 1;
    }

    void nameOrNumber() {
        std::size_t end = m_at;
        const bool numeric = isDigit(m_text[m_at]) || m_text[m_at] == '.';
        while (end < m_text.size() && isNameChar(m_text[end])) {
            const bool exponent = numeric && (m_text[end] == 'e' || m_text[end] == 'E') && end + 2 < m_text.size()
                && (m_text[end + 1] == '-' || m_text[end + 1] == '+') && isDigit(m_text[end + 2])
                && m_text.substr(m_at, end - m_at).find_first_not_of("0123456789.") == std::string_view::npos;
            end += exponent ? 2 : 1;
        }
        m_token.text = m_text.substr(m_at, end - m_at);
        m_at = end;
        m_token.kind = Token::Kind::Name;
        if (!numeric) {
            if (m_token.text == "and" || m_token.text == "or" || m_token.text == "not") m_token.kind = Token::Kind::Sign;
        } else if (const auto number = scaledNumber(m_token.text)) {
            m_token.kind = Token::Kind::Number;
            m_token.number = *number;
        }
    }

    bool sign(std::string_view text) const { return m_token.kind == Token::Kind::Sign && m_token.text == text; }

    std::string take() {
        std::string text = std::move(m_token.text);
        advance();
        return text;
    }

    Syntax binary(Syntax::Kind kind, Syntax left, std::string op, Syntax right) const {
        const std::size_t column = left.column;
        Syntax node {.kind = kind, .text = std::move(op), .number = 0, .parts = {}, .column = column};
        node.parts.push_back(std::move(left));
        node.parts.push_back(std::move(right));
        return node;
    }

    Syntax disjunction() {
        Syntax left = conjunction();
        while (sign("or")) {
            take();
            left = binary(Syntax::Kind::Or, std::move(left), "or", conjunction());
            bound();
        }
        return left;
    }

    Syntax conjunction() {
        Syntax left = negation();
        while (sign("and")) {
            take();
            left = binary(Syntax::Kind::And, std::move(left), "and", negation());
            bound();
        }
        return left;
    }

    Syntax negation() {
        if (!sign("not") && !sign("!")) return comparison();
        const Depth depth(*this);
        Syntax node {.kind = Syntax::Kind::Not, .text = "not", .number = 0, .parts = {}, .column = m_token.column};
        take();
        node.parts.push_back(negation());
        return node;
    }

    bool atComparison() const {
        return sign("==") || sign("!=") || sign("<") || sign("<=") || sign(">") || sign(">=");
    }

    Syntax comparison() {
        Syntax left = sum();
        if (sign("=")) fail(m_token.column, "a single = compares nothing; write ==");
        if (!atComparison()) return left;
        std::string op = take();
        left = binary(Syntax::Kind::Compare, std::move(left), std::move(op), sum());
        if (atComparison()) fail(m_token.column, "comparisons do not chain; write a<b and b<c");
        return left;
    }

    Syntax sum() {
        Syntax left = product();
        while (sign("+") || sign("-")) {
            std::string op = take();
            left = binary(Syntax::Kind::Sum, std::move(left), std::move(op), product());
            bound();
        }
        return left;
    }

    Syntax product() {
        Syntax left = unary();
        while (sign("*") || sign("/")) {
            std::string op = take();
            left = binary(Syntax::Kind::Product, std::move(left), std::move(op), unary());
            bound();
        }
        return left;
    }

    Syntax unary() {
        const Depth depth(*this);
        if (sign("+")) {
            take();
            return unary();
        }
        if (!sign("-")) return power();
        Syntax node {.kind = Syntax::Kind::Negate, .text = "-", .number = 0, .parts = {}, .column = m_token.column};
        take();
        node.parts.push_back(unary());
        return node;
    }

    Syntax power() {
        Syntax base = primary();
        if (!sign("^")) return base;
        take();
        return binary(Syntax::Kind::Power, std::move(base), "^", unary());
    }

    Syntax primary() {
        Syntax node {.kind = Syntax::Kind::Number, .text = {}, .number = m_token.number, .parts = {}, .column = m_token.column};
        switch (m_token.kind) {
        case Token::Kind::Number: take(); return node;
        case Token::Kind::Word:
            node.kind = Syntax::Kind::Word;
            node.text = take();
            return node;
        case Token::Kind::Name:
            node.kind = Syntax::Kind::Name;
            node.text = take();
            return sign("(") ? call(std::move(node)) : node;
        default: break;
        }
        if (!sign("(")) refuse("expected a number, a name or '('");
        take();
        node = disjunction();
        if (!sign(")")) refuse("expected ')'");
        take();
        return node;
    }

    Syntax call(Syntax node) {
        struct Arity { std::string_view name; std::size_t least, most; };
        static constexpr std::array<Arity, 13> functions
            = {{{"log", 1, 1}, {"log10", 1, 1}, {"exp", 1, 1}, {"sqrt", 1, 1}, {"abs", 1, 1}, {"sin", 1, 1}, {"cos", 1, 1},
                {"tan", 1, 1}, {"atan", 1, 1}, {"tanh", 1, 1}, {"min", 2, 99}, {"max", 2, 99}, {"first", 2, 99}}};
        const Arity* known = nullptr;
        for (const Arity& function : functions)
            if (function.name == node.text) known = &function;
        if (!known)
            fail(node.column, "there is no function '" + node.text + "'; there are log log10 exp sqrt abs sin cos tan atan tanh min max first");
        node.kind = Syntax::Kind::Call;
        do {
            take();
            node.parts.push_back(disjunction());
        } while (sign(","));
        if (!sign(")")) refuse("expected ',' or ')'");
        take();
        if (node.parts.size() < known->least || node.parts.size() > known->most)
            fail(node.column, node.text + (known->least == 1 ? " takes one value" : " takes two or more values"));
        return node;
    }

    // Left-leaning chains are as deep as they are long.
    void bound() {
        if (++m_operators > 2000) fail(m_token.column, "the expression is too long");
    }

    class Depth {
    public:
        explicit Depth(Parser& parser) : m_parser(parser) {
            if (++m_parser.m_depth > maxDepth) m_parser.fail(m_parser.m_token.column, "the expression is nested too deeply");
        }
        ~Depth() { --m_parser.m_depth; }
        Depth(const Depth&) = delete;
        Depth& operator=(const Depth&) = delete;

    private:
        Parser& m_parser;
    };

    std::string_view m_text;
    std::size_t m_at = 0;
    Token m_token;
    int m_depth = 0;
    int m_operators = 0;
};

}

Syntax parse(std::string_view text) { return Parser(text).whole(); }

std::optional<double> scaledNumber(std::string_view text) {
    if (!text.empty() && text.front() == '+') text.remove_prefix(1);
    std::string_view exponent;
    if (!text.empty()) {
        switch (text.back()) {
        case 'k': case 'K': exponent = "e3"; break;
        case 'M': exponent = "e6"; break;
        case 'B': case 'G': exponent = "e9"; break;
        case 'T': exponent = "e12"; break;
        default: break;
        }
    }
    if (!exponent.empty()) text.remove_suffix(1);
    if (text.empty() || !(isDigit(text.front()) || text.front() == '.')) return std::nullopt;
    // The suffix is read as an exponent, so 1.4T is the double nearest to 1.4e12.
    const std::string digits = std::string(text).append(exponent);
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

}

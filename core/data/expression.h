// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/table.h"

#include <memory>

namespace data {

// An arithmetic or logical expression over the columns of a table, such as
//   N>1e8 and tokens<=2e10 and schedule=='wsd'     .5*loss_a + .5*`loss/b`
// Operators: or and not, == != < <= > >=, + - * / ^, unary minus, parentheses; functions log log10 exp sqrt abs sin cos
// tan atan tanh min max first (of its arguments the first that is not NaN); numbers with suffixes k M B T (6.7B, 2e21); words in quotes; names bare (letters, digits, _ and .) or between
// backticks (anything). A text that is as a whole the name of a column is that column. Words compare by equality
// only; NaN compares false.
class Expression {
public:
    // Throws UsageError naming the column of the first character that does not fit.
    explicit Expression(std::string_view text);
    ~Expression();
    Expression(Expression&&) noexcept;
    Expression& operator=(Expression&&) noexcept;

    // The names it reads, in order of appearance.
    std::vector<std::string> names() const;
    // One value per row. Throws UsageError where a name is not a column, naming the nearest one, or words meet numbers.
    std::vector<double> values(const Table&) const;
    // Rows for which the value is neither 0 nor NaN. An empty text selects every row.
    std::vector<bool> select(const Table&) const;

private:
    struct Node;
    std::unique_ptr<const Node> m_root;
    std::string m_text;
};

// 6.7B -> 6.7e9, 300B, 2e21, 1.4T, 20k; throws UsageError otherwise.
double parseNumber(std::string_view text);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"

#include <deque>
#include <string>
#include <vector>

namespace data {
struct Syntax;
}

namespace law {

// A law the user typed, usable wherever a law of the catalogue is:
//   L = E + A/N^a + B*D^-b; a in [0, 2] from 0.1, 0.3, 0.5; E = 1.7; inputs N, D
// Left of the first = stands the output. On the right, names that are quantities of training runs (N D U S r x step lr,
// and C where neither N nor D stands beside it) are read from the data, S1 and S2 are the sums of the learning rate that
// annealing laws read (S2 with lambda 0.999), every other name is a parameter. After the formula, each behind a semicolon:
//   NAME in [LOWER, UPPER]     bounds; a parameter above 0 is searched as its logarithm
//   NAME from V1, V2, ...      starting values (up to 8), as ... in [..] from .. as well
//   NAME = V                   fixed at V unless freed
//   inputs NAME, ...           what is read from the data, in place of the names above
// Parameters in which the formula is linear are solved for at every start. Derivatives are exact, by reverse
// accumulation over the formula's operations.
class Formula {
public:
    explicit Formula(std::string_view text);    // throws UsageError naming the column of what does not fit
    Formula(const Formula&) = delete;
    Formula& operator=(const Formula&) = delete;

    const Law& law() const { return m_law; }
    void eval(const double* p, const Rows&, double* y, double* jacobian) const;

private:
    enum class Kind { Number, Input, Rate, Sum1, Sum2, Parameter, Add, Subtract, Multiply, Divide, Power, Negate, Log, Log10, Exp,
                      Sqrt, Abs, Min, Max, Sin, Cos, Tan, Atan, Tanh };
    struct Operation {
        Kind kind;
        int a = -1, b = -1;         // operands, or the index of an input or a parameter
        double number = 0;
    };

    int add(const data::Syntax&);
    int degree(const data::Syntax&, const std::vector<std::string>& of) const;
    std::string latex(const data::Syntax&, int binding = 0) const;
    void clauses(std::string_view, std::size_t column);
    [[noreturn]] void fail(std::size_t column, const std::string& what) const;
    std::string_view keep(std::string);

    std::string m_text;
    std::deque<std::string> m_words;            // what the record's views point to
    std::vector<std::string> m_inputNames, m_paramNames;
    std::vector<Quantity> m_inputs;
    std::vector<Param> m_params;
    std::vector<Operation> m_operations;
    Law m_law{};
};

// Whether a text is meant as a formula rather than as the id of a law.
inline bool isFormula(std::string_view text) { return text.find('=') != std::string_view::npos; }
// The law of a formula, kept for as long as the program runs. Throws like Formula's constructor.
const Law& ofFormula(std::string_view text);

}

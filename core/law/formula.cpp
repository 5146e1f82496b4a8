// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/law/formula.h"

#include "core/data/syntax.h"
#include "core/error.h"
#include "core/text.h"

#include <map>
#include <mutex>
#include <set>

namespace law {
namespace {

using data::Syntax;
using Names = std::vector<std::string>;

constexpr double lambda = 0.999;
constexpr std::size_t mostParams = 12;

bool contains(const Names& names, std::string_view name) { return std::ranges::find(names, name) != names.end(); }

void collect(const Syntax& node, Names& names)
{
    if (node.kind == Syntax::Kind::Name && !contains(names, node.text))
        names.push_back(node.text);
    for (const Syntax& part : node.parts)
        collect(part, names);
}

const Quantity* known(std::string_view name)
{
    static constexpr Quantity loss{"L", "loss", "", Scale::Linear, quantity::L.aliases};
    static constexpr Quantity x{"x", "x", "", Scale::Linear, ""};
    static constexpr std::array all{quantity::N, quantity::D, quantity::C, quantity::U, quantity::S, quantity::share, quantity::step,
                                    x, loss};
    const auto it = std::ranges::find(all, name, &Quantity::id);
    return it == all.end() ? nullptr : &*it;
}

std::string symbol(const std::string& name)
{
    static const std::set<std::string> greek{"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu",
        "nu", "xi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega"};
    std::string base = name, index;
    if (const auto cut = name.find('_'); cut != std::string::npos && cut > 0)
        base = name.substr(0, cut), index = name.substr(cut + 1);
    else if (const auto digit = name.find_first_of("0123456789"); digit != std::string::npos && digit > 0)
        base = name.substr(0, digit), index = name.substr(digit);
    if (greek.contains(base))
        base = "\\" + base;
    else if (base.size() > 1)
        base = "\\mathrm{" + base + "}";
    for (std::size_t at = 0; (at = index.find('_', at)) != std::string::npos; ++at)
        index[at] = ' ';
    return index.empty() ? base : base + "_{" + index + "}";
}

std::string trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\n\r");
    return first == std::string_view::npos ? std::string() : std::string(text.substr(first, text.find_last_not_of(" \t\n\r") - first + 1));
}

bool isName(std::string_view text)
{
    return !text.empty() && !(text[0] >= '0' && text[0] <= '9') && text[0] != '.'
        && std::ranges::all_of(text, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || static_cast<unsigned char>(c) > 127; });
}

std::optional<double> numberIn(std::string_view text)
{
    std::string plain = trimmed(text);
    const bool negative = plain.starts_with('-');
    const auto value = data::scaledNumber(negative ? std::string_view(plain).substr(1) : std::string_view(plain));
    return value && negative ? std::optional(-*value) : value;
}

}

void Formula::fail(std::size_t column, const std::string& what) const
{
    throw UsageError("formula '" + m_text + "', column " + std::to_string(column) + ": " + what);
}

std::string_view Formula::keep(std::string words) { return m_words.emplace_back(std::move(words)); }

Formula::Formula(std::string_view text) : m_text(trimmed(text))
{
    const std::size_t equals = m_text.find('=');
    if (equals == std::string::npos)
        fail(1, "a formula needs an =, such as L = E + A/N^a");
    const std::string output = trimmed(std::string_view(m_text).substr(0, equals));
    if (!isName(output))
        fail(1, "left of the = stands the name of what is predicted, such as L");
    const std::size_t end = std::min(m_text.find(';', equals), m_text.size());
    // Blanks in place of the left side keep the columns as the user sees them.
    const std::string right = std::string(equals + 1, ' ') + m_text.substr(equals + 1, end - equals - 1);
    Syntax tree;
    try {
        tree = data::parse(right);
    } catch (const UsageError& e) {
        const std::string message = e.what();
        const auto column = message.find("column ", std::min(message.size(), right.size()));
        throw UsageError("formula '" + m_text + "', " + (column == std::string::npos ? message : message.substr(column)));
    }

    // What is read from the data.
    Names names;
    collect(tree, names);
    for (std::size_t at = end; at < m_text.size();) {
        const std::size_t next = std::min(m_text.find(';', at + 1), m_text.size());
        if (const std::string clause = trimmed(std::string_view(m_text).substr(at + 1, next - at - 1)); clause.starts_with("inputs "))
            for (const std::string& name : text::split(std::string_view(clause).substr(7), ',')) {
                if (!contains(names, trimmed(name)))
                    fail(at + 2, "the formula does not hold the input '" + trimmed(name) + "'");
                m_inputNames.push_back(trimmed(name));
            }
        at = next;
    }
    const bool chosen = !m_inputNames.empty(), sized = contains(names, "N") || contains(names, "D");
    const bool curves = contains(names, "S1") || contains(names, "S2");
    if (curves && !contains(m_inputNames, "step"))
        m_inputNames.insert(m_inputNames.begin(), "step");
    for (const std::string& name : names) {
        const bool fromCurve = curves && (name == "S1" || name == "S2" || name == "lr");
        if (!chosen && known(name) && name != output && !(name == "C" && sized) && !contains(m_inputNames, name))
            m_inputNames.push_back(name);
        else if (!contains(m_inputNames, name) && !fromCurve)
            m_paramNames.push_back(name);
    }
    if (contains(names, output))
        fail(equals + 2, "'" + output + "' stands on both sides of the =");
    if (m_inputNames.empty())
        fail(equals + 2, "nothing in it is read from the data; the names that are: N D C U S r x step S1 S2, or say '; inputs NAME'");
    if (m_paramNames.empty())
        fail(equals + 2, "it has no parameter to fit");
    if (m_paramNames.size() > mostParams)
        fail(equals + 2, "it has " + std::to_string(m_paramNames.size()) + " parameters; at most " + std::to_string(mostParams) + " can be fitted");
    for (const std::string& name : m_inputNames) {
        const std::string_view id = keep(name);
        const Quantity* quantity = known(name);
        m_inputs.push_back(quantity ? *quantity : Quantity{id, id, "", Scale::Linear, keep(text::lower(name))});
    }

    Names linear;
    for (const std::string& name : m_paramNames) {
        Names wider = linear;
        wider.push_back(name);
        if (degree(tree, wider) <= 1)
            linear = std::move(wider);
    }
    const std::size_t bent = m_paramNames.size() - linear.size();
    for (const std::string& name : m_paramNames) {
        Param param{.id = keep(name), .symbol = keep(symbol(name)), .meaning = "parameter of the formula", .lower = -1e15, .upper = 1e15,
                    .published = std::numeric_limits<double>::quiet_NaN(), .linear = contains(linear, name)};
        // Exponents of either sign; fewer each where many make the product large.
        if (!param.linear)
            param.starts = bent <= 2 ? Grid{-.5, -.2, .1, .2, .35, .5, .8, 1.3} : bent == 3 ? Grid{-.4, .1, .3, .6, 1.2} : Grid{.1, .35, 1};
        m_params.push_back(param);
    }
    clauses(m_text, end);
    add(tree);

    const bool loss = output == quantity::L.id;
    const Quantity predicted = loss ? curves ? quantity::curveLoss : quantity::L : output == quantity::score.id ? quantity::score
        : Quantity{keep(output), keep(output), "", Scale::Linear, keep(text::lower(output))};
    m_law = {.info = {.id = m_text, .name = keep("Formula"), .family = Family::Custom, .formula = keep(trimmed(m_text.substr(0, end))),
                      .latex = keep(symbol(output) + " = " + latex(tree)), .cite = "typed by the user",
                      .help = "A formula of your own. Parameters in which it is linear are solved for at every start; give the others "
                              "bounds and starting values ('; a in [0, 2] from 0.1, 0.5') where the fit does not find them."},
             .inputs = m_inputs, .output = predicted, .params = m_params, .presets = {}, .curves = curves,
             .objective = loss ? fit::Objective::HuberLog : fit::Objective::Ls,
             .evaluate = [](const Law& law, const double* p, const Rows& rows, double* y, double* jacobian) { law.custom->eval(p, rows, y, jacobian); },
             .answers = {}, .custom = this};
}

// 0: does not depend on them, 1: linear in them together, 2: neither.
int Formula::degree(const Syntax& node, const std::vector<std::string>& of) const
{
    using Kind = Syntax::Kind;
    const auto part = [&](std::size_t i) { return degree(node.parts[i], of); };
    switch (node.kind) {
    case Kind::Name: return contains(of, node.text) ? 1 : 0;
    case Kind::Negate: return part(0);
    case Kind::Sum: return std::max(part(0), part(1));
    case Kind::Product:
        if (node.text == "/" && part(1) > 0)
            return 2;
        return std::min(2, part(0) + part(1));
    default:
        for (std::size_t i = 0; i < node.parts.size(); ++i)
            if (part(i) > 0)
                return 2;
        return 0;
    }
}

int Formula::add(const Syntax& node)
{
    using S = Syntax::Kind;
    const auto push = [&](Operation operation) {
        m_operations.push_back(operation);
        return int(m_operations.size()) - 1;
    };
    const auto place = [](const Names& names, const std::string& name) {
        const auto it = std::ranges::find(names, name);
        return it == names.end() ? -1 : int(it - names.begin());
    };
    switch (node.kind) {
    case S::Number: return push({.kind = Kind::Number, .number = node.number});
    case S::Name:
        if (const int at = place(m_inputNames, node.text); at >= 0)
            return push({.kind = Kind::Input, .a = at});
        if (const int at = place(m_paramNames, node.text); at >= 0)
            return push({.kind = Kind::Parameter, .a = at});
        return push({.kind = node.text == "S1" ? Kind::Sum1 : node.text == "S2" ? Kind::Sum2 : Kind::Rate});
    case S::Negate: return push({.kind = Kind::Negate, .a = add(node.parts[0])});
    case S::Sum: case S::Product: case S::Power: {
        const int a = add(node.parts[0]), b = add(node.parts[1]);
        return push({.kind = node.kind == S::Power ? Kind::Power : node.text == "+" ? Kind::Add : node.text == "-" ? Kind::Subtract
                                                                  : node.text == "*" ? Kind::Multiply : Kind::Divide, .a = a, .b = b});
    }
    case S::Call: {
        static const std::map<std::string, Kind> functions{{"log", Kind::Log}, {"log10", Kind::Log10}, {"exp", Kind::Exp}, {"sqrt", Kind::Sqrt},
            {"abs", Kind::Abs}, {"min", Kind::Min}, {"max", Kind::Max}, {"sin", Kind::Sin}, {"cos", Kind::Cos}, {"tan", Kind::Tan},
            {"atan", Kind::Atan}, {"tanh", Kind::Tanh}};
        const auto function = functions.find(node.text);
        if (function == functions.end())
            fail(node.column, "'" + node.text + "' cannot stand in a law");
        int a = add(node.parts[0]);
        for (std::size_t i = 1; i < node.parts.size(); ++i) {
            const int b = add(node.parts[i]);
            a = push({.kind = function->second, .a = a, .b = b});
        }
        return node.parts.size() > 1 ? a : push({.kind = function->second, .a = a});
    }
    default: fail(node.column, "a law is a number: comparisons, words and logic cannot stand in it");
    }
}

void Formula::clauses(std::string_view whole, std::size_t begin)
{
    for (std::size_t at = begin; at < whole.size();) {
        const std::size_t next = std::min(whole.find(';', at + 1), whole.size());
        const std::string clause = trimmed(whole.substr(at + 1, next - at - 1));
        const std::size_t column = std::min(whole.find_first_not_of(" \t", at + 1), whole.size()) + 1;
        at = next;
        if (clause.empty() || clause.starts_with("inputs "))
            continue;
        const std::string name = clause.substr(0, clause.find_first_of(" \t=["));
        const auto param = std::ranges::find(m_params, name, &Param::id);
        if (param == m_params.end())
            fail(column, "'" + name + "' is no parameter of the formula" + text::didYouMean(name, m_paramNames));
        std::string rest = trimmed(std::string_view(clause).substr(name.size()));
        const auto numbers = [&](std::string_view list, const char* what) {
            std::vector<double> values;
            for (const std::string& word : text::split(list, ',')) {
                const auto value = numberIn(word);
                if (!value)
                    fail(column, std::string(what) + " of " + name + " are numbers, not '" + trimmed(word) + "'");
                values.push_back(*value);
            }
            return values;
        };
        if (rest.starts_with('=')) {
            param->fixed = numbers(std::string_view(rest).substr(1), "values").at(0);
            continue;
        }
        bool understood = false;
        if (rest.starts_with("in")) {
            const auto open = rest.find('['), close = rest.find(']');
            if (open == std::string::npos || close == std::string::npos || close < open)
                fail(column, "bounds are written '" + name + " in [0, 2]'");
            const auto bounds = numbers(std::string_view(rest).substr(open + 1, close - open - 1), "bounds");
            if (bounds.size() != 2 || !(bounds[0] < bounds[1]))
                fail(column, "bounds of " + name + " are two numbers, the smaller first");
            param->lower = bounds[0], param->upper = bounds[1];
            if (param->lower > 0)
                param->scale = Scale::Log;
            rest = trimmed(std::string_view(rest).substr(close + 1));
            understood = true;
        }
        if (rest.starts_with("from")) {
            const auto values = numbers(std::string_view(rest).substr(4), "starting values");
            if (values.empty() || values.size() > 8)
                fail(column, "one to eight starting values of " + name + " can be given");
            param->starts = {};
            for (const double value : values)
                param->starts.value[param->starts.n++] = value;
            rest.clear();
            understood = true;
        }
        if (!understood || !rest.empty())
            fail(column, "'" + clause + "' is not understood; write 'NAME in [LOWER, UPPER]', 'NAME from V1, V2' or 'NAME = V'");
        // Starts outside the bounds would all be moved onto them.
        if (!param->linear && !param->starts.n)
            continue;
        Grid inside;
        for (std::size_t i = 0; i < param->starts.n; ++i)
            if (const double v = param->starts.value[i]; v >= param->lower && v <= param->upper)
                inside.value[inside.n++] = v;
        if (!inside.n && !param->linear)
            inside.value[inside.n++] = param->lower > 0 ? std::sqrt(param->lower * param->upper) : (param->lower + param->upper) / 2;
        param->starts = inside;
    }
}

std::string Formula::latex(const Syntax& node, int binding) const
{
    using Kind = Syntax::Kind;
    const auto wrap = [&](int own, const std::string& inner) { return own < binding ? "\\left(" + inner + "\\right)" : inner; };
    switch (node.kind) {
    case Kind::Number: {
        char buffer[32];
        std::snprintf(buffer, sizeof buffer, "%.6g", node.number);
        return buffer;
    }
    case Kind::Name: return node.text == "S1" ? "S_1" : node.text == "S2" ? "S_2" : symbol(node.text);
    case Kind::Negate: return wrap(1, "-" + latex(node.parts[0], 2));
    case Kind::Sum: return wrap(1, latex(node.parts[0], 1) + " " + node.text + " " + latex(node.parts[1], node.text == "-" ? 2 : 1));
    case Kind::Product:
        return node.text == "/" ? "\\frac{" + latex(node.parts[0]) + "}{" + latex(node.parts[1]) + "}"
                                : wrap(2, latex(node.parts[0], 2) + "\\," + latex(node.parts[1], 2));
    case Kind::Power: return latex(node.parts[0], 4) + "^{" + latex(node.parts[1]) + "}";
    case Kind::Call: {
        static const std::map<std::string, std::string> words{{"log", "\\ln"}, {"log10", "\\log_{10}"}, {"exp", "\\exp"}, {"min", "\\min"},
            {"max", "\\max"}, {"sin", "\\sin"}, {"cos", "\\cos"}, {"tan", "\\tan"}, {"atan", "\\arctan"}, {"tanh", "\\tanh"}};
        if (node.text == "sqrt")
            return latex(node.parts[0], 4) + "^{1/2}";
        std::string inner;
        for (const Syntax& part : node.parts)
            inner += (inner.empty() ? "" : ",\\,") + latex(part);
        return node.text == "abs" ? "\\left|" + inner + "\\right|" : words.at(node.text) + "\\left(" + inner + "\\right)";
    }
    default: return node.text;
    }
}

void Formula::eval(const double* p, const Rows& rows, double* y, double* jacobian) const
{
    const std::size_t m = m_inputs.size(), width = m_params.size(), n = m_operations.size();
    std::vector<double> value(n), slope(n);
    const auto step = std::size_t(std::ranges::find(m_inputNames, "step") - m_inputNames.begin());
    const bool curves = m_law.curves;
    std::size_t group = 0;
    std::shared_ptr<const data::Curve::Annealing> annealed;
    std::size_t annealedOf = rows.groups.size();
    for (std::size_t row = 0; row < rows.n; ++row) {
        const double* x = &rows.x[row * m];
        std::size_t s = 0;
        const data::Curve* curve = nullptr;
        if (curves) {
            while (row >= rows.groups[group].end)
                ++group;
            curve = rows.groups[group].curve.get();
            if (annealedOf != group)
                annealed = curve->annealing(lambda), annealedOf = group;
            s = std::size_t(x[step]);
        }
        for (std::size_t i = 0; i < n; ++i) {
            const Operation& o = m_operations[i];
            const auto a = [&] { return value[std::size_t(o.a)]; };
            const auto b = [&] { return value[std::size_t(o.b)]; };
            switch (o.kind) {
            case Kind::Number: value[i] = o.number; break;
            case Kind::Input: value[i] = x[o.a]; break;
            case Kind::Rate: value[i] = curve->rate()[s]; break;
            case Kind::Sum1: value[i] = curve->sum()[s]; break;
            case Kind::Sum2: value[i] = annealed->area[s]; break;
            case Kind::Parameter: value[i] = p[o.a]; break;
            case Kind::Add: value[i] = a() + b(); break;
            case Kind::Subtract: value[i] = a() - b(); break;
            case Kind::Multiply: value[i] = a() * b(); break;
            case Kind::Divide: value[i] = a() / b(); break;
            case Kind::Power: value[i] = std::pow(a(), b()); break;
            case Kind::Negate: value[i] = -a(); break;
            case Kind::Log: value[i] = std::log(a()); break;
            case Kind::Log10: value[i] = std::log10(a()); break;
            case Kind::Exp: value[i] = std::exp(a()); break;
            case Kind::Sqrt: value[i] = std::sqrt(a()); break;
            case Kind::Abs: value[i] = std::abs(a()); break;
            case Kind::Min: value[i] = std::min(a(), b()); break;
            case Kind::Max: value[i] = std::max(a(), b()); break;
            case Kind::Sin: value[i] = std::sin(a()); break;
            case Kind::Cos: value[i] = std::cos(a()); break;
            case Kind::Tan: value[i] = std::tan(a()); break;
            case Kind::Atan: value[i] = std::atan(a()); break;
            case Kind::Tanh: value[i] = std::tanh(a()); break;
            }
        }
        y[row] = value[n - 1];
        if (!jacobian)
            continue;
        double* gradient = jacobian + row * width;
        std::fill_n(gradient, width, 0.0);
        std::ranges::fill(slope, 0);
        slope[n - 1] = 1;
        for (std::size_t i = n; i-- > 0;) {
            const Operation& o = m_operations[i];
            const double d = slope[i];
            if (d == 0)
                continue;
            const auto a = [&] { return value[std::size_t(o.a)]; };
            const auto b = [&] { return value[std::size_t(o.b)]; };
            const auto toA = [&](double v) { slope[std::size_t(o.a)] += d * v; };
            const auto toB = [&](double v) { slope[std::size_t(o.b)] += d * v; };
            switch (o.kind) {
            case Kind::Number: case Kind::Input: case Kind::Rate: case Kind::Sum1: case Kind::Sum2: break;
            case Kind::Parameter: gradient[o.a] += d; break;
            case Kind::Add: toA(1), toB(1); break;
            case Kind::Subtract: toA(1), toB(-1); break;
            case Kind::Multiply: toA(b()), toB(a()); break;
            case Kind::Divide: toA(1 / b()), toB(-value[i] / b()); break;
            case Kind::Power:
                toA(b() == 0 ? 0 : b() * std::pow(a(), b() - 1));
                // The exponent's share; a base at or below 0 has whole-number exponents only, which are constants.
                if (a() > 0)
                    toB(value[i] * std::log(a()));
                break;
            case Kind::Negate: toA(-1); break;
            case Kind::Log: toA(1 / a()); break;
            case Kind::Log10: toA(1 / (a() * std::log(10.0))); break;
            case Kind::Exp: toA(value[i]); break;
            case Kind::Sqrt: toA(0.5 / value[i]); break;
            case Kind::Abs: toA(a() < 0 ? -1 : 1); break;
            case Kind::Min: a() <= b() ? toA(1) : toB(1); break;
            case Kind::Max: a() >= b() ? toA(1) : toB(1); break;
            case Kind::Sin: toA(std::cos(a())); break;
            case Kind::Cos: toA(-std::sin(a())); break;
            case Kind::Tan: toA(1 + value[i] * value[i]); break;
            case Kind::Atan: toA(1 / (1 + a() * a())); break;
            case Kind::Tanh: toA(1 - value[i] * value[i]); break;
            }
        }
    }
}

const Law& ofFormula(std::string_view text)
{
    static std::mutex mutex;
    static std::map<std::string, std::unique_ptr<const Formula>, std::less<>> known;
    const std::lock_guard lock(mutex);
    auto it = known.find(text);
    if (it == known.end())
        it = known.emplace(std::string(text), std::make_unique<const Formula>(text)).first;
    return it->second->law();
}

}

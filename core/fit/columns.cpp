// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/columns.h"

#include "core/data/expression.h"
#include "core/data/keys.h"
#include "core/data/lossunit.h"
#include "core/error.h"
#include "core/fit/problem.h"
#include "core/text.h"

#include <cmath>

namespace fit {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// The first alias that is a column, comparing without case and, failing that, by the last component of a path; then the
// symbol itself, in its own case, since d may be a width and L a number of layers.
std::string guess(const law::Quantity& quantity, const data::Table& table)
{
    const std::vector<std::string> names = numericNames(table), aliases = text::split(quantity.aliases, ' ');
    for (const bool last : {false, true})
        for (const std::string& alias : aliases)
            for (const std::string& name : names) {
                std::string known = text::lower(name);
                if (last)
                    known = known.substr(known.rfind('/') + 1);
                if (known == alias)
                    return name;
            }
    const auto symbol = std::ranges::find(names, quantity.id);
    return symbol == names.end() ? std::string() : *symbol;
}

// The columns that say something of a row's text and tokens.
struct Said {
    std::vector<const data::Table::Numbers*> numbers;
    std::vector<const data::TextColumn*> words;

    explicit Said(const data::Table& table)
    {
        const auto tells = [](const std::string& name) {
            const std::string plain = data::plainKey(name);
            return plain.find("tokenizer") != std::string::npos || plain.find("vocab") != std::string::npos
                || plain.find("bytes_per_tok") != std::string::npos || plain.find("loss_unit") != std::string::npos;
        };
        for (const auto& column : table.numbers)
            if (tells(column.name))
                numbers.push_back(&column);
        for (const auto& column : table.text)
            if (tells(column.name))
                words.push_back(&column);
    }
    bool empty() const { return numbers.empty() && words.empty(); }

    data::Run at(std::size_t row) const
    {
        data::Run run;
        for (const auto* column : words)
            if (const std::int32_t code = column->code[row]; code >= 0)
                run.config[column->name] = column->levels[std::size_t(code)];
        for (const auto* column : numbers)
            if (const double v = column->values[row]; !std::isnan(v))
                run.config.try_emplace(column->name, v);
        return run;
    }
};

bool saysUnit(const data::Run& run)
{
    return std::ranges::any_of(run.config, [](const auto& entry) { return data::plainKey(entry.first, true).starts_with("loss_unit"); });
}

}

std::vector<law::Quantity> quantities(const law::Law& law)
{
    std::vector<law::Quantity> out(law.inputs.begin(), law.inputs.end());
    out.push_back(law.output);
    if (law.curves)
        out.push_back(law::quantity::lr);
    return out;
}

std::vector<std::string> numericNames(const data::Table& table)
{
    std::vector<std::string> names;
    for (const auto& column : table.numbers)
        names.push_back(column.name);
    return names;
}

std::string columnOf(const Spec& spec, const law::Quantity& quantity, const data::Table& table)
{
    const auto mapped = spec.map.find(std::string(quantity.id));
    return mapped != spec.map.end() ? mapped->second : guess(quantity, table);
}

std::vector<double> columnValues(const std::string& text, const data::Table& table)
{
    if (const auto* numbers = table.number(text))
        return numbers->values;
    return data::Expression(text).values(table);
}

Losses losses(const law::Quantity& quantity, const std::string& column, std::vector<double> values, const data::Table& table,
              const std::string& wanted)
{
    Losses out{.unit = {}, .values = std::move(values), .unknown = {}, .tokenizers = {}, .tokenizer = {}};
    // A law may read losses of any unit: theirs is known where the column or a configuration says it.
    const auto usual = data::lossUnit(quantity.unit);
    if (!usual && quantity.name != law::quantity::L.name)
        return out;
    const Said said(table);
    std::optional<data::LossUnit> unit;
    if (!wanted.empty())
        unit = data::lossUnit(wanted);
    const std::size_t n = out.values.size();
    out.unknown.assign(n, false);
    data::Run run;
    bool known = false;
    std::int32_t of = -1, tokenizer = -1;
    double bytes = 0;
    std::optional<data::LossUnit> own;
    for (std::size_t row = 0; row < n; ++row) {
        // What a log's configuration says holds for each of its rows.
        const std::int32_t group = table.group[row];
        const bool same = row && group == of && (said.empty() || table.curve[std::size_t(group)]);
        if (!same) {
            run = said.at(row);
            bytes = data::bytesPerToken(run);
            own = data::lossUnitOf(run, column);
            if (!usual && own == data::LossUnit::NatsPerToken && !saysUnit(run))
                own.reset();
            const std::string name = data::tokenizer(run);
            const auto place = std::ranges::find(out.tokenizers, name) - out.tokenizers.begin();
            tokenizer = name.empty() ? -1 : std::int32_t(place);
            if (tokenizer == std::ssize(out.tokenizers))
                out.tokenizers.push_back(name);
            of = group;
        }
        if (tokenizer >= 0 && out.tokenizer.empty())
            out.tokenizer.assign(n, -1);
        if (tokenizer >= 0)
            out.tokenizer[row] = tokenizer;
        if (std::isnan(out.values[row]))
            continue;
        // A column that is not called a loss was chosen to be one.
        if (!own && !usual)
            continue;
        known = true;
        const data::LossUnit from = own ? *own : *usual;
        if (!unit)
            unit = from;
        const bool bytesNeeded = from != *unit && (from == data::LossUnit::BitsPerByte || *unit == data::LossUnit::BitsPerByte);
        out.unknown[row] = bytesNeeded && !(bytes > 0);
        out.values[row] = out.unknown[row] ? nan : data::convertLoss(out.values[row], from, *unit, bytes);
    }
    if (known)
        out.unit = data::name(*unit);
    return out;
}

bool Readiness::isReady() const
{
    return why.empty() && std::ranges::all_of(columns, [](const Needed& column) { return column.why.empty(); });
}

Readiness ready(const Spec& spec, const data::Table& table)
{
    const law::Law& law = law::get(spec.law);
    Readiness out;
    if (law.curves && std::ranges::none_of(table.curve, [](bool curve) { return curve; }))
        out.why = "needs runs that are logged over steps";
    else if (table.rows == 0)
        out.why = "there are no data";
    for (const law::Quantity& quantity : quantities(law)) {
        Readiness::Needed needed{.id = std::string(quantity.id), .name = std::string(quantity.name),
                                 .column = columnOf(spec, quantity, table), .why = {}, .output = quantity.id == law.output.id};
        if (needed.column.empty()) {
            std::vector<std::string> aliases = text::split(quantity.aliases, ' ');
            std::erase(aliases, "");
            const bool more = aliases.size() > 3;
            aliases.resize(std::min<std::size_t>(aliases.size(), 3));
            needed.why = "needs " + needed.name + ": " + (aliases.empty() ? "choose a column"
                             : "no column is called " + text::join(aliases, ", ") + (more ? ", ..." : ""));
        } else {
            try {
                if (std::ranges::none_of(columnValues(needed.column, table), [](double v) { return std::isfinite(v); }))
                    needed.why = "needs " + needed.name + ": '" + needed.column + "' holds no number";
            } catch (const UsageError& e) {
                needed.why = "needs " + needed.name + ": " + e.what();
            }
        }
        out.columns.push_back(std::move(needed));
    }
    return out;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/select.h"

#include "core/data/expression.h"
#include "core/data/syntax.h"
#include "core/error.h"
#include "core/text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace data {
namespace {

bool compares(std::string_view filter)
{
    char quote = 0;
    for (const char c : filter) {
        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '\'' || c == '"' || c == '`')
            quote = c;
        else if (c == '<' || c == '>' || c == '=')
            return true;
    }
    return false;
}

std::string shown(const Value& value)
{
    if (const auto* word = std::get_if<std::string>(&value))
        return *word;
    const double number = std::get<double>(value);
    // As people write it: 100000, not 1e+05.
    return number == std::trunc(number) && std::abs(number) < 1e15 ? std::to_string(std::int64_t(number)) : text::number(number);
}

std::vector<bool> byWords(std::span<const Selectable> runs, std::string_view filter)
{
    std::vector<std::string> words;
    for (const std::string& word : text::split(text::lower(filter), ' '))
        if (!text::trim(word).empty())
            words.emplace_back(text::trim(word));
    std::vector<bool> out;
    for (const Selectable& run : runs) {
        std::string all = text::lower(run.name);
        for (const auto& [key, value] : *run.config)
            all += '\n' + text::lower(shown(value));
        out.push_back(std::ranges::all_of(words, [&](const std::string& word) { return all.find(word) != std::string::npos; }));
    }
    return out;
}

// The names without which a run cannot match: those of what all must hold.
void needed(const Syntax& node, std::set<std::string>& names)
{
    if (node.kind == Syntax::Kind::Or || (node.kind == Syntax::Kind::Call && node.text == "first"))
        return;
    if (node.kind == Syntax::Kind::Name)
        names.insert(node.text);
    for (const Syntax& part : node.parts)
        needed(part, names);
}

// One row a run, of the columns that are asked for. A key may hold numbers in some runs and words in others.
Table tableOf(std::span<const Selectable> runs, const std::vector<std::string>& names)
{
    Table table{.rows = runs.size()};
    for (const std::string& name : names) {
        Table::Numbers numbers{name, std::vector<double>(runs.size(), std::nan(""))};
        TextColumn words{.name = name, .code = std::vector<std::int32_t>(runs.size(), -1), .levels = {}};
        std::map<std::string, std::int32_t, std::less<>> codes;
        bool anyNumber = false, anyWord = false;
        for (std::size_t i = 0; i < runs.size(); ++i) {
            const auto it = runs[i].config->find(name);
            const bool there = it != runs[i].config->end();
            if (!there && name != "run")
                continue;
            const auto* number = there ? std::get_if<double>(&it->second) : nullptr;
            if (number)
                numbers.values[i] = *number, anyNumber = true;
            else
                anyWord = true;
            const std::string word = there ? shown(it->second) : std::string(runs[i].name);
            const auto [code, added] = codes.try_emplace(word, std::int32_t(words.levels.size()));
            if (added)
                words.levels.push_back(word);
            words.code[i] = code->second;
        }
        if (anyNumber)
            table.numbers.push_back(std::move(numbers));
        if (anyWord)
            table.text.push_back(std::move(words));
    }
    return table;
}

}

std::vector<bool> select(std::span<const Selectable> runs, std::string_view filter)
{
    if (text::trim(filter).empty())
        return std::vector<bool>(runs.size(), true);
    if (!compares(filter))
        return byWords(runs, filter);

    const Expression expression(filter);
    const Syntax tree = parse(filter);
    if (runs.empty())
        return {};
    const std::vector<std::string> names = expression.names();
    const Table table = tableOf(runs, names);
    for (const std::string& name : names)
        if (!table.number(name) && !table.words(name)) {
            std::set<std::string> keys{"run"};
            for (const Selectable& run : runs)
                for (const auto& [key, value] : *run.config)
                    keys.insert(key);
            const std::vector<std::string> known(keys.begin(), keys.end());
            throw UsageError("No run has '" + name + "' in its configuration" + text::didYouMean(name, known)
                             + (known.size() > 12 ? "." : "; there are " + text::join(known, ", ") + "."));
        }

    std::vector<bool> out = expression.select(table);
    std::set<std::string> required;
    needed(tree, required);
    for (const std::string& name : required)
        for (std::size_t i = 0; i < runs.size(); ++i)
            out[i] = out[i] && (name == "run" || runs[i].config->contains(name));
    return out;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <unordered_map>

namespace data {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool strictlyIncreasing(const std::vector<double>& steps) {
    // Written so that a NaN breaks the order.
    for (std::size_t i = 0; i + 1 < steps.size(); ++i)
        if (!(steps[i] < steps[i + 1])) return false;
    return steps.empty() || !std::isnan(steps.front());
}

// The columns of a table while rows are added run by run; names keep the order in which they were first seen.
class Builder {
public:
    explicit Builder(std::size_t rows) { m_table.rows = rows; }

    std::vector<double>& numbers(const std::string& name) {
        const auto [at, isNew] = m_numberAt.try_emplace(name, m_table.numbers.size());
        if (isNew) m_table.numbers.push_back({.name = name, .values = std::vector<double>(m_table.rows, nan)});
        return m_table.numbers[at->second].values;
    }

    // Fills rows [first, first + count) with one word.
    void word(const std::string& name, const std::string& value, std::size_t first, std::size_t count) {
        const std::size_t column = text(name);
        const std::int32_t code = level(column, value);
        std::fill_n(m_table.text[column].code.begin() + static_cast<std::ptrdiff_t>(first), count, code);
    }

    void words(const TextColumn& source, std::size_t first) {
        const std::size_t column = text(source.name);
        std::vector<std::int32_t> recode;
        for (const std::string& value : source.levels) recode.push_back(level(column, value));
        for (std::size_t i = 0; i < source.code.size(); ++i)
            if (source.code[i] >= 0) m_table.text[column].code[first + i] = recode[static_cast<std::size_t>(source.code[i])];
    }

    Table& table() { return m_table; }

private:
    std::size_t text(const std::string& name) {
        const auto [at, isNew] = m_textAt.try_emplace(name, m_table.text.size());
        if (isNew) {
            m_table.text.push_back({.name = name, .code = std::vector<std::int32_t>(m_table.rows, -1), .levels = {}});
            m_levels.emplace_back();
        }
        return at->second;
    }

    std::int32_t level(std::size_t column, const std::string& value) {
        auto& levels = m_table.text[column].levels;
        const auto [at, isNew] = m_levels[column].try_emplace(value, static_cast<std::int32_t>(levels.size()));
        if (isNew) levels.push_back(value);
        return at->second;
    }

    Table m_table;
    std::unordered_map<std::string, std::size_t> m_numberAt, m_textAt;
    std::vector<std::unordered_map<std::string, std::int32_t>> m_levels;
};

// The rows of one log: its distinct steps in ascending order.
std::vector<double> distinctSteps(const Run& run) {
    std::vector<const std::vector<double>*> columns;
    for (const Series& series : run.series)
        if (std::ranges::find(columns, series.step.get()) == columns.end()) columns.push_back(series.step.get());
    std::vector<double> all;
    bool sorted = true;
    for (const auto* steps : columns) {
        sorted = sorted && strictlyIncreasing(*steps);
        if (all.empty() && sorted) {
            all = *steps;
            continue;
        }
        std::vector<double> more = *steps;
        std::erase_if(more, [](double step) { return std::isnan(step); });
        if (!strictlyIncreasing(more)) std::ranges::sort(more);
        std::vector<double> merged;
        merged.reserve(all.size() + more.size());
        std::ranges::set_union(all, more, std::back_inserter(merged));
        all = std::move(merged);
    }
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

std::size_t rowsOf(const Run& run, const std::vector<double>& steps) {
    if (run.kind == Kind::Log) return steps.size();
    std::size_t rows = 0;
    for (const Series& series : run.series)
        if (!series.step->empty()) rows = std::max(rows, static_cast<std::size_t>(series.step->back()) + 1);
    for (const TextColumn& words : run.text) rows = std::max(rows, words.code.size());
    return rows;
}

void addConfig(Builder& builder, const Run& run, std::size_t first, std::size_t count) {
    for (const auto& [name, value] : run.config) {
        if (name == "run" || run.find(name) != nullptr) continue;
        if (const double* number = std::get_if<double>(&value))
            std::fill_n(builder.numbers(name).begin() + static_cast<std::ptrdiff_t>(first), count, *number);
        else
            builder.word(name, std::get<std::string>(value), first, count);
    }
}

// Row of every record of a step column, SIZE_MAX where the step is NaN.
std::vector<std::size_t> rowOfRecord(const std::vector<double>& steps, const std::vector<double>& rows) {
    std::vector<std::size_t> at(steps.size());
    std::size_t hint = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (std::isnan(steps[i])) {
            at[i] = std::numeric_limits<std::size_t>::max();
            continue;
        }
        // Records mostly come in order: the next row is tried before the search.
        if (hint >= rows.size() || rows[hint] != steps[i])
            hint = static_cast<std::size_t>(std::ranges::lower_bound(rows, steps[i]) - rows.begin());
        at[i] = hint++;
    }
    return at;
}

void addLog(Builder& builder, const Run& run, const std::vector<double>& steps, std::size_t first) {
    std::ranges::copy(steps, builder.numbers("step").begin() + static_cast<std::ptrdiff_t>(first));
    std::unordered_map<const std::vector<double>*, std::vector<std::size_t>> rows;
    for (const Series& series : run.series) {
        if (series.name == "step") continue;
        std::vector<double>& into = builder.numbers(series.name);
        const auto [at, isNew] = rows.try_emplace(series.step.get());
        if (isNew && *series.step != steps) at->second = rowOfRecord(*series.step, steps);
        if (at->second.empty())
            std::ranges::copy(*series.value, into.begin() + static_cast<std::ptrdiff_t>(first));
        else
            for (std::size_t i = 0; i < series.value->size(); ++i)
                if (at->second[i] < steps.size()) into[first + at->second[i]] = (*series.value)[i];
    }
}

}

const Table::Numbers* Table::number(std::string_view name) const {
    auto found = std::ranges::find(numbers, name, &Numbers::name);
    // A log's own name of its step column still means it, though every log's is "step" here.
    static constexpr std::array<std::string_view, 8> steps{"_step", "Step", "global_step", "iter", "iteration", "step_num", "trainer/global_step", "batch"};
    if (found == numbers.end() && std::ranges::find(steps, name) != steps.end())
        found = std::ranges::find(numbers, "step", &Numbers::name);
    return found == numbers.end() ? nullptr : &*found;
}

const TextColumn* Table::words(std::string_view name) const {
    const auto found = std::ranges::find(text, name, &TextColumn::name);
    return found == text.end() ? nullptr : &*found;
}

Table tabulate(std::span<const Run> runs) {
    std::vector<std::vector<double>> steps(runs.size());
    std::vector<std::size_t> counts(runs.size());
    std::size_t rows = 0;
    for (std::size_t r = 0; r < runs.size(); ++r) {
        if (runs[r].kind == Kind::Log) steps[r] = distinctSteps(runs[r]);
        counts[r] = rowsOf(runs[r], steps[r]);
        rows += counts[r];
    }

    Builder builder(rows);
    Table& table = builder.table();
    table.group.resize(rows);
    std::size_t first = 0;
    for (std::size_t r = 0; r < runs.size(); ++r) {
        const Run& run = runs[r];
        std::fill_n(table.group.begin() + static_cast<std::ptrdiff_t>(first), counts[r], static_cast<std::int32_t>(r));
        table.groups.push_back(run.name);
        table.curve.push_back(run.kind == Kind::Log);

        const bool ownRun = run.find("run") != nullptr || std::ranges::find(run.text, "run", &TextColumn::name) != run.text.end();
        // A run keyed by several columns keeps the word its file has in the column `run`, so filters written for the
        // file select the same rows here.
        const auto key = run.config.find("run");
        const std::string* word = key == run.config.end() ? nullptr : std::get_if<std::string>(&key->second);
        if (!ownRun && (run.kind == Kind::Log || runs.size() > 1))
            builder.word("run", word ? *word : run.name, first, counts[r]);
        addConfig(builder, run, first, counts[r]);
        if (run.kind == Kind::Log) {
            addLog(builder, run, steps[r], first);
        } else {
            for (const Series& series : run.series) {
                std::vector<double>& into = builder.numbers(series.name);
                for (std::size_t i = 0; i < series.value->size(); ++i)
                    into[first + static_cast<std::size_t>((*series.step)[i])] = (*series.value)[i];
            }
            for (const TextColumn& words : run.text) builder.words(words, first);
        }
        first += counts[r];
        steps[r] = {};
    }
    return std::move(table);
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/grouping.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace io {

namespace {

// A logged step is preferred to a counter of log calls (_step), and that to an epoch.
constexpr std::array<std::string_view, 10> stepNames = {"step", "global_step", "trainer/global_step", "train_step", "iter",
                                                        "iteration", "iterations", "_step", "batch", "epoch"};
constexpr std::array<std::string_view, 10> keyNames = {"model", "size", "model_size", "name", "exp_name", "experiment",
                                                       "variant", "config", "schedule", "optimizer"};
constexpr std::array<std::string_view, 8> numericKeys = {"seed", "trial", "rank", "member", "replica", "hyper_id", "id", "run_index"};

double keyOf(const Sheet::Column& column, std::size_t row) {
    return column.words ? column.code[row] : column.values[row];
}

class Grouper {
public:
    Grouper(const Sheet& sheet, std::size_t step, std::size_t metric) : m_sheet(sheet), m_step(step) { group(metric); }
    Grouping result() { return {.groups = m_groups, .keys = m_keys, .overlap = m_sheet.rows ? overlap() : 0}; }

private:
    using Column = Sheet::Column;

    Groups refined(const Groups& groups, const Column& column) const {
        Groups finer {.of = std::vector<std::int32_t>(m_sheet.rows), .first = {}};
        std::map<std::pair<std::int32_t, std::uint64_t>, std::int32_t> at;
        std::int32_t lastGroup = -1, last = -1;
        double lastKey = 0;
        for (std::size_t row = 0; row < m_sheet.rows; ++row) {
            const double key = keyOf(column, row);
            if (last < 0 || groups.of[row] != lastGroup || std::bit_cast<std::uint64_t>(key) != std::bit_cast<std::uint64_t>(lastKey)) {
                lastGroup = groups.of[row];
                lastKey = key;
                const std::pair pair(lastGroup, std::bit_cast<std::uint64_t>(key));
                const auto [found, isNew] = at.try_emplace(pair, static_cast<std::int32_t>(finer.first.size()));
                if (isNew) finer.first.push_back(row);
                last = found->second;
            }
            finer.of[row] = last;
        }
        return finer;
    }

    void addKey(std::size_t c, Groups groups) {
        m_keys.push_back(c);
        m_groups = std::move(groups);
    }

    void group(std::size_t metric) {
        m_groups = {.of = std::vector<std::int32_t>(m_sheet.rows, 0), .first = {0}};
        if (m_sheet.rows == 0) return;
        if (const std::size_t run = findColumn(m_sheet, runNames, true); run != noColumn) addKey(run, refined(m_groups, m_sheet.columns[run]));
        for (std::size_t c = 0; c < m_sheet.columns.size(); ++c) {
            const Column& column = m_sheet.columns[c];
            if (c == metric || !column.words || !among(column.name, keyNames) || constantInGroups(m_sheet, m_groups, column)) continue;
            addKey(c, refined(m_groups, column));
        }
        if (metric != noColumn) return;
        // Other columns tell runs apart where steps would be logged twice otherwise.
        double shared = overlap();
        for (std::size_t c = 0; c < m_sheet.columns.size() && shared > 0.1; ++c) {
            const Column& column = m_sheet.columns[c];
            if (c == m_step || std::ranges::find(m_keys, c) != m_keys.end()) continue;
            if (!column.words && !among(column.name, numericKeys)) continue;
            if (constantInGroups(m_sheet, m_groups, column)) continue;
            Groups before = std::exchange(m_groups, refined(m_groups, column));
            const double after = overlap();
            if (after < shared / 2 && m_groups.count() * 2 <= m_sheet.rows) {
                m_keys.push_back(c);
                shared = after;
            } else {
                m_groups = std::move(before);
            }
        }
        std::ranges::sort(m_keys);
    }

    // The share of cells that another record of the same run and step contradicts.
    double overlap() const {
        const auto& steps = m_sheet.columns[m_step].values;
        std::vector<double> last(m_groups.count(), -std::numeric_limits<double>::infinity());
        bool rising = true;
        for (std::size_t row = 0; row < m_sheet.rows && rising; ++row) {
            if (std::isnan(steps[row])) continue;
            double& before = last[static_cast<std::size_t>(m_groups.of[row])];
            rising = steps[row] > before;
            before = steps[row];
        }
        if (rising) return 0;
        std::vector<std::uint32_t> order(m_sheet.rows);
        std::iota(order.begin(), order.end(), 0u);
        std::erase_if(order, [&](std::uint32_t row) { return std::isnan(steps[row]); });
        std::ranges::stable_sort(order, [&](std::uint32_t a, std::uint32_t b) {
            return std::pair(m_groups.of[a], steps[a]) < std::pair(m_groups.of[b], steps[b]);
        });
        std::size_t cells = 0, contradicted = 0;
        for (std::size_t c = 0; c < m_sheet.columns.size(); ++c) {
            const Column& column = m_sheet.columns[c];
            if (c == m_step || column.words || among(column.name, numericKeys)) continue;
            std::size_t before = noColumn;
            for (std::size_t i = 0; i < order.size(); ++i) {
                const std::size_t row = order[i];
                if (isMissing(column.values[row])) continue;
                ++cells;
                if (before != noColumn && m_groups.of[before] == m_groups.of[row] && steps[before] == steps[row]
                    && column.values[before] != column.values[row])
                    ++contradicted;
                before = row;
            }
        }
        return cells ? static_cast<double>(contradicted) / static_cast<double>(cells) : 0;
    }

    const Sheet& m_sheet;
    std::size_t m_step;
    std::vector<std::size_t> m_keys;
    Groups m_groups {};
};

}

bool among(std::string_view name, std::span<const std::string_view> names) {
    return std::ranges::any_of(names, [name](std::string_view other) { return equalsIgnoringCase(name, other); });
}

std::size_t findColumn(const Sheet& sheet, std::span<const std::string_view> names, bool words) {
    for (std::string_view name : names)
        for (std::size_t c = 0; c < sheet.columns.size(); ++c)
            if (sheet.columns[c].words == words && equalsIgnoringCase(sheet.columns[c].name, name)) return c;
    return noColumn;
}

std::size_t stepColumn(const Sheet& sheet) {
    for (std::string_view name : stepNames) {
        const std::size_t c = findColumn(sheet, {&name, 1}, false);
        if (c == noColumn) continue;
        const auto& values = sheet.columns[c].values;
        const auto there = std::ranges::count_if(values, [](double v) { return std::isfinite(v); });
        if (static_cast<std::size_t>(there) * 2 < values.size() || (there == 0 && sheet.rows > 0)) continue;
        // These two mean something else in a table, so they count only where they count up.
        if ((name == "batch" || name == "epoch") && !std::ranges::is_sorted(values)) continue;
        return c;
    }
    return noColumn;
}

bool constantInGroups(const Sheet& sheet, const Groups& groups, const Sheet::Column& column) {
    std::vector<std::size_t> seen(groups.count(), noColumn);
    for (std::size_t row = 0; row < sheet.rows; ++row) {
        const double key = keyOf(column, row);
        if (column.words ? key < 0 : isMissing(key)) continue;
        std::size_t& first = seen[static_cast<std::size_t>(groups.of[row])];
        if (first == noColumn) first = row;
        else if (keyOf(column, first) != key) return false;
    }
    return true;
}

Grouping groupRows(const Sheet& sheet, std::size_t step, std::size_t metric) { return Grouper(sheet, step, metric).result(); }

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/grouping.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

namespace io {

namespace {

constexpr std::array<std::string_view, 4> metricNames = {"metric", "tag", "key", "metric_name"};
constexpr std::array<std::string_view, 3> wallNames = {"_timestamp", "wall_time", "timestamp"};

std::string numberText(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.10g", value);
    return text;
}

class Arranger {
public:
    Arranger(Sheet sheet, const data::Run& like, Losses& losses)
        : m_sheet(std::move(sheet)), m_like(like), m_losses(losses) {}

    std::vector<data::Run> runs() {
        if (m_sheet.columns.empty()) return {m_like};
        if (const auto x = exportedX()) return exported(*x);
        m_step = stepColumn(m_sheet);
        if (m_step == noColumn) return {table()};
        const std::size_t metric = longMetric();
        Grouping grouping = groupRows(m_sheet, m_step, metric);
        m_keys = std::move(grouping.keys);
        m_groups = std::move(grouping.groups);
        if (metric != noColumn) return longRuns(metric);
        if (grouping.overlap > 0.5 || (m_groups.count() > 1 && m_groups.count() * 2 > m_sheet.rows)) return {table()};
        return wideRuns();
    }

private:
    using Column = Sheet::Column;

    std::size_t longMetric() const {
        const std::size_t metric = findColumn(m_sheet, metricNames, true);
        constexpr std::string_view value = "value";
        return metric != noColumn && findColumn(m_sheet, {&value, 1}, false) != noColumn ? metric : noColumn;
    }

    // ---- building runs

    std::vector<data::Run> named() const {
        std::vector<data::Run> runs(m_groups.count(), m_like);
        for (std::size_t g = 0; g < runs.size() && !m_keys.empty() && m_sheet.rows > 0; ++g) {
            std::string name;
            for (std::size_t c : m_keys) {
                const Column& column = m_sheet.columns[c];
                const std::size_t row = m_groups.first[g];
                std::string part = column.words ? word(column, row) : column.name + "=" + numberText(column.values[row]);
                if (column.words && !(m_keys.size() == 1 && among(column.name, runNames)))
                    runs[g].config[among(column.name, runNames) ? "run" : column.name] = part;
                else if (!column.words)
                    runs[g].config[column.name] = column.values[row];
                if (part.empty()) continue;
                name += (name.empty() ? "" : "/") + part;
            }
            if (!name.empty()) runs[g].name = name;
        }
        return runs;
    }

    std::string word(const Column& column, std::size_t row) const {
        return column.code[row] < 0 ? std::string() : column.levels[static_cast<std::size_t>(column.code[row])];
    }

    // Cells of one column, per group in file order.
    std::vector<std::vector<double>> scattered(const std::vector<double>& values) const {
        std::vector<std::vector<double>> parts(m_groups.count());
        for (std::size_t g = 0; g < parts.size(); ++g) parts[g].reserve(m_sizes[g]);
        for (std::size_t row = 0, end = 0; row < m_sheet.rows; row = end) {     // the rows of a run mostly come together
            const std::int32_t group = m_groups.of[row];
            while (end < m_sheet.rows && m_groups.of[end] == group) ++end;
            std::vector<double>& part = parts[static_cast<std::size_t>(group)];
            part.insert(part.end(), values.data() + row, values.data() + end);
        }
        return parts;
    }

    // Takes the cells out of the sheet, so that they are never held twice.
    std::vector<std::vector<double>> takeColumn(std::size_t c) {
        std::vector<double> values = std::exchange(m_sheet.columns[c].values, {});
        if (m_groups.count() > 1) return scattered(values);
        std::vector<std::vector<double>> parts;
        parts.push_back(std::move(values));
        return parts;
    }

    void dropRowsWithoutStep(const std::map<std::size_t, data::Run>& kept = {}) {
        const auto& steps = m_sheet.columns[m_step].values;
        std::vector<bool> gone(m_sheet.rows);
        std::size_t count = 0, lost = 0;
        for (std::size_t row = 0; row < m_sheet.rows; ++row) {
            if (!(gone[row] = std::isnan(steps[row]))) continue;
            ++count;
            lost += !kept.contains(static_cast<std::size_t>(m_groups.of[row]));
        }
        if (count == 0) return;
        if (lost > 0) m_losses.add(std::to_string(lost) + (lost == 1 ? " row has" : " rows have") + " no step in column '"
                     + m_sheet.columns[m_step].name + "'; left out");
        const auto thin = [&](auto& values) {
            std::size_t at = 0;
            for (std::size_t row = 0; row < m_sheet.rows; ++row)
                if (!gone[row]) values[at++] = values[row];
            values.resize(at);
        };
        thin(m_groups.of);
        for (std::size_t c = 0; c < m_sheet.columns.size(); ++c) {
            if (m_sheet.columns[c].words) thin(m_sheet.columns[c].code);
            else if (c != m_step) thin(m_sheet.columns[c].values);
        }
        thin(m_sheet.columns[m_step].values);
        m_sheet.rows -= count;
        for (std::size_t g = 0; g < m_groups.count(); ++g) m_groups.first[g] = 0;
        for (std::size_t row = m_sheet.rows; row-- > 0;) m_groups.first[static_cast<std::size_t>(m_groups.of[row])] = row;
    }

    // The steps of series that lack some records; series logged at the same steps share them.
    struct Steps {
        data::Column whole, wall;
        std::vector<std::pair<data::Column, data::Column>> thinned {};
    };

    static data::Series series(std::string name, std::vector<double> values, Steps& steps) {
        const auto absent = static_cast<std::size_t>(std::ranges::count_if(values, isMissing));
        data::Series result {.name = std::move(name), .step = steps.whole, .value = nullptr, .wall = steps.wall};
        if (absent > 0) {
            std::vector<double> at, wall;
            std::size_t kept = 0;
            at.reserve(values.size() - absent);
            for (std::size_t i = 0; i < values.size(); ++i) {
                if (isMissing(values[i])) continue;
                at.push_back((*steps.whole)[i]);
                if (steps.wall) wall.push_back((*steps.wall)[i]);
                values[kept++] = values[i];
            }
            values.resize(kept);
            values.shrink_to_fit();
            const auto same = std::ranges::find_if(steps.thinned, [&](const auto& other) {
                return *other.first == at && (!other.second || *other.second == wall);
            });
            if (same != steps.thinned.end()) {
                std::tie(result.step, result.wall) = *same;
            } else {
                result.step = std::make_shared<const std::vector<double>>(std::move(at));
                if (steps.wall) result.wall = std::make_shared<const std::vector<double>>(std::move(wall));
                if (steps.thinned.size() < 64) steps.thinned.emplace_back(result.step, result.wall);
            }
        }
        result.value = std::make_shared<const std::vector<double>>(std::move(values));
        return result;
    }

    void addConstants(std::vector<data::Run>& runs) const {
        const bool several = std::ranges::any_of(m_sizes, [](std::size_t size) { return size > 1; });
        for (std::size_t c = 0; c < m_sheet.columns.size(); ++c) {
            const Column& column = m_sheet.columns[c];
            if (c == m_step || std::ranges::find(m_keys, c) != m_keys.end()) continue;
            if (!column.words && (!several || std::ranges::any_of(column.values, [](double v) { return std::isnan(v); }))) continue;
            if (!constantInGroups(m_sheet, m_groups, column)) {
                if (column.words)
                    m_losses.add("the words in column '" + column.name + "' change within a run; they are left out");
                continue;
            }
            for (std::size_t row = 0; row < m_sheet.rows; ++row) {
                const auto g = static_cast<std::size_t>(m_groups.of[row]);
                if (!column.words && m_groups.first[g] == row && m_sizes[g] > 0) runs[g].config.insert_or_assign(column.name, column.values[row]);
                else if (column.words && column.code[row] >= 0) runs[g].config.try_emplace(column.name, word(column, row));
            }
        }
    }

    // A run of which no row has a step is points, not a curve: its rows are kept as a table.
    std::map<std::size_t, data::Run> withoutSteps() const {
        const auto& steps = m_sheet.columns[m_step].values;
        std::vector<bool> stepped(m_groups.count());
        for (std::size_t row = 0; row < m_sheet.rows; ++row)
            if (!std::isnan(steps[row])) stepped[static_cast<std::size_t>(m_groups.of[row])] = true;
        std::map<std::size_t, data::Run> tables;
        for (std::size_t g = 0; g < m_groups.count() && m_groups.count() > 1; ++g) {
            if (stepped[g]) continue;
            Sheet part;
            for (const Column& column : m_sheet.columns) {
                Column& copy = part.columns.emplace_back(Column {.name = column.name, .words = column.words});
                if (column.words) copy.levels = column.levels;
                for (std::size_t row = 0; row < m_sheet.rows; ++row) {
                    if (static_cast<std::size_t>(m_groups.of[row]) != g) continue;
                    if (column.words) copy.code.push_back(column.code[row]);
                    else copy.values.push_back(column.values[row]);
                }
                part.rows = std::max(copy.code.size(), copy.values.size());
            }
            tables.emplace(g, Arranger(std::move(part), m_like, m_losses).table());
        }
        return tables;
    }

    std::vector<data::Run> wideRuns() {
        std::vector<data::Run> runs = named();
        auto points = withoutSteps();
        dropRowsWithoutStep(points);
        m_sizes.assign(m_groups.count(), 0);
        for (std::int32_t g : m_groups.of) ++m_sizes[static_cast<std::size_t>(g)];
        addConstants(runs);

        std::vector<Steps> steps(m_groups.count());
        const std::size_t wall = wallColumn();
        if (wall != noColumn) {
            auto parts = scattered(m_sheet.columns[wall].values);
            for (std::size_t g = 0; g < parts.size(); ++g)
                if (std::ranges::none_of(parts[g], isMissing))
                    steps[g].wall = std::make_shared<const std::vector<double>>(std::move(parts[g]));
        }
        auto whole = takeColumn(m_step);
        for (std::size_t g = 0; g < whole.size(); ++g)
            steps[g].whole = std::make_shared<const std::vector<double>>(std::move(whole[g]));
        for (std::size_t c = 0; c < m_sheet.columns.size(); ++c) {
            if (c == m_step || m_sheet.columns[c].words) continue;
            if (std::ranges::find(m_keys, c) != m_keys.end()) continue;
            auto parts = takeColumn(c);
            for (std::size_t g = 0; g < parts.size(); ++g) {
                if (m_sheet.rows > 0 && std::ranges::all_of(parts[g], isMissing)) continue;
                runs[g].series.push_back(series(m_sheet.columns[c].name, std::move(parts[g]), steps[g]));
            }
        }
        for (auto& [g, table] : points) {
            table.name = runs[g].name;
            runs[g] = std::move(table);
        }
        return runs;
    }

    std::size_t wallColumn() const {
        const std::size_t c = findColumn(m_sheet, wallNames, false);
        if (c == noColumn || m_sheet.rows == 0) return noColumn;
        // Seconds since the epoch, not since the start.
        return m_sheet.columns[c].values.front() > 1e8 ? c : noColumn;
    }

    data::Run table() {
        data::Run run = m_like;
        run.kind = data::Kind::Table;
        std::vector<double> rows(m_sheet.rows);
        std::iota(rows.begin(), rows.end(), 0.0);
        Steps steps {.whole = std::make_shared<const std::vector<double>>(std::move(rows)), .wall = nullptr};
        for (Column& column : m_sheet.columns) {
            if (column.words)
                run.text.push_back({.name = std::move(column.name), .code = std::move(column.code), .levels = std::move(column.levels)});
            else
                run.series.push_back(series(std::move(column.name), std::move(column.values), steps));
        }
        return run;
    }

    // ---- run,step,metric,value

    std::vector<data::Run> longRuns(std::size_t metric) {
        dropRowsWithoutStep();
        std::vector<data::Run> runs = named();
        constexpr std::string_view valueName = "value";
        const auto& values = m_sheet.columns[findColumn(m_sheet, {&valueName, 1}, false)].values;
        const Column& names = m_sheet.columns[metric];
        const auto& steps = m_sheet.columns[m_step].values;
        struct Part { std::vector<double> steps, values; };
        std::vector<std::vector<Part>> parts(runs.size(), std::vector<Part>(names.levels.size()));
        std::size_t unnamed = 0;
        for (std::size_t row = 0; row < m_sheet.rows; ++row) {
            if (names.code[row] < 0) ++unnamed;
            if (names.code[row] < 0 || isMissing(values[row])) continue;
            Part& part = parts[static_cast<std::size_t>(m_groups.of[row])][static_cast<std::size_t>(names.code[row])];
            part.steps.push_back(steps[row]);
            part.values.push_back(values[row]);
        }
        if (unnamed > 0) m_losses.add(std::to_string(unnamed) + " rows name no metric; left out");
        for (std::size_t g = 0; g < runs.size(); ++g) {
            std::vector<data::Column> known;
            for (std::size_t m = 0; m < names.levels.size(); ++m) {
                Part& part = parts[g][m];
                if (part.values.empty()) continue;
                auto same = std::ranges::find_if(known, [&](const data::Column& other) { return *other == part.steps; });
                if (same == known.end())
                    same = known.insert(known.end(), std::make_shared<const std::vector<double>>(std::move(part.steps)));
                runs[g].series.push_back({.name = names.levels[m], .step = *same,
                                          .value = std::make_shared<const std::vector<double>>(std::move(part.values)), .wall = nullptr});
            }
        }
        return runs;
    }

    // ---- "<run> - <metric>", as the W&B window exports a chart

    std::optional<std::size_t> exportedX() const {
        const auto& columns = m_sheet.columns;
        if (columns.size() < 2 || columns[0].words || columns[0].name.find(" - ") != std::string::npos) return std::nullopt;
        for (std::size_t c = 1; c < columns.size(); ++c) {
            const bool empty = std::ranges::all_of(columns[c].code, [](std::int32_t code) { return code < 0; });
            if (columns[c].name.find(" - ") == std::string::npos || (columns[c].words && !empty)) return std::nullopt;
        }
        return 0;
    }

    std::vector<data::Run> exported(std::size_t x) {
        auto& columns = m_sheet.columns;
        m_step = x;
        m_groups = {.of = std::vector<std::int32_t>(m_sheet.rows, 0), .first = {0}};
        dropRowsWithoutStep();
        const auto whole = std::make_shared<const std::vector<double>>(std::move(columns[x].values));
        std::vector<data::Run> runs;
        std::vector<Steps> steps;
        std::unordered_map<std::string, std::size_t> byName;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            if (c == x || columns[c].words || isCopy(columns[c])) continue;
            byName.try_emplace(columns[c].name, c);
            const std::size_t dash = columns[c].name.rfind(" - ");
            const std::string run = columns[c].name.substr(0, dash);
            auto at = std::ranges::find(runs, run, &data::Run::name);
            if (at == runs.end()) {
                at = runs.insert(runs.end(), m_like);
                at->name = run;
                at->config["sampled"] = 1.0;    // the exported values are a sample or a mean of what was logged
                steps.push_back({.whole = whole, .wall = nullptr});
            }
            if (std::ranges::all_of(columns[c].values, isMissing)) continue;
            const auto r = static_cast<std::size_t>(at - runs.begin());
            at->series.push_back(series(columns[c].name.substr(dash + 3), columns[c].values, steps[r]));
        }
        return runs;
    }

    // The lowest or highest value of a bucket, where every bucket held one value.
    bool isCopy(const Column& column) const {
        for (std::string_view end : {"__MIN", "__MAX"}) {
            if (!column.name.ends_with(end)) continue;
            const std::string_view base = std::string_view(column.name).substr(0, column.name.size() - end.size());
            const auto of = std::ranges::find(m_sheet.columns, base, &Column::name);
            return of != m_sheet.columns.end() && of->values.size() == column.values.size()
                && std::equal(of->values.begin(), of->values.end(), column.values.begin(), [](double a, double b) {
                       return a == b || (isMissing(a) && isMissing(b)) || (std::isnan(a) && std::isnan(b) && !isMissing(a) && !isMissing(b));
                   });
        }
        return false;
    }

    Sheet m_sheet;
    const data::Run& m_like;
    Losses& m_losses;
    std::size_t m_step = noColumn;
    std::vector<std::size_t> m_keys;
    Groups m_groups;
    std::vector<std::size_t> m_sizes;   // rows per group
};

}

std::vector<data::Run> arrange(Sheet sheet, const data::Run& like, Losses& losses) {
    return Arranger(std::move(sheet), like, losses).runs();
}

}

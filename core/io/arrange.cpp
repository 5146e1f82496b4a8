// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/sheet.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>
#include <utility>

namespace io {

namespace {

using Names = std::span<const std::string_view>;

// A logged step is preferred to a counter of log calls (_step), and that to an epoch.
constexpr std::array<std::string_view, 10> stepNames = {"step", "global_step", "trainer/global_step", "train_step", "iter",
                                                        "iteration", "iterations", "_step", "batch", "epoch"};
constexpr std::array<std::string_view, 3> runNames = {"run", "run_name", "run_id"};
constexpr std::array<std::string_view, 10> keyNames = {"model", "size", "model_size", "name", "exp_name", "experiment",
                                                       "variant", "config", "schedule", "optimizer"};
constexpr std::array<std::string_view, 8> numericKeys = {"seed", "trial", "rank", "member", "replica", "hyper_id", "id", "run_index"};
constexpr std::array<std::string_view, 4> metricNames = {"metric", "tag", "key", "metric_name"};
constexpr std::array<std::string_view, 3> wallNames = {"_timestamp", "wall_time", "timestamp"};

bool among(std::string_view name, Names names) {
    return std::ranges::any_of(names, [name](std::string_view other) { return equalsIgnoringCase(name, other); });
}

// Which rows belong together.
struct Groups {
    std::vector<std::int32_t> of;   // per row
    std::vector<std::size_t> first; // per group: its first row
    std::size_t count() const { return first.size(); }
};

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
        m_step = stepColumn();
        if (m_step == none) return {table()};
        const std::size_t metric = longMetric();
        group(metric);
        if (metric != none) return longRuns(metric);
        if (overlap() > 0.5 || (m_groups.count() > 1 && m_groups.count() * 2 > m_sheet.rows)) return {table()};
        return wideRuns();
    }

private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    using Column = Sheet::Column;

    std::size_t find(Names names, bool words) const {
        for (std::string_view name : names)
            for (std::size_t c = 0; c < m_sheet.columns.size(); ++c)
                if (m_sheet.columns[c].words == words && equalsIgnoringCase(m_sheet.columns[c].name, name)) return c;
        return none;
    }

    std::size_t stepColumn() const {
        for (std::string_view name : stepNames) {
            const std::size_t c = find({&name, 1}, false);
            if (c == none) continue;
            const auto& values = m_sheet.columns[c].values;
            const auto there = std::ranges::count_if(values, [](double v) { return std::isfinite(v); });
            if (static_cast<std::size_t>(there) * 2 < values.size() || (there == 0 && m_sheet.rows > 0)) continue;
            // These two mean something else in a table, so they count only where they count up.
            if ((name == "batch" || name == "epoch") && !std::ranges::is_sorted(values)) continue;
            return c;
        }
        return none;
    }

    std::size_t longMetric() const {
        const std::size_t metric = find(metricNames, true);
        constexpr std::string_view value = "value";
        return metric != none && find({&value, 1}, false) != none ? metric : none;
    }

    // ---- which rows are one run

    double keyOf(const Column& column, std::size_t row) const {
        return column.words ? column.code[row] : column.values[row];
    }

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

    // Whether a column has one value in each group, empty cells aside.
    bool constant(const Column& column) const {
        std::vector<std::size_t> seen(m_groups.count(), none);
        for (std::size_t row = 0; row < m_sheet.rows; ++row) {
            const double key = keyOf(column, row);
            if (column.words ? key < 0 : isMissing(key)) continue;
            std::size_t& first = seen[static_cast<std::size_t>(m_groups.of[row])];
            if (first == none) first = row;
            else if (keyOf(column, first) != key) return false;
        }
        return true;
    }

    void addKey(std::size_t c, Groups groups) {
        m_keys.push_back(c);
        m_groups = std::move(groups);
    }

    void group(std::size_t metric) {
        m_groups = {.of = std::vector<std::int32_t>(m_sheet.rows, 0), .first = {0}};
        if (m_sheet.rows == 0) return;
        if (const std::size_t run = find(runNames, true); run != none) addKey(run, refined(m_groups, m_sheet.columns[run]));
        for (std::size_t c = 0; c < m_sheet.columns.size(); ++c) {
            const Column& column = m_sheet.columns[c];
            if (c == metric || !column.words || !among(column.name, keyNames) || constant(column)) continue;
            addKey(c, refined(m_groups, column));
        }
        if (metric != none) return;
        // Other columns tell runs apart where steps would be logged twice otherwise.
        double shared = overlap();
        for (std::size_t c = 0; c < m_sheet.columns.size() && shared > 0.1; ++c) {
            const Column& column = m_sheet.columns[c];
            if (c == m_step || std::ranges::find(m_keys, c) != m_keys.end()) continue;
            if (!column.words && !among(column.name, numericKeys)) continue;
            if (constant(column)) continue;
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
            std::size_t before = none;
            for (std::size_t i = 0; i < order.size(); ++i) {
                const std::size_t row = order[i];
                if (isMissing(column.values[row])) continue;
                ++cells;
                if (before != none && m_groups.of[before] == m_groups.of[row] && steps[before] == steps[row]
                    && column.values[before] != column.values[row])
                    ++contradicted;
                before = row;
            }
        }
        return cells ? static_cast<double>(contradicted) / static_cast<double>(cells) : 0;
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
        for (std::size_t row = 0; row < m_sheet.rows; ++row) parts[static_cast<std::size_t>(m_groups.of[row])].push_back(values[row]);
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

    void dropRowsWithoutStep() {
        const auto& steps = m_sheet.columns[m_step].values;
        std::vector<bool> gone(m_sheet.rows);
        std::size_t count = 0;
        for (std::size_t row = 0; row < m_sheet.rows; ++row)
            if ((gone[row] = std::isnan(steps[row]))) ++count;
        if (count == 0) return;
        m_losses.add(std::to_string(count) + (count == 1 ? " row has" : " rows have") + " no step in column '"
                     + m_sheet.columns[m_step].name + "'; left out");
        const auto thin = [&](auto& values) {
            std::size_t kept = 0;
            for (std::size_t row = 0; row < m_sheet.rows; ++row)
                if (!gone[row]) values[kept++] = values[row];
            values.resize(kept);
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
            if (!constant(column)) {
                if (column.words)
                    m_losses.add("the words in column '" + column.name + "' change within a run; they are left out");
                continue;
            }
            for (std::size_t row = 0; row < m_sheet.rows; ++row) {
                const auto g = static_cast<std::size_t>(m_groups.of[row]);
                if (!column.words && m_groups.first[g] == row) runs[g].config.insert_or_assign(column.name, column.values[row]);
                else if (column.words && column.code[row] >= 0) runs[g].config.try_emplace(column.name, word(column, row));
            }
        }
    }

    std::vector<data::Run> wideRuns() {
        dropRowsWithoutStep();
        std::vector<data::Run> runs = named();
        m_sizes.assign(m_groups.count(), 0);
        for (std::int32_t g : m_groups.of) ++m_sizes[static_cast<std::size_t>(g)];
        addConstants(runs);

        std::vector<Steps> steps(m_groups.count());
        const std::size_t wall = wallColumn();
        if (wall != none) {
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
        // A run none of whose rows had a step has nothing to show.
        std::size_t g = 0;
        if (runs.size() > 1) std::erase_if(runs, [&](const data::Run&) { return m_sizes[g++] == 0; });
        return runs;
    }

    std::size_t wallColumn() const {
        const std::size_t c = find(wallNames, false);
        if (c == none || m_sheet.rows == 0) return none;
        // Seconds since the epoch, not since the start.
        return m_sheet.columns[c].values.front() > 1e8 ? c : none;
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
        const auto& values = m_sheet.columns[find({&valueName, 1}, false)].values;
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
    std::size_t m_step = none;
    std::vector<std::size_t> m_keys;
    Groups m_groups;
    std::vector<std::size_t> m_sizes;   // rows per group
};

}

std::vector<data::Run> arrange(Sheet sheet, const data::Run& like, Losses& losses) {
    return Arranger(std::move(sheet), like, losses).runs();
}

}

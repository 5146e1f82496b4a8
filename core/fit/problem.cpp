// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/problem.h"

#include "core/data/expression.h"
#include "core/data/lossunit.h"
#include "core/error.h"
#include "core/fit/columns.h"
#include "core/store/project.h"
#include "core/text.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstring>
#include <numeric>
#include <set>

namespace fit {
namespace {

using Column = std::vector<double>;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Settings {
    int last = 1, smooth = 1;
    bool all = false;
    double skip = 0;
    std::string warmup;                     // empty: linear from 0 at the first step to the first logged rate
    std::optional<std::pair<double, double>> anchor;
    std::string unit;                       // of losses; empty: as logged
    std::pair<double, double> region{-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
    std::string weight;                     // run, n or an expression; empty: all rows count the same
};

Settings settings(const std::map<std::string, std::string>& set)
{
    Settings s;
    for (const auto& [key, value] : set) {
        if (key == "last")
            s.last = int(data::parseNumber(value));
        else if (key == "smooth")
            s.smooth = int(data::parseNumber(value));
        else if (key == "skip")
            s.skip = data::parseNumber(value);
        else if (key == "unit" && data::lossUnit(value))
            s.unit = data::name(*data::lossUnit(value));
        else if (key == "rows" && (value == "all" || value == "final"))
            s.all = value == "all";
        else if (key == "warmup")
            s.warmup = value == "none" || value == "peak" ? value : (data::parseNumber(value), value);
        else if ((key == "sums" && (value == "exact" || value == "binned"))
                 || (key == "prior" && (value == "on" || value == "off" || value == "auto" || data::parseNumber(value) >= 0)))
            continue;   // read where the search is set up
        else if (const auto colon = value.find(':'); key == "anchor" && colon != std::string::npos)
            s.anchor = {data::parseNumber(value.substr(0, colon)), data::parseNumber(value.substr(colon + 1))};
        else if (key == "region" && colon != std::string::npos && value.size() > 1) {
            if (colon > 0)
                s.region.first = data::parseNumber(value.substr(0, colon));
            if (colon + 1 < value.size())
                s.region.second = data::parseNumber(value.substr(colon + 1));
        } else if (key == "weight" && !value.empty())
            s.weight = value;
        else
            throw UsageError("'" + key + "=" + value + "' is not a setting of a fit; they are last=K, rows=all|final, "
                             "skip=F, smooth=K, warmup=W|none|peak, anchor=X:Y, region=A:B, weight=run|n|EXPRESSION, "
                             "unit=nats/token|bits/byte|perplexity, sums=exact|binned and prior=on|auto|off|WEIGHT.");
    }
    if (s.last < 1 || s.smooth < 1 || s.skip < 0 || s.skip >= 1)
        throw UsageError("last and smooth count rows from 1, and skip is a fraction below 1.");
    return s;
}

// The learning rate of every step of one run, from the rows that log one.
std::shared_ptr<const data::Curve> curve(const std::vector<std::size_t>& rows, const Column& step, const Column& rate,
                                         const Settings& settings, const std::string& run)
{
    std::vector<std::pair<double, double>> knots;
    double last = 0;
    for (const std::size_t row : rows) {
        if (!std::isfinite(step[row]) || step[row] < 0)
            continue;
        last = std::max(last, step[row]);
        if (std::isfinite(rate[row]))
            knots.emplace_back(step[row], rate[row]);
    }
    std::ranges::stable_sort(knots, {}, [](const auto& knot) { return knot.first; });
    if (knots.empty())
        throw Error("Run '" + run + "' has no learning rate: this law needs a column lr (or --map lr=COLUMN).");
    if (last > 1e8)
        throw Error("Run '" + run + "' has step " + text::number(last) + ": more than 1e8 steps cannot be summed; is "
                    "the step column a token count?");
    std::vector<double> rates(std::size_t(last) + 1);
    const auto [first, start] = knots.front();
    // Steps before the first logged one: the warm-up that was not logged.
    const double warmup = settings.warmup.empty() ? first : settings.warmup == "none" || settings.warmup == "peak" ? 0
                                                                                    : data::parseNumber(settings.warmup);
    // Between records the rate is a straight line, but where it was flat before and is flat after, it jumped: at the
    // roundest step after the record before, since schedules are written in round numbers.
    const auto jump = [&](std::size_t k) {
        if (k + 2 >= knots.size() || knots[k].second == knots[k + 1].second
            || knots[k - 1].second != knots[k].second || knots[k + 1].second != knots[k + 2].second)
            return nan;
        const double from = knots[k].first, to = knots[k + 1].first;
        for (double unit = 1e8; unit >= 1; unit /= 10)
            if (const double step = std::floor(to / unit) * unit; step > from)
                return step;
        return nan;
    };
    std::size_t at = 0;
    double jumps = nan;
    for (std::size_t s = 0; s < rates.size(); ++s) {
        const double t = double(s);
        if (t < first) {
            rates[s] = settings.warmup == "none" ? 0 : warmup > 0 && t < warmup ? start * t / warmup : start;
            continue;
        }
        while (at + 1 < knots.size() && knots[at + 1].first <= t)
            jumps = jump(++at);
        const auto& [t0, r0] = knots[at];
        rates[s] = at + 1 == knots.size() ? r0
            : !std::isnan(jumps)          ? (t < jumps ? r0 : knots[at + 1].second)
                                          : r0 + (knots[at + 1].second - r0) * (t - t0) / (knots[at + 1].first - t0);
    }
    if (settings.warmup == "peak") {
        const auto peak = std::ranges::max_element(rates);
        std::fill(rates.begin(), peak, *peak);
    }
    return std::make_shared<data::Curve>(std::move(rates));
}

// What is left of a run after its first fraction is skipped (rounded up to whole rows).
std::vector<std::size_t> afterSkip(std::vector<std::size_t> rows, const Settings& settings)
{
    rows.erase(rows.begin(), rows.begin() + std::ptrdiff_t(std::ceil(settings.skip * double(rows.size()))));
    return rows;
}

// Counters such as tokens and FLOPs are often logged at other steps than the loss: between two records of one run they
// are what a straight line over the steps says.
void interpolate(Column& values, const Column& step, const std::vector<std::size_t>& rows)
{
    std::size_t last = rows.size();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!std::isfinite(values[rows[i]]))
            continue;
        for (std::size_t k = last + 1; last < rows.size() && k < i; ++k) {
            const double x0 = step[rows[last]], x1 = step[rows[i]], y0 = values[rows[last]], y1 = values[rows[i]];
            values[rows[k]] = y0 + (y1 - y0) * (step[rows[k]] - x0) / (x1 - x0);
        }
        last = i;
    }
}

// Rows whose loss cannot be converted, each with the reason; of a run's many the first.
void leaveOutUnknown(Problem& problem, const std::vector<Losses>& converted, const data::Table& table, const std::vector<bool>& wanted)
{
    std::set<std::int32_t> told;
    for (const Losses& losses : converted)
        for (std::size_t row = 0; row < losses.unknown.size(); ++row)
            if (losses.unknown[row] && wanted[row] && (!table.curve[std::size_t(table.group[row])] || told.insert(table.group[row]).second))
                problem.excluded.push_back({std::int64_t(row), "its loss cannot be converted to " + losses.unit
                                                                   + ": its bytes per token are not known; log them as bytes_per_token or enter them for the run"});
}

void warnOfTokenizers(Problem& problem, const Losses& output, const Column& values, const data::Table& table,
                      const std::function<bool(std::size_t)>& fitted)
{
    std::set<std::int32_t> seen;
    for (std::size_t row = 0; row < table.rows && !output.tokenizer.empty(); ++row)
        if (output.tokenizer[row] >= 0 && std::isfinite(values[row]) && fitted(row))
            seen.insert(output.tokenizer[row]);
    if (seen.size() < 2 || output.unit == data::name(data::LossUnit::BitsPerByte))
        return;
    std::vector<std::string> names;
    for (const std::int32_t tokenizer : seen)
        if (names.size() < 3)
            names.push_back(output.tokenizers[std::size_t(tokenizer)]);
    problem.warnings.push_back({"mixed-tokenizers", "The fitted points come from " + std::to_string(seen.size()) + " tokenizers ("
        + text::join(names, ", ") + (seen.size() > 3 ? ", ..." : "") + "): losses per token are not comparable between them. Fit "
        "bits per byte (unit=bits/byte), or each tokenizer on its own."});
}

double mean(const Column& values, std::span<const std::size_t> rows)
{
    double sum = 0;
    std::size_t n = 0;
    for (const std::size_t row : rows)
        if (std::isfinite(values[row]))
            sum += values[row], ++n;
    return n ? sum / double(n) : nan;
}

}

Problem makeProblem(const Spec& spec, const data::Table& table, std::vector<Source> sources)
{
    const law::Law& law = law::get(spec.law);
    const Settings settings = fit::settings(spec.set);
    Problem problem{.spec = spec, .law = &law, .sources = std::move(sources)};
    for (const auto* names : {&spec.fixed, &spec.start})
        for (const auto& [name, value] : *names)
            if (law.index(name) < 0)
                throw UsageError("The law " + spec.law + " has no parameter '" + name + "'.");
    for (const auto& [name, value] : spec.freed)
        if (law.index(name) < 0)
            throw UsageError("The law " + spec.law + " has no parameter '" + name + "'.");

    std::vector<Column> columns;
    std::vector<Losses> converted;
    for (const law::Quantity& quantity : quantities(law)) {
        const std::string id(quantity.id), name = columnOf(spec, quantity, table);
        if (name.empty())
            throw UsageError("The law " + spec.law + " needs " + id + " (" + std::string(quantity.name)
                             + "), and no column of the data is named like it; say --map " + id + "=COLUMN. Columns: "
                             + text::join(numericNames(table), ", ") + ".");
        problem.inputs[id] = name;
        converted.push_back(losses(quantity, name, columnValues(name, table), table, settings.unit));
        columns.push_back(std::move(converted.back().values));
        if (const std::string& unit = converted.back().unit; !unit.empty() && unit != quantity.unit)
            problem.units[id] = unit;
    }
    if (!settings.unit.empty() && std::ranges::all_of(converted, [](const Losses& l) { return l.unit.empty(); }))
        throw UsageError("unit=" + settings.unit + " converts losses, and the law " + spec.law + " has none of a known unit.");
    for (const auto& [id, name] : spec.map)
        if (!problem.inputs.contains(id))
            throw UsageError("The law " + spec.law + " has no input or output '" + id + "'.");

    const std::size_t m = law.inputs.size();
    const Column& output = columns[m];
    const std::vector<bool> wanted = spec.where.empty() ? std::vector<bool>(table.rows, true)
                                                        : data::Expression(spec.where).select(table);
    const std::vector<bool> held = spec.holdout.empty() ? std::vector<bool>(table.rows, false)
                                                        : data::Expression(spec.holdout).select(table);
    const Objective kind = spec.objective.value_or(law.objective);
    const std::optional<double> shift = logShift(kind);

    // Why a row cannot be used; empty where it can.
    const auto fault = [&](const std::vector<double>& x, double y) -> std::string {
        if (!std::isfinite(y))
            return std::string(law.output.id) + " is " + (std::isnan(y) ? "missing or NaN" : "infinite");
        if (shift && y + *shift <= 0)
            return std::string(law.output.id) + (*shift > 0 ? " is not above -1, and the logarithm of 1 + it is fitted"
                                                            : " is not positive, and its logarithm is fitted");
        for (std::size_t i = 0; i < m; ++i) {
            if (!std::isfinite(x[i]))
                return std::string(law.inputs[i].id) + " is missing or not finite";
            if (law.inputs[i].scale == law::Scale::Log && x[i] <= 0)
                return std::string(law.inputs[i].id) + " is not positive";
        }
        if (x[0] < settings.region.first || x[0] > settings.region.second)
            return std::string(law.inputs[0].id) + " lies outside the region " + spec.set.at("region");
        return {};
    };
    const bool weighted = !settings.weight.empty() && settings.weight != "run" && settings.weight != "n";
    const Column weights = weighted ? columnValues(settings.weight, table) : Column();
    const auto push = [&](Problem::Data& into, const std::vector<double>& x, double y, double weight = 1) {
        if (weighted)
            into.weight.push_back(weight);
        into.x.insert(into.x.end(), x.begin(), x.end());
        for (const double v : x)
            into.logX.push_back(v > 0 ? std::log(v) : nan);
        into.y.push_back(y);
    };

    leaveOutUnknown(problem, converted, table, wanted);
    warnOfTokenizers(problem, converted[m], output, table, [&](std::size_t row) { return wanted[row] && !held[row]; });

    std::vector<std::vector<std::size_t>> members(table.groups.size());
    for (std::size_t row = 0; row < table.rows; ++row)
        members[std::size_t(table.group[row])].push_back(row);
    const data::Table::Numbers* steps = table.number("step");
    for (std::size_t g = 0; g < members.size() && steps && !law.curves; ++g)
        for (std::size_t i = 0; i < m && table.curve[g]; ++i)
            if (law.inputs[i].scale == law::Scale::Log)
                interpolate(columns[i], steps->values, members[g]);
    bool grouped = law.curves;
    for (std::size_t g = 0; g < members.size(); ++g) {
        const bool run = table.curve[g];
        if (law.curves && !run)
            throw Error("The law " + spec.law + " is fitted to curves: the data need a step column.");
        for (const bool predict : {false, true}) {
            std::vector<std::size_t> rows;
            for (const std::size_t row : members[g])
                if ((predict ? held[row] : wanted[row] && !held[row]))
                    rows.push_back(row);
            // A run's rows that only log the schedule, or another quantity, are not points and not worth a word.
            if (run)
                std::erase_if(rows, [&](std::size_t row) { return !law.curves && std::isnan(output[row]); });
            std::erase_if(rows, [&](std::size_t row) {
                return std::ranges::any_of(converted, [&](const Losses& l) { return !l.unknown.empty() && l.unknown[row]; });
            });
            if (law.curves)
                std::erase_if(rows, [&](std::size_t row) { return std::isnan(output[row]); });
            if (rows.empty())
                continue;
            Problem::Data& into = predict ? problem.held : problem.train;
            const std::size_t begin = into.y.size();
            const auto take = [&](std::span<const std::size_t> window, std::size_t row) {
                std::vector<double> x(m);
                for (std::size_t i = 0; i < m; ++i)
                    x[i] = settings.smooth > 1 && !law.curves ? mean(columns[i], window) : columns[i][row];
                const double y = mean(output, window);
                const double weight = weighted ? mean(weights, window) : 1;
                if (const std::string why = weight > 0 && std::isfinite(weight) ? fault(x, y) : "its weight is not a positive number"; why.empty())
                    push(into, x, y, weight);
                else
                    problem.excluded.push_back({std::int64_t(row), why});
            };
            if (run && !law.curves && !settings.all) {
                const std::size_t k = std::min(rows.size(), std::size_t(settings.last));
                std::vector<double> x(m);
                const std::span tail = std::span(rows).last(k);
                for (std::size_t i = 0; i < m; ++i) {
                    // Sizes and token counts at the end of the run; a loss is averaged like the output.
                    const bool averaged = law.inputs[i].scale == law::Scale::Linear;
                    x[i] = averaged ? mean(columns[i], tail) : nan;
                    for (auto row = members[g].rbegin(); !averaged && row != members[g].rend() && std::isnan(x[i]); ++row)
                        if (*row <= rows.back())
                            x[i] = columns[i][*row];
                }
                const double y = mean(output, tail), weight = weighted ? mean(weights, tail) : 1;
                if (const std::string why = weight > 0 && std::isfinite(weight) ? fault(x, y) : "its weight is not a positive number"; why.empty())
                    push(into, x, y, weight);
                else
                    problem.excluded.push_back({std::int64_t(rows.back()), why});
            } else {
                rows = run ? afterSkip(std::move(rows), settings) : rows;
                for (std::size_t i = 0; i < rows.size(); ++i) {
                    const std::size_t window = run ? std::min<std::size_t>(std::size_t(settings.smooth), i + 1) : 1;
                    take(std::span(rows).subspan(i + 1 - window, window), rows[i]);
                }
                grouped |= run;
            }
            if (into.y.size() == begin)
                continue;
            if (grouped || into.groups.empty()) {
                into.groups.push_back({begin, into.y.size(), nullptr});
                into.names.push_back(grouped ? table.groups[g] : "");
                if (law.curves)
                    into.groups.back().curve = curve(members[g], columns[0], columns[m + 1], settings, table.groups[g]);
            } else {
                into.groups.back().end = into.y.size();
            }
        }
    }
    if (settings.anchor && !problem.train.y.empty() && m == 1) {
        push(problem.train, {settings.anchor->first}, settings.anchor->second);
        problem.train.groups.push_back({problem.train.y.size() - 1, problem.train.y.size(), nullptr});
        problem.train.names.emplace_back("anchor");
    }
    problem.byRun = problem.train.groups.size() > 1;
    problem.precision = weighted;
    Problem::Data& train = problem.train;
    if (const auto n = double(train.y.size()); settings.weight == "n")
        train.weight.assign(train.y.size(), 1 / n);
    else if (settings.weight == "run")
        for (const auto& group : train.groups)
            train.weight.resize(group.end, n / (double(train.groups.size()) * double(group.end - group.begin)));
    if (problem.train.y.empty())
        throw Error(problem.excluded.empty() ? "No row is left to fit" + std::string(spec.where.empty() ? "." : ": no row meets '" + spec.where + "'.")
                                             : "No row is left to fit: all " + std::to_string(problem.excluded.size())
                                                   + " were excluded, the first because " + problem.excluded.front().why + ".");
    return problem;
}

std::string key(const Problem& problem)
{
    std::string bytes = nlohmann::json(problem.spec).dump();
    const auto append = [&](const std::vector<double>& v) {
        bytes.append(reinterpret_cast<const char*>(v.data()), v.size() * sizeof(double));
    };
    for (const Problem::Data* data : {&problem.train, &problem.held}) {
        append(data->x);
        append(data->y);
        append(data->weight);
        for (const auto& group : data->groups) {
            bytes += std::to_string(group.begin) + ":" + std::to_string(group.end) + ";";
            if (group.curve)
                append(group.curve->rate());
        }
    }
    for (const auto& [id, unit] : problem.units)
        bytes += id + "=" + unit + ";";
    for (const Warning& warning : problem.warnings)
        bytes += warning.message;
    return store::sha256(bytes);
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/model/runfacts.h"

#include "app/chart/axis.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

RunFacts::Cell numberCell(double value)
{
    return {.text = chart::number(value), .number = value, .isNumber = true};
}

RunFacts::Cell wordCell(QString text)
{
    return {.text = std::move(text), .number = nan, .isNumber = false};
}

RunFacts::Cell cellOf(const data::Value& value)
{
    if (const auto* number = std::get_if<double>(&value))
        return numberCell(*number);
    return wordCell(QString::fromStdString(std::get<std::string>(value)));
}

// A run that ends in values that are not finite has diverged, where the first of that last stretch was logged; single
// ones in between are counted.
void judge(RunFacts& facts, const data::Series& loss)
{
    const std::vector<double>& y = *loss.value;
    const auto finite = [](double v) { return std::isfinite(v); };
    facts.last = numberCell(y.back());
    double least = std::numeric_limits<double>::infinity();
    std::ptrdiff_t bad = 0;
    for (const double v : y) {
        least = finite(v) ? std::min(least, v) : least;
        bad += !finite(v);
    }
    facts.least = std::isfinite(least) ? numberCell(least) : wordCell(QStringLiteral("–"));
    if (!finite(y.back())) {
        const auto from = std::size_t(std::find_if(y.rbegin(), y.rend(), finite).base() - y.begin());
        facts.diverged = true;
        facts.status = loss.step && from < loss.step->size()
                           ? QStringLiteral("diverged at %1").arg(chart::number((*loss.step)[from]))
                           : QStringLiteral("diverged");
    } else if (bad > 0) {
        facts.status = QStringLiteral("%1 NaN").arg(bad);
    }
}

}

const data::Series* seriesOf(const data::Run& run, const law::Quantity& quantity)
{
    std::string_view aliases = quantity.aliases;
    while (!aliases.empty()) {
        const auto space = aliases.find(' ');
        const std::string_view name = aliases.substr(0, space);
        for (const data::Series& series : run.series) {
            std::string lower = series.name;
            std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return char(std::tolower(c)); });
            if (lower == name || (lower.size() > name.size() && lower.ends_with(name) &&
                                  lower[lower.size() - name.size() - 1] == '/'))
                return &series;
        }
        aliases = space == std::string_view::npos ? std::string_view{} : aliases.substr(space + 1);
    }
    return nullptr;
}

std::shared_ptr<const RunFacts> factsOf(const data::Run& run)
{
    auto facts = std::make_shared<RunFacts>();
    facts->config = run.config;
    for (const auto& [key, value] : run.config)
        facts->cells.emplace(key, cellOf(value));
    facts->last = facts->least = facts->steps = wordCell(QStringLiteral("–"));
    if (run.kind == data::Kind::Table) {
        std::size_t rows = 0;
        for (const data::Series& series : run.series)
            if (series.step && !series.step->empty())
                rows = std::max(rows, std::size_t(series.step->back()) + 1);
        for (const data::TextColumn& column : run.text)
            rows = std::max(rows, column.code.size());
        facts->steps = {.text = rows == 1 ? QStringLiteral("1 row") : QStringLiteral("%1 rows").arg(rows),
                        .number = double(rows), .isNumber = true};
        return facts;
    }
    double last = -std::numeric_limits<double>::infinity();
    for (const data::Series& series : run.series)
        if (series.step && !series.step->empty())
            last = std::max(last, series.step->back());
    if (std::isfinite(last))
        facts->steps = numberCell(last);
    if (const data::Series* loss = seriesOf(run, law::quantity::L); loss && loss->value && !loss->value->empty())
        judge(*facts, *loss);
    return facts;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/run.h"
#include "core/store/project.h"

#include <bit>
#include <random>

// Runs to store: shapes as readers make them, values from a seed.
namespace sample {

inline data::Column column(std::vector<double> values) { return std::make_shared<const std::vector<double>>(std::move(values)); }

inline data::Run log(std::string name, std::size_t n, std::uint64_t seed, int metrics = 2)
{
    std::mt19937_64 random(seed);
    std::normal_distribution<double> noise(0, 0.02);
    std::vector<double> step(n), wall(n);
    for (std::size_t i = 0; i < n; ++i)
        step[i] = double(10 * i), wall[i] = 1.7e9 + 0.3 * double(i) + noise(random) * 0.1;
    data::Run run{.name = std::move(name), .format = "jsonl", .source = "logs/" + std::to_string(seed) + ".jsonl",
                  .kind = data::Kind::Log, .config = {{"lr", 3e-4}, {"schedule", std::string("wsd")}, {"seed", double(seed)}},
                  .series = {}, .text = {}};
    const data::Column steps = column(step), walls = column(wall);
    for (int m = 0; m < metrics; ++m) {
        std::vector<double> value(n);
        for (std::size_t i = 0; i < n; ++i)
            value[i] = double(float(1.8 + 9 * std::pow(double(i + 1), -0.3) + noise(random)));
        run.series.push_back({"metric" + std::to_string(m), steps, column(value), walls});
    }
    return run;
}

// Every oddity a run can have: bit patterns of doubles, empty and absent columns, words, text that is not UTF-8.
inline data::Run odd()
{
    const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
    const double payload = std::bit_cast<double>(0xfff8000000001234ull);
    data::Run run{.name = "a\nodd \"name\" \xff\xfe" + std::string("\0x", 2), .format = "csv", .source = "d\xc3\xa9j\xc3\xa0/vu.csv",
                  .kind = data::Kind::Table,
                  .config = {{"nan", nan}, {"payload", payload}, {"inf", inf}, {"minus", -inf}, {"zero", -0.0},
                             {"tiny", 5e-324}, {"word", std::string("NaN")}, {"bad\xff", std::string("\x80")}, {"", std::string()}},
                  .series = {}, .text = {}};
    const data::Column values = column({nan, payload, inf, -inf, -0.0, 0.0, 5e-324, 1.7976931348623157e308, 0.1, -1e300});
    run.series.push_back({"value", values, values, nullptr});
    run.series.push_back({"", column({}), column({}), column({})});
    run.series.push_back({"absent", nullptr, column({1}), nullptr});
    run.series.push_back({"value", column({3, 2, 1}), column({-0.0, 0.0, -0.0}), column({1, 1, 1})});
    run.text.push_back({"word", {0, 1, -1, 1}, {"wsd", "\xff"}});
    run.text.push_back({"none", {}, {}});
    return run;
}

inline bool sameBits(const data::Column& a, const data::Column& b)
{
    if (!a || !b)
        return !a && !b;
    return std::ranges::equal(*a, *b, {}, std::bit_cast<std::uint64_t, double>, std::bit_cast<std::uint64_t, double>);
}

inline bool sameValue(const data::Value& a, const data::Value& b)
{
    if (a.index() != b.index() || a.index() == 1)
        return a == b;
    return std::bit_cast<std::uint64_t>(std::get<double>(a)) == std::bit_cast<std::uint64_t>(std::get<double>(b));
}

// To the bit, NaN included.
inline bool same(const data::Run& a, const data::Run& b)
{
    return a.name == b.name && a.format == b.format && a.source == b.source && a.kind == b.kind
        && std::ranges::equal(a.config, b.config, [](const auto& x, const auto& y) { return x.first == y.first && sameValue(x.second, y.second); })
        && std::ranges::equal(a.series, b.series, [](const data::Series& x, const data::Series& y) {
               return x.name == y.name && sameBits(x.step, y.step) && sameBits(x.value, y.value) && sameBits(x.wall, y.wall);
           })
        && std::ranges::equal(a.text, b.text, [](const data::TextColumn& x, const data::TextColumn& y) {
               return x.name == y.name && x.code == y.code && x.levels == y.levels;
           });
}

inline Workspace filtered(Workspace workspace, std::string filter)
{
    workspace.filter = std::move(filter);
    return workspace;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"

namespace law {

// What differs between the laws of one, two and three breaks.
template <std::size_t breaks>
struct Breaks;

// A power law whose slope changes smoothly at each break.
template <std::size_t breaks>
struct BrokenPower {
    static constexpr std::size_t n = 3 + 3 * breaks;
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();
    static constexpr Info info{
        .id = Breaks<breaks>::id,
        .name = Breaks<breaks>::name,
        .family = Family::Scaling,
        .formula = Breaks<breaks>::formula,
        .latex = R"(y = a + b\,x^{-c_0} \prod_i \left(1 + (x/d_i)^{1/f_i}\right)^{-c_i f_i})",
        .cite = "Caballero et al. 2023, arXiv:2210.14891, equation 1",
        .help = "Any measure of performance against one quantity, where it falls fast all at once, levels off, or "
                "rises before it falls. The slope in logarithms is -c_0 before the first break and steeper by c_i "
                "beyond break i, which lies at d_i; f_i is how gradual it is. Every break needs points on both sides "
                "and in the bend: one beyond the data is invented, not found. Compare numbers of breaks by AICc or by "
                "held-out points, for each more fits better. What lies beyond the next, unseen break cannot be "
                "foreseen.",
    };
    static constexpr Quantity input{"x", "x", "", Scale::Log,
        "flops flop compute tokens params parameters n_params samples dataset_size step"};
    static constexpr std::array inputs{input};
    static constexpr Quantity output{"y", "performance", "", Scale::Linear,
        "test_ce test_error val_error error err val_loss validation_loss eval_loss test_loss loss train_loss y"};
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::Log1pLs;

    static constexpr std::array<Param, n> params = [] {
        constexpr std::array<std::string_view, 3> c{"c1", "c2", "c3"}, d{"d1", "d2", "d3"}, f{"f1", "f2", "f3"},
            cSymbol{"c_1", "c_2", "c_3"}, dSymbol{"d_1", "d_2", "d_3"}, fSymbol{"f_1", "f_2", "f_3"};
        std::array<Param, n> all{};
        all[0] = {.id = "a", .symbol = "a", .meaning = "limit of endless x", .lower = 0, .upper = 1e6, .published = none,
                  .linear = true};
        all[1] = {.id = "b", .symbol = "b", .meaning = "coefficient", .lower = 1e-9, .upper = 1e30, .published = none,
                  .scale = Scale::Log, .linear = true};
        all[2] = {.id = "c0", .symbol = "c_0", .meaning = "exponent before the first break", .lower = -5, .upper = 10,
                  .published = none, .starts = breaks == 1 ? Grid{.05, .4, 1} : Grid{.05, .4}};
        for (std::size_t i = 0; i < breaks; ++i) {
            Grid bends = breaks == 1 ? Grid{-.4, .4, 1.5, 5} : breaks == 2 ? Grid{-.4, .4, 3} : Grid{-.3, .6};
            std::array<Grid, 3> one{Grid{{.1, .3, .5, .7, .9}, Grid::Of::LogInput}},
                two{Grid{{.15, .4, .65}, Grid::Of::LogInput}, Grid{{.6, .85}, Grid::Of::LogInput}},
                three{Grid{{.15, .3}, Grid::Of::LogInput}, Grid{{.5}, Grid::Of::LogInput},
                      Grid{{.7, .85}, Grid::Of::LogInput}};
            all[3 + 3 * i] = {.id = c[i], .symbol = cSymbol[i], .meaning = "change of the exponent at the break", .lower = -10,
                              .upper = 20, .published = none, .starts = bends};
            all[4 + 3 * i] = {.id = d[i], .symbol = dSymbol[i], .meaning = "where the break is", .lower = 1e-12, .upper = 1e40,
                              .published = none, .scale = Scale::Log,
                              .starts = (breaks == 1 ? one : breaks == 2 ? two : three)[i]};
            all[5 + 3 * i] = {.id = f[i], .symbol = fSymbol[i], .meaning = "width of the break", .lower = .005, .upper = 5,
                              .published = none, .scale = Scale::Log, .starts = breaks == 1 ? Grid{.06, .4} : Grid{.2}};
        }
        return all;
    }();
    static constexpr std::array presets = Breaks<breaks>::presets;

    // Breaks from the first to the last.
    static void order(std::span<double> p)
    {
        std::array<std::array<double, 3>, breaks> each;
        for (std::size_t i = 0; i < breaks; ++i)
            std::copy_n(&p[3 + 3 * i], 3, each[i].begin());
        std::ranges::sort(each, {}, [](const auto& one) { return one[1]; });
        for (std::size_t i = 0; i < breaks; ++i)
            std::ranges::copy(each[i], &p[3 + 3 * i]);
    }

    template <class T>
    static T eval(const std::array<T, n>& p, const Row& row)
    {
        using std::exp, std::log;
        T power = -p[2] * row[0].log;
        for (std::size_t i = 3; i < n; i += 3) {
            const T beyond = (row[0].log - log(p[i + 1])) / p[i + 2];
            power -= p[i] * p[i + 2] * softplus(beyond);
        }
        return p[0] + p[1] * exp(power);
    }
};

template <>
struct Breaks<1> {
    static constexpr std::string_view id = "broken_power", name = "Broken power law",
        formula = "y = a + b x^-c0 (1 + (x / d1)^(1/f1))^(-c1 f1)";
    static constexpr std::array addition{.413884, 2.277273, .0550773, 5.662896, 612.5836, .0591930};
    static constexpr std::array presets{
        Preset{"addition", "Caballero et al. 2023, four-digit addition: x = training examples, y = test cross-entropy",
               addition}};
};

template <>
struct Breaks<2> {
    static constexpr std::string_view id = "broken_power_2", name = "Broken power law, two breaks",
        formula = "y = a + b x^-c0 (1 + (x / d1)^(1/f1))^(-c1 f1) (1 + (x / d2)^(1/f2))^(-c2 f2)";
    static constexpr std::array<Preset, 0> presets{};
};

template <>
struct Breaks<3> {
    static constexpr std::string_view id = "broken_power_3", name = "Broken power law, three breaks",
        formula = "y = a + b x^-c0 (1 + (x / d1)^(1/f1))^(-c1 f1) (1 + (x / d2)^(1/f2))^(-c2 f2) "
                  "(1 + (x / d3)^(1/f3))^(-c3 f3)";
    static constexpr std::array<Preset, 0> presets{};
};

}

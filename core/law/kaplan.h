// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"

namespace law {

// (critical / x)^alpha, the form in which Kaplan et al. write every one of their terms.
template <class T>
T criticalPower(const T& critical, Logged x, const T& alpha)
{
    using std::exp, std::log;
    return exp(T(alpha * (log(critical) - x.log)));
}

// The x at which (critical / x)^alpha has come down to a reducible loss; NaN where the target is not above the floor.
inline double criticalReach(double critical, double alpha, double reducible)
{
    return reducible > 0 ? critical * std::pow(reducible, -1 / alpha) : std::numeric_limits<double>::quiet_NaN();
}

// What the laws of Kaplan et al. 2020 have in common.
struct Kaplan {
    static constexpr Quantity output = quantity::L;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::LogLs;
    static constexpr std::string_view cite = "Kaplan et al. 2020, arXiv:2001.08361, equations 1.1 to 1.6";
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();

    static constexpr Param critical(std::string_view id, std::string_view meaning, double published, Grid starts,
                                    std::string_view symbol = {})
    {
        return {.id = id, .symbol = symbol.empty() ? id : symbol, .meaning = meaning, .lower = 1,
                .upper = 1e90, .published = published, .scale = Scale::Log, .starts = starts};
    }
    static constexpr Param exponent(std::string_view id, std::string_view symbol, std::string_view meaning,
                                    double published, Grid starts = {.05, .1, .3})
    {
        return {.id = id, .symbol = symbol, .meaning = meaning, .lower = .005, .upper = 1.5, .published = published,
                .starts = starts};
    }
};

// One power of one quantity.
struct KaplanPower : Kaplan {
    static constexpr Param floor{.id = "E", .symbol = "E", .meaning = "irreducible loss", .lower = 0, .upper = 100,
                                 .published = none, .linear = true, .fixed = 0};
    static constexpr std::array atLoss{Argument{"L", "loss to reach", "nats/token"}};

    template <class T>
    static T eval(const std::array<T, 3>& p, const Row& row)
    {
        const auto& [critical, alpha, E] = p;
        return E + criticalPower(critical, row[0], alpha);
    }
    static double reach(std::span<const double> p, std::span<const double> at)
    {
        return criticalReach(p[0], p[1], at[0] - p[2]);
    }
};

struct KaplanN : KaplanPower {
    static constexpr Info info{
        .id = "kaplan_n",
        .name = "Kaplan, size",
        .family = Family::Scaling,
        .formula = "L = (N_c / N)^alpha_N + E",
        .latex = R"(L = \left(\frac{N_c}{N}\right)^{\alpha_N} + E)",
        .cite = cite,
        .help = "Loss of models trained to convergence on enough data, by their size without embeddings. The data "
                "must be converged runs of several sizes; which parameters are counted changes the exponent. E is "
                "fixed at 0, as published, unless freed: without a floor the law promises any loss to a large enough "
                "model, so do not use it far above the fitted sizes. N_c is where the fitted line would reach a loss "
                "of 1 and moves with the exponent: read predictions, not N_c.",
    };
    static constexpr std::array inputs{quantity::N};
    static constexpr std::array params{
        critical("N_c", "critical size", 8.8e13, {1e7, 1e10, 1e13, 1e16, 1e20}),
        exponent("alpha_N", R"(\alpha_N)", "size exponent", .076), floor};
    static constexpr std::array kaplan{8.8e13, .076, 0.};
    static constexpr std::array presets{Preset{"kaplan", "Kaplan et al. 2020, WebText2, non-embedding parameters", kaplan}};
    static constexpr std::array answers{
        Answer{"parameters_for_loss", "parameters that reach a loss", "", Scale::Log, atLoss, &reach}};
};

struct KaplanD : KaplanPower {
    static constexpr Info info{
        .id = "kaplan_d",
        .name = "Kaplan, data",
        .family = Family::Scaling,
        .formula = "L = (D_c / D)^alpha_D + E",
        .latex = R"(L = \left(\frac{D_c}{D}\right)^{\alpha_D} + E)",
        .cite = cite,
        .help = "Loss of a large model stopped early, by the tokens it had to learn from. The data must be runs of "
                "one model, large enough for size not to matter, on data sets of several sizes. E is fixed at 0 "
                "unless freed. D_c and its exponent move together: read predictions, not D_c, and none far outside "
                "the fitted range.",
    };
    static constexpr std::array inputs{quantity::D};
    static constexpr std::array params{
        critical("D_c", "critical number of tokens", 5.4e13, {1e7, 1e10, 1e13, 1e16, 1e20}),
        exponent("alpha_D", R"(\alpha_D)", "data exponent", .095), floor};
    static constexpr std::array kaplan{5.4e13, .095, 0.};
    static constexpr std::array presets{Preset{"kaplan", "Kaplan et al. 2020, WebText2 tokens", kaplan}};
    static constexpr std::array answers{
        Answer{"tokens_for_loss", "tokens that reach a loss", "tokens", Scale::Log, atLoss, &reach}};
};

struct KaplanC : KaplanPower {
    static constexpr Info info{
        .id = "kaplan_c",
        .name = "Kaplan, compute",
        .family = Family::Scaling,
        .formula = "L = (C_c / C)^alpha_C + E",
        .latex = R"(L = \left(\frac{C_c}{C}\right)^{\alpha_C} + E)",
        .cite = cite,
        .help = "Loss of the best model of each compute budget, trained at batch sizes far below the critical one. C "
                "is in FLOPs; the paper counts PF-days, of which one is 8.64e19 FLOPs. The data must be the lower "
                "envelope of many runs, not every run. E is fixed at 0 unless freed. The exponent that the size and "
                "step laws imply does not give the paper's own optimal sizes: do not derive one from the other.",
    };
    static constexpr std::array inputs{quantity::C};
    static constexpr std::array params{
        critical("C_c", "critical compute", 2.6784e28, {1e20, 1e24, 1e28, 1e33, 1e40}),
        exponent("alpha_C", R"(\alpha_C)", "compute exponent", .05), floor};
    static constexpr std::array kaplan{2.6784e28, .05, 0.};
    static constexpr std::array presets{Preset{"kaplan", "Kaplan et al. 2020, 3.1e8 PF-days in FLOPs", kaplan}};
    static constexpr std::array answers{
        Answer{"compute_for_loss", "compute that reaches a loss", "FLOPs", Scale::Log, atLoss, &reach}};
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"
#include "core/law/minimum.h"
#include "core/law/perceptron.h"

namespace law {

// Error after training on the hardest share of the data, as told by an imperfect probe: the theory of the perceptron.
struct DataPruning {
    static constexpr Info info{
        .id = "data_pruning",
        .name = "Data pruning (perceptron theory)",
        .family = Family::Data,
        .formula = "error = arccos(R) / pi;  R solves the saddle point of a max-margin perceptron at alpha_tot, f and theta",
        .latex = R"(\epsilon = \frac{1}{\pi} \arccos R(\alpha_{tot}, f, \theta))",
        .cite = "Sorscher et al. 2022, arXiv:2206.14486, appendix",
        .help = "Error of a linear classifier trained with the largest margin on the share f of alpha_tot examples per "
                "parameter, those a probe finds hardest. theta is the angle in degrees between probe and truth: 0 is a perfect "
                "measure of difficulty, 90 prunes at random with respect to the truth. At a fixed number of kept examples a "
                "good probe makes the error fall faster than any power; at theta above 0 there is a share below which pruning "
                "hurts, which the answer best_fraction gives. It is the theory of a perceptron on Gaussian data: use it for the "
                "shape of the trade-off, and do not expect it to predict a deep network's error. theta is told by runs with small f.",
    };
    static constexpr Quantity examples{"alpha_tot", "examples per parameter before pruning", "", Scale::Log, "alpha_total examples_per_parameter"};
    static constexpr Quantity kept{"f", "share kept", "", Scale::Linear, "fraction_kept keep_fraction kept fraction"};
    static constexpr std::array inputs{examples, kept};
    static constexpr Quantity output{"error", "error", "", Scale::Log, "error err test_error"};
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::LogLs;
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();
    static constexpr std::array params{
        Param{.id = "theta", .symbol = R"(\theta)", .meaning = "angle between probe and truth (degrees)", .lower = 0,
              .upper = 90, .published = none, .starts = {5, 25, 60}},
    };
    static constexpr std::array perfect{0.0};
    static constexpr std::array presets{Preset{"perfect_probe", "Sorscher et al. 2022: a probe that is the teacher", perfect}};

    static constexpr double degree = 0.017453292519943295;

    template <class T>
    static T eval(const std::array<T, 1>& p, const Row& row)
    {
        const perceptron::Student s = perceptron::student(row[0], row[1], valueOf(p[0]) * degree);
        return withSlope(p[0], s.error, s.slope * degree);
    }

    // The share of a pool without end that leaves the least error at `alpha` kept examples per parameter.
    static double bestFraction(double theta, double alpha)
    {
        return std::exp(minimum([&](double logF) {
            const double f = std::exp(logF);
            return perceptron::epsilon(alpha / f, f, theta * degree);
        }, std::log(.02), 0, 40));
    }

    static constexpr std::array budget{Argument{"alpha", "kept examples per parameter", ""}};
    static constexpr std::array answers{
        Answer{"best_fraction", "share to keep at a number of kept examples", "", Scale::Linear, budget,
               [](std::span<const double> p, std::span<const double> at) { return bestFraction(p[0], at[0]); }},
        Answer{"best_error", "error at the best share", "", Scale::Log, budget,
               [](std::span<const double> p, std::span<const double> at) {
                   const double f = bestFraction(p[0], at[0]);
                   return perceptron::epsilon(at[0] / f, f, p[0] * degree);
               }},
    };
};

}

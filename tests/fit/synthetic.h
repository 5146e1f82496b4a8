// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/table.h"
#include "core/fit/problem.h"
#include "core/fit/random.h"

#include <cmath>
#include <functional>

// Known truth, designs and noise for every law of the catalogue.
namespace synthetic {

struct Truth {
    std::vector<double> params;     // in the law's order
    double noise;                   // standard deviation: relative where logs are fitted, else absolute
};

inline std::map<std::string, Truth> truths()
{
    return {
        {"power_law", {{1.8, 40, .3}, .005}},
        {"chinchilla", {{1.7, 400, 410, .34, .29}, .005}},
        {"annealing_momentum", {{2.6, .45, .4, .5, .999}, .003}},
        {"loss_to_score", {{.25, .95, 6, .8}, .01}},
    };
}

// Rows of a design that identifies the law: 12 x 8 sizes and token counts, 60 values of one input, or three schedules.
inline data::Table design(const law::Law& law)
{
    data::Table t;
    if (law.curves) {
        t.groups = {"constant", "cosine", "wsd"};
        t.curve = {true, true, true};
        t.numbers = {{"step", {}}, {"lr", {}}, {std::string(law.output.id), {}}};
        for (int g = 0; g < 3; ++g)
            for (int s = 0; s < 8000; ++s) {
                const double at = s / 8000.0;
                t.numbers[0].values.push_back(s);
                t.numbers[1].values.push_back(3e-4 * (s < 200 ? s / 200.0 : g == 0 ? 1 : g == 1 ? .55 + .45 * std::cos(M_PI * at)
                                                                                    : at < .7 ? 1 : 1 - (at - .7) / .3 * .9));
                t.numbers[2].values.push_back(s > 300 && s % 100 == 0 ? 1.0 : NAN);
                t.group.push_back(g);
            }
    } else {
        t.groups = {""};
        t.curve = {false};
        for (const law::Quantity& q : law.inputs)
            t.numbers.push_back({std::string(q.id), {}});
        const bool two = law.inputs.size() == 2;
        for (int i = 0; i < (two ? 12 : 60); ++i)
            for (int j = 0; j < (two ? 8 : 1); ++j) {
                t.numbers[0].values.push_back(two ? 1e7 * std::pow(2, i) : law.inputs[0].scale == law::Scale::Log
                                                      ? 1e3 * std::pow(1e6, i / 59.0) : .3 + i / 59.0);
                if (two)
                    t.numbers[1].values.push_back(2e8 * std::pow(3, j));
                t.group.push_back(0);
            }
        t.numbers.push_back({std::string(law.output.id), std::vector<double>(t.group.size(), 1.0)});
    }
    t.rows = t.group.size();
    return t;
}

// The design's problem with outputs drawn from the truth.
inline fit::Problem draw(const law::Law& law, const Truth& truth, std::uint64_t seed, fit::Spec spec = {})
{
    spec.law = law.info.id;
    fit::Problem problem = fit::makeProblem(spec, design(law));
    law.eval(truth.params.data(), problem.train.rows(), problem.train.y.data(), nullptr);
    fit::Random random(seed, 77);
    const auto kind = spec.objective.value_or(law.objective);
    const bool logs = kind == fit::Objective::HuberLog || kind == fit::Objective::LogLs;
    for (double& y : problem.train.y)
        y = logs ? y * std::exp(truth.noise * random.normal()) : y + truth.noise * random.normal();
    return problem;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace synthetic {

// Every combination of the given values, one list per input.
inline std::vector<std::vector<double>> grid(const std::vector<std::vector<double>>& values)
{
    std::vector<std::vector<double>> rows{{}};
    for (const auto& each : values) {
        std::vector<std::vector<double>> wider;
        for (const auto& row : rows)
            for (const double v : each)
                wider.push_back(row), wider.back().push_back(v);
        rows = std::move(wider);
    }
    return rows;
}

inline std::vector<double> logSpaced(double low, double high, int n)
{
    std::vector<double> out;
    for (int i = 0; i < n; ++i)
        out.push_back(low * std::pow(high / low, i / (n - 1.0)));
    return out;
}

inline void addScaling(std::map<std::string, Truth>& truths)
{
    const auto sizes = logSpaced(1e6, 1e9, 6), steps = logSpaced(1e3, 1e6, 7);
    const auto line = [](double low, double high, int n) { return grid({logSpaced(low, high, n)}); };
    truths["kaplan_n"] = {{7e13, .08, 0}, .005};
    truths["kaplan_d"] = {{4e13, .1, 0}, .005};
    truths["kaplan_c"] = {{2e28, .055, 0}, .005, line(1e15, 1e22, 40)};
    truths["kaplan_nd"] = {{6e13, 2e13, .08, .11}, .003, grid({logSpaced(1e6, 2e9, 8), logSpaced(1e7, 3e10, 8)})};
    truths["kaplan_ns"] = {{6e13, .08, 2e3, .7}, .003, grid({sizes, steps})};
    truths["chinchilla_outer"] = {{1.8, 3e4, 1e5, .7, .6, .45}, .002, grid({logSpaced(1e6, 1e10, 9), logSpaced(1e7, 1e12, 9)})};
    truths["batch_trajectory"] = {{6e13, .08, 2e3, .7, 2e8, .22}, .002, grid({logSpaced(1e6, 1e9, 5), steps, logSpaced(3e4, 3e7, 5)})};
    truths["critical_batch"] = {{2e8, .21, 2e3, .7, 2.2}, .02, grid({{2.4, 2.7, 3, 3.4, 3.8, 4.4}, logSpaced(3e4, 3e7, 8)})};
    truths["over_training"] = {{200, 350, .14, 1.8}, .005};
    truths["average_parameters"] = {{1.7, 400, 410, .34, .29}, .005};
    truths["broken_power"] = {{.2, 30, .3, .6, 3e5, .3}, .005, line(1e2, 1e9, 80)};
    truths["broken_power_2"] = {{.1, 40, .3, -.5, 3e4, .15, 1, 4e7, .2}, .003, line(1e2, 1e10, 120)};
    truths["broken_power_3"] = {{.05, 20, .15, .5, 2e4, .15, -.6, 2e6, .12, .9, 4e8, .2}, .002, line(1e2, 1e11, 200)};
    truths["saturating_power"] = {{40, 3e5, -.35, .1}, .003, line(1e3, 1e10, 60)};
    truths["learning_curve"] = {{.05, 6, -.3}, .005};
    truths["rectified_finetuning"] = {{900, 300, .7, 1.2}, .003, line(100, 1e7, 40)};
    truths["farseer"] = {{-.01, .15, -.9, 4, .05, -3, 20, -.2, .4}, .001,
                         grid({logSpaced(1e7, 1e11, 10), logSpaced(1e9, 1e13, 10)})};
    truths["nmt_bivariate"] = {{1.2, .2, .3, 1.5, 1e8, 1e8}, .003, grid({logSpaced(1e7, 1e9, 8), logSpaced(1e7, 1e9, 8)})};
    truths["growth_timing"] = {{.9, 160, -5.5}, .02, grid({logSpaced(1e8, 1e11, 6), logSpaced(1e20, 1e24, 5)})};
    truths["step_law"] = {{1.6, -.7, .3}, .03};
    truths["step_law_batch"] = {{.6, .57}, .03};
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace synthetic {

inline void addData(std::map<std::string, Truth>& truths)
{
    using Rows = std::vector<std::vector<double>>;
    Rows repeated, mixtures, domains, ratios, pools, pruned;
    for (const double N : {3e7, 1e8, 4e8, 1.5e9, 6e9})
        for (const double U : {1e8, 1e9, 1e10})
            for (const double epochs : {1., 3., 8., 20., 60.})
                repeated.push_back({N, U * epochs, U});
    for (const double N : {1e8, 5e8, 2e9, 8e9})
        for (const double D : {5e8, 2e9, 8e9, 3e10})
            for (const double r : {0., .05, .1, .2, .33, .5, .67, .8, .9, 1.}) {
                mixtures.push_back({N, D, r});
                for (const double K : {.5, 1., 2., 4.})
                    domains.push_back({N, D, r, K});
            }
    for (int i = 0; i < 40; ++i)
        ratios.push_back({.025 * (i + 1)});
    for (const double P : {1e6, 1.28e7, 1e8})
        for (const double n : {.2, .5, 1., 2., 4., 6., 8., 10., 20.})
            pools.push_back({n * P, P});
    for (const double alpha : {1., 2., 4., 8., 16., 32.})
        for (const double f : {.2, .35, .5, .7})
            pruned.push_back({alpha, f});
    truths.insert({
        {"data_constrained", {{1.8691436784054858, 520.8249516599187, 1487.716093782861, .3526596, .3526596, 15, 5}, .003, repeated}},
        // Which part of the bend in r is whose stays loose under noise.
        {"dcpt", {{1.2, 300, 60, .25, .33, .3, .5, .7, .05}, .001, mixtures}},
        {"dcpt_cross_domain", {{1.0, 300, 60, .25, .33, .3, .5, .7, .05, .4, .8}, .001, domains}},
        {"cmr", {{-.35, .25, 1.8}, .0005, ratios}},
        {"data_filtering", {{.01, -.2, 3, .1}, .003, pools}},
        {"data_pruning", {{25}, .01, pruned}},
    });
}

}

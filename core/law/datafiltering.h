// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"

namespace law {

// Error against samples seen of a pool whose worth halves with repetition.
struct DataFiltering {
    static constexpr Info info{
        .id = "data_filtering",
        .name = "Data filtering",
        .family = Family::Data,
        .formula = "y = (a n_1 / 1e5)^b prod_{j=2..k} (n_j / n_{j-1})^(b 2^(-(j-1)/tau)) + d;  n_j = samples seen by the end of epoch j",
        .latex = R"(y = \left(\frac{a\,n_1}{10^5}\right)^{b} \prod_{j=2}^{k} \left(\frac{n_j}{n_{j-1}}\right)^{b\,2^{-(j-1)/\tau}} + d)",
        .cite = "Goyal et al. 2024, arXiv:2404.07177, equations 2 to 4",
        .help = "Error of a model after n samples drawn from a pool of P different ones. b is the utility of the pool, how fast "
                "fresh samples of it lower the error, and tau the epochs after which that utility is halved. Compare pools by "
                "fitting each on its own with the same a and d (--fix): a small clean pool has the steeper b, a large raw one "
                "the slower decay, and which wins depends on the samples one can afford. a, b and d are almost one parameter "
                "over a narrow range of n, so d stays at the authors' 0.1 unless freed. Within an epoch the last factor is "
                "taken at the samples seen so far. Values above 1 are no error rate: the law is then used below its range.",
        .unverified = "The authors' fitted constants are not public, so there is no preset.",
    };
    static constexpr Quantity samples{"n", "samples seen", "samples", Scale::Log, "samples_seen samples n_samples examples_seen examples seen"};
    static constexpr Quantity pool{"P", "pool size", "samples", Scale::Log, "pool_size pool unique_samples unique_examples dataset_size"};
    static constexpr std::array inputs{samples, pool};
    static constexpr Quantity output{"error", "error", "", Scale::Linear, "error err test_error zero_shot_error imagenet_error top1_error"};
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::Ls;
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();
    static constexpr std::array params{
        Param{.id = "a", .symbol = "a", .meaning = "scale of the samples", .lower = 1e-5, .upper = 1, .published = none,
              .scale = Scale::Log, .starts = {1e-4, 1e-3, 1e-2, 1e-1}},
        Param{.id = "b", .symbol = "b", .meaning = "utility of the pool", .lower = -1, .upper = -.001, .published = none,
              .starts = {-.4, -.2, -.1, -.03}},
        Param{.id = "tau", .symbol = R"(\tau)", .meaning = "epochs that halve the utility", .lower = .5, .upper = 50,
              .published = none, .scale = Scale::Log, .starts = {1, 3, 10}},
        Param{.id = "d", .symbol = "d", .meaning = "error that no data remove", .lower = 0, .upper = 1, .published = .1,
              .linear = true, .fixed = .1},
    };
    static constexpr std::array<Preset, 0> presets{};

    // ln of what later epochs are worth to the utility, sum over j of 2^(-(j-1)/tau) ln(n_j / n_{j-1}), and its derivative
    // with respect to tau; n_j = P j but for the epoch n lies in.
    static std::pair<double, double> repeated(double n, double P, double tau)
    {
        constexpr double ln2 = 0.6931471805599453;
        double sum = 0, slope = 0, seen = P;
        for (double j = 2; seen < n * (1 - 1e-12); ++j) {
            const double weight = std::exp2(-(j - 1) / tau);
            if (weight < 1e-18)
                break;
            const double next = std::min(n, P * j), gain = weight * std::log(next / seen);
            sum += gain;
            slope += gain * (j - 1) * ln2 / (tau * tau);
            seen = next;
        }
        return {sum, slope};
    }

    template <class T>
    static T eval(const std::array<T, 4>& p, const Row& row)
    {
        using std::exp, std::log;
        const auto& [a, b, tau, d] = p;
        const double n = row[0], P = row[1];
        const auto [sum, slope] = repeated(n, P, valueOf(tau));
        const T first = log(T(a * (std::min(n, P) / 1e5)));
        return exp(T(b * T(first + withSlope(tau, sum, slope)))) + d;
    }

    // Two pools of P samples each seen as one of 2 P: utilities average epoch by epoch, half-lives double (the authors'
    // equation 4 for two pools with the same a and d).
    static double mixed(std::span<const double> p, double n, double P, double b2, double tau2)
    {
        const double own = p[1] * (std::log(p[0] * std::min(n, 2 * P) / 1e5) + repeated(n, 2 * P, 2 * p[2]).first);
        const double other = b2 * (std::log(p[0] * std::min(n, 2 * P) / 1e5) + repeated(n, 2 * P, 2 * tau2).first);
        return std::exp((own + other) / 2) + p[3];
    }

    static constexpr std::array atEpoch{Argument{"k", "epoch, from 1", ""}};
    static constexpr std::array atMixture{
        Argument{"n", "samples seen", "samples"}, Argument{"P", "samples of each pool", "samples"},
        Argument{"b2", "utility of the other pool", ""}, Argument{"tau2", "half-life of the other pool", "epochs"}};
    static constexpr std::array answers{
        Answer{"utility_at_epoch", "utility of the pool in epoch k", "", Scale::Linear, atEpoch,
               [](std::span<const double> p, std::span<const double> at) { return p[1] * std::exp2(-(at[0] - 1) / p[2]); }},
        Answer{"mixed_error", "error when mixed with another pool of equal size", "", Scale::Linear, atMixture,
               [](std::span<const double> p, std::span<const double> at) { return mixed(p, at[0], at[1], at[2], at[3]); }},
    };
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"
#include "core/law/minimum.h"

namespace law {

// Chinchilla's law with repeated tokens and excess parameters worth less and less.
struct DataConstrained {
    static constexpr Info info{
        .id = "data_constrained",
        .name = "Data-constrained",
        .family = Family::Data,
        .formula = "L = E + A / N'^alpha + B / D'^beta;  D' = U + U R_D* (1 - exp(-(D/U - 1) / R_D*)), N' alike with U_N",
        .latex = R"(L = E + \frac{A}{N'^{\alpha}} + \frac{B}{D'^{\beta}},\quad D' = U + U R_D^* \left(1 - e^{-(D/U - 1)/R_D^*}\right),\quad N' = U_N + U_N R_N^* \left(1 - e^{-(N/U_N - 1)/R_N^*}\right))",
        .cite = "Muennighoff et al. 2023, arXiv:2305.16264, equations 5 and 6",
        .help = "Loss of a model of N parameters that sees D tokens of which only U are different. A repeated token is worth "
                "less than a fresh one: after R_D* repeats its marginal worth is 1/e, and all repeats together are worth no "
                "more than R_D* times the unique tokens; R_N* says the same of parameters beyond what U tokens call for. "
                "E, A, B, alpha and beta stay at the published values, fitted to runs of one epoch, unless they are freed. "
                "R_D* and R_N* lie in a long flat valley: on the authors' own runs 8 to 200 repeats explain the data almost "
                "equally well, so read the profile or the predictions, not the two numbers. The loss never rises with more "
                "epochs, so over-fitting that turns upwards is beyond this law.",
    };
    static constexpr std::array inputs{quantity::N, quantity::D, quantity::U};
    static constexpr Quantity output = quantity::L;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::HuberLog;
    // exp of e, a and b as the authors' notebook has them.
    static constexpr double publishedE = 1.8691436784054858, publishedA = 520.8249516599187, publishedB = 1487.716093782861;
    static constexpr std::array params{
        Param{.id = "E", .symbol = "E", .meaning = "irreducible loss", .lower = 1e-4, .upper = 100, .published = publishedE,
              .scale = Scale::Log, .linear = true, .fixed = publishedE},
        Param{.id = "A", .symbol = "A", .meaning = "size coefficient", .lower = 1e-6, .upper = 1e20,
              .published = publishedA, .scale = Scale::Log, .starts = {150, 1500}, .fixed = publishedA},
        Param{.id = "B", .symbol = "B", .meaning = "data coefficient", .lower = 1e-6, .upper = 1e20,
              .published = publishedB, .scale = Scale::Log, .starts = {400, 4000}, .fixed = publishedB},
        Param{.id = "alpha", .symbol = R"(\alpha)", .meaning = "size exponent", .lower = 0.01, .upper = 3,
              .published = .3526596, .starts = {.25, .35, .5}, .fixed = .3526596},
        Param{.id = "beta", .symbol = R"(\beta)", .meaning = "data exponent", .lower = 0.01, .upper = 3,
              .published = .3526596, .starts = {.25, .35, .5}, .fixed = .3526596},
        Param{.id = "R_D_star", .symbol = "R_D^*", .meaning = "repeats after which a token is worth 1/e", .lower = .5,
              .upper = 1000, .published = 15.387756, .scale = Scale::Log, .starts = {4, 15, 60},
              .wide = {1, 4, 8, 12, 16, 20, 60}},
        Param{.id = "R_N_star", .symbol = "R_N^*", .meaning = "excess after which a parameter is worth 1/e", .lower = .5,
              .upper = 1000, .published = 5.309743, .scale = Scale::Log, .starts = {1.5, 5, 20},
              .wide = {1, 4, 8, 12, 16, 20, 60}},
    };
    static constexpr std::array muennighoff{publishedE, publishedA, publishedB, .3526596, .3526596, 15.387756, 5.309743};
    static constexpr std::array presets{
        Preset{"muennighoff", "Muennighoff et al. 2023, unrounded values of the authors' notebook", muennighoff},
    };

    template <class T>
    static T eval(const std::array<T, 7>& p, const Row& row)
    {
        using std::exp, std::log;
        const auto& [E, A, B, alpha, beta, RD, RN] = p;
        const double N = row[0], D = row[1], unique = std::min(D, double(row[2]));
        const double repeats = D / unique - 1;
        const T data = unique + unique * worth(repeats, RD);
        // The parameters that U unique tokens call for, by the optimal split of the law without repeats.
        const T logG = log(T(alpha * A / (beta * B))) / T(alpha + beta);
        const T called = exp(T(T(std::log(unique) + logG) * T(beta / alpha) + logG));
        const T atData = B * exp(T(-beta * log(data)));
        if (N <= valueOf(called))
            return E + A * pow(row[0], T(-alpha)) + atData;
        const T size = called * T(1 + worth(T(N / called - 1), RN));
        return E + A * exp(T(-alpha * log(size))) + atData;
    }

    // R* (1 - exp(-R / R*)): what R repeats are worth.
    template <class R, class T>
    static T worth(const R& repeats, const T& star)
    {
        return -star * expm1(T(-repeats / star));
    }

    static double loss(std::span<const double> p, double N, double D, double U)
    {
        std::array<double, 7> values;
        std::copy_n(p.begin(), 7, values.begin());
        const std::array x{N, D, U}, logX{std::log(N), std::log(D), std::log(U)};
        return eval(values, Row{x.data(), logX.data()});
    }

    // The size that spends C = 6 N D best where only U tokens are different; NaN where there is no optimum.
    static double optimalSize(std::span<const double> p, double C, double U)
    {
        const double low = std::log(1e3), high = std::log(1e16);
        const double found = minimum([&](double logN) { return loss(p, std::exp(logN), C / 6 / std::exp(logN), U); }, low, high);
        return found > low && found < high ? std::exp(found) : std::numeric_limits<double>::quiet_NaN();
    }

    static constexpr std::array budget{
        Argument{"C", "training compute (6 N D)", "FLOPs"}, Argument{"U", "unique tokens", "tokens"}};
    static constexpr std::array seen{
        Argument{"D", "training tokens", "tokens"}, Argument{"U", "unique tokens", "tokens"}};
    static constexpr std::array answers{
        Answer{"optimal_parameters", "compute-optimal parameters with U unique tokens", "", Scale::Log, budget,
               [](std::span<const double> p, std::span<const double> at) { return optimalSize(p, at[0], at[1]); }},
        Answer{"optimal_tokens", "compute-optimal tokens with U unique tokens", "tokens", Scale::Log, budget,
               [](std::span<const double> p, std::span<const double> at) { return at[0] / 6 / optimalSize(p, at[0], at[1]); }},
        Answer{"optimal_epochs", "compute-optimal epochs over U unique tokens", "", Scale::Log, budget,
               [](std::span<const double> p, std::span<const double> at) {
                   return at[0] / 6 / optimalSize(p, at[0], at[1]) / at[1];
               }},
        Answer{"optimal_loss", "loss at the optimum with U unique tokens", "nats/token", Scale::Log, budget,
               [](std::span<const double> p, std::span<const double> at) {
                   const double N = optimalSize(p, at[0], at[1]);
                   return loss(p, N, at[0] / 6 / N, at[1]);
               }},
        Answer{"fresh_tokens", "fresh tokens that D tokens with repeats are worth", "tokens", Scale::Log, seen,
               [](std::span<const double> p, std::span<const double> at) {
                   const double unique = std::min(at[0], at[1]);
                   return unique * (1 + worth(at[0] / unique - 1, p[5]));
               }},
    };
};

}

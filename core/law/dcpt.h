// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"
#include "core/law/minimum.h"

#include <string>

namespace law {

// What both forms of the law share: predictions of one law by its parameters, in the order N, D, r and what follows.
namespace dcpt {

inline constexpr double none = std::numeric_limits<double>::quiet_NaN();

template <class L>
double loss(std::span<const double> p, double N, double D, double r, std::span<const double> rest)
{
    std::array<double, L::params.size()> values;
    std::copy_n(p.begin(), values.size(), values.begin());
    std::array<double, L::inputs.size()> x{N, D, r}, logX;
    std::ranges::copy(rest, x.begin() + 3);
    std::ranges::transform(x, logX.begin(), [](double v) { return std::log(v); });
    return L::eval(values, Row{x.data(), logX.data()});
}

// The largest share of the domain, 1 - r, at which a loss over the general share r stays within 1 + T of the reference
// (0: what the law says at r = 1). NaN where no share does.
template <class L>
double largestDomainShare(std::span<const double> p, double N, double D, double T, double reference, std::span<const double> rest)
{
    const double limit = (1 + T) * (reference > 0 ? reference : loss<L>(p, N, D, 1, rest));
    const auto within = [&](double r) { return loss<L>(p, N, D, r, rest) <= limit; };
    constexpr int n = 1000;
    int i = 0;
    while (i <= n && !within(double(i) / n))
        ++i;
    if (i == 0 || i > n)
        return i == 0 ? 1 : none;
    double out = double(i - 1) / n, in = double(i) / n;
    for (int k = 0; k < 40; ++k)
        (within((in + out) / 2) ? in : out) = (in + out) / 2;
    return 1 - in;
}

// The share r that makes the most of D_r tokens of its corpus, of which a run of D = D_r / r tokens sees each once.
template <class L>
double optimalShare(std::span<const double> p, double N, double tokens, std::span<const double> rest)
{
    return minimum([&](double r) { return loss<L>(p, N, tokens / r, r, rest); }, 1e-3, 1, 500);
}

// dL/dr < 0 is part of the law and does not follow from its form: where in the box of the data (inputs in the law's
// order) the fitted loss rises with r, in one sentence; empty where it never does.
template <class L>
std::string risesWithShare(std::span<const double> p, std::span<const double> low, std::span<const double> high)
{
    const double B = p[2], C = p[3], beta = p[5], gamma = p[6], eta = p[7], epsilon = p[8];
    constexpr int n = 100;
    double from = 2, to = -1;
    for (const double D : {low[1], std::sqrt(low[1] * high[1]), high[1]})
        for (int i = 1; i <= n; ++i) {
            const double r = low[2] + (high[2] - low[2]) * i / n;
            const double slope = B * eta * std::pow(r, eta - 1) * std::pow(D, -beta) - C * gamma * std::pow(r + epsilon, -gamma - 1);
            if (r > 0 && slope > 0)
                from = std::min(from, r), to = std::max(to, r);
        }
    if (to < from)
        return {};
    char text[240];
    std::snprintf(text, sizeof text, "The fitted loss rises with the share r between r = %.3g and %.3g, which the law does not "
                  "allow: bound eta or gamma, or add runs of other shares.", from, to);
    return text;
}

inline constexpr std::array shared{
    Param{.id = "E", .symbol = "E", .meaning = "irreducible loss", .lower = 1e-4, .upper = 100, .published = none,
          .scale = Scale::Log, .linear = true},
    Param{.id = "A", .symbol = "A", .meaning = "size coefficient", .lower = 1e-6, .upper = 1e20, .published = none,
          .scale = Scale::Log, .linear = true},
    Param{.id = "B", .symbol = "B", .meaning = "data coefficient", .lower = 1e-6, .upper = 1e20, .published = none,
          .scale = Scale::Log, .linear = true},
    Param{.id = "C", .symbol = "C", .meaning = "mixture coefficient", .lower = 1e-6, .upper = 1e6, .published = none,
          .scale = Scale::Log, .linear = true},
    Param{.id = "alpha", .symbol = R"(\alpha)", .meaning = "size exponent", .lower = .02, .upper = 2, .published = none,
          .starts = {.2, .4, .8}},
    Param{.id = "beta", .symbol = R"(\beta)", .meaning = "data exponent", .lower = .02, .upper = 2, .published = none,
          .starts = {.15, .35, .7}},
    Param{.id = "gamma", .symbol = R"(\gamma)", .meaning = "mixture exponent", .lower = .02, .upper = 2, .published = none,
          .starts = {.2, .6, 1.2}},
    Param{.id = "eta", .symbol = R"(\eta)", .meaning = "exponent of the share in the data term", .lower = .01, .upper = 3,
          .published = none, .starts = {.5, 1.2}},
    Param{.id = "epsilon", .symbol = R"(\epsilon)", .meaning = "share that other data stand in for", .lower = 1e-3,
          .upper = .5, .published = none, .scale = Scale::Log, .starts = {.01, .1}},
};

inline constexpr Argument model{"N", "parameters", ""}, tokens{"D", "training tokens", "tokens"},
    tolerance{"T", "tolerated rise of the general loss, as a share", "", .03},
    reference{"L_g0", "general loss before; 0: what the law says without domain data", "nats/token", 0},
    corpus{"D_r", "tokens of the corpus with share r", "tokens"};

}

// Continual pre-training on a mixture: the loss on one corpus of it, by its share.
struct Dcpt {
    static constexpr Info info{
        .id = "dcpt",
        .name = "Domain mixture (D-CPT)",
        .family = Family::Data,
        .formula = "L = E + A / N^alpha + B r^eta / D^beta + C / (r + epsilon)^gamma",
        .latex = R"(L = E + \frac{A}{N^{\alpha}} + \frac{B\,r^{\eta}}{D^{\beta}} + \frac{C}{(r + \epsilon)^{\gamma}})",
        .cite = "Que et al. 2024, arXiv:2406.01375",
        .help = "Validation loss on a corpus after continued pre-training of a model of N parameters on D tokens, of which "
                "the share r is that corpus: the domain's own share for the loss on the domain, and one minus it for the loss "
                "on general text. Fit the two losses apart, on runs that vary the size, the tokens and the share; r may be 0. "
                "C, gamma and epsilon bend one curve together and E takes up what they leave, so compare predictions rather "
                "than parameters. The loss must fall with r: the form does not ensure it, so look at the fitted curve between "
                "the shares that were run. A fit to the general loss tells the largest share of the domain within a tolerance, "
                "one to the domain's loss the best share where its tokens are few.",
        .unverified = "The formula was read in notes on the paper and its fitted constants were not found, so there is no preset.",
    };
    static constexpr std::array inputs{quantity::N, quantity::D, quantity::share};
    static constexpr Quantity output = quantity::L;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::HuberLog;
    static constexpr auto params = dcpt::shared;
    static constexpr std::array<Preset, 0> presets{};

    template <class T>
    static T eval(const std::array<T, 9>& p, const Row& row)
    {
        const auto& [E, A, B, C, alpha, beta, gamma, eta, epsilon] = p;
        return E + A * pow(row[0], T(-alpha)) + B * pow(row[2], eta) * pow(row[1], T(-beta))
            + C * power(T(double(row[2]) + epsilon), T(-gamma));
    }

    static std::string fault(std::span<const double> p, std::span<const double> low, std::span<const double> high)
    {
        return dcpt::risesWithShare<Dcpt>(p, low, high);
    }

    static constexpr std::array atTolerance{dcpt::model, dcpt::tokens, dcpt::tolerance, dcpt::reference};
    static constexpr std::array atCorpus{dcpt::model, dcpt::corpus};
    static constexpr std::array answers{
        Answer{"largest_domain_share", "largest share of the domain within a tolerance of the general loss", "", Scale::Linear, atTolerance,
               [](std::span<const double> p, std::span<const double> at) {
                   return dcpt::largestDomainShare<Dcpt>(p, at[0], at[1], at[2], at[3], {});
               }},
        Answer{"optimal_share", "best share of a corpus of D_r tokens", "", Scale::Linear, atCorpus,
               [](std::span<const double> p, std::span<const double> at) {
                   return dcpt::optimalShare<Dcpt>(p, at[0], at[1], {});
               }},
    };
};

}

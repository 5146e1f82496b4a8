// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/dcpt.h"

namespace law {

// The mixture law for many domains at once, each told by how hard it is to learn.
struct DcptCrossDomain {
    static constexpr Info info{
        .id = "dcpt_cross_domain",
        .name = "Domain mixture across domains (D-CPT)",
        .family = Family::Data,
        .formula = "L = E + A / N^alpha + B r^eta / D^beta + C / (r + epsilon)^gamma + F / K^mu",
        .latex = R"(L = E + \frac{A}{N^{\alpha}} + \frac{B\,r^{\eta}}{D^{\beta}} + \frac{C}{(r + \epsilon)^{\gamma}} + \frac{F}{K^{\mu}})",
        .cite = "Que et al. 2024, arXiv:2406.01375",
        .help = "The D-CPT law with one number K more per domain, so that domains whose mixtures were never run can be "
                "predicted. K is a weighted sum of the loss before training and its early rate of decline on a few steps of "
                "the new domain: make it a column, or an expression such as --map 'K=.6*first_loss+.4*decline'. F / K^mu is one "
                "constant per domain, so with fewer than four domains F, mu and E cannot be told apart. What is said of dcpt "
                "holds here as well.",
        .unverified = "The formula was read in notes on the paper and its fitted constants were not found, so there is no preset.",
    };
    static constexpr Quantity learnability{"K", "learnability of the domain", "", Scale::Log, "learnability"};
    static constexpr std::array inputs{quantity::N, quantity::D, quantity::share, learnability};
    static constexpr Quantity output = quantity::L;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::HuberLog;
    static constexpr std::array<Param, 11> params = [] {
        std::array<Param, 11> all{};
        std::ranges::copy(dcpt::shared, all.begin());
        all[9] = Param{.id = "F", .symbol = "F", .meaning = "domain coefficient", .lower = 1e-6, .upper = 1e6,
                       .published = dcpt::none, .scale = Scale::Log, .linear = true};
        all[10] = Param{.id = "mu", .symbol = R"(\mu)", .meaning = "domain exponent", .lower = .02, .upper = 5,
                        .published = dcpt::none, .starts = {.3, 1}};
        return all;
    }();
    static constexpr std::array<Preset, 0> presets{};

    template <class T>
    static T eval(const std::array<T, 11>& p, const Row& row)
    {
        const auto& [E, A, B, C, alpha, beta, gamma, eta, epsilon, F, mu] = p;
        return E + A * pow(row[0], T(-alpha)) + B * pow(row[2], eta) * pow(row[1], T(-beta))
            + C * power(T(double(row[2]) + epsilon), T(-gamma)) + F * pow(row[3], T(-mu));
    }

    static std::string fault(std::span<const double> p, std::span<const double> low, std::span<const double> high)
    {
        return dcpt::risesWithShare<DcptCrossDomain>(p, low, high);
    }

    static constexpr Argument domain{"K", "learnability of the domain", ""};
    static constexpr std::array atTolerance{dcpt::model, dcpt::tokens, domain, dcpt::tolerance, dcpt::reference};
    static constexpr std::array atCorpus{dcpt::model, dcpt::corpus, domain};
    static constexpr std::array answers{
        Answer{"largest_domain_share", "largest share of the domain within a tolerance of the general loss", "", Scale::Linear, atTolerance,
               [](std::span<const double> p, std::span<const double> at) {
                   return dcpt::largestDomainShare<DcptCrossDomain>(p, at[0], at[1], at[3], at[4], at.subspan(2, 1));
               }},
        Answer{"optimal_share", "best share of a corpus of D_r tokens", "", Scale::Linear, atCorpus,
               [](std::span<const double> p, std::span<const double> at) {
                   return dcpt::optimalShare<DcptCrossDomain>(p, at[0], at[1], at.subspan(2, 1));
               }},
    };
};

}

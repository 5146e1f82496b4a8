// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/law/law.h"

namespace law {

// Loss of a translation model by the sizes of its two halves.
struct NmtBivariate {
    static constexpr Info info{
        .id = "nmt_bivariate",
        .name = "Encoder and decoder",
        .family = Family::Scaling,
        .formula = "L = alpha (Ne_bar / Ne)^pe (Nd_bar / Nd)^pd + L_inf",
        .latex = R"(L = \alpha \left(\frac{\bar N_e}{N_e}\right)^{p_e} \left(\frac{\bar N_d}{N_d}\right)^{p_d} + L_\infty)",
        .cite = "Ghorbani et al. 2021, arXiv:2109.07740, equation 2",
        .help = "Loss of an encoder-decoder model by the parameters of either half, embeddings not counted. Ne_bar "
                "and Nd_bar are the sizes at which the reducible loss is alpha: fix them at those of a baseline "
                "(--fix Ne_bar=...); they are not fitted, for alpha, Ne_bar and Nd_bar are one parameter. The data "
                "must vary the halves on their own, else pe and pd cannot be told apart. The exponents depend on the "
                "language pair and its direction.",
        .unverified = "The notation of the formula was not checked against the paper, and none of its fitted values "
                      "were.",
    };
    static constexpr Quantity encoder{"Ne", "encoder parameters", "", Scale::Log,
        "n_enc encoder_params enc_params params_encoder encoder_parameters encoder_size"};
    static constexpr Quantity decoder{"Nd", "decoder parameters", "", Scale::Log,
        "n_dec decoder_params dec_params params_decoder decoder_parameters decoder_size"};
    static constexpr std::array inputs{encoder, decoder};
    static constexpr Quantity output = quantity::L;
    static constexpr bool curves = false;
    static constexpr fit::Objective objective = fit::Objective::HuberLog;
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();
    static constexpr std::array params{
        Param{.id = "alpha", .symbol = R"(\alpha)", .meaning = "reducible loss of the baseline", .lower = 1e-9, .upper = 1e9,
              .published = none, .scale = Scale::Log, .linear = true},
        Param{.id = "pe", .symbol = "p_e", .meaning = "exponent of the encoder", .lower = 0, .upper = 2, .published = none,
              .starts = {.05, .15, .3, .6, 1}},
        Param{.id = "pd", .symbol = "p_d", .meaning = "exponent of the decoder", .lower = 0, .upper = 2, .published = none,
              .starts = {.05, .15, .3, .6, 1}},
        Param{.id = "L_inf", .symbol = R"(L_\infty)", .meaning = "irreducible loss", .lower = 0, .upper = 100, .published = none,
              .linear = true},
        Param{.id = "Ne_bar", .symbol = R"(\bar N_e)", .meaning = "encoder of the baseline", .lower = 1, .upper = 1e15,
              .published = none, .scale = Scale::Log, .starts = {1e8}, .fixed = 1e8},
        Param{.id = "Nd_bar", .symbol = R"(\bar N_d)", .meaning = "decoder of the baseline", .lower = 1, .upper = 1e15,
              .published = none, .scale = Scale::Log, .starts = {1e8}, .fixed = 1e8},
    };
    static constexpr std::span<const Preset> presets{};
    static constexpr std::array total{Argument{"N", "parameters of both halves", ""}};
    static constexpr std::array answers{
        Answer{"encoder_share", "best share of the encoder", "", Scale::Linear, {},
               [](std::span<const double> p, std::span<const double>) { return p[1] / (p[1] + p[2]); }},
        Answer{"encoder_parameters", "best size of the encoder", "", Scale::Log, total,
               [](std::span<const double> p, std::span<const double> at) { return at[0] * p[1] / (p[1] + p[2]); }},
        Answer{"decoder_parameters", "best size of the decoder", "", Scale::Log, total,
               [](std::span<const double> p, std::span<const double> at) { return at[0] * p[2] / (p[1] + p[2]); }},
        Answer{"best_loss", "loss of the best split", "nats/token", Scale::Log, total,
               [](std::span<const double> p, std::span<const double> at) {
                   const double each = at[0] / (p[1] + p[2]);
                   return p[3] + p[0] * std::pow(p[4] / (each * p[1]), p[1]) * std::pow(p[5] / (each * p[2]), p[2]);
               }},
    };

    template <class T>
    static T eval(const std::array<T, 6>& p, const Row& row)
    {
        using std::exp, std::log;
        const auto& [alpha, pe, pd, Linf, Ne, Nd] = p;
        return alpha * exp(T(pe * (log(Ne) - row[0].log) + pd * (log(Nd) - row[1].log))) + Linf;
    }
};

}

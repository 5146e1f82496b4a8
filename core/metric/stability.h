// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Stability studies: what a sweep over learning rates, sizes and interventions says of instabilities. Definitions follow
// Wortsman et al. 2023, arXiv:2309.14322; where a rule is ours it is said.

#include "core/data/run.h"
#include "core/fit/fit.h"
#include "core/tick.h"

#include <array>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace stability {

struct Spec {
    std::string where;                  // runs to study: an expression over their configuration (data/select.h)
    std::string loss, logit, gradient;  // series; empty: found by their names
    std::vector<std::string> by;        // keys whose values make arms; empty: all that differ and are no size, rate, seed or result
    std::array<double, 2> window{0, 0}; // learning rates of the sensitivity, both included; 0: all
    double decades = 0;                 // above 0: the window of so many decades with the least sensitivity, for each size
    double logitLimit = 1e4;            // attention logits beyond it: section 3.1.1
    double driftLimit = 30;             // |log Z| or |mean logit| beyond it is output-logit drift; ours
    double at = 0.02;                   // share of the steps at which attention logits are read: figure 9
    double end = 0.005;                 // share of the last steps over which gradients are averaged: figure 11
    int resamples = 2000;
    double level = 0.95;
    std::uint64_t seed = 1;
};

// From KEY=VALUE: at, decades, limit. Throws UsageError naming the one that is wrong.
Spec specOf(std::span<const std::string> settings);

enum class Cause { None, AttentionLogits, OutputLogits, UpdateCollapse, GradientExplosion, NotANumber, Loss };
std::string_view name(Cause);           // "attention logits", ...

// How a run went. The cause is the sign that came first; a run can show a sign and end well.
struct Verdict {
    bool diverged = false;              // not finite, back at its initial loss, or more than half-way back to it from its best
    Cause cause = Cause::None;
    double step = std::numeric_limits<double>::quiet_NaN();         // of the first sign
    double lossStep = std::numeric_limits<double>::quiet_NaN();     // from which the loss is lost
};

// One run as a study sees it. What a log does not hold is NaN.
struct Trial {
    std::size_t run = 0;                // index into the runs given
    std::string name;
    std::size_t arm = 0;                // index into Study::arms
    double N = 0, lr = 0, seed = 0, steps = 0, eps = 0;
    double initial = 0;                 // l0, nats
    double loss = 0;                    // final validation loss, else the mean of the last 1 % of the training loss
    double maxLogit = 0;                // largest attention logit of the whole run
    double earlyLogit = 0;              // of block 0 at Spec::at
    double endGradient = 0;             // RMS of the first MLP matrix's gradient over the last steps
    Verdict verdict;

    double clipped() const { return loss < initial ? loss : initial; }     // NaN and infinity count as l0
};

// A combination of the switches that differ, apart from size, rate and seed.
struct Arm {
    std::string name;                   // "qk_norm=off", "all runs alike" where nothing differs
    std::map<std::string, std::string> levels;
};

// S = mean over the rates of min(l, l0) - min over the rates of l, per seed (section 2.2).
struct Sensitivity {
    std::size_t arm = 0;
    double N = 0;
    std::vector<double> rates;          // ascending: those every seed has within the window
    std::vector<double> losses;         // per rate: mean over seeds of the clipped loss
    std::vector<double> low, high;      // smallest and largest over seeds
    std::vector<double> perSeed;        // S of each seed
    double value = 0;                   // their mean
    fit::Interval ci;                   // NaN from one seed
    double best = 0, bestRate = 0;      // l*, eta*: of the mean over seeds
    double initial = 0;
    int diverged = 0;
};

// How a quantity goes with size at one rate, in log10 of both, and where it reaches a limit.
struct Growth {
    std::size_t arm = 0;
    double lr = 0;
    std::vector<double> N, value;       // one per run
    std::vector<double> coefficients;   // of 1, x, x^2 with x = log10 N
    double limit = 0;
    bool falls = false;                 // reaches the limit from above
    double crossing = 0;                // N; NaN: not within three decades beyond the largest
    fit::Interval ci;                   // of the crossing; an end that is infinite: it may never come
    // The largest size predicted from the smaller ones.
    struct BackTest {
        double N = 0, value = 0, predicted = 0;
        fit::Interval ci;               // prediction interval of one run
    };
    std::optional<BackTest> backTest;
    double at(double N) const;
};

// Sensitivity with a switch less that without, seed by seed.
struct Contrast {
    std::size_t without = 0, with = 0;  // arms that differ in this one switch
    std::string factor, from, to;       // "qk_norm", "off", "head"
    double N = 0;
    double difference = 0;              // S(with) - S(without)
    fit::Interval ci;
    int seeds = 0;
};

struct Study {
    std::vector<Arm> arms;
    std::vector<Trial> trials;          // by arm, size, rate, seed
    std::vector<Sensitivity> sensitivity;
    std::vector<Growth> logitGrowth;    // attention logits up to Spec::logitLimit
    std::vector<Growth> updateCollapse; // gradient RMS down to the optimiser's eps
    std::vector<Contrast> contrasts;
    std::vector<fit::Warning> warnings;
};

// Throws Error where no run has a learning rate, a size and a loss, UsageError where a setting is wrong, Error("cancelled").
// The same runs and seed give the same bits.
Study study(std::span<const data::Run>, const Spec& = {}, const Tick& = {});

// Parts of it, for tests and tables that are no logs.
std::vector<Sensitivity> sensitivities(std::span<const Trial>, const Spec&, std::vector<fit::Warning>&);
std::vector<Contrast> contrasts(std::span<const Arm>, std::span<const Sensitivity>, std::span<const Trial>, const Spec&);
std::vector<Growth> logitGrowth(std::span<const Trial>, const Spec&, std::vector<fit::Warning>&);
std::vector<Growth> updateCollapse(std::span<const Trial>, const Spec&, std::vector<fit::Warning>&);
Verdict judge(const data::Run&, const Spec&, double initial, double finalLoss, double eps);

}

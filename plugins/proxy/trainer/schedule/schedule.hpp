// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace proxy {

enum class ScheduleKind { Constant, Linear, Cosine, Wsd, TwoStage };
enum class DecayShape { Linear, Exponential, OneMinusSqrt };

// A learning-rate schedule. Fractions are of all steps.
struct Schedule {
    ScheduleKind kind = ScheduleKind::Cosine;
    double warmup = 0.05; // linear warm-up: a fraction below 1, a number of steps from 1 on
    double minLr = 1e-5; // absolute end value of linear, cosine and wsd
    DecayShape decay = DecayShape::Linear; // wsd
    double decayFraction = 0.2; // wsd: share of the steps, at the end, over which the rate falls
    double switchAt = 0.5; // two-stage: where the second rate begins
    double secondLr = 1e-4; // two-stage: the second rate
};

// Number of warm-up steps.
long warmupSteps(const Schedule& schedule, long steps);

// Rate used by update `step` in [0, steps). Warm-up reaches the peak at its last step, peak (step + 1) / W; the decays
// are those of Haegele et al. 2024 (arXiv 2405.18392) and Hu et al. 2024 (WSD), with x = progress inside the decay.
double learningRate(const Schedule& schedule, double peak, long step, long steps);

// Whether the rate changes its course at `step`. Logs keep these steps, so that a thinned log still gives the whole
// schedule by linear interpolation.
bool isCorner(const Schedule& schedule, long step, long steps);

}

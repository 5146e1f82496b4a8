// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "schedule/segment.hpp"

#include <vector>

namespace proxy {

enum class ScheduleKind {
    Constant,
    Linear,
    Cosine,
    Wsd, // constant, then a decay over the last part
    TwoStage,
    MultiStep, // constant stages, each a fraction of the peak
    InverseSqrt,
    Cyclic, // warm restarts of one curve
    Infinite, // cosine down to a constant rate, long constant part, exponential decay
    Rewarm, // cosine, then warm-up and cosine once more
    Points, // straight lines between drawn points
    Segments, // any list of curves
};
enum class DecayShape { Linear, Exponential, OneMinusSqrt, Cosine, MirrorCosine, Square };

// A piece the user gave: `at` and `length` are fractions of all steps where at most 1, else numbers of steps; rates are
// fractions of the peak.
struct SchedulePart {
    Curve curve = Curve::Constant; // segments
    double at = 0; // multi-step: where it begins; points: its place
    double length = 0; // segments
    double from = 1, to = 1; // multi-step and points use `to` alone
    bool operator==(const SchedulePart&) const = default;
};

// A learning-rate schedule. Fractions are of all steps; lengths and places above 1 are numbers of steps. Names and
// formulas are those of the schedules of the core, with the warm-up (t + 1) / W.
struct Schedule {
    ScheduleKind kind = ScheduleKind::Cosine;
    double warmup = 0.05; // linear warm-up: a fraction below 1, a number of steps from 1 on
    double minLr = 1e-5; // absolute end value of every kind that decays
    DecayShape decay = DecayShape::Linear; // wsd, cyclic
    double decayFraction = 0.2; // wsd, infinite: length of the decay at the end
    double switchAt = 0.5; // two-stage, rewarm: where the second part begins
    double secondLr = 1e-4; // two-stage, rewarm: the second rate; infinite: the constant one
    double cooldown = 0.2; // infinite: length of the way down to the constant rate
    double rewarm = 0.01; // rewarm: length of the second warm-up
    int cycles = 4; // cyclic
    std::vector<SchedulePart> parts{}; // multi-step, points, segments
};

// Number of warm-up steps.
long warmupSteps(const Schedule& schedule, long steps);

// The schedule as segments that cover [0, steps): what a backend evaluates with rateAt().
std::vector<Segment> segmentsOf(const Schedule& schedule, double peak, long steps);

// Rate used by update `step` in [0, steps). Warm-up reaches the peak at its last step, peak (step + 1) / W; the decays
// are those of Haegele et al. 2024 (arXiv 2405.18392) and Hu et al. 2024 (WSD), with x = progress inside the decay.
double learningRate(const Schedule& schedule, double peak, long step, long steps);

// Whether the rate changes its course at `step`. Logs keep these steps, so that a thinned log still gives the whole
// schedule by linear interpolation.
bool isCorner(const Schedule& schedule, long step, long steps);

}

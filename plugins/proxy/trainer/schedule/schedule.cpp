// SPDX-License-Identifier: GPL-3.0-or-later
#include "schedule/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace proxy {

namespace {

double decayed(DecayShape shape, double peak, double end, double x)
{
    switch (shape) {
    case DecayShape::Linear:
        return peak + (end - peak) * x;
    case DecayShape::Exponential:
        return peak * std::pow(end / peak, x);
    case DecayShape::OneMinusSqrt:
        return end + (peak - end) * (1 - std::sqrt(x));
    }
    return peak;
}

long decayBegin(const Schedule& schedule, long steps)
{
    const long length = std::lround(schedule.decayFraction * static_cast<double>(steps));
    return std::max(warmupSteps(schedule, steps), steps - length);
}

long switchStep(const Schedule& schedule, long steps)
{
    return std::lround(schedule.switchAt * static_cast<double>(steps));
}

}

long warmupSteps(const Schedule& schedule, long steps)
{
    const double asked =
        schedule.warmup < 1 ? std::round(schedule.warmup * static_cast<double>(steps)) : schedule.warmup;
    return std::clamp(std::lround(asked), 0L, steps);
}

double learningRate(const Schedule& schedule, double peak, long step, long steps)
{
    const long warmup = warmupSteps(schedule, steps);
    if (step < warmup)
        return peak * static_cast<double>(step + 1) / static_cast<double>(warmup);
    const double x = static_cast<double>(step - warmup) / static_cast<double>(std::max(1L, steps - warmup));
    switch (schedule.kind) {
    case ScheduleKind::Constant:
        return peak;
    case ScheduleKind::Linear:
        return peak + (schedule.minLr - peak) * x;
    case ScheduleKind::Cosine:
        return schedule.minLr + 0.5 * (peak - schedule.minLr) * (1 + std::cos(std::numbers::pi * x));
    case ScheduleKind::Wsd: {
        const long begin = decayBegin(schedule, steps);
        if (step < begin)
            return peak;
        const double inside = static_cast<double>(step - begin) / static_cast<double>(steps - begin);
        return decayed(schedule.decay, peak, schedule.minLr, inside);
    }
    case ScheduleKind::TwoStage:
        return step < switchStep(schedule, steps) ? peak : schedule.secondLr;
    }
    return peak;
}

bool isCorner(const Schedule& schedule, long step, long steps)
{
    const long warmup = warmupSteps(schedule, steps);
    if (step == warmup || step + 1 == warmup)
        return true;
    if (schedule.kind == ScheduleKind::Wsd)
        return step == decayBegin(schedule, steps);
    const long other = switchStep(schedule, steps);
    return schedule.kind == ScheduleKind::TwoStage && (step == other || step + 1 == other);
}

}

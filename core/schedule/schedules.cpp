// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/schedule/constant.h"
#include "core/schedule/cosine.h"
#include "core/schedule/linear.h"
#include "core/schedule/twostage.h"
#include "core/schedule/wsdexp.h"
#include "core/schedule/wsdlinear.h"
#include "core/schedule/wsdsqrt.h"

#include "core/error.h"
#include "core/text.h"

#include <algorithm>
#include <cmath>

namespace schedule {

namespace {

constexpr int mostSteps = 100'000'000;

constexpr std::array common{
    Option{"warmup", "length of the linear warm-up: a fraction of all steps where below 1, else steps", 0, 0, 1e9},
    Option{"warmup_kind", "0: t/(W-1), step 0 at rate 0; 1: t/W + warmup_start (1-t/W); 2: (t+1)/W", 0, 0, 2},
    Option{"warmup_start", "first rate of warm-up kind 1 as a fraction of the peak", .01, 0, 1},
};

double chosen(const Option& option, const Shape& shape)
{
    const auto it = shape.set.find(std::string(option.name));
    if (it == shape.set.end())
        return option.value;
    // Negated so that NaN fails too.
    if (!(it->second >= option.lower && it->second <= option.upper))
        throw UsageError("Option " + it->first + " of a schedule is " + text::number(it->second) + "; it must lie in ["
                         + text::number(option.lower) + ", " + text::number(option.upper) + "] ("
                         + std::string(option.meaning) + ").");
    return it->second;
}

void checkNames(const Schedule& schedule, const Shape& shape)
{
    std::vector<std::string> names;
    for (const auto options : {schedule.options, commonOptions()})
        for (const Option& option : options)
            names.emplace_back(option.name);
    for (const auto& [name, value] : shape.set)
        if (!std::ranges::count(names, name))
            throw UsageError("Schedule " + std::string(schedule.id) + " has no option '" + name + "'"
                             + text::didYouMean(name, names) + "; it has " + text::join(names, ", ") + ".");
}

double warmupFactor(double t, double length, int kind, double start)
{
    switch (kind) {
    case 0: return length > 1 ? t / (length - 1) : 0;
    case 1: return t / length + start * (1 - t / length);
    default: return (t + 1) / length;
    }
}

}

std::span<const Schedule> all()
{
    static constexpr std::array schedules{
        constant,
        linear,
        cosine,
        wsdLinear,
        wsdExp,
        wsdSqrt,
        twoStage,
    };
    return schedules;
}

const Schedule& get(std::string_view id)
{
    const auto it = std::ranges::find(all(), id, &Schedule::id);
    if (it != all().end())
        return *it;
    std::vector<std::string> ids;
    for (const Schedule& schedule : all())
        ids.emplace_back(schedule.id);
    throw UsageError("There is no schedule '" + std::string(id) + "'" + text::didYouMean(id, ids)
                     + "; 'isoloss-cli schedules' lists them.");
}

std::span<const Option> commonOptions()
{
    return common;
}

std::vector<double> rates(const Schedule& schedule, const Shape& shape)
{
    if (shape.steps < 1 || shape.steps > mostSteps)
        throw UsageError("A schedule of " + std::to_string(shape.steps) + " steps cannot be made; give 1 to "
                         + std::to_string(mostSteps) + " steps.");
    if (!(shape.peak >= 0 && std::isfinite(shape.peak)))
        throw UsageError("The peak learning rate is " + text::number(shape.peak)
                         + "; it must be a finite number that is not negative.");
    checkNames(schedule, shape);

    const double given = chosen(common[0], shape), kind = chosen(common[1], shape), start = chosen(common[2], shape);
    if (kind != std::floor(kind))
        throw UsageError("Option warmup_kind of a schedule is " + text::number(kind) + "; it must be 0, 1 or 2.");
    const double warmup = std::round(given < 1 ? given * shape.steps : given);
    if (warmup > shape.steps)
        throw UsageError("The warm-up of " + text::number(warmup) + " steps is longer than the schedule of "
                         + std::to_string(shape.steps) + "; make it shorter.");

    std::vector<double> set;
    for (const Option& option : schedule.options)
        set.push_back(chosen(option, shape));
    const Course course{.steps = double(shape.steps), .warmup = warmup, .set = set};

    std::vector<double> out(std::size_t(shape.steps));
    for (std::size_t i = 0; i < out.size(); ++i) {
        const double t = double(i);
        out[i] = shape.peak * (t < warmup ? warmupFactor(t, warmup, int(kind), start) : schedule.factor(t, course));
    }
    return out;
}

}

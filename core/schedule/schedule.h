// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace schedule {

// What every schedule is made from. Rates are per optimiser step, peak as given.
struct Shape {
    int steps = 0;
    double peak = 0;
    std::map<std::string, double> set;      // by the names of the schedule's options and of commonOptions()
};

struct Option {
    std::string_view name, meaning;
    double value;                           // default
    double lower, upper;                    // inclusive
};

// One run's course as a schedule's formula sees it.
struct Course {
    double steps, warmup;                   // both counted in steps
    std::span<const double> set;            // values of the schedule's own options, in their order

    // A number of steps given as such, or as a fraction of all of them where at most 1.
    double span(double given) const { return given <= 1 ? given * steps : given; }
    // 0 up to step `begin` (the end of warm-up where that is later), rising to 1 at the step after the last one.
    double progress(double t, double begin) const
    {
        begin = begin < warmup ? warmup : begin;
        return t <= begin ? 0 : (t - begin) / (steps - begin);
    }
};

// A learning-rate schedule. Adding one is one file and one line of schedules.cpp.
struct Schedule {
    std::string_view id, name, formula, cite;
    std::span<const Option> options;
    // The rate at step t (warmup <= t < steps) as a fraction of the peak, within [0, 1].
    double (*factor)(double t, const Course&);
};

std::span<const Schedule> all();
const Schedule& get(std::string_view id);   // throws UsageError naming the nearest

// Options of every schedule: warmup, warmup_kind, warmup_start.
std::span<const Option> commonOptions();

// The whole sequence, one rate per step from step 0: linear warm-up over option warmup, then the schedule.
//   warmup_kind 0   peak t / (W - 1): numpy.linspace(0, peak, W), step 0 at rate 0 (MultiPowerLaw)
//   warmup_kind 1   peak (t/W + warmup_start (1 - t/W)): step W is the first at the peak (Haegele et al. 2024)
//   warmup_kind 2   peak (t + 1) / W: step 0 already moves (Megatron-LM)
// Throws UsageError on an unknown option or one out of range.
std::vector<double> rates(const Schedule&, const Shape&);

}

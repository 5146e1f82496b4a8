// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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
    std::map<std::string, double> set;      // by the names of the schedule's options
};

struct Option {
    std::string_view name, meaning;
    double value;                           // default; fractions of the steps where the meaning says so
};

// A learning-rate schedule. Adding one is one file and one line of schedules.cpp.
struct Schedule {
    std::string_view id, name, formula, cite;
    std::span<const Option> options;
    // The rate at progress: step t of steps, warm-up done before (t >= warmup). Returns a factor of the peak.
    double (*factor)(double t, double warmup, const Shape&);
};

std::span<const Schedule> all();
const Schedule& get(std::string_view id);   // throws UsageError naming the nearest

// The whole sequence, one rate per step from step 0: linear warm-up over option warmup (steps, or a fraction where
// below 1; kind by warmup_kind), then the schedule. Throws UsageError on an unknown option or one out of range.
std::vector<double> rates(const Schedule&, const Shape&);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace fit {

// What is minimised. Sums over points: Huber_d(r) = r^2/2 for |r| <= d, else d (|r| - d/2).
enum class Objective {
    HuberLog,   // Huber of log predicted - log observed
    LogLs,      // half the squared difference of logs
    Ls,         // half the squared difference
    Huber,      // Huber of predicted - observed
    Log1pLs,    // half the squared difference of log(1 + y): for errors that may reach 0
};

// Where log(y + shift) is compared, that shift; nothing where y itself is.
std::optional<double> logShift(Objective);

// Everything a user chooses about a fit: what the command line parses, the workspace stores and the fit file repeats.
struct Spec {
    std::string law = "chinchilla";             // an id of the catalogue
    std::map<std::string, std::string> map;     // input or output id -> column or expression; the rest is guessed
    std::string where, holdout;                 // row filters (data::Expression); a row in both is only predicted
    std::map<std::string, double> fixed;        // parameter -> value
    std::map<std::string, bool> freed;          // parameters that are fixed by default and are freed here
    std::map<std::string, std::pair<double, double>> bounds;
    std::map<std::string, double> start;        // one start more, tried first (a slider's values)
    std::map<std::string, std::string> set;     // preparation: warmup, last, skip, smooth, anchor, rows, unit (see problem.h)
    std::optional<Objective> objective;         // the law's own where not given
    double delta = 1e-3;
    int starts = 0;                             // 0: the law's own number, -1: its whole grid
    int bootstrap = 0;                          // resamples; 0: Wald intervals
    std::string interval;                       // wild, leave-one-out or profile; empty: bootstrap where resamples are asked for, else Wald
    double level = 0.95;
    std::uint64_t seed = 1;

    bool operator==(const Spec&) const = default;
};

void to_json(nlohmann::json&, const Spec&);
void from_json(const nlohmann::json&, Spec&);   // throws UsageError naming the field
// Throws UsageError where there is no interval of that name; "wald" and "bootstrap" are the empty one.
std::string intervalKind(std::string_view name);
std::string_view name(Objective);               // huber-log, log-ls, ls, huber, log1p-ls
Objective objective(std::string_view name);     // throws UsageError

}

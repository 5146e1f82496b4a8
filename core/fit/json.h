// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/fit.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <variant>

namespace fit {

// The fit file (design contract "Fit JSON"): non-finite numbers are the strings "NaN", "Infinity", "-Infinity".
nlohmann::ordered_json toJson(const Fit&);
nlohmann::ordered_json toJson(const Chain&);
std::variant<Fit, Chain> fromJson(const nlohmann::ordered_json&);     // throws Error naming the field
std::variant<Fit, Chain> load(const std::filesystem::path&);          // throws Error naming the file
// LAW or LAW:PRESET: a fit without data, from published values; `set` overrides parameters. Throws UsageError.
Fit preset(std::string_view lawAndPreset, const std::map<std::string, double>& set = {});

nlohmann::ordered_json number(double);          // a number, or its name where it is not finite

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "run/trainer.hpp"
#include "spec/spec.hpp"

#include <string>

namespace proxy {

// The lines of members/<id>.jsonl, without the newline. Numbers that are not finite are the strings "NaN", "Infinity",
// "-Infinity"; losses have 7 significant digits, learning rates all of them.
std::string configLine(const Member& member, const Spec& spec, double entropy);
std::string stepLine(const Member& member, const StepRecord& record);
// Values per layer and per tensor; needs record.vectors.
std::string vectorLine(const StepRecord& record);
std::string validationLine(const Member& member, const ValidationRecord& record);
std::string endLine(const Member& member, const Outcome& outcome);

// The same facts as endLine with the member's sizes, for summary.jsonl.
std::string summaryLine(const Member& member, const Json& end);

// `value` with `digits` significant digits, 0 = as many as needed to read it back exactly.
std::string jsonNumber(double value, int digits);

}

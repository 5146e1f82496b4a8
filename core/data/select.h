// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/run.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace data {

// A run as a filter sees it: its name and its configuration.
struct Selectable {
    std::string_view name;
    const Config* config;
};

// Which runs a filter selects. With a comparison it is an Expression over "run" and the configuration ("N>1e8 and
// schedule=='wsd'"), where a run that lacks a key does not match; otherwise words, each of which must occur in the name
// or in a value of the configuration, upper and lower case alike. Empty selects all. Throws UsageError with one
// sentence that says what is wrong and names the nearest key.
std::vector<bool> select(std::span<const Selectable>, std::string_view filter);

}

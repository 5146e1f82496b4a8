// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/run.h"

#include <span>
#include <string>
#include <string_view>

namespace data {

// A key as it is compared: lower case, and whatever is neither letter nor digit an underscore; "sequence length T" is
// sequence_length_t. `last`: only what follows the last / or dot.
std::string plainKey(std::string_view key, bool last = false);

// The value under the first of these names that is there: the whole key, else its last component. Null where none is.
const Value* find(const Config&, std::span<const std::string_view> names);
// As a number above 0, also where it was written 124M; NaN where there is none.
double positive(const Config&, std::span<const std::string_view> names);

}

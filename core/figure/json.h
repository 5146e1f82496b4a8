// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/figure/figure.h"

#include <nlohmann/json.hpp>

namespace figure {

// A figure as JSON: what `isoloss --figure` reads. Numbers that are not finite: NaN is null, the infinities are the
// strings "Infinity" and "-Infinity". Keys that hold their default are left out; reading needs only `panels`.
nlohmann::ordered_json toJson(const Figure&);
Figure fromJson(const nlohmann::ordered_json&);     // throws Error naming the field

}

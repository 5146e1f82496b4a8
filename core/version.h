// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

inline constexpr std::string_view version = ISOLOSS_VERSION;

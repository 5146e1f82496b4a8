// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace.h"

#include <optional>

namespace store {

// Two programs changed `base`: both changes together, entry by entry, or none where they changed the same one.
std::optional<Workspace> merge(const Workspace& base, const Workspace& ours, const Workspace& theirs);

}

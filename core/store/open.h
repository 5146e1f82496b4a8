// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/schema.h"

namespace store {

// A project file ready for use; both throw Error with what stands in the way.
Database openToWrite(const std::filesystem::path&, std::span<const Migration> = migrations());
// Leaves nothing beside the file, and works where neither it nor its folder can be written. A file of an older version
// is migrated in memory.
Database openToRead(const std::filesystem::path&, std::span<const Migration> = migrations());

}

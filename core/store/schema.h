// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/sqlite.h"

namespace store {

constexpr std::int64_t applicationId = 0x49534F4C;      // "ISOL"

// migrations()[v] takes a file of version v to v + 1; version 0 is an empty file. Released ones are never changed.
using Migration = void (*)(Database&);
std::span<const Migration> migrations();

// What the file is, before anything is written to it: throws Error where it is another program's, or was made by a
// newer Isoloss; else its version.
std::int64_t version(const Database&, std::span<const Migration> = migrations());
// Brings the file up to date in one transaction: all or nothing.
void migrate(Database&, std::span<const Migration> = migrations());

}

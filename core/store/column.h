// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/sha256.h"
#include "core/store/sqlite.h"

#include <optional>
#include <string>
#include <vector>

namespace store {

// SHA-256 over the values as little-endian float64.
Hash columnHash(std::span<const double>);

// A column as it lies in the file: a zstd frame with its own checksum, in it the first 8 bytes of the column's hash,
// 8 bytes of which the first says how (0: as is, 1: differences of neighbours' bit patterns), then byte 0 of each
// value, byte 1 of each value, ... to byte 7. The hash inside tells a blob that a damaged index has led astray.
std::vector<std::byte> packColumn(std::span<const double>, const Hash&);
// None where the frame is damaged, is not the column of that hash or does not have n values.
std::optional<std::vector<double>> unpackColumn(Bytes, const Hash&, std::int64_t n);

// Text as a zstd frame with a checksum, and back; none where damaged or beyond 1 GB.
std::vector<std::byte> packText(std::string_view);
std::optional<std::string> unpackText(Bytes);

}

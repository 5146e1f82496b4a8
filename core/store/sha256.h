// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace store {

using Hash = std::array<std::byte, 32>;

// SHA-256 of bytes that come in pieces (FIPS 180-4).
class Sha256 {
public:
    Sha256& update(std::span<const std::byte>);
    Hash digest();      // ends it

private:
    std::array<std::uint32_t, 8> m_state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                            0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::byte, 64> m_block;
    std::uint64_t m_length = 0;
};

Hash sha256Of(std::span<const std::byte>);
std::string hex(std::span<const std::byte>);
// The 32 bytes that 64 hex digits spell; all zero where they do not.
Hash fromHex(std::string_view);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <memory>
#include <string>

struct evp_md_ctx_st;

namespace store {

using Hash = std::array<std::byte, 32>;

// SHA-256 of bytes that come in pieces (FIPS 180-4).
class Sha256 {
public:
    Sha256();
    Sha256& update(std::span<const std::byte>);
    Hash digest();      // ends it

private:
    std::shared_ptr<evp_md_ctx_st> m_context;
};

Hash sha256Of(std::span<const std::byte>);
std::string hex(std::span<const std::byte>);
// The 32 bytes that 64 hex digits spell; all zero where they do not.
Hash fromHex(std::string_view);

}

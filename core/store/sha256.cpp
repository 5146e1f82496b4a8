// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/sha256.h"

#include "core/error.h"
#include "core/store/project.h"
#include "core/store/sqlite.h"

#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace store {
namespace {

constexpr std::array<std::uint32_t, 64> k = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

std::uint32_t bigEndian(const std::byte* p)
{
    return std::uint32_t(p[0]) << 24 | std::uint32_t(p[1]) << 16 | std::uint32_t(p[2]) << 8 | std::uint32_t(p[3]);
}

void compress(std::array<std::uint32_t, 8>& state, const std::byte* block)
{
    std::array<std::uint32_t, 64> w;
    for (std::size_t i = 0; i < 16; ++i)
        w[i] = bigEndian(block + 4 * i);
    for (std::size_t i = 16; i < 64; ++i) {
        const std::uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ (a >> 3)) + w[i - 7]
            + (std::rotr(b, 17) ^ std::rotr(b, 19) ^ (b >> 10));
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t i = 0; i < 64; ++i) {
        const std::uint32_t t1 = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i];
        const std::uint32_t t2 = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    const std::array<std::uint32_t, 8> add = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i)
        state[i] += add[i];
}

}

Sha256& Sha256::update(std::span<const std::byte> bytes)
{
    std::size_t filled = m_length % 64;
    m_length += bytes.size();
    while (!bytes.empty()) {
        if (filled == 0 && bytes.size() >= 64) {
            compress(m_state, bytes.data());
            bytes = bytes.subspan(64);
            continue;
        }
        const std::size_t n = std::min(64 - filled, bytes.size());
        std::memcpy(m_block.data() + filled, bytes.data(), n);
        bytes = bytes.subspan(n);
        filled += n;
        if (filled == 64) {
            compress(m_state, m_block.data());
            filled = 0;
        }
    }
    return *this;
}

Hash Sha256::digest()
{
    const std::uint64_t bits = m_length * 8;
    std::array<std::byte, 72> end{std::byte(0x80)};
    const std::size_t padding = 1 + (119 - m_length % 64) % 64;
    for (std::size_t i = 0; i < 8; ++i)
        end[padding + i] = std::byte(bits >> (56 - 8 * i));
    update({end.data(), padding + 8});
    Hash out;
    for (std::size_t i = 0; i < 32; ++i)
        out[i] = std::byte(m_state[i / 4] >> (24 - 8 * (i % 4)));
    return out;
}

Hash sha256Of(std::span<const std::byte> bytes) { return Sha256().update(bytes).digest(); }

std::string hex(std::span<const std::byte> bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(2 * bytes.size());
    for (const std::byte b : bytes)
        out.append({digits[std::size_t(b) >> 4], digits[std::size_t(b) & 15]});
    return out;
}

Hash fromHex(std::string_view text)
{
    Hash out{};
    if (text.size() != 64 || text.find_first_not_of("0123456789abcdef") != std::string_view::npos)
        return out;
    const auto value = [&](std::size_t i) { return text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10; };
    for (std::size_t i = 0; i < 32; ++i)
        out[i] = std::byte(value(2 * i) << 4 | value(2 * i + 1));
    return out;
}

std::string sha256(std::string_view bytes) { return hex(sha256Of(std::as_bytes(std::span(bytes)))); }

std::string sha256File(const std::filesystem::path& path)
{
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    Sha256 sum;
    std::vector<char> buffer(1 << 16);
    while (file.read(buffer.data(), std::streamsize(buffer.size())) || file.gcount() > 0)
        sum.update(std::as_bytes(std::span(buffer).first(std::size_t(file.gcount()))));
    if (!file.eof())        // neither opened nor read to its end
        throw Error(quoted(path) + " cannot be read (" + (errno ? std::strerror(errno) : "input error")
                    + "): check the name and that it may be read.");
    return hex(sum.digest());
}

}

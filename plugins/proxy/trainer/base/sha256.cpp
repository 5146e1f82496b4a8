// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/sha256.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace proxy {

namespace {

// The constants are the first 32 bits of the fractional parts of square and cube roots of the first primes;
// computing them is shorter than listing them, and the known-answer test guards the result.
struct Constants {
    std::array<std::uint32_t, 64> k{};
    std::array<std::uint32_t, 8> h{};

    Constants()
    {
        std::size_t found = 0;
        for (unsigned candidate = 2; found < 64; ++candidate) {
            bool prime = true;
            for (unsigned divisor = 2; divisor * divisor <= candidate; ++divisor)
                prime = prime && candidate % divisor != 0;
            if (!prime)
                continue;
            k[found] = fraction(std::cbrt(static_cast<long double>(candidate)));
            if (found < 8)
                h[found] = fraction(std::sqrt(static_cast<long double>(candidate)));
            ++found;
        }
    }

    static std::uint32_t fraction(long double root)
    {
        return static_cast<std::uint32_t>((root - std::floor(root)) * 0x1p32L);
    }
};

void absorb(std::array<std::uint32_t, 8>& state, const unsigned char* block, const Constants& constants)
{
    std::array<std::uint32_t, 64> w{};
    for (std::size_t i = 0; i < 16; ++i)
        w[i] = std::uint32_t{block[4 * i]} << 24 | std::uint32_t{block[4 * i + 1]} << 16
            | std::uint32_t{block[4 * i + 2]} << 8 | std::uint32_t{block[4 * i + 3]};
    for (std::size_t i = 16; i < 64; ++i) {
        const std::uint32_t s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
        const std::uint32_t s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t i = 0; i < 64; ++i) {
        const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
        const std::uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + constants.k[i] + w[i];
        const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
        const std::uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    const std::array<std::uint32_t, 8> add{a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i)
        state[i] += add[i];
}

}

std::string sha256(const void* data, std::size_t size)
{
    static const Constants constants;
    auto state = constants.h;
    const auto* bytes = static_cast<const unsigned char*>(data);
    std::size_t done = 0;
    for (; done + 64 <= size; done += 64)
        absorb(state, bytes + done, constants);

    // Last block or two: the rest, a 1 bit, zeros, the length in bits, big-endian.
    std::vector<unsigned char> tail(bytes + done, bytes + size);
    tail.push_back(0x80);
    while (tail.size() % 64 != 56)
        tail.push_back(0);
    for (int shift = 56; shift >= 0; shift -= 8)
        tail.push_back(static_cast<unsigned char>(static_cast<std::uint64_t>(size) * 8 >> shift));
    for (std::size_t i = 0; i < tail.size(); i += 64)
        absorb(state, tail.data() + i, constants);

    std::string hex;
    for (const std::uint32_t word : state)
        for (int shift = 28; shift >= 0; shift -= 4)
            hex += "0123456789abcdef"[word >> shift & 15];
    return hex;
}

std::string sha256(std::string_view bytes)
{
    return sha256(bytes.data(), bytes.size());
}

}

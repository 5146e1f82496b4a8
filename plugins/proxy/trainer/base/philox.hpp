// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/inline.hpp"

#include <cstdint>

namespace proxy {

// Four 32-bit words: a Philox counter or its output.
struct Words {
    std::uint32_t w[4];
};

// Philox4x32-10 of Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC11).
// A pure function of counter and key, so results never depend on the order of calls.
PROXY_INLINE Words philox(Words counter, std::uint32_t key0, std::uint32_t key1)
{
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t a = std::uint64_t{0xD2511F53u} * counter.w[0];
        const std::uint64_t b = std::uint64_t{0xCD9E8D57u} * counter.w[2];
        counter = {{static_cast<std::uint32_t>(b >> 32) ^ counter.w[1] ^ key0, static_cast<std::uint32_t>(b),
            static_cast<std::uint32_t>(a >> 32) ^ counter.w[3] ^ key1, static_cast<std::uint32_t>(a)}};
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    return counter;
}

// What a stream of random words is for. Streams with the same seed are independent of one another.
enum class Stream : std::uint32_t { Init = 1, Order = 2, Chain = 3, Sample = 4, Domain = 6 };

// Words number `index` of `stream` under `seed`; `lane` separates tensors, epochs, contexts, ...
PROXY_INLINE Words randomWords(std::uint64_t seed, Stream stream, std::uint32_t lane, std::uint64_t index)
{
    return philox({{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), lane,
                      static_cast<std::uint32_t>(stream)}},
        static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
}

// Two words to a double in (0, 1), 53 bits, never 0 or 1.
PROXY_INLINE double unitInterval(std::uint32_t high, std::uint32_t low)
{
    const std::uint64_t bits = (std::uint64_t{high} << 20) ^ (low >> 12);
    return (static_cast<double>(bits) + 0.5) * 0x1p-52;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/corpus.hpp"
#include "data/sampling.hpp"

#include <cmath>

namespace proxy {

namespace {

int uniform(std::uint64_t seed, int count, std::uint64_t index)
{
    const Words words = randomWords(seed, Stream::Sample, 2, index);
    return std::min(static_cast<int>(unitInterval(words.w[0], words.w[1]) * count), count - 1);
}

}

Tokens drawCopy(const Source& source)
{
    Tokens tokens{{}, source.vocab, 0.5 * std::log(source.vocab)};
    tokens.values.resize(static_cast<std::size_t>(source.count));
    const auto block = static_cast<std::size_t>(source.block);
    for (std::size_t i = 0; i < tokens.values.size(); ++i)
        tokens.values[i] = i % (2 * block) < block
            ? static_cast<std::uint16_t>(uniform(source.sampleSeed, source.vocab, i))
            : tokens.values[i - block];
    return tokens;
}

Tokens drawModular(const Source& source)
{
    const int p = source.modulus;
    Tokens tokens{{}, 3 * p, 2.0 / 3 * std::log(p)};
    tokens.values.resize(static_cast<std::size_t>(source.count));
    for (std::size_t i = 0; i < tokens.values.size(); ++i) {
        const int place = static_cast<int>(i % 3);
        const int value =
            place < 2 ? uniform(source.sampleSeed, p, i) : (tokens.values[i - 1] - p + tokens.values[i - 2]) % p;
        tokens.values[i] = static_cast<std::uint16_t>(place * p + value);
    }
    return tokens;
}

}

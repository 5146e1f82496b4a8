// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/corpus.hpp"
#include "data/sampling.hpp"

#include <cmath>

namespace proxy {

namespace {

std::uint16_t uniform(const Source& source, std::uint64_t index)
{
    const Words words = randomWords(source.sampleSeed, Stream::Sample, 2, index);
    const double u = unitInterval(words.w[0], words.w[1]);
    return static_cast<std::uint16_t>(std::min(static_cast<int>(u * source.vocab), source.vocab - 1));
}

}

Tokens drawCopy(const Source& source)
{
    Tokens tokens{{}, source.vocab, 0.5 * std::log(source.vocab)};
    tokens.values.resize(static_cast<std::size_t>(source.count));
    const auto block = static_cast<std::size_t>(source.block);
    for (std::size_t i = 0; i < tokens.values.size(); ++i)
        tokens.values[i] = i % (2 * block) < block ? uniform(source, i) : tokens.values[i - block];
    return tokens;
}

Tokens drawModular(const Source& source)
{
    Tokens tokens{{}, source.vocab, 2.0 / 3 * std::log(source.vocab)};
    tokens.values.resize(static_cast<std::size_t>(source.count));
    for (std::size_t i = 0; i < tokens.values.size(); ++i)
        tokens.values[i] = i % 3 < 2
            ? uniform(source, i)
            : static_cast<std::uint16_t>((tokens.values[i - 1] + tokens.values[i - 2]) % source.vocab);
    return tokens;
}

}

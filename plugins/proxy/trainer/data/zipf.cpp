// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/corpus.hpp"
#include "data/sampling.hpp"

#include <cmath>

namespace proxy {

Tokens drawZipf(const Source& source)
{
    const auto vocab = static_cast<std::size_t>(source.vocab);
    std::vector<double> cumulative(vocab);
    double total = 0;
    for (std::size_t r = 0; r < vocab; ++r)
        total += std::pow(static_cast<double>(r + 1), -source.exponent);
    double running = 0, entropy = 0;
    for (std::size_t r = 0; r < vocab; ++r) {
        const double p = std::pow(static_cast<double>(r + 1), -source.exponent) / total;
        entropy -= p * std::log(p);
        running += p;
        cumulative[r] = running;
    }

    Tokens tokens{{}, source.vocab, entropy};
    tokens.values.resize(static_cast<std::size_t>(source.count));
    for (std::size_t i = 0; i < tokens.values.size(); ++i)
        tokens.values[i] = pick(cumulative.data(), source.vocab, randomWords(source.sampleSeed, Stream::Sample, 0, i));
    return tokens;
}

}

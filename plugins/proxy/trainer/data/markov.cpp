// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/failure.hpp"
#include "data/corpus.hpp"
#include "data/sampling.hpp"

#include <cmath>

namespace proxy {

namespace {

// The chain as a dense table: row c = p(. | context c), the context read as `order` digits, oldest first.
struct Chain {
    std::size_t vocab, contexts;
    std::vector<double> p; // contexts x vocab
};

Chain buildChain(const Source& source)
{
    const auto vocab = static_cast<std::size_t>(source.vocab);
    Chain chain{vocab, 1, {}};
    for (int k = 0; k < source.order; ++k) {
        chain.contexts *= vocab;
        if (chain.contexts * vocab > std::size_t{1} << 26)
            throw Failure(Exit::Usage,
                "The markov source of order " + std::to_string(source.order) + " over " + std::to_string(vocab)
                    + " symbols needs too large a table; keep vocab^(order+1) at or below 67108864.");
    }
    chain.p.assign(chain.contexts * vocab, 0);
    // The order-k part depends on the last k tokens, which are the context modulo vocab^k.
    std::size_t suffixes = 1;
    for (int k = 1; k <= source.order; ++k) {
        suffixes *= vocab;
        const double temp = source.temps[static_cast<std::size_t>(k - 1)];
        if (temp == 0)
            continue;
        std::vector<double> part(suffixes * vocab);
        for (std::size_t i = 0; i < part.size(); ++i)
            part[i] = temp * gaussian(source.seed, static_cast<std::uint32_t>(k), i);
        for (std::size_t c = 0; c < chain.contexts; ++c)
            for (std::size_t x = 0; x < vocab; ++x)
                chain.p[c * vocab + x] += part[c % suffixes * vocab + x];
    }
    for (std::size_t c = 0; c < chain.contexts; ++c) {
        double total = 0;
        for (std::size_t x = 0; x < vocab; ++x) {
            double& p = chain.p[c * vocab + x];
            p = std::exp(p - source.exponent * std::log(static_cast<double>(x + 1)));
            total += p;
        }
        for (std::size_t x = 0; x < vocab; ++x)
            chain.p[c * vocab + x] /= total;
    }
    return chain;
}

// Stationary distribution of contexts by power iteration, to 1e-13 in total variation.
std::vector<double> stationary(const Chain& chain)
{
    std::vector<double> now(chain.contexts, 1.0 / static_cast<double>(chain.contexts)), next(chain.contexts);
    for (int round = 0; round < 10000; ++round) {
        std::fill(next.begin(), next.end(), 0.0);
        for (std::size_t c = 0; c < chain.contexts; ++c)
            for (std::size_t x = 0; x < chain.vocab; ++x)
                next[(c * chain.vocab + x) % chain.contexts] += now[c] * chain.p[c * chain.vocab + x];
        double change = 0;
        for (std::size_t c = 0; c < chain.contexts; ++c)
            change += std::abs(next[c] - now[c]);
        now.swap(next);
        if (change < 1e-13)
            break;
    }
    return now;
}

}

Tokens drawMarkov(const Source& source)
{
    Chain chain = buildChain(source);
    const std::vector<double> weight = stationary(chain);
    Tokens tokens{{}, source.vocab, 0};
    std::vector<double> cumulativeContext(chain.contexts);
    double running = 0;
    for (std::size_t c = 0; c < chain.contexts; ++c) {
        double* row = chain.p.data() + c * chain.vocab;
        double rowEntropy = 0, below = 0;
        for (std::size_t x = 0; x < chain.vocab; ++x) {
            rowEntropy -= row[x] > 0 ? row[x] * std::log(row[x]) : 0;
            below += row[x];
            row[x] = below; // the table turns cumulative, ready for drawing
        }
        tokens.entropy += weight[c] * rowEntropy;
        running += weight[c];
        cumulativeContext[c] = running;
    }

    // The first context comes from the stationary distribution, so no start-up transient biases the sample.
    const Words first = randomWords(source.sampleSeed, Stream::Sample, 1, 0);
    const double u = unitInterval(first.w[0], first.w[1]);
    const auto found = std::upper_bound(cumulativeContext.begin(), cumulativeContext.end(), u);
    auto context = std::min(static_cast<std::size_t>(found - cumulativeContext.begin()), chain.contexts - 1);
    tokens.values.resize(static_cast<std::size_t>(source.count));
    for (std::size_t i = 0; i < tokens.values.size(); ++i) {
        const std::uint16_t x = pick(
            chain.p.data() + context * chain.vocab, source.vocab, randomWords(source.sampleSeed, Stream::Sample, 0, i));
        tokens.values[i] = x;
        context = (context * chain.vocab + x) % chain.contexts;
    }
    return tokens;
}

}

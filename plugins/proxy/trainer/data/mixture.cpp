// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/corpus.hpp"
#include "data/sampling.hpp"

#include <algorithm>
#include <cmath>

namespace proxy {

Tokens drawMixture(const Source& source)
{
    Tokens tokens{{}, 0, 0};
    for (std::size_t k = 0; k < source.sources.size(); ++k) {
        const Tokens part = draw(source.sources[k]);
        Domain domain{static_cast<std::int64_t>(tokens.values.size()), static_cast<std::int64_t>(part.values.size()), 0,
            source.weights[k], part.entropy};
        tokens.domains.push_back(domain);
        tokens.values.insert(tokens.values.end(), part.values.begin(), part.values.end());
        tokens.vocab = std::max(tokens.vocab, part.vocab);
        tokens.entropy += source.weights[k] * part.entropy;
    }
    for (Domain& domain : tokens.domains)
        domain.token = tokens.vocab++;
    return tokens;
}

Tokens interleaved(const Tokens& mixture, std::uint64_t seed, std::int64_t count, int length)
{
    std::vector<double> cumulative;
    double below = 0, nats = 0;
    for (const Domain& domain : mixture.domains) {
        below += domain.weight;
        cumulative.push_back(below);
        nats -= domain.weight > 0 ? domain.weight * std::log(domain.weight) : 0;
    }
    Tokens text{{}, mixture.vocab, (nats + (length - 1) * mixture.entropy) / length};
    std::vector<std::int64_t> used(mixture.domains.size(), 0);
    std::size_t k = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        if (i % length == 0) {
            k = pick(cumulative.data(), static_cast<int>(cumulative.size()),
                randomWords(seed, Stream::Sample, 4, static_cast<std::uint64_t>(i / length)));
            text.values.push_back(static_cast<std::uint16_t>(mixture.domains[k].token));
            continue;
        }
        const Domain& domain = mixture.domains[k];
        const std::int64_t at = domain.begin + used[k]++ % domain.count;
        text.values.push_back(mixture.values[static_cast<std::size_t>(at)]);
    }
    return text;
}

}

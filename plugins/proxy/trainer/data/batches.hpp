// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/inline.hpp"
#include "base/philox.hpp"
#include "data/corpus.hpp"

#include <cstdint>
#include <vector>

namespace proxy {

inline constexpr int mostDomains = 8, mostPhases = 16;

// Weights of a mixture's domains up to the fraction `until` of the steps.
struct MixPhase {
    double until = 1;
    std::vector<double> weights;
    bool operator==(const MixPhase&) const = default;
};

// How a member draws its batches from a text. Plain data, so that a device can hold it.
struct Sampler {
    struct Stretch {
        std::int64_t begin, windows; // first token, and number of windows
        std::int32_t token; // at the head of every window, or -1 for none
    };
    struct Phase {
        std::int64_t until; // first step that is no longer in it
        double cumulative[mostDomains];
    };
    std::uint64_t seed;
    std::int32_t context, batch, stretches, phases;
    Stretch stretch[mostDomains];
    Phase phase[mostPhases];
};

// The window of one row of a batch: tokens [begin, begin + context], or `token` and [begin, begin + context - 1].
struct Window {
    std::int64_t begin;
    std::int32_t token;
};

// A pseudo-random permutation of [0, count), by a six-round Feistel network walked until it lands inside. Domains have
// permutations of their own.
PROXY_INLINE std::int64_t permutation(
    std::uint64_t seed, std::uint32_t epoch, std::int64_t count, std::int64_t index, std::uint64_t domain)
{
    int half = 1;
    while (std::int64_t{1} << (2 * half) < count)
        ++half;
    const std::uint64_t mask = (std::uint64_t{1} << half) - 1;
    std::uint64_t value = static_cast<std::uint64_t>(index);
    do {
        std::uint64_t left = value >> half, right = value & mask;
        for (std::uint64_t round = 0; round < 6; ++round) {
            const Words words = randomWords(seed, Stream::Order, epoch, right | round << 56 | domain << 60);
            const std::uint64_t mixed = left ^ (words.w[0] & mask);
            left = right;
            right = mixed;
        }
        value = left << half | right;
    } while (value >= static_cast<std::uint64_t>(count));
    return static_cast<std::int64_t>(value);
}

// Where row `row` of step `step` reads: a pure function of the sampler, the step and the row. Every window of a text
// comes once per epoch; of a domain, at most once.
PROXY_INLINE Window windowAt(const Sampler& sampler, std::int64_t step, std::int32_t row)
{
    const std::int64_t position = step * sampler.batch + row;
    int k = 0;
    if (sampler.stretches > 1) {
        int phase = 0;
        while (phase + 1 < sampler.phases && step >= sampler.phase[phase].until)
            ++phase;
        const Words words = randomWords(sampler.seed, Stream::Domain, 0, static_cast<std::uint64_t>(position));
        const double u = unitInterval(words.w[0], words.w[1]);
        while (k + 1 < sampler.stretches && u >= sampler.phase[phase].cumulative[k])
            ++k;
    }
    const Sampler::Stretch& stretch = sampler.stretch[k];
    const std::uint32_t epoch = static_cast<std::uint32_t>(position / stretch.windows);
    const std::int64_t window =
        permutation(sampler.seed, epoch, stretch.windows, position % stretch.windows, static_cast<std::uint64_t>(k));
    return {stretch.begin + window * sampler.context, stretch.token};
}

// Number of windows of `context` tokens (each with its next token) in a corpus.
std::int64_t windowCount(const Tokens& tokens, int context);

std::int64_t permuted(std::uint64_t seed, std::uint32_t epoch, std::int64_t count, std::int64_t index);

// How a member trains on a text: `unique` above 0 repeats its first so many tokens (in a mixture, of every domain its
// share), `mix` holds the weights over the run, empty = as the text says. Throws Failure(Corpus) when no window is
// left.
struct SamplerOptions {
    std::uint64_t seed = 1;
    int batch = 1, context = 1;
    long steps = 1;
    std::int64_t unique = 0;
    std::vector<MixPhase> mix;
};
Sampler makeSampler(const Tokens& tokens, const SamplerOptions& options);

// Fills `to` (batch rows of context + 1 tokens) with the windows of step `step`, in an order fixed by the seed alone,
// so members with the same data seed see the same batches.
void trainBatch(const Tokens& tokens, const Sampler& sampler, long step, std::int32_t* to);
void trainBatch(const Tokens& tokens, std::uint64_t seed, long step, int batch, int context, std::int32_t* to);

// Fills `to` with windows number `index` * batch and following, in the order of the text; of a mixture with the
// text's own weights, evenly.
void validationBatch(const Tokens& tokens, long index, int batch, int context, std::int32_t* to);

}

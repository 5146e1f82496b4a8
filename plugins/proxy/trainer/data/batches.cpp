// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/batches.hpp"

#include "base/failure.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace proxy {

namespace {

void copyWindow(const Tokens& tokens, const Window& window, int context, std::int32_t* to)
{
    const std::uint16_t* from = tokens.values.data() + window.begin;
    if (window.token >= 0)
        *to++ = window.token;
    const int count = window.token >= 0 ? context : context + 1;
    for (int i = 0; i < count; ++i)
        to[i] = from[i];
}

// The domain's own token takes the place of the first one, so no next token is needed beyond its end.
std::int64_t windowsIn(const Domain& domain, int context)
{
    return domain.count / context;
}

// Rows number 0 .. `index` of an even sequence: the domain of the last one, and how many before it were of the same.
struct EvenRow {
    std::size_t domain = 0;
    std::int64_t before = 0;
};

// Each row goes to the domain that lags most behind its share.
class EvenRows {
public:
    explicit EvenRows(const Tokens& tokens)
        : m_tokens(tokens)
    {
    }
    EvenRow next()
    {
        ++m_rows;
        std::size_t best = 0;
        double lag = -1e300;
        for (std::size_t k = 0; k < m_tokens.domains.size(); ++k) {
            const double own =
                m_tokens.domains[k].weight * static_cast<double>(m_rows) - static_cast<double>(m_given[k]);
            if (own > lag) {
                lag = own;
                best = k;
            }
        }
        return {best, m_given[best]++};
    }

private:
    const Tokens& m_tokens;
    std::int64_t m_rows = 0;
    std::array<std::int64_t, mostDomains> m_given{};
};

void fill(Sampler::Phase& phase, std::int64_t until, const std::vector<double>& weights)
{
    double total = 0, below = 0;
    for (const double weight : weights)
        total += weight;
    phase.until = until;
    for (std::size_t k = 0; k < weights.size(); ++k)
        phase.cumulative[k] = below += weights[k] / total;
}

}

std::int64_t windowCount(const Tokens& tokens, int context)
{
    if (tokens.domains.empty())
        return (static_cast<std::int64_t>(tokens.values.size()) - 1) / context;
    // As many rows as the scarcest domain lasts for at its weight; 0 when one has no window at all.
    double rows = 1e18;
    for (const Domain& domain : tokens.domains) {
        const std::int64_t windows = windowsIn(domain, context);
        if (windows < 1)
            return 0;
        if (domain.weight > 0)
            rows = std::min(rows, static_cast<double>(windows) / domain.weight);
    }
    return static_cast<std::int64_t>(rows);
}

std::int64_t permuted(std::uint64_t seed, std::uint32_t epoch, std::int64_t count, std::int64_t index)
{
    return permutation(seed, epoch, count, index, 0);
}

Sampler makeSampler(const Tokens& tokens, const SamplerOptions& options)
{
    Sampler sampler{};
    sampler.seed = options.seed;
    sampler.context = options.context;
    sampler.batch = options.batch;
    const auto total = static_cast<std::int64_t>(tokens.values.size());
    const double share = options.unique > 0 && options.unique < total
        ? static_cast<double>(options.unique) / static_cast<double>(total)
        : 1;
    if (tokens.domains.empty()) {
        const std::int64_t used = share < 1 ? options.unique : total;
        sampler.stretch[sampler.stretches++] = {0, (used - 1) / options.context, -1};
    }
    std::vector<double> weights;
    for (const Domain& domain : tokens.domains) {
        Domain used = domain;
        used.count = static_cast<std::int64_t>(std::floor(share * static_cast<double>(domain.count)));
        sampler.stretch[sampler.stretches++] = {domain.begin, windowsIn(used, options.context), domain.token};
        weights.push_back(domain.weight);
    }
    for (int k = 0; k < sampler.stretches; ++k)
        if (sampler.stretch[k].windows < 1)
            throw Failure(Exit::Corpus,
                "The training text holds fewer than " + std::to_string(options.context + 1)
                    + " tokens that a member may use; use a longer text, a smaller T or more unique_tokens.");
    if (options.mix.empty())
        fill(sampler.phase[sampler.phases++], options.steps, weights);
    if (options.mix.size() > mostPhases)
        throw Failure(Exit::Usage,
            "Spec error at /data/mix: a mix has at most " + std::to_string(mostPhases) + " parts, not "
                + std::to_string(options.mix.size()) + ".");
    for (const MixPhase& part : options.mix) {
        if (part.weights.size() != tokens.domains.size())
            throw Failure(Exit::Usage,
                "Spec error at /data/mix: every part needs one weight for each of the "
                    + std::to_string(tokens.domains.size()) + " sources of a mixture, not "
                    + std::to_string(part.weights.size()) + ".");
        fill(sampler.phase[sampler.phases++], std::llround(part.until * static_cast<double>(options.steps)),
            part.weights);
    }
    return sampler;
}

void trainBatch(const Tokens& tokens, const Sampler& sampler, long step, std::int32_t* to)
{
    for (int row = 0; row < sampler.batch; ++row)
        copyWindow(tokens, windowAt(sampler, step, row), sampler.context, to + row * (sampler.context + 1));
}

void trainBatch(const Tokens& tokens, std::uint64_t seed, long step, int batch, int context, std::int32_t* to)
{
    trainBatch(tokens, makeSampler(tokens, {seed, batch, context, 1, 0, {}}), step, to);
}

void validationBatch(const Tokens& tokens, long index, int batch, int context, std::int32_t* to)
{
    if (tokens.domains.empty()) {
        for (int row = 0; row < batch; ++row)
            copyWindow(tokens, {(std::int64_t{index} * batch + row) * context, -1}, context, to + row * (context + 1));
        return;
    }
    EvenRows rows(tokens);
    for (std::int64_t skipped = 0; skipped < std::int64_t{index} * batch; ++skipped)
        rows.next();
    for (int row = 0; row < batch; ++row) {
        const EvenRow even = rows.next();
        const Domain& domain = tokens.domains[even.domain];
        copyWindow(tokens, {domain.begin + even.before % windowsIn(domain, context) * context, domain.token}, context,
            to + row * (context + 1));
    }
}

}

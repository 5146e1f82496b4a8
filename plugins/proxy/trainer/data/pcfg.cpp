// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/corpus.hpp"
#include "data/sampling.hpp"

#include <cmath>
#include <utility>

namespace proxy {

namespace {

// Rule r of nonterminal A emits terminal A * rules + r and then expands its children from the left.
struct Grammar {
    std::size_t symbols, rules;
    std::vector<double> p; // symbols x rules
    std::vector<std::vector<std::uint16_t>> children; // symbols x rules
};

Grammar buildGrammar(const Source& source)
{
    Grammar g{static_cast<std::size_t>(source.symbols), static_cast<std::size_t>(source.rules), {}, {}};
    g.p.resize(g.symbols * g.rules);
    g.children.resize(g.p.size());
    for (std::size_t a = 0; a < g.symbols; ++a) {
        double* row = g.p.data() + a * g.rules;
        double total = 0, offspring = 0, leaves = 0;
        for (std::size_t r = 0; r < g.rules; ++r) {
            const Words words = randomWords(source.seed, Stream::Chain, 1000, a * g.rules + r);
            row[r] = std::exp(source.temps.front() * gaussian(source.seed, 1001, a * g.rules + r));
            total += row[r];
            // Rule 0 is a leaf, so that every derivation can end.
            for (std::uint32_t c = 0; r > 0 && c < 1 + words.w[0] % 2; ++c)
                g.children[a * g.rules + r].push_back(
                    static_cast<std::uint16_t>(words.w[1 + c] % static_cast<std::uint32_t>(g.symbols)));
        }
        for (std::size_t r = 0; r < g.rules; ++r) {
            row[r] /= total;
            offspring += row[r] * static_cast<double>(g.children[a * g.rules + r].size());
            leaves += r == 0 ? row[r] : 0;
        }
        // Too fertile a symbol gives probability to its leaf; below one child in the mean, sentences end.
        if (offspring > source.branch) {
            const double scale = source.branch / offspring;
            for (std::size_t r = 1; r < g.rules; ++r)
                row[r] *= scale;
            row[0] = leaves + (1 - leaves) * (1 - scale);
        }
    }
    return g;
}

// Expected uses of each symbol in a sentence: e = start + M^T e, by elimination with row exchange.
std::vector<double> expectedUses(const Grammar& g)
{
    const std::size_t n = g.symbols;
    std::vector<std::vector<double>> a(n, std::vector<double>(n + 1, 0));
    for (std::size_t i = 0; i < n; ++i)
        a[i][i] = 1;
    a[0][n] = 1; // a sentence is one use of symbol 0
    for (std::size_t from = 0; from < n; ++from)
        for (std::size_t r = 0; r < g.rules; ++r)
            for (const std::uint16_t child : g.children[from * g.rules + r])
                a[child][from] -= g.p[from * g.rules + r];
    for (std::size_t c = 0; c < n; ++c) {
        std::size_t best = c;
        for (std::size_t r = c + 1; r < n; ++r)
            if (std::abs(a[r][c]) > std::abs(a[best][c]))
                best = r;
        std::swap(a[c], a[best]);
        for (std::size_t r = 0; r < n; ++r) {
            if (r == c)
                continue;
            const double factor = a[r][c] / a[c][c];
            for (std::size_t k = c; k <= n; ++k)
                a[r][k] -= factor * a[c][k];
        }
    }
    std::vector<double> uses(n);
    for (std::size_t i = 0; i < n; ++i)
        uses[i] = a[i][n] / a[i][i];
    return uses;
}

}

Tokens drawPcfg(const Source& source)
{
    Grammar g = buildGrammar(source);
    const std::vector<double> uses = expectedUses(g);
    double nats = 0, length = 0;
    for (std::size_t a = 0; a < g.symbols; ++a) {
        double own = 0, below = 0;
        for (std::size_t r = 0; r < g.rules; ++r) {
            double& p = g.p[a * g.rules + r];
            own -= p > 0 ? p * std::log(p) : 0;
            below += p;
            p = below; // cumulative from here on, ready for drawing
        }
        nats += uses[a] * own;
        length += uses[a]; // every rule emits one terminal
    }

    Tokens tokens{{}, source.symbols * source.rules, nats / length};
    tokens.values.resize(static_cast<std::size_t>(source.count));
    std::vector<std::uint16_t> stack;
    for (std::size_t i = 0; i < tokens.values.size(); ++i) {
        if (stack.empty())
            stack.push_back(0);
        const std::size_t symbol = stack.back();
        stack.pop_back();
        const std::size_t rule = symbol * g.rules
            + pick(g.p.data() + symbol * g.rules, source.rules, randomWords(source.sampleSeed, Stream::Sample, 3, i));
        tokens.values[i] = static_cast<std::uint16_t>(rule);
        stack.insert(stack.end(), g.children[rule].rbegin(), g.children[rule].rend());
    }
    return tokens;
}

}

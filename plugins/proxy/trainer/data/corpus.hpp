// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

namespace proxy {

// One domain of a mixture: a stretch of the text, and the token that announces it at the head of every window.
struct Domain {
    std::int64_t begin = 0, count = 0;
    int token = 0;
    double weight = 1; // its share of the windows unless a member says otherwise; the weights sum to 1
    double entropy = std::numeric_limits<double>::quiet_NaN();
};

// A sequence of tokens in [0, vocab).
struct Tokens {
    std::vector<std::uint16_t> values;
    int vocab = 0;
    double entropy = std::numeric_limits<double>::quiet_NaN(); // nats per token, NaN where unknown
    std::vector<Domain> domains{}; // empty unless the text is a mixture
};

enum class SourceKind { Zipf, Markov, Copy, Modular, Pcfg, Mixture, File };
// How the tokens of a file are stored; Auto looks at its first bytes and its name.
enum class FileFormat { Auto, Bytes, Words, LlmC, TokenFile };

// How a corpus is made. The chain (`seed`) is apart from the sample drawn from it (`sampleSeed`), so training and
// validation text come from the same language.
struct Source {
    SourceKind kind = SourceKind::Markov;
    int vocab = 16;
    int order = 2; // markov
    std::vector<double> temps; // markov: temps[k-1] scales the order-k part of the logits; pcfg: one number
    double exponent = 0; // zipf, markov: base probabilities fall as rank^-exponent
    std::uint64_t seed = 11;
    std::uint64_t sampleSeed = 1;
    std::int64_t count = 0; // tokens to draw
    int block = 16; // copy: tokens that are repeated once
    int modulus = 16; // modular
    int symbols = 4, rules = 4; // pcfg: nonterminals, and rules for each; the vocabulary is their product
    double branch = 0.9; // pcfg: largest mean number of children of a node, below 1
    std::vector<Source> sources; // mixture
    std::vector<double> weights; // mixture: one per source, summing to 1
    std::filesystem::path file; // bytes or a token file
    FileFormat format = FileFormat::Auto;
};

// The two corpora of a sweep, and how they came to be.
struct Corpus {
    Tokens train, validation;
};

// Draws i.i.d. tokens with p(rank r) ~ (r+1)^-exponent. Entropy -sum p ln p.
Tokens drawZipf(const Source& source);

// Draws from the chain p(x | context) = softmax(-s ln(x+1) + sum_k temps[k-1] g_k(x, last k tokens)), g standard normal
// and fixed by `seed`. Entropy from the stationary distribution of contexts, by power iteration.
// Needs vocab^(order+1) <= 2^26; throws Failure(Usage) beyond.
Tokens drawMarkov(const Source& source);

// Blocks of uniform random tokens, each followed by its copy. Entropy ln(V) / 2: the copy is determined.
Tokens drawCopy(const Source& source);

// Triples a, p + b, 2 p + (a + b) mod p with a and b uniform below the modulus p: a token's range tells its place, so
// that even a window of few tokens determines the sums. Vocabulary 3 p, entropy 2 ln(p) / 3.
Tokens drawModular(const Source& source);

// Sentences of a random context-free grammar. Each rule begins with a terminal of its own, so a text has one derivation
// and its entropy rate is that of the derivations: sum_A e_A H(A) / sum_A e_A with e the expected uses of nonterminal A
// in a sentence, from linear equations.
Tokens drawPcfg(const Source& source);

// The texts of all sources end to end as domains; vocabulary = the largest of theirs + one token per domain.
// Entropy: the weighted mean.
Tokens drawMixture(const Source& source);

// The mixture as one text for a file: documents of `length` tokens, each its domain's token and the next of its text,
// domains drawn by weight. Entropy (H(weights) + (length - 1) sum_k w_k h_k) / length.
Tokens interleaved(const Tokens& mixture, std::uint64_t seed, std::int64_t count, int length = 256);

// Draws from the source; files are read whole. Throws Failure(Corpus) when a file cannot be used.
Tokens draw(const Source& source);

// Cuts the last `fraction` of the tokens off as validation text.
Corpus splitTail(Tokens whole, double fraction);

// Reads a token file of ours ("PTOK"), one of llm.c (256 int32 with magic 20240520, then 16-bit tokens), raw 16-bit
// tokens as nanoGPT writes them (by the name *.bin), or any other file as bytes with 256 symbols. The vocabulary of
// 16-bit tokens is the largest one + 1. Throws Failure(Corpus).
Tokens readTokens(const std::filesystem::path& path, FileFormat format = FileFormat::Auto);

// Writes a token file: "PTOK", then little-endian u32 version 1, u32 vocab, u32 bytes per token (1, 2 or 4), u64 count,
// f64 entropy, 64 hexadecimal digits of the payload's SHA-256, payload. Throws Failure(Files).
void writeTokens(const Tokens& tokens, const std::filesystem::path& path);

// SHA-256 of the tokens as little-endian 16-bit words, for the manifest.
std::string fingerprint(const Tokens& tokens);

}

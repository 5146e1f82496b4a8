// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

namespace proxy {

// A sequence of tokens in [0, vocab).
struct Tokens {
    std::vector<std::uint16_t> values;
    int vocab = 0;
    double entropy = std::numeric_limits<double>::quiet_NaN(); // nats per token, NaN where unknown
};

enum class SourceKind { Zipf, Markov, File };

// How a corpus is made. The chain (`seed`) is apart from the sample drawn from it (`sampleSeed`), so training and
// validation text come from the same language.
struct Source {
    SourceKind kind = SourceKind::Markov;
    int vocab = 16;
    int order = 2; // markov
    std::vector<double> temps; // markov: temps[k-1] scales the order-k part of the logits
    double exponent = 0; // zipf, markov: base probabilities fall as rank^-exponent
    std::uint64_t seed = 11;
    std::uint64_t sampleSeed = 1;
    std::int64_t count = 0; // tokens to draw
    std::filesystem::path file; // bytes or a token file
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

// Draws from the source; files are read whole. Throws Failure(Corpus) when a file cannot be used.
Tokens draw(const Source& source);

// Cuts the last `fraction` of the tokens off as validation text.
Corpus splitTail(Tokens whole, double fraction);

// Reads a token file of ours ("PTOK"), or any other file as bytes with 256 symbols. Throws Failure(Corpus).
Tokens readTokens(const std::filesystem::path& path);

// Writes a token file: "PTOK", then little-endian u32 version 1, u32 vocab, u32 bytes per token (1 or 2), u64 count,
// f64 entropy, 64 hexadecimal digits of the payload's SHA-256, payload. Throws Failure(Files).
void writeTokens(const Tokens& tokens, const std::filesystem::path& path);

// SHA-256 of the tokens as little-endian 16-bit words, for the manifest.
std::string fingerprint(const Tokens& tokens);

}

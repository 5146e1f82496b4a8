// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "data/corpus.hpp"

#include <cstdint>

namespace proxy {

// Number of windows of `context` tokens (each with its next token) in a corpus.
std::int64_t windowCount(const Tokens& tokens, int context);

// A pseudo-random permutation of [0, count), by a six-round Feistel network walked until it lands inside.
std::int64_t permuted(std::uint64_t seed, std::uint32_t epoch, std::int64_t count, std::int64_t index);

// Fills `to` (batch rows of context + 1 tokens) with the windows of step `step`: every window once per epoch, in an
// order fixed by `seed` alone, so members with the same data seed see the same batches.
void trainBatch(const Tokens& tokens, std::uint64_t seed, long step, int batch, int context, std::int32_t* to);

// Fills `to` with windows number `index` * batch and following, in the order of the text.
void validationBatch(const Tokens& tokens, long index, int batch, int context, std::int32_t* to);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/philox.hpp"
#include "cuda/kernels/rows.hpp"
#include "cuda/slot.hpp"

namespace proxy {

PROXY_INLINE std::int64_t permutedWindow(std::uint64_t seed, std::uint32_t epoch, std::int64_t count, std::int64_t index)
{
    int half = 1;
    while (std::int64_t{1} << (2 * half) < count)
        ++half;
    const std::uint64_t mask = (std::uint64_t{1} << half) - 1;
    auto value = static_cast<std::uint64_t>(index);
    do {
        std::uint64_t left = value >> half, right = value & mask;
        for (std::uint64_t round = 0; round < 6; ++round) {
            const Words words = randomWords(seed, Stream::Order, epoch, right | round << 56);
            const std::uint64_t mixed = left ^ (words.w[0] & mask);
            left = right;
            right = mixed;
        }
        value = left << half | right;
    } while (value >= static_cast<std::uint64_t>(count));
    return static_cast<std::int64_t>(value);
}

// The batch of the slot's next step, one block per row; also clears the largest attention logits of the step.
PROXY_KERNEL drawBatch(Dims s, const int* active, const Slot* slots, const std::uint16_t* corpus,
    std::int64_t corpusTokens, std::int32_t* tokens, int* top)
{
    PROXY_SHARED std::int64_t window;
    const int m = slotIndex(), row = piece();
    if (!active[m])
        return;
    if (thread() == 0) {
        const std::int64_t count = (corpusTokens - 1) / s.context;
        const std::int64_t position = slots[m].step * s.batch + row;
        window = permutedWindow(
            slots[m].dataSeed, static_cast<std::uint32_t>(position / count), count, position % count);
    }
    __syncthreads();
    std::int32_t* to = tokens + (std::int64_t{m} * s.batch + row) * (s.context + 1);
    for (int i = thread(); i <= s.context; i += blockWidth())
        to[i] = corpus[window * s.context + i];
    if (row == 0)
        for (int layer = thread(); layer < s.layers; layer += blockWidth())
            top[m * s.layers + layer] = orderedBits(-1e30f);
}

// Validation batch number `*index` for every slot, in the order of the text.
PROXY_KERNEL drawValidation(Dims s, const int* active, const std::uint16_t* corpus, const std::int64_t* index,
    std::int32_t* tokens, int* top)
{
    const int m = slotIndex(), row = piece();
    if (!active[m])
        return;
    const std::int64_t window = *index * s.batch + row;
    std::int32_t* to = tokens + (std::int64_t{m} * s.batch + row) * (s.context + 1);
    for (int i = thread(); i <= s.context; i += blockWidth())
        to[i] = corpus[window * s.context + i];
    if (row == 0)
        for (int layer = thread(); layer < s.layers; layer += blockWidth())
            top[m * s.layers + layer] = orderedBits(-1e30f);
}

// Counts the step of every moving slot; one that has made all its steps stops.
PROXY_KERNEL finishStep(int slotCount, int* active, Slot* slots, std::int64_t* tick)
{
    for (int m = thread(); m < slotCount; m += blockWidth()) {
        if (!active[m])
            continue;
        slots[m].step += 1;
        if (slots[m].step >= slots[m].steps)
            active[m] = 0;
    }
    if (thread() == 0)
        tick[0] += 1;
}

// Adds a validation batch to the sums of the slots under evaluation; one that has seen all its batches stops.
PROXY_KERNEL addValidation(
    int slotCount, int* active, const BatchSums* sums, const std::int64_t* batches, double* totals, std::int64_t* index)
{
    for (int m = thread(); m < slotCount; m += blockWidth()) {
        if (!active[m])
            continue;
        totals[2 * m] += sums[m].loss;
        totals[2 * m + 1] += sums[m].accuracy;
        if (*index + 1 >= batches[m])
            active[m] = 0;
    }
    __syncthreads();
    if (thread() == 0)
        *index += 1;
}

// bfloat16 copy of one slot's parameters.
PROXY_KERNEL shadowAll(std::int64_t count, const float* theta, BFloat* shadow)
{
    const std::int64_t i = std::int64_t{piece()} * blockWidth() + thread();
    if (i < count)
        store(shadow[i], theta[i]);
}

}

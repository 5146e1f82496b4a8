// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/philox.hpp"
#include "cuda/kernels/rows.hpp"
#include "cuda/slot.hpp"
#include "data/batches.hpp"

namespace proxy {

// The batch of the slot's next step, one block per row; also clears the largest attention logits of the step.
PROXY_KERNEL drawBatch(Dims s, const int* active, const Slot* slots, const Sampler* samplers,
    const std::uint16_t* corpus, std::int32_t* tokens, int* top)
{
    PROXY_SHARED Window window;
    const int m = slotIndex(), row = piece();
    if (!active[m])
        return;
    if (thread() == 0)
        window = windowAt(samplers[m], slots[m].step, row);
    __syncthreads();
    const Window own = window;
    const int shift = own.token >= 0 ? 1 : 0;
    std::int32_t* to = tokens + (std::int64_t{m} * s.batch + row) * (s.context + 1);
    for (int i = thread(); i <= s.context; i += blockWidth())
        to[i] = i < shift ? own.token : corpus[own.begin + i - shift];
    if (row == 0)
        for (int layer = thread(); layer < s.layers; layer += blockWidth())
            top[m * s.layers + layer] = orderedBits(-1e30f);
}

// Validation batch number `*index` for every slot, from the windows that the host laid out in their order.
PROXY_KERNEL drawValidation(Dims s, const int* active, const std::int32_t* windows, const std::int64_t* index,
    std::int32_t* tokens, int* top)
{
    const int m = slotIndex(), row = piece();
    if (!active[m])
        return;
    const std::int32_t* from = windows + (*index * s.batch + row) * (s.context + 1);
    std::int32_t* to = tokens + (std::int64_t{m} * s.batch + row) * (s.context + 1);
    for (int i = thread(); i <= s.context; i += blockWidth())
        to[i] = from[i];
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

// to = onto + from with the member's dropout; `onto` may be null and `to` any of them. Four elements share a draw.
template <typename A>
PROXY_KERNEL dropRows(Dims s, const int* active, const Slot* slots, bool training, std::uint32_t place,
    const float* from, const float* onto, A* to)
{
    const int m = slotIndex();
    const std::int64_t count = std::int64_t{s.rows} * s.width, base = m * count;
    const std::int64_t block = std::int64_t{piece()} * blockWidth() + thread();
    if (!active[m] || 4 * block >= count)
        return;
    const double share = training ? slots[m].dropout : 0;
    const auto kept = static_cast<float>(1 / (1 - share));
    Words words{};
    if (share > 0)
        words = dropoutWords(slots[m].seed, static_cast<std::uint64_t>(slots[m].step), place,
            static_cast<std::uint64_t>(block));
    for (int i = 0; i < 4 && 4 * block + i < count; ++i) {
        const std::int64_t at = base + 4 * block + i;
        const float x = share > 0 && words.w[i] < dropoutLevel(share) ? 0.0f : from[at] * kept;
        store(to[at], onto ? onto[at] + x : x);
    }
}

// bfloat16 copy of one slot's parameters.
PROXY_KERNEL shadowAll(std::int64_t count, const float* theta, BFloat* shadow)
{
    const std::int64_t i = std::int64_t{piece()} * blockWidth() + thread();
    if (i < count)
        store(shadow[i], theta[i]);
}

}

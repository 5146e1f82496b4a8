// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cuda/kernels/rows.hpp"
#include "cuda/slot.hpp"

#include <cmath>

namespace proxy {

constexpr int chunkElements = 4096;

// Sum of squares of one chunk of the gradient.
PROXY_KERNEL gradSquares(Dims s, const int* active, const Chunk* chunks, const float* grad, double* partial)
{
    const int m = slotIndex();
    if (!active[m])
        return;
    const Chunk chunk = chunks[piece()];
    const float* g = grad + m * s.stride + chunk.begin;
    double total = 0;
    for (int i = thread(); i < chunk.count; i += blockWidth())
        total += static_cast<double>(g[i]) * static_cast<double>(g[i]);
    total = blockSum(total);
    if (thread() == 0)
        partial[std::int64_t{m} * static_cast<int>(gridDim.x) + piece()] = total;
}

// One block per slot: norms per tensor and in all, the constants of the update, the step's record. A member whose
// objective or gradient is not finite stands still from here on.
PROXY_KERNEL prepareUpdate(Dims s, int* active, Slot* slots, const BatchSums* sums, const int* top,
    const double* partial, int chunkCount, const TensorFacts* tensors, int tensorCount, const double* rates,
    const std::int64_t* tick, int ringLength, double* tensorSquares, UpdateStep* updates, RingRow* ring)
{
    const int m = slotIndex(), slotCount = static_cast<int>(gridDim.y);
    const std::int64_t line = tick[0] % ringLength * slotCount + m;
    if (!active[m]) {
        if (thread() == 0)
            ring[line].valid = 0;
        return;
    }
    for (int t = thread(); t < tensorCount; t += blockWidth()) {
        double total = 0;
        for (int c = 0; c < tensors[t].chunks; ++c)
            total += partial[std::int64_t{m} * chunkCount + tensors[t].firstChunk + c];
        tensorSquares[std::int64_t{m} * tensorCount + t] = total;
    }
    __syncthreads();
    if (thread() != 0)
        return;
    double total = 0;
    for (int t = 0; t < tensorCount; ++t)
        total += tensorSquares[std::int64_t{m} * tensorCount + t];
    Slot& slot = slots[m];
    const double norm = sqrt(total), lr = rates[line];
    const auto count = static_cast<double>(slot.step + 1);
    UpdateStep u;
    u.beta1 = slot.beta1;
    u.beta2 = slot.beta2;
    u.eps = slot.eps;
    u.clip = slot.clip > 0 && norm > slot.clip ? slot.clip / norm : 1;
    u.correction1 = 1 - pow(slot.beta1, count);
    u.correction2 = 1 - pow(slot.beta2, count);
    u.rate = lr;
    const double scheduled = slot.lr > 0 ? lr / slot.lr : 0;
    u.decay = slot.decay * (slot.independent ? scheduled : lr);
    updates[m] = u;
    double most = -1e30;
    for (int layer = 0; layer < s.layers; ++layer) {
        const auto high = static_cast<double>(fromOrderedBits(top[m * s.layers + layer]));
        most = high <= most ? most : high;
    }
    RingRow row;
    row.sums = sums[m];
    row.lr = lr;
    row.gradNorm = norm;
    row.clip = u.clip;
    row.maxAttention = most;
    row.step = slot.step;
    row.valid = 1;
    ring[line] = row;
    if (!(fabs(row.sums.objective) <= 1.7976931348623157e308) || !(norm <= 1.7976931348623157e308)) {
        slot.nanStep = slot.step;
        slot.step += 1;
        active[m] = 0;
    }
}

PROXY_KERNEL adamUpdate(Dims s, const int* active, const Slot* slots, const UpdateStep* updates, const Chunk* chunks,
    const TensorFacts* tensors, float* theta, const float* grad, float* first, float* second, BFloat* shadow)
{
    const int m = slotIndex();
    if (!active[m])
        return;
    const Chunk chunk = chunks[piece()];
    const UpdateStep u = updates[m];
    const AdamStep step{u.beta1, u.beta2, u.eps, u.clip, u.correction1, u.correction2, u.rate, u.decay};
    const bool decays = slots[m].decayAll || tensors[chunk.tensor].isMatrix;
    const float shrink = decays ? static_cast<float>(u.decay) : 0.0f;
    const std::int64_t base = m * s.stride + chunk.begin;
    for (int i = thread(); i < chunk.count; i += blockWidth()) {
        const std::int64_t at = base + i;
        float value = theta[at], mean = first[at], square = second[at];
        adamElement(value, grad[at], mean, square, step, shrink);
        theta[at] = value;
        first[at] = mean;
        second[at] = square;
        if (shadow)
            store(shadow[at], value);
    }
}

}

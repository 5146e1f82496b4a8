// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cuda/kernels/rows.hpp"
#include "cuda/slot.hpp"

#include <cmath>

namespace proxy {

constexpr int chunkElements = 4096;

// Sums of squares of one chunk, of the gradient and, for members that ask for it, of the parameters.
PROXY_KERNEL chunkSquares(Dims s, const int* active, const Slot* slots, const Chunk* chunks, const float* theta,
    const float* grad, double* partial)
{
    const int m = slotIndex();
    if (!active[m])
        return;
    const Chunk chunk = chunks[piece()];
    const float* g = grad + m * s.stride + chunk.begin;
    const float* p = theta + m * s.stride + chunk.begin;
    double total = 0, size = 0;
    for (int i = thread(); i < chunk.count; i += blockWidth())
        total += static_cast<double>(g[i]) * static_cast<double>(g[i]);
    total = blockSum(total);
    if (slots[m].scaleByRms) {
        for (int i = thread(); i < chunk.count; i += blockWidth())
            size += static_cast<double>(p[i]) * static_cast<double>(p[i]);
        size = blockSum(size);
    }
    if (thread() == 0) {
        double* to = partial + 2 * (std::int64_t{m} * static_cast<int>(gridDim.x) + piece());
        to[0] = total;
        to[1] = size;
    }
}

PROXY_INLINE bool isNumber(double x)
{
    return x - x == 0;
}

// One block per slot: norms per tensor and in all, the constants of the update of every tensor, the step's record. A
// member whose objective or gradient is not finite stands still from here on.
PROXY_KERNEL prepareUpdate(Dims s, int* active, Slot* slots, const Segment* segments, const BatchSums* sums,
    const int* top, const double* partial, int chunkCount, const TensorFacts* tensors, int tensorCount,
    const std::int64_t* tick, int ringLength, double* tensorSquares, double* limiter, AdamStep* updates, RingRow* ring)
{
    PROXY_SHARED double shared[4]; // norm, rate, clip, share of the decay
    const int m = slotIndex();
    const std::int64_t line = tick[0] % ringLength * static_cast<int>(gridDim.y) + m;
    if (!active[m]) {
        if (thread() == 0)
            ring[line].valid = 0;
        return;
    }
    Slot& slot = slots[m];
    double* squares = tensorSquares + 2 * std::int64_t{m} * tensorCount;
    for (int t = thread(); t < tensorCount; t += blockWidth()) {
        double total = 0, size = 0;
        for (int c = 0; c < tensors[t].chunks; ++c) {
            const double* from = partial + 2 * (std::int64_t{m} * chunkCount + tensors[t].firstChunk + c);
            total += from[0];
            size += from[1];
        }
        squares[2 * t] = total;
        squares[2 * t + 1] = size;
    }
    __syncthreads();
    if (thread() == 0) {
        double total = 0;
        for (int t = 0; t < tensorCount; ++t)
            total += squares[2 * t];
        shared[0] = sqrt(total);
        shared[1] = rateAt(segments + std::int64_t{m} * mostSegments, slot.segments, slot.step);
        shared[2] = slot.clip > 0 && shared[0] > slot.clip ? slot.clip / shared[0] : 1;
        shared[3] = slot.decay * (slot.lr > 0 ? shared[1] / slot.lr : 0);
    }
    __syncthreads();
    const auto count = static_cast<double>(slot.step + 1);
    const double correction1 = 1 - pow(slot.beta1, count), correction2 = 1 - pow(slot.beta2, count);
    double smallest = 1;
    for (int t = thread(); t < tensorCount; t += blockWidth()) {
        AdamStep u{slot.beta1, slot.beta2, slot.eps, shared[2], correction1, correction2, shared[1], 0};
        if (slot.limiter > 0 && tensors[t].isMatrix) {
            double& last = limiter[std::int64_t{m} * tensorCount + t];
            const double factor = limiterFactor(shared[2] * sqrt(squares[2 * t]), last, slot.limiter, slot.step == 0);
            u.clip *= factor;
            smallest = factor < smallest ? factor : smallest;
        }
        if (tensors[t].isMatrix)
            u.rate *= slot.matrixRate;
        if (slot.scaleByRms) {
            const double size = sqrt(squares[2 * t + 1] / tensors[t].elements);
            u.rate *= size < 1e-3 ? 1e-3 : size;
        }
        if (slot.decayAll || tensors[t].isMatrix)
            u.decay = slot.independent ? shared[3] : slot.decay * u.rate;
        updates[std::int64_t{m} * tensorCount + t] = u;
    }
    PROXY_SHARED double factors[32];
    for (int distance = 16; distance > 0; distance /= 2) {
        const double other = shuffle(smallest, lane() ^ distance);
        smallest = other < smallest ? other : smallest;
    }
    if (lane() == 0)
        factors[warp()] = smallest;
    __syncthreads();
    if (thread() != 0)
        return;
    RingRow row;
    row.sums = sums[m];
    row.lr = shared[1];
    row.gradNorm = shared[0];
    row.clip = shared[2];
    row.limiter = smallest;
    for (int w = 1; w < blockWidth() / 32; ++w)
        row.limiter = factors[w] < row.limiter ? factors[w] : row.limiter;
    row.maxAttention = s.layers > 0 ? -1e30 : 0;
    for (int layer = 0; layer < s.layers; ++layer) {
        const auto high = static_cast<double>(fromOrderedBits(top[m * s.layers + layer]));
        row.maxAttention = high <= row.maxAttention ? row.maxAttention : high;
    }
    row.step = slot.step;
    row.valid = 1;
    ring[line] = row;
    if (!isNumber(row.sums.objective) || !isNumber(row.gradNorm)) {
        slot.nanStep = slot.step;
        slot.step += 1;
        active[m] = 0;
    }
}

// AdamW on one chunk; for members that are measured also what it saw, in the order of AdamSums.
PROXY_KERNEL adamUpdate(Dims s, const int* active, const AdamStep* updates, int tensorCount, const Chunk* chunks,
    float* theta, const float* grad, float* first, float* second, BFloat* shadow, const int* measuring, double* seen)
{
    const int m = slotIndex();
    if (!active[m])
        return;
    const Chunk chunk = chunks[piece()];
    const AdamStep step = updates[std::int64_t{m} * tensorCount + chunk.tensor];
    const auto shrink = static_cast<float>(step.decay);
    const std::int64_t base = m * s.stride + chunk.begin;
    double update = 0, parameter = 0, change = 0, below = 0;
    for (int i = thread(); i < chunk.count; i += blockWidth()) {
        const std::int64_t at = base + i;
        const float before = theta[at];
        float mean = first[at], square = second[at], root;
        const float direction = adamDirection(grad[at], mean, square, step, root);
        const float after = before - static_cast<float>(step.rate) * direction - shrink * before;
        theta[at] = after;
        first[at] = mean;
        second[at] = square;
        if (shadow)
            store(shadow[at], after);
        update += static_cast<double>(direction * direction);
        parameter += static_cast<double>(before * before);
        change += static_cast<double>((after - before) * (after - before));
        below += root < static_cast<float>(step.eps) ? 1 : 0;
    }
    if (!measuring[m])
        return;
    double* to = seen + 4 * (std::int64_t{m} * static_cast<int>(gridDim.x) + piece());
    const double sums[4]{blockSum(update), blockSum(parameter), blockSum(change), blockSum(below)};
    if (thread() == 0)
        for (int i = 0; i < 4; ++i)
            to[i] = sums[i];
}

// Sum of squares of each slot's `count` values into out[slot * pitch]; one block per slot, for the rare lines of
// vectors.
PROXY_KERNEL arraySquares(const float* values, std::int64_t count, int pitch, double* out)
{
    const float* own = values + slotIndex() * count;
    double total = 0;
    for (std::int64_t i = thread(); i < count; i += blockWidth())
        total += static_cast<double>(own[i]) * static_cast<double>(own[i]);
    total = blockSum(total);
    if (thread() == 0)
        out[std::int64_t{slotIndex()} * pitch] = total;
}

}

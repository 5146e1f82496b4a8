// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cuda/kernels/rows.hpp"
#include "cuda/slot.hpp"

#include <cmath>

#if defined(__CUDACC__)
#define PROXY_UNROLL _Pragma("unroll")
#else
#define PROXY_UNROLL
#endif

// Causal attention without a score matrix in memory, for heads of 16, 32 or 64 values. A thread (two for 64) owns one
// query, or one key, and walks over tiles of the other side in shared memory; scores are formed anew in the backward
// pass with the same operations in the same order, so they are the same numbers.
namespace proxy {

constexpr int attentionTile = 64;

PROXY_INLINE bool fusedAttention(int headWidth, int context)
{
    return (headWidth == 16 || headWidth == 32 || headWidth == 64) && context <= 512;
}

// Where a thread of a fused kernel stands.
template <int E> struct AttentionPlace {
    static constexpr int per = E < 32 ? E : 32; // values a thread holds
    static constexpr int parts = E / per; // threads that share a row
    static constexpr int threads = attentionTile * parts;
    int tiles, tile, row, part;
    std::int64_t rows; // first row of this head among all rows of q, k, v
    std::int64_t narrow; // first value of this head in q, k, v
    std::int64_t wide; // first value of this head in the rows of the residual width

    PROXY_DEVICE_MEMBER AttentionPlace(const Dims& s, int m)
    {
        tiles = (s.context + attentionTile - 1) / attentionTile;
        const int block = piece() / tiles;
        tile = piece() % tiles;
        row = tile * attentionTile + thread() / parts;
        part = thread() % parts;
        rows = (std::int64_t{m} * s.batch * s.heads + block) * s.context;
        narrow = rows * E;
        wide = (std::int64_t{m} * s.rows + std::int64_t{block / s.heads} * s.context) * s.width + block % s.heads * E;
    }
};

// Copies up to 64 rows of E values into shared memory, zeros behind the last row.
template <int E, typename A>
PROXY_DEVICE void loadTile(float* to, const A* from, std::int64_t pitch, int first, int context)
{
    for (int i = thread(); i < attentionTile * E; i += blockWidth()) {
        const int row = first + i / E;
        to[i] = row < context ? toFloat(from[row * pitch + i % E]) : 0.0f;
    }
}

template <int E> PROXY_DEVICE float rowDot(const float* own, const float* tileRow)
{
    using Place = AttentionPlace<E>;
    float total = 0;
    PROXY_UNROLL
    for (int i = 0; i < Place::per; ++i)
        total += own[i] * tileRow[i];
    return groupSum(total, Place::parts);
}

// relu(z)^2 / sqrt(T) and its slope; NaN stays NaN.
PROXY_DEVICE float squaredWeight(float score, float share)
{
    return score > 0 ? score * score * share : (score <= 0 ? 0.0f : score);
}
PROXY_DEVICE float squaredSlope(float score, float share)
{
    return score > 0 ? 2 * score * share : (score <= 0 ? 0.0f : score);
}

// Fills `mixed` (rows of the residual width), per query the largest logit and 1 / sum of exponentials, and raises
// top[slot * layers] to the largest logit of all.
template <int E, typename A>
PROXY_KERNEL attendForward(Dims s, const int* active, const Slot* slots, const float* q, const float* k, const float* v,
    A* mixed, float* high, float* inverse, int* top)
{
    using Place = AttentionPlace<E>;
    PROXY_SHARED float keys[attentionTile * E];
    PROXY_SHARED float values[attentionTile * E];
    const int m = slotIndex();
    if (!active[m])
        return;
    const Place p(s, m);
    const bool real = p.row < s.context, squared = slots[m].attention == Attention::SquaredRelu;
    const float scale = slots[m].logitScale, share = 1 / rootOf(static_cast<float>(s.context));
    float query[Place::per], out[Place::per];
    PROXY_UNROLL
    for (int i = 0; i < Place::per; ++i) {
        query[i] = real ? q[p.narrow + std::int64_t{p.row} * E + p.part * Place::per + i] * scale : 0.0f;
        out[i] = 0;
    }
    float largest = -INFINITY, total = 0;
    for (int tile = 0; tile <= p.tile; ++tile) {
        const int first = tile * attentionTile;
        loadTile<E>(keys, k + p.narrow, E, first, s.context);
        loadTile<E>(values, v + p.narrow, E, first, s.context);
        __syncthreads();
        const int count = s.context - first < attentionTile ? s.context - first : attentionTile;
        for (int j = 0; j < count; ++j) {
            const float score = rowDot<E>(query, keys + j * E + p.part * Place::per);
            if (first + j > p.row || !real)
                continue;
            if (!(score <= largest)) { // so that a NaN is kept
                const float shrink = squared ? 1.0f : expOf(largest - score);
                total *= shrink;
                PROXY_UNROLL
                for (int i = 0; i < Place::per; ++i)
                    out[i] *= shrink;
                largest = score;
            }
            const float weight = squared ? squaredWeight(score, share) : expOf(score - largest);
            total += weight;
            PROXY_UNROLL
            for (int i = 0; i < Place::per; ++i)
                out[i] += weight * values[j * E + p.part * Place::per + i];
        }
        __syncthreads();
    }
    const float normal = squared ? 1.0f : 1 / total;
    if (real) {
        PROXY_UNROLL
        for (int i = 0; i < Place::per; ++i)
            store(mixed[p.wide + std::int64_t{p.row} * s.width + p.part * Place::per + i], out[i] * normal);
        if (p.part == 0) {
            high[p.rows + p.row] = largest;
            inverse[p.rows + p.row] = normal;
        }
    }
    const float most = warpLargest(real ? largest : -INFINITY);
    if (lane() == 0)
        atomicLargest(top + std::int64_t{m} * s.layers, orderedBits(most));
}

// Gradient with respect to the queries; leaves sum_j P_ij dP_ij per query in `delta` for attendBackKeys.
template <int E, typename A>
PROXY_KERNEL attendBackQueries(Dims s, const int* active, const Slot* slots, const float* q, const float* k, const float* v,
    const A* mixed, const float* dMixed, const float* high, const float* inverse, float* delta, float* dq)
{
    using Place = AttentionPlace<E>;
    PROXY_SHARED float keys[attentionTile * E];
    PROXY_SHARED float values[attentionTile * E];
    const int m = slotIndex();
    if (!active[m])
        return;
    const Place p(s, m);
    const bool real = p.row < s.context, squared = slots[m].attention == Attention::SquaredRelu;
    const float scale = slots[m].logitScale, share = 1 / rootOf(static_cast<float>(s.context));
    float query[Place::per], dOut[Place::per], dQuery[Place::per];
    float sum = 0;
    PROXY_UNROLL
    for (int i = 0; i < Place::per; ++i) {
        const std::int64_t at = p.wide + std::int64_t{p.row} * s.width + p.part * Place::per + i;
        query[i] = real ? q[p.narrow + std::int64_t{p.row} * E + p.part * Place::per + i] * scale : 0.0f;
        dOut[i] = real ? dMixed[at] : 0.0f;
        sum += real ? dOut[i] * toFloat(mixed[at]) : 0.0f;
        dQuery[i] = 0;
    }
    sum = groupSum(sum, Place::parts);
    const float largest = real ? high[p.rows + p.row] : 0.0f, normal = real ? inverse[p.rows + p.row] : 0.0f;
    if (real && p.part == 0)
        delta[p.rows + p.row] = sum;
    for (int tile = 0; tile <= p.tile; ++tile) {
        const int first = tile * attentionTile;
        loadTile<E>(keys, k + p.narrow, E, first, s.context);
        loadTile<E>(values, v + p.narrow, E, first, s.context);
        __syncthreads();
        const int count = s.context - first < attentionTile ? s.context - first : attentionTile;
        for (int j = 0; j < count; ++j) {
            const int at = j * E + p.part * Place::per;
            const float score = rowDot<E>(query, keys + at);
            const float slope = rowDot<E>(dOut, values + at);
            if (first + j > p.row || !real)
                continue;
            const float change = scale
                * (squared ? squaredSlope(score, share) * slope : expOf(score - largest) * normal * (slope - sum));
            PROXY_UNROLL
            for (int i = 0; i < Place::per; ++i)
                dQuery[i] += change * keys[at + i];
        }
        __syncthreads();
    }
    PROXY_UNROLL
    for (int i = 0; real && i < Place::per; ++i)
        dq[p.narrow + std::int64_t{p.row} * E + p.part * Place::per + i] = dQuery[i];
}

// Gradients with respect to keys and values.
template <int E>
PROXY_KERNEL attendBackKeys(Dims s, const int* active, const Slot* slots, const float* q, const float* k, const float* v,
    const float* dMixed, const float* high, const float* inverse, const float* delta, float* dk, float* dv)
{
    using Place = AttentionPlace<E>;
    PROXY_SHARED float queries[attentionTile * E];
    PROXY_SHARED float slopes[attentionTile * E];
    PROXY_SHARED float facts[3][attentionTile];
    const int m = slotIndex();
    if (!active[m])
        return;
    const Place p(s, m);
    const bool real = p.row < s.context, squared = slots[m].attention == Attention::SquaredRelu;
    const float scale = slots[m].logitScale, share = 1 / rootOf(static_cast<float>(s.context));
    float key[Place::per], value[Place::per], dKey[Place::per], dValue[Place::per];
    PROXY_UNROLL
    for (int i = 0; i < Place::per; ++i) {
        const std::int64_t at = p.narrow + std::int64_t{p.row} * E + p.part * Place::per + i;
        key[i] = real ? k[at] : 0.0f;
        value[i] = real ? v[at] : 0.0f;
        dKey[i] = dValue[i] = 0;
    }
    for (int tile = p.tile; tile < p.tiles; ++tile) {
        const int first = tile * attentionTile;
        for (int i = thread(); i < attentionTile * E; i += blockWidth()) {
            const int row = first + i / E;
            queries[i] = row < s.context ? q[p.narrow + std::int64_t{row} * E + i % E] * scale : 0.0f;
        }
        loadTile<E>(slopes, dMixed + p.wide, s.width, first, s.context);
        if (thread() < attentionTile && first + thread() < s.context) {
            facts[0][thread()] = high[p.rows + first + thread()];
            facts[1][thread()] = inverse[p.rows + first + thread()];
            facts[2][thread()] = delta[p.rows + first + thread()];
        }
        __syncthreads();
        const int count = s.context - first < attentionTile ? s.context - first : attentionTile;
        for (int j = 0; j < count; ++j) {
            const int at = j * E + p.part * Place::per;
            const float score = rowDot<E>(key, queries + at);
            const float slope = rowDot<E>(value, slopes + at);
            if (first + j < p.row || !real)
                continue;
            const float weight = squared ? squaredWeight(score, share) : expOf(score - facts[0][j]) * facts[1][j];
            const float change = squared ? squaredSlope(score, share) * slope : weight * (slope - facts[2][j]);
            PROXY_UNROLL
            for (int i = 0; i < Place::per; ++i) {
                dValue[i] += weight * slopes[at + i];
                dKey[i] += change * queries[at + i]; // the queries carry the scale already
            }
        }
        __syncthreads();
    }
    PROXY_UNROLL
    for (int i = 0; real && i < Place::per; ++i) {
        const std::int64_t at = p.narrow + std::int64_t{p.row} * E + p.part * Place::per + i;
        dk[at] = dKey[i];
        dv[at] = dValue[i];
    }
}

// The general way, for any shape: scores come from a matrix product, one warp turns a row of T into weights.
PROXY_KERNEL softmaxRows(Dims s, const int* active, const Slot* slots, float* scores, int* top)
{
    const int m = slotIndex();
    const std::int64_t row = std::int64_t{piece()} * normWarps + warp();
    if (!active[m] || row >= std::int64_t{s.rows} * s.heads)
        return;
    float* w = scores + (std::int64_t{m} * s.rows * s.heads + row) * s.context;
    const int own = static_cast<int>(row % s.context);
    float largest = -INFINITY;
    const float scale = slots[m].logitScale, share = 1 / rootOf(static_cast<float>(s.context));
    const bool squared = slots[m].attention == Attention::SquaredRelu;
    for (int j = lane(); j <= own; j += 32) {
        w[j] *= scale;
        largest = w[j] <= largest ? largest : w[j];
    }
    largest = warpLargest(largest);
    float total = 0;
    for (int j = lane(); j <= own; j += 32) {
        w[j] = squared ? squaredWeight(w[j], share) : expOf(w[j] - largest);
        total += w[j];
    }
    total = warpSum(total);
    const float normal = squared ? 1.0f : 1 / total;
    for (int j = lane(); j < s.context; j += 32)
        w[j] = j <= own ? w[j] * normal : 0.0f;
    if (lane() == 0)
        atomicLargest(top + std::int64_t{m} * s.layers, orderedBits(largest));
}

// slopes <- scale * weights (slopes - sum of weights * slopes), per row.
PROXY_KERNEL softmaxRowsBack(Dims s, const int* active, const Slot* slots, const float* weights, float* slopes)
{
    const int m = slotIndex();
    const std::int64_t row = std::int64_t{piece()} * normWarps + warp();
    if (!active[m] || row >= std::int64_t{s.rows} * s.heads)
        return;
    const std::int64_t at = (std::int64_t{m} * s.rows * s.heads + row) * s.context;
    const int own = static_cast<int>(row % s.context);
    float total = 0;
    for (int j = lane(); j <= own; j += 32)
        total += weights[at + j] * slopes[at + j];
    const float mean = warpSum(total), scale = slots[m].logitScale, share = 1 / rootOf(static_cast<float>(s.context));
    const bool squared = slots[m].attention == Attention::SquaredRelu;
    for (int j = lane(); j < s.context; j += 32) {
        const float w = weights[at + j], g = slopes[at + j];
        // w = z^2 share, so dw / dz = 2 z share = 2 sqrt(w share).
        slopes[at + j] = j > own ? 0.0f : scale * (squared ? 2 * rootOf(w * share) * g : w * (g - mean));
    }
}

// Between heads (B x H x T x e) and rows of the residual width, for the general way.
template <typename A> PROXY_KERNEL mergeHeads(Dims s, const int* active, const float* heads, A* rows)
{
    const int m = slotIndex();
    const std::int64_t i = std::int64_t{piece()} * blockWidth() + thread(), count = std::int64_t{s.rows} * s.width;
    if (!active[m] || i >= count)
        return;
    const int row = static_cast<int>(i / s.width), column = static_cast<int>(i % s.width);
    const std::int64_t block = std::int64_t{row / s.context} * s.heads + column / s.headWidth;
    const std::int64_t at = (block * s.context + row % s.context) * s.headWidth + column % s.headWidth;
    store(rows[m * count + i], heads[m * count + at]);
}

PROXY_KERNEL cutHeads(Dims s, const int* active, const float* rows, float* heads)
{
    const int m = slotIndex();
    const std::int64_t i = std::int64_t{piece()} * blockWidth() + thread(), count = std::int64_t{s.rows} * s.width;
    if (!active[m] || i >= count)
        return;
    const int row = static_cast<int>(i / s.width), column = static_cast<int>(i % s.width);
    const std::int64_t block = std::int64_t{row / s.context} * s.heads + column / s.headWidth;
    const std::int64_t at = (block * s.context + row % s.context) * s.headWidth + column % s.headWidth;
    heads[m * count + at] = rows[m * count + i];
}

}

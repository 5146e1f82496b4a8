// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cuda/bfloat.hpp"
#include "cuda/dialect.hpp"
#include "model/formulas.hpp"

// Kernels over the rows of the residual stream. Everywhere `active` says which slots take part, arrays hold one piece
// per slot after the other, and A is the number format of what goes into matrix products.
namespace proxy {

// What every kernel must know of the shape class.
struct Dims {
    int batch, context, heads, headWidth, width, vocab, layers, rows;
    std::int64_t stride; // elements of one member's parameters
};

constexpr int normWarps = 4; // rows a block of normForward works on
constexpr int normBackRows = 32; // rows a block of normBack and joinHeads adds up

// Warps of a normBack block: each keeps one row of scale gradients in shared memory.
PROXY_INLINE int normBackWarps(int width)
{
    return width <= 2048 ? 4 : 2;
}

PROXY_KERNEL embed(Dims s, const int* active, const std::int32_t* tokens, const float* embedding, float* x)
{
    const int m = slotIndex();
    if (!active[m])
        return;
    const int row = piece();
    const int at = row / s.context * (s.context + 1) + row % s.context;
    const std::int64_t token = tokens[std::int64_t{m} * s.batch * (s.context + 1) + at];
    const float* from = embedding + m * s.stride + token * s.width;
    float* to = x + (std::int64_t{m} * s.rows + row) * s.width;
    for (int i = thread(); i < s.width; i += blockWidth())
        to[i] = from[i];
}

// y = (x - mean) rstd scale, one warp per row.
template <typename A>
PROXY_KERNEL normForward(
    Dims s, const int* active, const float* x, const float* scale, A* y, float* mean, float* rstd)
{
    const int m = slotIndex(), row = piece() * normWarps + warp(), d = s.width;
    if (!active[m] || row >= s.rows)
        return;
    const std::int64_t r = std::int64_t{m} * s.rows + row;
    const float* in = x + r * d;
    const float* factor = scale + m * s.stride;
    float total = 0;
    for (int i = lane(); i < d; i += 32)
        total += in[i];
    const float centre = warpSum(total) / static_cast<float>(d);
    float variance = 0;
    for (int i = lane(); i < d; i += 32)
        variance += (in[i] - centre) * (in[i] - centre);
    const float deviation = inverseDeviation(warpSum(variance) / static_cast<float>(d));
    for (int i = lane(); i < d; i += 32)
        store(y[r * d + i], (in[i] - centre) * deviation * factor[i]);
    if (lane() == 0) {
        mean[r] = centre;
        rstd[r] = deviation;
    }
}

// Gradient of normForward: into the residual gradient dOut (added or set), a copy of it for matrix products where the
// format differs, and one row of scale gradients per block into `partial`.
template <typename A>
PROXY_KERNEL normBack(Dims s, const int* active, const float* x, const float* scale, const float* mean,
    const float* rstd, const float* dy, bool add, float* dOut, A* dOutCopy, float* partial)
{
    PROXY_POOL(float, sums);
    const int m = slotIndex(), d = s.width, warps = blockWidth() / 32;
    if (!active[m])
        return;
    float* own = sums + warp() * d;
    for (int i = lane(); i < d; i += 32)
        own[i] = 0;
    const float* factor = scale + m * s.stride;
    for (int offset = warp(); offset < normBackRows; offset += warps) {
        const int row = piece() * normBackRows + offset;
        if (row >= s.rows)
            break;
        const std::int64_t r = std::int64_t{m} * s.rows + row, at = r * d;
        const float centre = mean[r], deviation = rstd[r];
        float a = 0, b = 0;
        for (int i = lane(); i < d; i += 32) {
            const float g = dy[at + i] * factor[i];
            a += g;
            b += g * (x[at + i] - centre) * deviation;
        }
        a = warpSum(a) / static_cast<float>(d);
        b = warpSum(b) / static_cast<float>(d);
        for (int i = lane(); i < d; i += 32) {
            const float unit = (x[at + i] - centre) * deviation;
            own[i] += dy[at + i] * unit;
            const float change = deviation * (dy[at + i] * factor[i] - a - unit * b);
            const float result = add ? dOut[at + i] + change : change;
            dOut[at + i] = result;
            if (dOutCopy)
                store(dOutCopy[at + i], result);
        }
    }
    __syncthreads();
    float* to = partial + (std::int64_t{m} * static_cast<int>(gridDim.x) + piece()) * d;
    for (int i = thread(); i < d; i += blockWidth()) {
        float total = 0;
        for (int w = 0; w < warps; ++w)
            total += sums[w * d + i];
        to[i] = total;
    }
}

// grad[i] = sum of partial[block][first + i] over the blocks, in their order; `pitch` values per block.
PROXY_KERNEL sumPartials(
    Dims s, const int* active, const float* partial, int blocks, int pitch, int first, int count, float* grad)
{
    const int m = slotIndex(), i = piece() * blockWidth() + thread();
    if (!active[m] || i >= count)
        return;
    const float* from = partial + std::int64_t{m} * blocks * pitch + first + i;
    float total = 0;
    for (int block = 0; block < blocks; ++block)
        total += from[std::int64_t{block} * pitch];
    grad[m * s.stride + i] = total;
}

template <typename A>
PROXY_KERNEL geluForward(const int* active, std::int64_t count, const float* up, A* act)
{
    const int m = slotIndex();
    const std::int64_t i = std::int64_t{piece()} * blockWidth() + thread();
    if (!active[m] || i >= count)
        return;
    store(act[m * count + i], gelu(up[m * count + i]));
}

// to = from * gelu'(up); `to` may be `from`.
template <typename A>
PROXY_KERNEL geluBack(const int* active, std::int64_t count, const float* up, const float* from, A* to)
{
    const int m = slotIndex();
    const std::int64_t i = std::int64_t{piece()} * blockWidth() + thread();
    if (!active[m] || i >= count)
        return;
    store(to[m * count + i], from[m * count + i] * geluSlope(up[m * count + i]));
}

// Gradient of the embedding: one block per token of the vocabulary adds the rows that read it, in their order.
PROXY_KERNEL embedBack(Dims s, const int* active, const std::int32_t* tokens, const float* dOut, float* grad)
{
    PROXY_SHARED std::uint32_t found[32];
    const int m = slotIndex(), wanted = piece(), warps = blockWidth() / 32;
    if (!active[m])
        return;
    const std::int32_t* own = tokens + std::int64_t{m} * s.batch * (s.context + 1);
    float* to = grad + m * s.stride + std::int64_t{wanted} * s.width;
    for (int i = thread(); i < s.width; i += blockWidth())
        to[i] = 0;
    for (int begin = 0; begin < s.rows; begin += blockWidth()) {
        const int row = begin + thread();
        const bool match = row < s.rows && own[row / s.context * (s.context + 1) + row % s.context] == wanted;
        const std::uint32_t bits = votes(match);
        if (lane() == 0)
            found[warp()] = bits;
        __syncthreads();
        for (int w = 0; w < warps; ++w) {
            for (std::uint32_t rest = found[w]; rest != 0; rest &= rest - 1) {
                const std::int64_t from = std::int64_t{m} * s.rows + begin + w * 32 + lowestBit(rest);
                for (int i = thread(); i < s.width; i += blockWidth())
                    to[i] += dOut[from * s.width + i];
            }
        }
        __syncthreads();
    }
}

}

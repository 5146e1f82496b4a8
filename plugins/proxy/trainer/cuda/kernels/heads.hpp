// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cuda/kernels/rows.hpp"
#include "cuda/slot.hpp"

// From the rows of q, k and v to heads and back. A group of `groupLanes` lanes works on one head of one row; each lane
// owns pairs (i, i + e/2), the pairs that the rotation mixes.
namespace proxy {

PROXY_INLINE int groupLanes(int headWidth)
{
    int width = 1;
    while (width < 32 && width < headWidth / 2)
        width *= 2;
    return width;
}

// Warps of a joinHeads block: each group keeps the scale gradients of a query and a key in shared memory.
PROXY_INLINE int joinWarps(int headWidth)
{
    return headWidth <= 1024 ? 4 : 1;
}

// What a group needs to know of its piece of work.
struct HeadPlace {
    bool valid;
    int row, part, head, position;
    std::int64_t wide, narrow; // where it starts in the qkv rows and in one of q, k, v
};

PROXY_DEVICE HeadPlace headPlace(const Dims& s, int m, int row, int item)
{
    HeadPlace p;
    p.valid = row < s.rows && item < 3 * s.heads;
    p.row = row;
    p.part = item / s.heads;
    p.head = item % s.heads;
    p.position = row % s.context;
    p.wide = (std::int64_t{m} * s.rows + row) * 3 * s.width + item * s.headWidth;
    const std::int64_t block = (std::int64_t{m} * s.batch + row / s.context) * s.heads + p.head;
    p.narrow = (block * s.context + p.position) * s.headWidth;
    return p;
}

// Mean and 1 / deviation of a head of one row, 0 and 1 where it is not normalised; all lanes of the group get them.
template <typename T> struct Moments {
    T centre, deviation;
};

PROXY_DEVICE Moments<float> headMoments(QkNorm kind, const HeadPlace& p, const float* x, int own, int e, int width)
{
    const int half = e / 2;
    float centre = 0;
    if (kind == QkNorm::Off) // the same for the whole block
        return {0, 1};
    if (kind == QkNorm::Head) {
        float total = 0;
        for (int i = own; p.valid && i < half; i += width)
            total += x[i] + x[i + half];
        centre = groupSum(total, width) / static_cast<float>(e);
    }
    float variance = 0;
    for (int i = own; p.valid && i < half; i += width)
        variance += (x[i] - centre) * (x[i] - centre) + (x[i + half] - centre) * (x[i + half] - centre);
    return {centre, inverseDeviation(groupSum(variance, width) / static_cast<float>(e))};
}

// Normalises queries and keys per head where the member asks for it, rotates them; values are only copied.
PROXY_KERNEL splitHeads(Dims s, const int* active, const Slot* slots, const float* qkv, const float* qScale,
    const float* kScale, const float* cosine, const float* sine, float* q, float* k, float* v)
{
    const int m = slotIndex(), e = s.headWidth, half = e / 2, width = groupLanes(e);
    if (!active[m])
        return;
    const int groups = blockWidth() / width;
    const std::int64_t work = std::int64_t{piece()} * groups + thread() / width;
    const int items = 3 * s.heads, own = lane() % width;
    const HeadPlace p = headPlace(s, m, static_cast<int>(work / items), static_cast<int>(work % items));
    const float* x = qkv + p.wide;
    const QkNorm kind = slots[m].qkNorm;
    const float rootKappa = slots[m].rootKappa;
    const Moments<float> facts = headMoments(kind, p, x, own, e, width);
    if (!p.valid)
        return;
    float* y = (p.part == 0 ? q : p.part == 1 ? k : v) + p.narrow;
    const float* scale = (p.part == 0 ? qScale : kScale) + m * s.stride;
    for (int i = own; i < half; i += width) {
        float a = x[i], b = x[i + half];
        if (p.part < 2) {
            a = (a - facts.centre) * facts.deviation;
            b = (b - facts.centre) * facts.deviation;
            a *= kind == QkNorm::Head ? scale[i] : kind == QkNorm::RmsFixed ? rootKappa : 1.0f;
            b *= kind == QkNorm::Head ? scale[i + half] : kind == QkNorm::RmsFixed ? rootKappa : 1.0f;
            const float c = cosine[p.position * half + i], n = sine[p.position * half + i];
            const float turned = a * c - b * n;
            b = b * c + a * n;
            a = turned;
        }
        y[i] = a;
        y[i + half] = b;
    }
}

// Inverse of splitHeads for gradients: fills the rows of dqkv, and per block 2e scale gradients (q, then k) into
// `partial`.
template <typename A>
PROXY_KERNEL joinHeads(Dims s, const int* active, const Slot* slots, const float* qkv, const float* qScale,
    const float* kScale, const float* cosine, const float* sine, const float* dq, const float* dk, const float* dv,
    A* dqkv, float* partial)
{
    PROXY_POOL(float, sums);
    const int m = slotIndex(), e = s.headWidth, half = e / 2, width = groupLanes(e);
    if (!active[m])
        return;
    const int groups = blockWidth() / width, group = thread() / width, own = lane() % width, items = 3 * s.heads;
    const QkNorm kind = slots[m].qkNorm;
    const float rootKappa = slots[m].rootKappa;
    float* kept = sums + group * 2 * e;
    for (int i = own; i < 2 * e; i += width)
        kept[i] = 0;
    __syncwarp();
    const int work = normBackRows * items;
    for (int begin = 0; begin < work; begin += groups) {
        const int index = begin + group;
        const int row = index < work ? piece() * normBackRows + index / items : s.rows;
        const HeadPlace p = headPlace(s, m, row, index % items);
        const float* x = qkv + p.wide;
        const float* dy = (p.part == 0 ? dq : p.part == 1 ? dk : dv) + p.narrow;
        const float* scale = (p.part == 0 ? qScale : kScale) + m * s.stride;
        const bool norm = kind != QkNorm::Off && p.part < 2;
        const Moments<float> facts = headMoments(kind, p, x, own, e, width);
        float mean = 0, slope = 0;
        if (kind != QkNorm::Off) {
            for (int i = own; p.valid && norm && i < half; i += width) {
                const float c = cosine[p.position * half + i], n = sine[p.position * half + i];
                const float a = (dy[i] * c + dy[i + half] * n) * (kind == QkNorm::Head ? scale[i] : rootKappa);
                const float b =
                    (dy[i + half] * c - dy[i] * n) * (kind == QkNorm::Head ? scale[i + half] : rootKappa);
                mean += a + b;
                slope += a * (x[i] - facts.centre) * facts.deviation + b * (x[i + half] - facts.centre) * facts.deviation;
            }
            mean = kind == QkNorm::Head ? groupSum(mean, width) / static_cast<float>(e) : 0.0f;
            slope = groupSum(slope, width) / static_cast<float>(e);
        }
        for (int i = own; p.valid && i < half; i += width) {
            float a = dy[i], b = dy[i + half];
            if (p.part < 2) {
                const float c = cosine[p.position * half + i], n = sine[p.position * half + i];
                const float turned = a * c + b * n;
                b = b * c - a * n;
                a = turned;
            }
            if (norm) {
                const float first = (x[i] - facts.centre) * facts.deviation;
                const float second = (x[i + half] - facts.centre) * facts.deviation;
                if (kind == QkNorm::Head) {
                    kept[p.part * e + i] += a * first;
                    kept[p.part * e + i + half] += b * second;
                }
                a = facts.deviation * (a * (kind == QkNorm::Head ? scale[i] : rootKappa) - mean - first * slope);
                b = facts.deviation * (b * (kind == QkNorm::Head ? scale[i + half] : rootKappa) - mean - second * slope);
            }
            store(dqkv[p.wide + i], a);
            store(dqkv[p.wide + i + half], b);
        }
    }
    __syncthreads();
    float* to = partial + (std::int64_t{m} * static_cast<int>(gridDim.x) + piece()) * 2 * e;
    for (int i = thread(); i < 2 * e; i += blockWidth()) {
        float total = 0;
        for (int g = 0; g < groups; ++g)
            total += sums[g * 2 * e + i];
        to[i] = total;
    }
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cuda/device.hpp"
#include "cuda/kernels/attention.hpp"
#include "cuda/kernels/heads.hpp"
#include "cuda/kernels/rows.hpp"
#include "cuda/slot.hpp"
#include "data/batches.hpp"
#include "model/shape.hpp"

#include <algorithm>
#include <type_traits>
#include <vector>

namespace proxy {
namespace {

unsigned pieces(std::int64_t work, std::int64_t each)
{
    return static_cast<unsigned>((work + each - 1) / each);
}

// Hands out 256-byte aligned pieces of one block, null for no elements; without a block it only counts.
struct Carver {
    unsigned char* block = nullptr;
    std::int64_t used = 0;

    template <typename P> void cut(P*& piece, std::int64_t count)
    {
        piece = block && count > 0 ? reinterpret_cast<P*>(block + used) : nullptr;
        used += (count * static_cast<std::int64_t>(sizeof(P)) + 255) / 256 * 256;
    }
};

// What the backward pass reads of one layer, for all slots.
template <typename A> struct LayerArrays {
    float *in, *mid, *mean1, *rstd1, *mean2, *rstd2, *qkv, *q, *k, *v, *up;
    A *norm1, *norm2, *mixed, *act;
    float *high, *inverse; // fused attention
    float* weights; // the general way
};

template <typename A> struct Arrays {
    float *theta, *grad, *first, *second;
    BFloat* shadow; // of theta, for matrix products; null in float
    std::vector<LayerArrays<A>> layers;
    float *out, *mean, *rstd, *logits, *dOut, *dNorm, *dWide, *dq, *dk, *dv, *delta;
    A *branch; // the gradient that enters a residual branch
    A *norm, *dOutCopy, *dWideCopy, *dLogits;
    float *headRows, *dScores; // the general way of attention
    float *partial, *cosine, *sine;
    LossRow* lossRows;
    BatchSums* sums;
    std::int32_t* tokens;
    int *top, *active, *evaluating, *everyone, *measuring;
    Slot* slots;
    Segment* segments;
    Sampler* samplers;
    AdamStep* updates;
    double *chunkSquares, *tensorSquares, *limiter, *totals, *seen, *layerSquares;
    float *sequenceLoss, *sequenceWeight;
    RingRow* ring;
    std::int64_t *tick, *batches, *batchIndex;
    Chunk* chunks;
    TensorFacts* tensors;
};

// One shape class on one device: its sizes and where everything lies.
template <typename A> struct Stage {
    static constexpr bool half = std::is_same_v<A, BFloat>;

    Device* device = nullptr;
    Layout layout;
    int slots = 0, ringLength = 0;
    Dims s{};
    Arrays<A> m{};
    bool fused = true, dropout = false;
    int chunkCount = 0, tensorCount = 0;

    unsigned normBlocks() const { return pieces(s.rows, normBackRows); }
};

template <typename A> void carve(Stage<A>& stage, Carver& to)
{
    const Dims& s = stage.s;
    Arrays<A>& m = stage.m;
    const std::int64_t slots = stage.slots, n = s.rows, d = s.width, nd = slots * n * d;
    const std::int64_t parameters = slots * s.stride, headRows = slots * n * s.heads;
    const std::int64_t scores = stage.fused ? 0 : headRows * s.context;
    for (float** flat : {&m.theta, &m.grad, &m.first, &m.second})
        to.cut(*flat, parameters);
    to.cut(m.shadow, Stage<A>::half ? parameters : 0);
    m.layers.resize(static_cast<std::size_t>(s.layers));
    for (LayerArrays<A>& l : m.layers) {
        for (float** rows : {&l.in, &l.mid, &l.q, &l.k, &l.v})
            to.cut(*rows, nd);
        for (float** column : {&l.mean1, &l.rstd1, &l.mean2, &l.rstd2})
            to.cut(*column, slots * n);
        for (A** rows : {&l.norm1, &l.norm2, &l.mixed})
            to.cut(*rows, nd);
        to.cut(l.qkv, 3 * nd);
        to.cut(l.up, 4 * nd);
        to.cut(l.act, 4 * nd);
        to.cut(l.high, stage.fused ? headRows : 0);
        to.cut(l.inverse, stage.fused ? headRows : 0);
        to.cut(l.weights, scores);
    }
    for (float** rows : {&m.out, &m.dOut, &m.dNorm, &m.dq, &m.dk, &m.dv})
        to.cut(*rows, nd);
    to.cut(m.mean, slots * n);
    to.cut(m.rstd, slots * n);
    to.cut(m.norm, nd);
    to.cut(m.logits, slots * n * s.vocab);
    to.cut(m.dWide, 4 * nd);
    to.cut(m.delta, headRows);
    if constexpr (Stage<A>::half) {
        to.cut(m.dOutCopy, nd);
        m.branch = m.dOutCopy;
        to.cut(m.dWideCopy, 4 * nd);
        to.cut(m.dLogits, slots * n * s.vocab);
    } else { // the gradients themselves go into the products
        m.dOutCopy = m.dOut;
        m.branch = m.dOut;
        if (stage.dropout)
            to.cut(m.branch, nd);
        m.dWideCopy = m.dWide;
        m.dLogits = m.logits;
    }
    to.cut(m.headRows, stage.fused ? 0 : nd);
    to.cut(m.dScores, scores);
    to.cut(m.partial, slots * stage.normBlocks() * std::max<std::int64_t>(d, 2 * s.headWidth));
    to.cut(m.cosine, std::int64_t{s.context} * s.headWidth / 2);
    to.cut(m.sine, std::int64_t{s.context} * s.headWidth / 2);
    to.cut(m.lossRows, slots * n);
    to.cut(m.sums, slots);
    to.cut(m.tokens, slots * s.batch * (s.context + 1));
    to.cut(m.top, slots * s.layers);
    for (int** flags : {&m.active, &m.evaluating, &m.everyone, &m.measuring})
        to.cut(*flags, slots);
    to.cut(m.slots, slots);
    to.cut(m.segments, slots * mostSegments);
    to.cut(m.samplers, slots);
    to.cut(m.updates, slots * stage.tensorCount);
    to.cut(m.chunkSquares, 2 * slots * stage.chunkCount);
    to.cut(m.tensorSquares, 2 * slots * stage.tensorCount);
    to.cut(m.seen, 4 * slots * stage.chunkCount);
    to.cut(m.layerSquares, 3 * slots * s.layers);
    to.cut(m.limiter, slots * stage.tensorCount);
    to.cut(m.sequenceLoss, slots * s.batch);
    to.cut(m.sequenceWeight, slots * s.batch);
    to.cut(m.totals, 2 * slots);
    to.cut(m.ring, slots * stage.ringLength);
    to.cut(m.tick, 1);
    to.cut(m.batches, slots);
    to.cut(m.batchIndex, 1);
    to.cut(m.chunks, stage.chunkCount);
    to.cut(m.tensors, stage.tensorCount);
}

}
}

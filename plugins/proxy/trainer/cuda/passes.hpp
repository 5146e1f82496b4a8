// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cuda/arrays.hpp"
#include "cuda/kernels/control.hpp"
#include "cuda/kernels/loss.hpp"
#include "cuda/kernels/optimiser.hpp"
#include "cuda/program.hpp"

#include <cmath>

// The launches of one step, in order. `active` says which slots the kernels work on; the matrix products visit all of
// them, because skipping one would need a list on the host.
namespace proxy {
namespace {

// Matrix products of one stage. Activations lie `rows x columns` per slot, parameters inside the slot's flat block.
template <typename A> struct Products {
    Stage<A>& stage;

    const A* weights(std::int64_t offset) const
    {
        if constexpr (Stage<A>::half)
            return stage.m.shadow + offset;
        else
            return stage.m.theta + offset;
    }

    // y (+ residual) = x W, W in x out.
    void forward(const A* x, std::int64_t w, int in, int out, const float* residual, float* y) const
    {
        const std::int64_t n = stage.s.rows;
        stage.device->multiply({false, false, stage.s.rows, out, in, 1, residual ? 1.0f : 0.0f, x, in, n * in,
            weights(w), out, stage.s.stride, residual ? residual : y, y, out, n * out, stage.slots, Stage<A>::half});
    }

    // dx = dy W^T
    void input(const A* dy, std::int64_t w, int in, int out, float* dx) const
    {
        const std::int64_t n = stage.s.rows;
        stage.device->multiply({false, true, stage.s.rows, in, out, 1, 0, dy, out, n * out, weights(w), out,
            stage.s.stride, dx, dx, in, n * in, stage.slots, Stage<A>::half});
    }

    // dW = x^T dy
    void parameter(const A* x, const A* dy, std::int64_t w, int in, int out) const
    {
        const std::int64_t n = stage.s.rows;
        float* to = stage.m.grad + w;
        stage.device->multiply({true, false, in, out, stage.s.rows, 1, 0, x, in, n * in, dy, out, n * out, to, to, out,
            stage.s.stride, stage.slots, Stage<A>::half});
    }

    // Products of heads, all in float: `shape` as in C (m x n) = op(A) op(B), each head a matrix of its own.
    void heads(bool ta, bool tb, int rows, int columns, int inner, float alpha, const float* a, int lda, const float* b,
        int ldb, float* c) const
    {
        const Dims& s = stage.s;
        const auto size = [&s](int pitch) { return std::int64_t{s.context} * pitch; };
        stage.device->multiply({ta, tb, rows, columns, inner, alpha, 0, a, lda, size(lda), b, ldb, size(ldb), c, c,
            columns, size(columns), stage.slots * s.batch * s.heads, false});
    }
};

template <typename A, typename... P, typename... V>
void start(Stage<A>& stage, std::int64_t work, std::int64_t each, unsigned threads, void (*kernel)(P...), V... values)
{
    launch(*stage.device, pieces(work, each), stage.slots, threads, 0, kernel, values...);
}

template <int E, typename A> void attendFused(Stage<A>& g, const int* active, LayerArrays<A>& l, int* top)
{
    const unsigned blocks =
        pieces(g.s.context, attentionTile) * static_cast<unsigned>(g.s.batch) * static_cast<unsigned>(g.s.heads);
    launch(*g.device, blocks, g.slots, AttentionPlace<E>::threads, 0, &attendForward<E, A>, g.s, active, g.m.slots, l.q, l.k,
        l.v, l.mixed, l.high, l.inverse, top);
}

template <int E, typename A> void attendFusedBack(Stage<A>& g, const int* active, LayerArrays<A>& l)
{
    const unsigned blocks =
        pieces(g.s.context, attentionTile) * static_cast<unsigned>(g.s.batch) * static_cast<unsigned>(g.s.heads);
    launch(*g.device, blocks, g.slots, AttentionPlace<E>::threads, 0, &attendBackQueries<E, A>, g.s, active, g.m.slots, l.q,
        l.k, l.v, l.mixed, g.m.dNorm, l.high, l.inverse, g.m.delta, g.m.dq);
    launch(*g.device, blocks, g.slots, AttentionPlace<E>::threads, 0, &attendBackKeys<E>, g.s, active, g.m.slots, l.q, l.k,
        l.v, g.m.dNorm, l.high, l.inverse, g.m.delta, g.m.dk, g.m.dv);
}

template <typename A> void attend(Stage<A>& g, const int* active, LayerArrays<A>& l, int* top)
{
    const int e = g.s.headWidth, t = g.s.context;
    if (g.fused)
        return e == 16 ? attendFused<16>(g, active, l, top)
            : e == 32  ? attendFused<32>(g, active, l, top)
                       : attendFused<64>(g, active, l, top);
    const Products<A> product{g};
    const std::int64_t nd = std::int64_t{g.s.rows} * g.s.width;
    product.heads(false, true, t, t, e, 1, l.q, e, l.k, e, l.weights);
    start(g, std::int64_t{g.s.rows} * g.s.heads, normWarps, 32 * normWarps, &softmaxRows, g.s, active, g.m.slots, l.weights, top);
    product.heads(false, false, t, e, t, 1, l.weights, t, l.v, e, g.m.headRows);
    start(g, nd, 256, 256, &mergeHeads<A>, g.s, active, g.m.headRows, l.mixed);
}

// From g.m.dNorm, the gradient of `mixed`, to dq, dk, dv.
template <typename A> void attendBack(Stage<A>& g, const int* active, LayerArrays<A>& l)
{
    const int e = g.s.headWidth, t = g.s.context;
    if (g.fused)
        return e == 16 ? attendFusedBack<16>(g, active, l)
            : e == 32  ? attendFusedBack<32>(g, active, l)
                       : attendFusedBack<64>(g, active, l);
    const Products<A> product{g};
    start(g, std::int64_t{g.s.rows} * g.s.width, 256, 256, &cutHeads, g.s, active, g.m.dNorm, g.m.headRows);
    product.heads(true, false, t, e, t, 1, l.weights, t, g.m.headRows, e, g.m.dv);
    product.heads(false, true, t, t, e, 1, g.m.headRows, e, l.v, e, g.m.dScores);
    start(g, std::int64_t{g.s.rows} * g.s.heads, normWarps, 32 * normWarps, &softmaxRowsBack, g.s, active, g.m.slots,
        l.weights,
        g.m.dScores);
    product.heads(false, false, t, e, t, 1, g.m.dScores, t, l.k, e, g.m.dq);
    product.heads(true, false, t, e, t, 1, g.m.dScores, t, l.q, e, g.m.dk);
}

template <typename A> void norm(Stage<A>& g, const int* active, const float* x, std::int64_t scale, A* y, float* mean, float* rstd)
{
    start(g, g.s.rows, normWarps, 32 * normWarps, &normForward<A>, g.s, active, x, g.m.theta + scale, y, mean, rstd);
}

// Adds (or sets) the gradient through a norm to the residual gradient, from g.m.dNorm.
template <typename A>
void normBackward(Stage<A>& g, const int* active, const float* x, std::int64_t scale, const float* mean,
    const float* rstd, bool add)
{
    const int d = g.s.width, warps = normBackWarps(d);
    A* copy = Stage<A>::half ? g.m.dOutCopy : nullptr;
    launch(*g.device, g.normBlocks(), g.slots, static_cast<unsigned>(32 * warps),
        static_cast<std::size_t>(warps * d) * sizeof(float), &normBack<A>, g.s, active, x, g.m.theta + scale, mean,
        rstd, g.m.dNorm, add, g.m.dOut, copy, g.m.partial);
    start(g, d, 128, 128, &sumPartials, g.s, active, g.m.partial, static_cast<int>(g.normBlocks()), d, 0, d,
        g.m.grad + scale);
}

// to = from + x W, a residual branch; with dropout the product makes a stop in between.
template <typename A>
void addBranch(Stage<A>& g, const int* active, bool training, std::uint32_t place, const A* x, std::int64_t w, int in,
    const float* from, float* to)
{
    const Products<A> product{g};
    if (!g.dropout)
        return product.forward(x, w, in, g.s.width, from, to);
    product.forward(x, w, in, g.s.width, nullptr, g.m.dNorm);
    start(g, std::int64_t{g.s.rows} * g.s.width, 4 * 128, 128, &dropRows<float>, g.s, active, g.m.slots, training, place,
        g.m.dNorm, from, to);
}

// The gradient that enters a residual branch, in g.m.branch.
template <typename A> void enterBranch(Stage<A>& g, const int* active, std::uint32_t place)
{
    if (g.dropout)
        start(g, std::int64_t{g.s.rows} * g.s.width, 4 * 128, 128, &dropRows<A>, g.s, active, g.m.slots, true, place,
            g.m.dOut, static_cast<const float*>(nullptr), g.m.branch);
}

template <typename A> void dropEmbedding(Stage<A>& g, const int* active, bool training, float* x)
{
    if (g.dropout)
        start(g, std::int64_t{g.s.rows} * g.s.width, 4 * 128, 128, &dropRows<float>, g.s, active, g.m.slots, training,
            0u, x, static_cast<const float*>(nullptr), x);
}

template <typename A> void forward(Stage<A>& g, const int* active, bool training)
{
    const Dims& s = g.s;
    const int d = s.width;
    const std::int64_t wide = 4 * std::int64_t{s.rows} * d;
    const Products<A> product{g};
    const unsigned lanes = static_cast<unsigned>(groupLanes(s.headWidth));
    float* first = s.layers > 0 ? g.m.layers[0].in : g.m.out;
    start(g, s.rows, 1, 64, &embed, s, active, g.m.tokens, g.m.theta + g.layout.embedding, first);
    dropEmbedding(g, active, training, first);
    for (int index = 0; index < s.layers; ++index) {
        LayerArrays<A>& l = g.m.layers[static_cast<std::size_t>(index)];
        const Layout::Layer& p = g.layout.layers[static_cast<std::size_t>(index)];
        const auto place = static_cast<std::uint32_t>(2 * index);
        norm(g, active, l.in, p.scale1, l.norm1, l.mean1, l.rstd1);
        product.forward(l.norm1, p.qkv, d, 3 * d, nullptr, l.qkv);
        start(g, std::int64_t{s.rows} * 3 * s.heads, 128 / lanes, 128, &splitHeads, s, active, g.m.slots, l.qkv,
            g.m.theta + p.qScale, g.m.theta + p.kScale, g.m.cosine, g.m.sine, l.q, l.k, l.v);
        attend(g, active, l, g.m.top + index);
        addBranch(g, active, training, place + 1, l.mixed, p.out, d, l.in, l.mid);
        norm(g, active, l.mid, p.scale2, l.norm2, l.mean2, l.rstd2);
        product.forward(l.norm2, p.up, d, 4 * d, nullptr, l.up);
        start(g, wide, 256, 256, &geluForward<A>, active, wide, l.up, l.act);
        float* next = index + 1 < s.layers ? g.m.layers[static_cast<std::size_t>(index) + 1].in : g.m.out;
        addBranch(g, active, training, place + 2, l.act, p.down, 4 * d, l.mid, next);
    }
    norm(g, active, g.m.out, g.layout.scale, g.m.norm, g.m.mean, g.m.rstd);
    product.forward(g.m.norm, g.layout.head, d, s.vocab, nullptr, g.m.logits);
    start(g, s.rows, lossWarps, 32 * lossWarps, &lossRows, s, active, g.m.tokens, g.m.logits, g.m.lossRows);
    start(g, 1, 1, 256, &lossSums, s, active, g.m.slots, training, g.m.lossRows, g.m.sequenceLoss,
        g.m.sequenceWeight, g.m.sums);
}

template <typename A> void layerBack(Stage<A>& g, const int* active, int index)
{
    const Dims& s = g.s;
    const int d = s.width;
    const std::int64_t wide = 4 * std::int64_t{s.rows} * d;
    const Products<A> product{g};
    LayerArrays<A>& l = g.m.layers[static_cast<std::size_t>(index)];
    const Layout::Layer& p = g.layout.layers[static_cast<std::size_t>(index)];
    const auto place = static_cast<std::uint32_t>(2 * index);
    enterBranch(g, active, place + 2);
    product.parameter(l.act, g.m.branch, p.down, 4 * d, d);
    product.input(g.m.branch, p.down, 4 * d, d, g.m.dWide);
    start(g, wide, 256, 256, &geluBack<A>, active, wide, l.up, g.m.dWide, g.m.dWideCopy);
    product.parameter(l.norm2, g.m.dWideCopy, p.up, d, 4 * d);
    product.input(g.m.dWideCopy, p.up, d, 4 * d, g.m.dNorm);
    normBackward(g, active, l.mid, p.scale2, l.mean2, l.rstd2, true);

    enterBranch(g, active, place + 1);
    product.parameter(l.mixed, g.m.branch, p.out, d, d);
    product.input(g.m.branch, p.out, d, d, g.m.dNorm);
    attendBack(g, active, l);
    const int e = s.headWidth, warps = joinWarps(e), groups = 32 * warps / groupLanes(e);
    launch(*g.device, g.normBlocks(), g.slots, static_cast<unsigned>(32 * warps),
        static_cast<std::size_t>(groups * 2 * e) * sizeof(float), &joinHeads<A>, s, active, g.m.slots, l.qkv,
        g.m.theta + p.qScale, g.m.theta + p.kScale, g.m.cosine, g.m.sine, g.m.dq, g.m.dk, g.m.dv, g.m.dWideCopy,
        g.m.partial);
    for (const int part : {0, 1})
        start(g, e, 128, 128, &sumPartials, s, active, g.m.partial, static_cast<int>(g.normBlocks()), 2 * e, part * e,
            e, g.m.grad + (part == 0 ? p.qScale : p.kScale));
    product.parameter(l.norm1, g.m.dWideCopy, p.qkv, d, 3 * d);
    product.input(g.m.dWideCopy, p.qkv, d, 3 * d, g.m.dNorm);
    normBackward(g, active, l.in, p.scale1, l.mean1, l.rstd1, true);
}

template <typename A> void backward(Stage<A>& g, const int* active)
{
    const Dims& s = g.s;
    const int d = s.width;
    const Products<A> product{g};
    start(g, s.rows, lossWarps, 32 * lossWarps, &lossBack<A>, s, active, g.m.slots, g.m.tokens, g.m.lossRows,
        g.m.sequenceWeight, g.m.logits, g.m.dLogits);
    product.parameter(g.m.norm, g.m.dLogits, g.layout.head, d, s.vocab);
    product.input(g.m.dLogits, g.layout.head, d, s.vocab, g.m.dNorm);
    normBackward(g, active, g.m.out, g.layout.scale, g.m.mean, g.m.rstd, false);
    for (int index = s.layers - 1; index >= 0; --index)
        layerBack(g, active, index);
    dropEmbedding(g, active, true, g.m.dOut);
    start(g, s.vocab, 1, 128, &embedBack, s, active, g.m.tokens, g.m.dOut, g.m.grad + g.layout.embedding);
}

template <typename A> void trainStep(Stage<A>& g, const DeviceCorpus& corpus)
{
    const Arrays<A>& m = g.m;
    start(g, g.s.batch, 1, 64, &drawBatch, g.s, m.active, m.slots, m.samplers, corpus.train, m.tokens, m.top);
    forward(g, m.active, true);
    backward(g, m.active);
    start(g, g.chunkCount, 1, 256, &chunkSquares, g.s, m.active, m.slots, m.chunks, m.theta, m.grad, m.chunkSquares);
    start(g, 1, 1, 64, &prepareUpdate, g.s, m.active, m.slots, m.segments, m.sums, m.top, m.chunkSquares, g.chunkCount,
        m.tensors, g.tensorCount, m.tick, g.ringLength, m.tensorSquares, m.limiter, m.updates, m.ring);
    start(g, g.chunkCount, 1, 256, &adamUpdate, g.s, m.active, m.updates, g.tensorCount, m.chunks, m.theta, m.grad,
        m.first, m.second, m.shadow, m.measuring, m.seen);
    launch(*g.device, 1, 1, 32, 0, &finishStep, g.slots, m.active, m.slots, m.tick);
}

// After a step, what its activations and the optimiser left behind: per layer the squares of the block's output, of
// the queries and of the keys.
template <typename A> void measureLayers(Stage<A>& g)
{
    const Dims& s = g.s;
    const std::int64_t nd = std::int64_t{s.rows} * s.width;
    for (int i = 0; i < s.layers; ++i) {
        const LayerArrays<A>& l = g.m.layers[static_cast<std::size_t>(i)];
        const float* out = i + 1 < s.layers ? g.m.layers[static_cast<std::size_t>(i) + 1].in : g.m.out;
        int column = 3 * i;
        for (const float* rows : {out, static_cast<const float*>(l.q), static_cast<const float*>(l.k)})
            start(g, 1, 1, 256, &arraySquares, rows, nd, 3 * s.layers, g.m.layerSquares + column++);
    }
}

}
}

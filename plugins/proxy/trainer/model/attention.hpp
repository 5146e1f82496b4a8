// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/engine.hpp"
#include "model/gemm.hpp"
#include "model/heads.hpp"

namespace proxy {
namespace {

template <typename T> T logitScale(const Shape& shape, const Pass& pass)
{
    const T e = T(shape.headWidth());
    return T(1) / (pass.inverseWidth ? e : rootOf(e));
}

// Logits of row i to weights over its i + 1 first entries, zero beyond; returns the largest logit.
template <typename T> T weigh(T* w, int i, int t, const Pass& pass)
{
    const T high = largest(w, i + 1);
    if (pass.attention == Attention::SquaredRelu) {
        const T share = T(1) / rootOf(T(t));
        for (int j = 0; j <= i; ++j)
            w[j] = w[j] > T(0) ? w[j] * w[j] * share : (w[j] <= T(0) ? T(0) : w[j]);
    } else {
        scaleBy(w, i + 1, T(1) / exponentials(w, i + 1, high));
    }
    for (int j = i + 1; j < t; ++j)
        w[j] = 0;
    return high;
}

// Causal attention of one layer, one head at a time; returns the largest logit.
template <typename T> T attend(const Net<T>& net, const LayerState<T>& l, const Pass& pass)
{
    const Shape& s = net.shape;
    const int e = s.headWidth(), t = s.context, d = s.width;
    const T scale = logitScale<T>(s, pass);
    T top = T(-1e30f);
    for (int block = 0; block < s.batch * s.heads; ++block) {
        const std::int64_t at = std::int64_t{block} * t * e;
        const int row = block / s.heads, h = block % s.heads;
        T* weights = l.weights + std::int64_t{block} * t * t;
        gemm(Op::Plain, Op::Transposed, t, t, e, scale, l.q + at, e, l.k + at, e, T(0), weights, t);
        for (int i = 0; i < t; ++i) {
            const T high = weigh(weights + i * t, i, t, pass);
            // Written so that a NaN is kept and reported.
            top = high <= top ? top : high;
        }
        const T* v = l.qkv + std::int64_t{row} * t * 3 * d + 2 * d + h * e;
        gemm(Op::Plain, Op::Plain, t, e, t, T(1), weights, t, v, 3 * d, T(0),
            l.mixed + std::int64_t{row} * t * d + h * e, d);
    }
    return top;
}

// Gradient of a row of weights to that of its logits. Above the diagonal w is zero, and so is the result.
template <typename T> void weighBack(const T* w, T* g, int i, int t, const Pass& pass)
{
    if (pass.attention == Attention::SquaredRelu) {
        // w = z^2 / sqrt(T), so dw / dz = 2 z / sqrt(T) = 2 sqrt(w / sqrt(T)).
        const T share = T(1) / rootOf(T(t));
#pragma omp simd
        for (int j = 0; j < t; ++j)
            g[j] *= T(2) * rootOf(w[j] * share);
        return;
    }
    const T mean = dot(w, g, i + 1);
#pragma omp simd
    for (int j = 0; j < t; ++j)
        g[j] = w[j] * (g[j] - mean);
}

// Gradient of the weighted mixing: net.dNorm holds d mixed; fills net.dq, net.dk and the part of v in net.dWide.
template <typename T> void attendBack(Net<T>& net, const LayerState<T>& l, const Pass& pass)
{
    const Shape& s = net.shape;
    const int e = s.headWidth(), t = s.context, d = s.width;
    const T scale = logitScale<T>(s, pass);
    for (int block = 0; block < s.batch * s.heads; ++block) {
        const std::int64_t at = std::int64_t{block} * t * e;
        const T* weights = l.weights + std::int64_t{block} * t * t;
        const int row = block / s.heads, h = block % s.heads;
        const T* dMixed = net.dNorm + std::int64_t{row} * t * d + h * e;
        const std::int64_t value = std::int64_t{row} * t * 3 * d + 2 * d + h * e;
        gemm(Op::Transposed, Op::Plain, t, e, t, T(1), weights, t, dMixed, d, T(0), net.dWide + value, 3 * d);
        gemm(Op::Plain, Op::Transposed, t, t, e, T(1), dMixed, d, l.qkv + value, 3 * d, T(0), net.dScores, t);
        for (int i = 0; i < t; ++i)
            weighBack(weights + i * t, net.dScores + i * t, i, t, pass);
        gemm(Op::Plain, Op::Plain, t, e, t, scale, net.dScores, t, l.k + at, e, T(0), net.dq + at, e);
        gemm(Op::Transposed, Op::Plain, t, e, t, scale, net.dScores, t, l.q + at, e, T(0), net.dk + at, e);
    }
}

}
}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/engine.hpp"
#include "model/gemm.hpp"
#include "model/rows.hpp"

namespace proxy {
namespace {

template <typename T>
void normAllBack(const T* x, const T* scale, int n, int d, const T* mean, const T* rstd, const T* dy, T* dx, T* dScale)
{
    for (int i = 0; i < n; ++i) {
        const std::int64_t at = std::int64_t{i} * d;
        normRowBack(x + at, scale, d, mean[i], rstd[i], dy + at, dx + at, dScale);
    }
}

// Softmax to the gradient of the objective with respect to the logits.
template <typename T> void lossBack(Net<T>& net, const std::int32_t* tokens, double z)
{
    const Shape& s = net.shape;
    const int n = s.rows();
    for (int i = 0; i < n; ++i) {
        T* row = net.logits + std::int64_t{i} * s.vocab;
        const int target = tokens[std::int64_t{i / s.context} * (s.context + 1) + i % s.context + 1];
        scaleBy(row, s.vocab, (T(1) + T(2 * z) * net.logZ[i]) / T(n));
        row[target] -= T(1) / T(n);
    }
}

// Gradient of the weighted mixing: net.dNorm holds d mixed; fills net.dq, dk, dv.
template <typename T> void attendBack(Net<T>& net, const LayerState<T>& l)
{
    const Shape& s = net.shape;
    const int e = s.headWidth(), t = s.context;
    const T scale = T(1) / rootOf(T(e));
    for (int block = 0; block < s.batch * s.heads; ++block) {
        const std::int64_t at = std::int64_t{block} * t * e;
        const T* weights = l.weights + std::int64_t{block} * t * t;
        const int row = block / s.heads, h = block % s.heads;
        const T* dMixed = net.dNorm + std::int64_t{row} * t * s.width + h * e;
        gemm(Op::Transposed, Op::Plain, t, e, t, T(1), weights, t, dMixed, s.width, T(0), net.dv + at, e);
        gemm(Op::Plain, Op::Transposed, t, t, e, T(1), dMixed, s.width, l.v + at, e, T(0), net.dScores, t);
        for (int i = 0; i < t; ++i) {
            const T* w = weights + i * t;
            T* g = net.dScores + i * t;
            const T mean = dot(w, g, i + 1);
            // Above the diagonal w is zero, so the product clears what the matrix product left there.
#pragma omp simd
            for (int j = 0; j < t; ++j)
                g[j] = w[j] * (g[j] - mean);
        }
        gemm(Op::Plain, Op::Plain, t, e, t, scale, net.dScores, t, l.k + at, e, T(0), net.dq + at, e);
        gemm(Op::Transposed, Op::Plain, t, e, t, scale, net.dScores, t, l.q + at, e, T(0), net.dk + at, e);
    }
}

// Inverse of splitHead: gradient of one of q, k, v back into the qkv rows of net.dWide (stride 3d).
template <typename T> void joinHead(Net<T>& net, const LayerState<T>& l, int part, const T* scale, T* dHeads, T* dScale)
{
    const Shape& s = net.shape;
    const int e = s.headWidth(), stride = 3 * s.width;
    for (int row = 0; row < s.batch; ++row) {
        for (int h = 0; h < s.heads; ++h) {
            for (int t = 0; t < s.context; ++t) {
                const std::int64_t at = (std::int64_t{row} * s.context + t) * stride + part * s.width + h * e;
                T* dy = dHeads + ((std::int64_t{row} * s.heads + h) * s.context + t) * e;
                T* dx = net.dWide + at;
                if (part < 2)
                    rotate(dy, net.cosine + t * (e / 2), net.sine + t * (e / 2), e, T(-1));
                for (int i = 0; i < e; ++i)
                    dx[i] = scale ? T(0) : dy[i];
                if (!scale)
                    continue;
                const T* x = l.qkv + at;
                const T mean = sum(x, e) / T(e);
                T variance = 0;
                for (int i = 0; i < e; ++i)
                    variance += (x[i] - mean) * (x[i] - mean);
                const T rstd = inverseDeviation(variance / T(e));
                normRowBack(x, scale, e, mean, rstd, dy, dx, dScale);
            }
        }
    }
}

// Gradient of one layer; net.dOut holds d(residual after) on entry and d(residual before) on return.
template <typename T> void layerBack(Net<T>& net, int index)
{
    const Shape& s = net.shape;
    const int n = s.rows(), d = s.width;
    const std::int64_t nd = std::int64_t{n} * d;
    const LayerState<T>& l = net.layer[index];
    const Layout::Layer& p = net.place[index];
    const T* theta = net.theta;
    T* grad = net.grad;

    gemm(Op::Transposed, Op::Plain, 4 * d, d, n, T(1), l.act, 4 * d, net.dOut, d, T(0), grad + p.down, d);
    gemm(Op::Plain, Op::Transposed, n, 4 * d, d, T(1), net.dOut, d, theta + p.down, d, T(0), net.dWide, 4 * d);
#pragma omp simd
    for (std::int64_t i = 0; i < 4 * nd; ++i)
        net.dWide[i] *= geluSlope(l.up[i]);
    gemm(Op::Transposed, Op::Plain, d, 4 * d, n, T(1), l.norm2, d, net.dWide, 4 * d, T(0), grad + p.up, 4 * d);
    gemm(Op::Plain, Op::Transposed, n, d, 4 * d, T(1), net.dWide, 4 * d, theta + p.up, 4 * d, T(0), net.dNorm, d);
    normAllBack(l.mid, theta + p.scale2, n, d, l.mean2, l.rstd2, net.dNorm, net.dOut, grad + p.scale2);

    gemm(Op::Transposed, Op::Plain, d, d, n, T(1), l.mixed, d, net.dOut, d, T(0), grad + p.out, d);
    gemm(Op::Plain, Op::Transposed, n, d, d, T(1), net.dOut, d, theta + p.out, d, T(0), net.dNorm, d);
    attendBack(net, l);
    joinHead(net, l, 0, s.qkNorm ? theta + p.qScale : nullptr, net.dq, grad + p.qScale);
    joinHead(net, l, 1, s.qkNorm ? theta + p.kScale : nullptr, net.dk, grad + p.kScale);
    joinHead(net, l, 2, static_cast<const T*>(nullptr), net.dv, static_cast<T*>(nullptr));
    gemm(Op::Transposed, Op::Plain, d, 3 * d, n, T(1), l.norm1, d, net.dWide, 3 * d, T(0), grad + p.qkv, 3 * d);
    gemm(Op::Plain, Op::Transposed, n, d, 3 * d, T(1), net.dWide, 3 * d, theta + p.qkv, 3 * d, T(0), net.dNorm, d);
    normAllBack(l.in, theta + p.scale1, n, d, l.mean1, l.rstd1, net.dNorm, net.dOut, grad + p.scale1);
}

template <typename T> void backward(Net<T>& net, const std::int32_t* tokens, double zCoefficient)
{
    const Shape& s = net.shape;
    const int n = s.rows(), d = s.width;
    const std::int64_t nd = std::int64_t{n} * d;
    __builtin_memset(net.grad, 0, static_cast<std::size_t>(net.layout.size) * sizeof(T));
    __builtin_memset(net.dOut, 0, static_cast<std::size_t>(nd) * sizeof(T));

    lossBack(net, tokens, zCoefficient);
    gemm(Op::Transposed, Op::Plain, d, s.vocab, n, T(1), net.norm, d, net.logits, s.vocab, T(0),
        net.grad + net.layout.head, s.vocab);
    gemm(Op::Plain, Op::Transposed, n, d, s.vocab, T(1), net.logits, s.vocab, net.theta + net.layout.head, s.vocab,
        T(0), net.dNorm, d);
    normAllBack(net.out, net.theta + net.layout.scale, n, d, net.mean, net.rstd, net.dNorm, net.dOut,
        net.grad + net.layout.scale);
    for (int index = s.layers - 1; index >= 0; --index)
        layerBack(net, index);
    for (int i = 0; i < n; ++i) {
        const std::int64_t token = tokens[std::int64_t{i / s.context} * (s.context + 1) + i % s.context];
        addTo(net.grad + net.layout.embedding + token * d, net.dOut + std::int64_t{i} * d, d);
    }
}

}
}

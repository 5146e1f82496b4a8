// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/engine.hpp"
#include "model/gemm.hpp"
#include "model/rows.hpp"

namespace proxy {
namespace {

template <typename T> void normAll(const T* x, const T* scale, int n, int d, T* y, T* mean, T* rstd)
{
    for (int i = 0; i < n; ++i)
        normRow(x + std::int64_t{i} * d, scale, d, y + std::int64_t{i} * d, mean[i], rstd[i]);
}

template <typename T> void embed(Net<T>& net, const std::int32_t* tokens, T* x)
{
    const Shape& s = net.shape;
    for (int row = 0; row < s.batch; ++row) {
        for (int t = 0; t < s.context; ++t) {
            const T* from = net.theta + net.layout.embedding
                + std::int64_t{tokens[std::int64_t{row} * (s.context + 1) + t]} * s.width;
            T* to = x + (std::int64_t{row} * s.context + t) * s.width;
            for (int i = 0; i < s.width; ++i)
                to[i] = from[i];
        }
    }
}

// One of q, k: from the qkv rows to B x H x T x e, normalised per head where asked, rotated to its position.
template <typename T> void splitHead(const Net<T>& net, const T* qkv, int part, const T* scale, T* to)
{
    const Shape& s = net.shape;
    const int e = s.headWidth(), stride = 3 * s.width;
    for (int row = 0; row < s.batch; ++row) {
        for (int h = 0; h < s.heads; ++h) {
            for (int t = 0; t < s.context; ++t) {
                const T* x = qkv + (std::int64_t{row} * s.context + t) * stride + part * s.width + h * e;
                T* y = to + ((std::int64_t{row} * s.heads + h) * s.context + t) * e;
                T mean, rstd;
                if (scale)
                    normRow(x, scale, e, y, mean, rstd);
                else
                    for (int i = 0; i < e; ++i)
                        y[i] = x[i];
                if (part < 2)
                    rotate(y, net.cosine + t * (e / 2), net.sine + t * (e / 2), e, T(1));
            }
        }
    }
}

// Causal attention of one layer, one head at a time; returns the largest logit.
template <typename T> double attend(const Net<T>& net, const LayerState<T>& l)
{
    const Shape& s = net.shape;
    const int e = s.headWidth(), t = s.context;
    const T scale = T(1) / rootOf(T(e));
    T top = -1e30f;
    for (int block = 0; block < s.batch * s.heads; ++block) {
        const std::int64_t at = std::int64_t{block} * t * e;
        T* weights = l.weights + std::int64_t{block} * t * t;
        gemm(Op::Plain, Op::Transposed, t, t, e, scale, l.q + at, e, l.k + at, e, T(0), weights, t);
        for (int i = 0; i < t; ++i) {
            T* w = weights + i * t;
            const T high = largest(w, i + 1);
            // Written so that a NaN is kept and reported.
            top = high <= top ? top : high;
            scaleBy(w, i + 1, T(1) / exponentials(w, i + 1, high));
            for (int j = i + 1; j < t; ++j)
                w[j] = 0;
        }
        const int row = block / s.heads, h = block % s.heads;
        gemm(Op::Plain, Op::Plain, t, e, t, T(1), weights, t, l.v + at, e, T(0),
            l.mixed + std::int64_t{row} * t * s.width + h * e, s.width);
    }
    return static_cast<double>(top);
}

// Cross-entropy over the n rows; leaves the softmax in `logits` and log Z in `logZ` for the backward pass.
template <typename T> Measures crossEntropy(Net<T>& net, const std::int32_t* tokens, double z)
{
    const Shape& s = net.shape;
    const int n = s.rows();
    Measures sums;
    for (int i = 0; i < n; ++i) {
        T* row = net.logits + std::int64_t{i} * s.vocab;
        const int target = tokens[std::int64_t{i / s.context} * (s.context + 1) + i % s.context + 1];
        const T high = largest(row, s.vocab);
        const T own = row[target];
        // Equal best logits share the point, or a model without any opinion would always be right.
        if (own >= high)
            sums.accuracy += 1.0 / countEqual(row, s.vocab, high);
        const T total = exponentials(row, s.vocab, high);
        const double logZ = static_cast<double>(high) + __builtin_log(static_cast<double>(total));
        net.logZ[i] = static_cast<T>(logZ);
        scaleBy(row, s.vocab, T(1) / total);
        sums.loss += logZ - static_cast<double>(own);
        sums.objective += z * logZ * logZ;
        sums.logZ += logZ;
    }
    sums.objective = (sums.loss + sums.objective) / n;
    sums.loss /= n;
    sums.logZ /= n;
    sums.accuracy /= n;
    return sums;
}

template <typename T> Measures forward(Net<T>& net, const std::int32_t* tokens, double zCoefficient)
{
    const Shape& s = net.shape;
    const int n = s.rows(), d = s.width;
    const std::int64_t nd = std::int64_t{n} * d;
    const T* theta = net.theta;
    double top = -1e30;
    embed(net, tokens, net.layer[0].in);
    for (int index = 0; index < s.layers; ++index) {
        const LayerState<T>& l = net.layer[index];
        const Layout::Layer& p = net.place[index];
        normAll(l.in, theta + p.scale1, n, d, l.norm1, l.mean1, l.rstd1);
        gemm(Op::Plain, Op::Plain, n, 3 * d, d, T(1), l.norm1, d, theta + p.qkv, 3 * d, T(0), l.qkv, 3 * d);
        splitHead(net, l.qkv, 0, s.qkNorm ? theta + p.qScale : nullptr, l.q);
        splitHead(net, l.qkv, 1, s.qkNorm ? theta + p.kScale : nullptr, l.k);
        splitHead(net, l.qkv, 2, static_cast<const T*>(nullptr), l.v);
        const double high = attend(net, l);
        top = high <= top ? top : high;

        __builtin_memcpy(l.mid, l.in, static_cast<std::size_t>(nd) * sizeof(T));
        gemm(Op::Plain, Op::Plain, n, d, d, T(1), l.mixed, d, theta + p.out, d, T(1), l.mid, d);
        normAll(l.mid, theta + p.scale2, n, d, l.norm2, l.mean2, l.rstd2);
        gemm(Op::Plain, Op::Plain, n, 4 * d, d, T(1), l.norm2, d, theta + p.up, 4 * d, T(0), l.up, 4 * d);
#pragma omp simd
        for (std::int64_t i = 0; i < 4 * nd; ++i)
            l.act[i] = gelu(l.up[i]);
        T* next = index + 1 < s.layers ? net.layer[index + 1].in : net.out;
        __builtin_memcpy(next, l.mid, static_cast<std::size_t>(nd) * sizeof(T));
        gemm(Op::Plain, Op::Plain, n, d, 4 * d, T(1), l.act, 4 * d, theta + p.down, d, T(1), next, d);
    }
    normAll(net.out, theta + net.layout.scale, n, d, net.norm, net.mean, net.rstd);
    gemm(Op::Plain, Op::Plain, n, s.vocab, d, T(1), net.norm, d, theta + net.layout.head, s.vocab, T(0), net.logits,
        s.vocab);
    Measures measures = crossEntropy(net, tokens, zCoefficient);
    measures.maxAttention = top;
    return measures;
}

}
}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/attention.hpp"
#include "model/dropout.hpp"

namespace proxy {
namespace {

template <bool Accumulate, typename T>
void normAllBack(const T* x, const T* scale, int n, int d, const T* mean, const T* rstd, const T* dy, T* dx, T* dScale)
{
    for (int i = 0; i < n; ++i) {
        const std::int64_t at = std::int64_t{i} * d;
        normRowBack<Accumulate>(x + at, scale, d, mean[i], rstd[i], dy + at, dx + at, dScale);
    }
}

// What crossEntropy left in the logits to the gradient of the objective with respect to them.
template <typename T> void lossBack(Net<T>& net, const std::int32_t* tokens, const Pass& pass)
{
    const Shape& s = net.shape;
    const T z = T(2 * pass.zCoefficient / s.rows());
    for (int row = 0; row < s.batch; ++row) {
        const T share = net.sequenceWeight[row] / T(s.context);
        for (int t = 0; t < s.context; ++t) {
            const int i = row * s.context + t;
            T* x = net.logits + std::int64_t{i} * s.vocab;
            scaleBy(x, s.vocab, (share + z * net.logZ[i]) * net.inverseSum[i]);
            x[tokens[std::int64_t{row} * (s.context + 1) + t + 1]] -= share;
        }
    }
}

// The gradient that enters a residual branch: dOut itself, or with the dropout of the branch in `scratch`.
template <typename T> const T* enterBranch(const Net<T>& net, T* scratch, const Pass& pass, std::uint32_t place)
{
    if (!(pass.dropout > 0))
        return net.dOut;
    dropout<T>(net.dOut, nullptr, scratch, std::int64_t{net.shape.rows()} * net.shape.width, pass, place);
    return scratch;
}

// Gradient of one layer; net.dOut holds d(residual after) on entry and d(residual before) on return.
template <typename T> void layerBack(Net<T>& net, int index, const Pass& pass)
{
    const Shape& s = net.shape;
    const int n = s.rows(), d = s.width;
    const std::int64_t nd = std::int64_t{n} * d;
    const LayerState<T>& l = net.layer[index];
    const Layout::Layer& p = net.place[index];
    const auto place = static_cast<std::uint32_t>(2 * index);
    const T* theta = net.theta;
    T* grad = net.grad;

    const T* dBranch = enterBranch(net, net.dNorm, pass, place + 2);
    gemm(Op::Transposed, Op::Plain, 4 * d, d, n, T(1), l.act, 4 * d, dBranch, d, T(0), grad + p.down, d);
    gemm(Op::Plain, Op::Transposed, n, 4 * d, d, T(1), dBranch, d, theta + p.down, d, T(0), net.dWide, 4 * d);
#pragma omp simd
    for (std::int64_t i = 0; i < 4 * nd; ++i)
        net.dWide[i] *= l.slope[i];
    gemm(Op::Transposed, Op::Plain, d, 4 * d, n, T(1), l.norm2, d, net.dWide, 4 * d, T(0), grad + p.up, 4 * d);
    gemm(Op::Plain, Op::Transposed, n, d, 4 * d, T(1), net.dWide, 4 * d, theta + p.up, 4 * d, T(0), net.dNorm, d);
    normAllBack<true>(l.mid, theta + p.scale2, n, d, l.mean2, l.rstd2, net.dNorm, net.dOut, grad + p.scale2);

    dBranch = enterBranch(net, net.dq, pass, place + 1);
    gemm(Op::Transposed, Op::Plain, d, d, n, T(1), l.mixed, d, dBranch, d, T(0), grad + p.out, d);
    gemm(Op::Plain, Op::Transposed, n, d, d, T(1), dBranch, d, theta + p.out, d, T(0), net.dNorm, d);
    attendBack(net, l, pass);
    joinRotated(net, l.qkv, 0, pass, theta + p.qScale, net.dq, grad + p.qScale);
    joinRotated(net, l.qkv, 1, pass, theta + p.kScale, net.dk, grad + p.kScale);
    gemm(Op::Transposed, Op::Plain, d, 3 * d, n, T(1), l.norm1, d, net.dWide, 3 * d, T(0), grad + p.qkv, 3 * d);
    gemm(Op::Plain, Op::Transposed, n, d, 3 * d, T(1), net.dWide, 3 * d, theta + p.qkv, 3 * d, T(0), net.dNorm, d);
    normAllBack<true>(l.in, theta + p.scale1, n, d, l.mean1, l.rstd1, net.dNorm, net.dOut, grad + p.scale1);
}

// Tensors that are summed into, row by row; all others are stored whole.
template <typename T> void clearSums(Net<T>& net)
{
    const auto clear = [&net](std::int64_t offset, std::int64_t count) {
        __builtin_memset(net.grad + offset, 0, static_cast<std::size_t>(count) * sizeof(T));
    };
    const Shape& s = net.shape;
    clear(net.layout.embedding, std::int64_t{s.vocab} * s.width);
    clear(net.layout.scale, s.width);
    for (int index = 0; index < s.layers; ++index)
        for (const std::int64_t offset : {net.place[index].scale1, net.place[index].qScale, net.place[index].kScale,
                 net.place[index].scale2})
            clear(offset, s.width);
}

template <typename T> void backward(Net<T>& net, const std::int32_t* tokens, const Pass& pass)
{
    const Shape& s = net.shape;
    const int n = s.rows(), d = s.width;
    clearSums(net);
    lossBack(net, tokens, pass);
    gemm(Op::Transposed, Op::Plain, d, s.vocab, n, T(1), net.norm, d, net.logits, s.vocab, T(0),
        net.grad + net.layout.head, s.vocab);
    gemm(Op::Plain, Op::Transposed, n, d, s.vocab, T(1), net.logits, s.vocab, net.theta + net.layout.head, s.vocab,
        T(0), net.dNorm, d);
    normAllBack<false>(net.out, net.theta + net.layout.scale, n, d, net.mean, net.rstd, net.dNorm, net.dOut,
        net.grad + net.layout.scale);
    for (int index = s.layers - 1; index >= 0; --index)
        layerBack(net, index, pass);
    if (pass.dropout > 0)
        dropout<T>(net.dOut, nullptr, net.dOut, std::int64_t{n} * d, pass, 0);
    for (int i = 0; i < n; ++i) {
        const std::int64_t token = tokens[std::int64_t{i / s.context} * (s.context + 1) + i % s.context];
        addTo(net.grad + net.layout.embedding + token * d, net.dOut + std::int64_t{i} * d, d);
    }
}

}
}

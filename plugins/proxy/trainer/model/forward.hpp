// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/attention.hpp"
#include "model/dropout.hpp"

namespace proxy {
namespace {

template <typename T> void normAll(const T* x, const T* scale, int n, int d, T* y, T* mean, T* rstd)
{
    for (int i = 0; i < n; ++i)
        normRow(x + std::int64_t{i} * d, scale, d, y + std::int64_t{i} * d, mean[i], rstd[i]);
}

template <typename T> void embed(Net<T>& net, const std::int32_t* tokens, const Pass& pass, T* x)
{
    const Shape& s = net.shape;
    for (int row = 0; row < s.batch; ++row) {
        for (int t = 0; t < s.context; ++t) {
            const T* from = net.theta + net.layout.embedding
                + std::int64_t{tokens[std::int64_t{row} * (s.context + 1) + t]} * s.width;
            copyTo(from, x + (std::int64_t{row} * s.context + t) * s.width, s.width);
        }
    }
    if (pass.dropout > 0)
        dropout<T>(x, nullptr, x, std::int64_t{s.rows()} * s.width, pass, 0);
}

// to = from + rows * weights, a residual branch (n x k times k x d), with its dropout.
template <typename T>
void addBranch(Net<T>& net, const T* from, const T* rows, int k, const T* weights, T* to, const Pass& pass,
    std::uint32_t place)
{
    const int n = net.shape.rows(), d = net.shape.width;
    const std::int64_t nd = std::int64_t{n} * d;
    if (pass.dropout > 0) {
        gemm(Op::Plain, Op::Plain, n, d, k, T(1), rows, k, weights, d, T(0), net.dNorm, d);
        dropout(net.dNorm, from, to, nd, pass, place);
        return;
    }
    __builtin_memcpy(to, from, static_cast<std::size_t>(nd) * sizeof(T));
    gemm(Op::Plain, Op::Plain, n, d, k, T(1), rows, k, weights, d, T(1), to, d);
}

template <typename T> void weighSequences(Net<T>& net, const Pass& pass, Measures& sums)
{
    const int batch = net.shape.batch;
    if (pass.reweighting == Reweighting::None) {
        for (int row = 0; row < batch; ++row)
            net.sequenceWeight[row] = T(1) / T(batch);
        sums.objective = sums.loss + sums.zLoss;
        return;
    }
    reweight(pass.reweighting, pass.reweightTemperature, net.sequenceLoss, batch, net.sequenceWeight);
    double weighted = 0;
    for (int row = 0; row < batch; ++row) {
        const double w = static_cast<double>(net.sequenceWeight[row]);
        weighted += w * static_cast<double>(net.sequenceLoss[row]);
        sums.topWeight = w <= sums.topWeight ? sums.topWeight : w;
        sums.weightEntropy -= w > 0 ? w * __builtin_log(w) : w;
    }
    sums.objective = weighted + sums.zLoss;
}

// Smallest, largest, sum and sum of squares of one row of logits.
template <typename T> struct RowStatistics {
    T low, high, sum, squares;
};

template <typename T> RowStatistics<T> statistics(const T* x, int n)
{
    T low = x[0], high = x[0], total = 0, squares = 0;
#pragma omp simd reduction(min : low) reduction(max : high) reduction(+ : total, squares)
    for (int i = 0; i < n; ++i) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
        total += x[i];
        squares += x[i] * x[i];
    }
    return {low, high, total, squares};
}

// Cross-entropy over the n rows. Leaves e^(logit - largest) in `logits`, log Z and 1 / sum for the backward pass.
template <typename T> Measures crossEntropy(Net<T>& net, const std::int32_t* tokens, const Pass& pass)
{
    const Shape& s = net.shape;
    const int n = s.rows();
    Measures sums;
    sums.logitMin = 1e300;
    sums.logitMax = sums.logZTop = -1e300;
    double squares = 0, logits = 0, logZSquares = 0;
    for (int row = 0; row < s.batch; ++row) {
        double own = 0;
        for (int t = 0; t < s.context; ++t) {
            const int i = row * s.context + t;
            T* x = net.logits + std::int64_t{i} * s.vocab;
            const RowStatistics<T> r = statistics(x, s.vocab);
            const T target = x[tokens[std::int64_t{row} * (s.context + 1) + t + 1]];
            // Equal best logits share the point, or a model without any opinion would always be right.
            if (target >= r.high)
                sums.accuracy += 1.0 / countEqual(x, s.vocab, r.high);
            const T total = exponentials(x, s.vocab, r.high);
            const double logZ = static_cast<double>(r.high) + __builtin_log(static_cast<double>(total));
            net.logZ[i] = static_cast<T>(logZ);
            net.inverseSum[i] = T(1) / total;
            own += logZ - static_cast<double>(target);
            logZSquares += logZ * logZ;
            sums.logZ += logZ;
            // Written so that a NaN is kept and reported.
            sums.logZTop = logZ <= sums.logZTop ? sums.logZTop : logZ;
            sums.logitMin = static_cast<double>(r.low) >= sums.logitMin ? sums.logitMin : static_cast<double>(r.low);
            sums.logitMax = static_cast<double>(r.high) <= sums.logitMax ? sums.logitMax : static_cast<double>(r.high);
            logits += static_cast<double>(r.sum);
            squares += static_cast<double>(r.squares);
        }
        net.sequenceLoss[row] = static_cast<T>(own / s.context);
        sums.loss += own;
    }
    sums.loss /= n;
    sums.zLoss = pass.zCoefficient * logZSquares / n;
    sums.logZ /= n;
    sums.accuracy /= n;
    const double all = static_cast<double>(n) * s.vocab;
    sums.logitMean = logits / all;
    sums.logitRms = rootOf(squares / all);
    weighSequences(net, pass, sums);
    return sums;
}

template <typename T> Measures forward(Net<T>& net, const std::int32_t* tokens, const Pass& pass)
{
    const Shape& s = net.shape;
    const int n = s.rows(), d = s.width;
    const std::int64_t nd = std::int64_t{n} * d;
    const T* theta = net.theta;
    T top = s.layers > 0 ? T(-1e30f) : T(0);
    embed(net, tokens, pass, s.layers > 0 ? net.layer[0].in : net.out);
    for (int index = 0; index < s.layers; ++index) {
        const LayerState<T>& l = net.layer[index];
        const Layout::Layer& p = net.place[index];
        const auto place = static_cast<std::uint32_t>(2 * index);
        normAll(l.in, theta + p.scale1, n, d, l.norm1, l.mean1, l.rstd1);
        gemm(Op::Plain, Op::Plain, n, 3 * d, d, T(1), l.norm1, d, theta + p.qkv, 3 * d, T(0), l.qkv, 3 * d);
        splitRotated(net, l.qkv, 0, pass, theta + p.qScale, l.q);
        splitRotated(net, l.qkv, 1, pass, theta + p.kScale, l.k);
        const T high = attend(net, l, pass);
        net.layerTop[index] = high;
        top = high <= top ? top : high;
        addBranch(net, l.in, l.mixed, d, theta + p.out, l.mid, pass, place + 1);

        normAll(l.mid, theta + p.scale2, n, d, l.norm2, l.mean2, l.rstd2);
        gemm(Op::Plain, Op::Plain, n, 4 * d, d, T(1), l.norm2, d, theta + p.up, 4 * d, T(0), l.slope, 4 * d);
#pragma omp simd
        for (std::int64_t i = 0; i < 4 * nd; ++i)
            geluBoth(l.slope[i], l.act[i], l.slope[i]);
        addBranch(net, l.mid, l.act, 4 * d, theta + p.down, index + 1 < s.layers ? net.layer[index + 1].in : net.out,
            pass, place + 2);
    }
    normAll(net.out, theta + net.layout.scale, n, d, net.norm, net.mean, net.rstd);
    gemm(Op::Plain, Op::Plain, n, s.vocab, d, T(1), net.norm, d, theta + net.layout.head, s.vocab, T(0), net.logits,
        s.vocab);
    Measures measures = crossEntropy(net, tokens, pass);
    measures.maxAttention = static_cast<double>(top);
    return measures;
}

}
}

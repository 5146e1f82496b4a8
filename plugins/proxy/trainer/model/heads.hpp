// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/engine.hpp"
#include "model/rows.hpp"

// Queries, keys and values: between the n x 3d rows of one matrix product and the B x H x T x e blocks of attention.
namespace proxy {
namespace {

// y = sqrt(kappa) x / rms(x) over n values.
template <typename T> void rootMeanRow(const T* x, int n, T kappa, T* y)
{
    const T r = rootOf(kappa) * inverseDeviation(dot(x, x, n) / T(n));
    for (int i = 0; i < n; ++i)
        y[i] = x[i] * r;
}

template <typename T> void rootMeanRowBack(const T* x, int n, T kappa, const T* dy, T* dx)
{
    const T r = inverseDeviation(dot(x, x, n) / T(n));
    const T mean = dot(x, dy, n) / T(n) * r * r;
    const T g = rootOf(kappa) * r;
    for (int i = 0; i < n; ++i)
        dx[i] = g * (dy[i] - x[i] * mean);
}

// Mean and 1 / deviation of n values.
template <typename T> void moments(const T* x, int n, T& mean, T& rstd)
{
    mean = sum(x, n) / T(n);
    const T centre = mean;
    T variance = 0;
#pragma omp simd reduction(+ : variance)
    for (int i = 0; i < n; ++i)
        variance += (x[i] - centre) * (x[i] - centre);
    rstd = inverseDeviation(variance / T(n));
}

template <typename T> void copyTo(const T* from, T* to, int n)
{
    for (int i = 0; i < n; ++i)
        to[i] = from[i];
}

// One of q, k (part 0, 1): normalised as the member asks, rotated to its position.
template <typename T> void splitRotated(const Net<T>& net, const T* qkv, int part, const Pass& pass, const T* scale, T* to)
{
    const Shape& s = net.shape;
    const int e = s.headWidth(), d = s.width;
    T mean, rstd;
    for (int row = 0; row < s.batch; ++row) {
        for (int t = 0; t < s.context; ++t) {
            const T* x = qkv + (std::int64_t{row} * s.context + t) * 3 * d + part * d;
            if (pass.qkNorm == QkNorm::Full) {
                normRow(x, scale, d, net.line, mean, rstd);
                x = net.line;
            }
            for (int h = 0; h < s.heads; ++h) {
                T* y = to + ((std::int64_t{row} * s.heads + h) * s.context + t) * e;
                if (pass.qkNorm == QkNorm::Head)
                    normRow(x + h * e, scale, e, y, mean, rstd);
                else if (pass.qkNorm == QkNorm::RmsFixed)
                    rootMeanRow(x + h * e, e, T(pass.kappa), y);
                else
                    copyTo(x + h * e, y, e);
                rotate(y, net.cosine + t * (e / 2), net.sine + t * (e / 2), e, T(1));
            }
        }
    }
}

// Gradient of q or k back into the qkv rows of net.dWide.
template <typename T>
void joinRotated(Net<T>& net, const T* qkv, int part, const Pass& pass, const T* scale, T* dHeads, T* dScale)
{
    const Shape& s = net.shape;
    const int e = s.headWidth(), d = s.width;
    T mean, rstd;
    for (int row = 0; row < s.batch; ++row) {
        for (int t = 0; t < s.context; ++t) {
            const std::int64_t at = (std::int64_t{row} * s.context + t) * 3 * d + part * d;
            const T* x = qkv + at;
            T* dx = net.dWide + at;
            for (int h = 0; h < s.heads; ++h) {
                T* dy = dHeads + ((std::int64_t{row} * s.heads + h) * s.context + t) * e;
                rotate(dy, net.cosine + t * (e / 2), net.sine + t * (e / 2), e, T(-1));
                if (pass.qkNorm == QkNorm::Head) {
                    moments(x + h * e, e, mean, rstd);
                    normRowBack<false>(x + h * e, scale, e, mean, rstd, dy, dx + h * e, dScale);
                } else if (pass.qkNorm == QkNorm::RmsFixed) {
                    rootMeanRowBack(x + h * e, e, T(pass.kappa), dy, dx + h * e);
                } else {
                    copyTo(dy, (pass.qkNorm == QkNorm::Full ? net.line : dx) + h * e, e);
                }
            }
            if (pass.qkNorm == QkNorm::Full) {
                moments(x, d, mean, rstd);
                normRowBack<false>(x, scale, d, mean, rstd, net.line, dx, dScale);
            }
        }
    }
}

}
}

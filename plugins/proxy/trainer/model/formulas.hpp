// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/inline.hpp"
#include "base/philox.hpp"
#include "model/rules.hpp"

#include <cmath>
#include <cstdint>

// The scalar formulas of the model and the optimiser, one place for every backend.
namespace proxy {

// e^x. In float: range reduction by ln 2 and the degree-5 polynomial of the Cephes library, without a branch, so that
// loops over it vectorise; relative error below 2e-7, arguments outside [-87.3, 88] are clamped, NaN stays NaN.
PROXY_INLINE float expOf(float x)
{
    x = x < -87.3f ? -87.3f : x;
    x = x > 88.0f ? 88.0f : x;
    constexpr float shifter = 12582912.0f; // 1.5 * 2^23: adding it rounds to an integer in the low bits.
    const float shifted = x * 1.44269504088896341f + shifter;
    const float n = shifted - shifter;
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    const std::uint32_t power = (__builtin_bit_cast(std::uint32_t, shifted) << 23) + 0x3F800000u;
    return (p * r * r + r + 1.0f) * __builtin_bit_cast(float, power);
}

PROXY_INLINE double expOf(double x)
{
    return __builtin_exp(x);
}

PROXY_INLINE float rootOf(float x)
{
    return __builtin_sqrtf(x);
}

PROXY_INLINE double rootOf(double x)
{
    return __builtin_sqrt(x);
}

// GELU, tanh form: x (1 + tanh y) / 2 = x / (1 + e^(-2y)), y = sqrt(2/pi) (x + 0.044715 x^3).
template <typename T> PROXY_INLINE T gelu(T x)
{
    const T twoY = T(1.5957691216057308) * (x + T(0.044715) * x * x * x);
    return x / (T(1) + expOf(-twoY));
}

// d gelu / dx = s + x s (1 - s) 2y' with s = 1 / (1 + e^(-2y)).
template <typename T> PROXY_INLINE T geluSlope(T x)
{
    const T twoY = T(1.5957691216057308) * (x + T(0.044715) * x * x * x);
    const T s = T(1) / (T(1) + expOf(-twoY));
    return s + x * s * (T(1) - s) * T(1.5957691216057308) * (T(1) + T(3 * 0.044715) * x * x);
}

// gelu(x) and its slope with one exponential.
template <typename T> PROXY_INLINE void geluBoth(T x, T& value, T& slope)
{
    const T twoY = T(1.5957691216057308) * (x + T(0.044715) * x * x * x);
    const T s = T(1) / (T(1) + expOf(-twoY));
    value = x * s;
    slope = s + x * s * (T(1) - s) * T(1.5957691216057308) * (T(1) + T(3 * 0.044715) * x * x);
}

constexpr double layerNormEps = 1e-6;

// 1 / sqrt(variance + eps). A variance that overflowed gives NaN, not 0: the row would otherwise pass as perfectly
// flat and a diverged run as a uniform guess.
template <typename T> PROXY_INLINE T inverseDeviation(T variance)
{
    const T r = T(1) / rootOf(variance + T(layerNormEps));
    return r > T(0) ? r : T(__builtin_nan(""));
}
constexpr double ropeBase = 10000.0;

// Angle of rotary pair `pair` (element i with element i + width/2) at position `position`; Su et al. 2021.
PROXY_INLINE double ropeAngle(int position, int pair, int headWidth)
{
    return position * std::pow(ropeBase, -2.0 * pair / headWidth);
}

// Per-step constants of AdamW. `scheduled` is s_t = lr(t) / peak, in [0, 1].
struct AdamStep {
    double beta1, beta2, eps;
    double clip; // factor on the gradient, 1 when it was neither clipped nor limited
    double correction1, correction2; // 1 - beta^t
    double rate; // factor on the Adam direction, lr(t) with the factors of its tensor
    double decay; // factor on the parameter: s_t lambda (independent) or rate * lambda (coupled)
};

// Advances the moments of one element and returns the direction mhat / (sqrt(vhat) + eps); `root` gets sqrt(vhat).
template <typename T> PROXY_INLINE T adamDirection(T grad, T& m, T& v, const AdamStep& step, T& root)
{
    const T g = grad * T(step.clip);
    m = T(step.beta1) * m + T(1 - step.beta1) * g;
    v = T(step.beta2) * v + T(1 - step.beta2) * g * g;
    root = rootOf(v * T(1 / step.correction2));
    return m * T(1 / step.correction1) / (root + T(step.eps));
}

// One element of AdamW: theta <- theta - rate * mhat / (sqrt(vhat) + eps) - decay * theta.
// Independent decay as in Loshchilov & Hutter 2019 and Wortsman et al. 2023, section 2.1.
template <typename T> PROXY_INLINE void adamElement(T& theta, T grad, T& m, T& v, const AdamStep& step, T decay)
{
    T root;
    const T direction = adamDirection(grad, m, v, step, root);
    theta = theta - T(step.rate) * direction - decay * theta;
}

// Factor on a matrix's gradient that keeps its norm below `gamma` times the last one; `last` becomes the norm after
// it. The first norm is only stored. Norm-growth limiter of Fira (Chen et al. 2024, arXiv 2410.01623), there applied to
// the part of the gradient outside a subspace, here to all of it.
PROXY_INLINE double limiterFactor(double norm, double& last, double gamma, bool first)
{
    const double growth = norm / (last + 1e-8);
    const double factor = first || !(growth > gamma) ? 1 : gamma / growth;
    last = norm * factor;
    return factor;
}

// Score of a sequence whose loss stands at h in [-1, 1] between the batch's extremes; Sow et al. 2025
// (arXiv 2502.06733).
PROXY_INLINE double reweightScore(Reweighting kind, double h)
{
    switch (kind) {
    case Reweighting::None:
        return 0;
    case Reweighting::LinUpper:
        return h + 1 < 1 ? h + 1 : 1;
    case Reweighting::Quadratic:
        return 1 - h * h;
    case Reweighting::Upper:
        return (h + 1) / 2;
    case Reweighting::Extremes:
        return h < 0 ? -h : h;
    }
    return 0;
}

// Weights of n sequence losses, positive and of sum 1; equal when all losses are. `weight` may not be `loss`.
// A loss that is not a number makes all weights so.
template <typename T>
PROXY_INLINE void reweight(Reweighting kind, double temperature, const T* loss, int n, T* weight)
{
    double low = loss[0], high = loss[0], sum = 0;
    for (int i = 0; i < n; ++i) {
        const double x = loss[i];
        low = x >= low ? low : x;
        high = x <= high ? high : x;
        sum += x;
    }
    const double range = high - low;
    double total = 0;
    for (int i = 0; i < n; ++i) {
        const double h = range > 0 ? (2 * static_cast<double>(loss[i]) - (high + low)) / range : 0;
        total += std::exp((reweightScore(kind, h) - 1) / temperature);
        weight[i] = static_cast<T>(h);
    }
    const double poison = sum - sum == 0 ? 1 : sum - sum;
    for (int i = 0; i < n; ++i) {
        const double h = static_cast<double>(weight[i]);
        weight[i] = static_cast<T>(std::exp((reweightScore(kind, h) - 1) / temperature) / total * poison);
    }
}

// Share of a matrix that pruning removed after the fraction `progress` of the steps: 0, a cubic ramp, `sparsity`.
PROXY_INLINE double prunedShare(double progress, double begin, double end, double sparsity)
{
    const double x = progress >= end ? 1 : progress <= begin ? 0 : (progress - begin) / (end - begin);
    return sparsity * (1 - (1 - x) * (1 - x) * (1 - x));
}

// Random words of dropout: element i of place `place` at `step` is dropped when word i % 4 of block i / 4 is below
// p * 2^32. Place 0 is the embedding, 1 + 2 l and 2 + 2 l the attention and the MLP of layer l. The backward pass draws
// the same words again.
PROXY_INLINE Words dropoutWords(std::uint64_t seed, std::uint64_t step, std::uint32_t place, std::uint64_t block)
{
    return randomWords(seed, static_cast<Stream>(16), place, step << 36 | block);
}

PROXY_INLINE std::uint32_t dropoutLevel(double p)
{
    return static_cast<std::uint32_t>(p * 4294967296.0);
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/net.hpp"

#include "base/philox.hpp"
#include "model/formulas.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <new>
#include <numbers>

namespace proxy {

namespace {

// Hands out pieces of 64-element multiples; run once without a block to learn the size, once with it.
template <typename T> struct Cutter {
    T* block = nullptr;
    std::int64_t used = 0;

    T* cut(std::int64_t count)
    {
        T* piece = block ? block + used : nullptr;
        used += (count + 63) / 64 * 64;
        return piece;
    }
};

template <typename T> void cutAll(Net<T>& net, Cutter<T>& arena)
{
    const Shape& s = net.shape;
    const std::int64_t n = s.rows(), d = s.width, t = s.context;
    for (T** flat : {&net.theta, &net.grad, &net.m, &net.v})
        *flat = arena.cut(net.layout.size);
    for (T** table : {&net.cosine, &net.sine})
        *table = arena.cut(t * s.headWidth() / 2);
    for (LayerState<T>& l : net.layerStates) {
        for (T** rows : {&l.in, &l.norm1, &l.q, &l.k, &l.mixed, &l.mid, &l.norm2})
            *rows = arena.cut(n * d);
        for (T** column : {&l.mean1, &l.rstd1, &l.mean2, &l.rstd2})
            *column = arena.cut(n);
        l.qkv = arena.cut(n * 3 * d);
        l.weights = arena.cut(n * s.heads * t);
        l.slope = arena.cut(n * 4 * d);
        l.act = arena.cut(n * 4 * d);
    }
    for (T** rows : {&net.out, &net.norm, &net.dOut, &net.dNorm, &net.dq, &net.dk})
        *rows = arena.cut(n * d);
    net.mean = arena.cut(n);
    net.rstd = arena.cut(n);
    net.logZ = arena.cut(n);
    net.inverseSum = arena.cut(n);
    net.logits = arena.cut(n * s.vocab);
    net.dWide = arena.cut(n * 4 * d);
    net.dScores = arena.cut(t * t);
    net.line = arena.cut(d);
    net.sequenceLoss = arena.cut(s.batch);
    net.sequenceWeight = arena.cut(s.batch);
    net.layerTop = arena.cut(s.layers);
}

// Standard normal by Box and Muller, one value per counter.
double normal(const Words& words)
{
    const double radius = std::sqrt(-2 * std::log(unitInterval(words.w[0], words.w[1])));
    return radius * std::cos(2 * std::numbers::pi * unitInterval(words.w[2], words.w[3]));
}

// Normal cut at two standard deviations by rejection, rescaled to unit variance.
double truncatedNormal(std::uint64_t seed, std::uint32_t tensor, std::uint64_t element)
{
    for (std::uint64_t attempt = 0;; ++attempt) {
        const double x = normal(randomWords(seed, Stream::Init, tensor, element | attempt << 40));
        if (std::abs(x) < 2)
            return x / 0.87962566103423978;
    }
}

}

template <typename T> void Net<T>::Free::operator()(T* block) const
{
    std::free(block);
}

template <typename T>
Net<T>::Net(const Shape& size, QkNorm qkNorm)
    : shape(size)
    , layout(size, qkNorm)
    , layerStates(static_cast<std::size_t>(size.layers))
    , layer(layerStates.data())
    , place(layout.layers.data())
{
    Cutter<T> arena;
    cutAll(*this, arena);
    const auto bytes = static_cast<std::size_t>(arena.used) * sizeof(T);
    m_arena.reset(static_cast<T*>(std::aligned_alloc(64, (bytes + 63) / 64 * 64)));
    if (!m_arena)
        throw std::bad_alloc();
    std::fill_n(m_arena.get(), arena.used, T(0));
    arena = {m_arena.get(), 0};
    cutAll(*this, arena);

    const int half = shape.headWidth() / 2;
    for (int position = 0; position < shape.context; ++position) {
        for (int pair = 0; pair < half; ++pair) {
            const double angle = ropeAngle(position, pair, shape.headWidth());
            cosine[position * half + pair] = static_cast<T>(std::cos(angle));
            sine[position * half + pair] = static_cast<T>(std::sin(angle));
        }
    }
}

template <typename T> void initialise(Net<T>& net, std::uint64_t seed, Mup mup, int baseWidth)
{
    std::fill_n(net.theta, net.layout.size, T(0));
    std::fill_n(net.m, net.layout.size, T(0));
    std::fill_n(net.v, net.layout.size, T(0));
    for (const Tensor& tensor : net.layout.tensors) {
        T* values = net.theta + tensor.offset;
        double deviation = 1 / std::sqrt(tensor.kind == Kind::Embedding ? tensor.cols : tensor.rows);
        if (tensor.offset == net.layout.head && mup >= Mup::Intermediate)
            deviation = std::sqrt(static_cast<double>(baseWidth)) / tensor.rows;
        for (std::int64_t i = 0; i < tensor.size(); ++i) {
            const auto element = static_cast<std::uint64_t>(i);
            double value = 1;
            if (tensor.kind == Kind::Embedding)
                value = deviation * normal(randomWords(seed, Stream::Init, tensor.slot, element));
            else if (tensor.kind == Kind::Matrix)
                value = deviation * truncatedNormal(seed, tensor.slot, element);
            values[i] = static_cast<T>(value);
        }
    }
    if (mup != Mup::Full)
        return;
    const std::int64_t d = net.shape.width;
    for (const Layout::Layer& place : net.layout.layers)
        for (std::int64_t row = 0; row < d; ++row)
            std::fill_n(net.theta + place.qkv + row * 3 * d, d, T(0));
}

template struct Net<float>;
template struct Net<double>;
template void initialise(Net<float>&, std::uint64_t, Mup, int);
template void initialise(Net<double>&, std::uint64_t, Mup, int);

}

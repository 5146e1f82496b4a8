// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/shape.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace proxy {

// The arrays of one layer that the backward pass reads. n = B*T rows, d = width, H heads of width e.
template <typename T> struct LayerState {
    T* in; // n x d, residual stream before attention
    T *norm1, *mean1, *rstd1; // n x d, n, n
    T* qkv; // n x 3d, before normalisation and rotation
    T *q, *k, *v; // B x H x T x e
    T* weights; // B x H x T x T, softmax rows, zero above the diagonal
    T* mixed; // n x d
    T* mid; // n x d, residual stream after attention
    T *norm2, *mean2, *rstd2; // n x d, n, n
    T *up, *act; // n x 4d, before and after GELU
};

// One network in training: parameters, gradient, moments and activations as raw pointers into one arena, because the
// engine is compiled for several instruction sets and must share no library code with the rest.
template <typename T> struct Net {
    explicit Net(const Shape& size);

    Shape shape;
    Layout layout;
    T *theta, *grad, *m, *v; // layout.size each
    T *cosine, *sine; // T x e/2
    std::vector<LayerState<T>> layerStates;
    LayerState<T>* layer; // layerStates.data()
    const Layout::Layer* place; // layout.layers.data()
    T* out; // n x d, residual stream after the last layer
    T *norm, *mean, *rstd; // n x d, n, n
    T *logits, *logZ; // n x V, n; logits hold the softmax after forward, their gradient after backward
    T *dOut, *dNorm, *dWide; // n x d, n x d, n x 4d
    T *dq, *dk, *dv, *dScores; // B x H x T x e (three), T x T

private:
    struct Free {
        void operator()(T* block) const;
    };
    std::unique_ptr<T[], Free> m_arena;
};

// Fills theta from `seed`: embedding N(0, 1/d), matrices truncated normal with std 1/sqrt(fan-in), scales 1;
// zeroes the moments. Wortsman et al. 2023, appendix A; truncation at 2 sigma, rescaled, as in Flax.
template <typename T> void initialise(Net<T>& net, std::uint64_t seed);

extern template struct Net<float>;
extern template struct Net<double>;
extern template void initialise(Net<float>&, std::uint64_t);
extern template void initialise(Net<double>&, std::uint64_t);

}

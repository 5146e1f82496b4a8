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
    T *q, *k; // B x H x T x e
    T* weights; // B x H x T x T, rows of weights, zero above the diagonal
    T* mixed; // n x d
    T* mid; // n x d, residual stream after attention
    T *norm2, *mean2, *rstd2; // n x d, n, n
    T *slope, *act; // n x 4d, derivative and value of the GELU
};

// One network in training: parameters, gradient, moments and activations as raw pointers into one arena, because the
// engine is compiled for several instruction sets and must share no library code with the rest.
template <typename T> struct Net {
    explicit Net(const Shape& size, QkNorm qkNorm = QkNorm::Head);

    Shape shape;
    Layout layout;
    T *theta, *grad, *m, *v; // layout.size each
    T *cosine, *sine; // T x e/2
    std::vector<LayerState<T>> layerStates;
    LayerState<T>* layer; // layerStates.data()
    const Layout::Layer* place; // layout.layers.data()
    T* out; // n x d, residual stream after the last layer
    T *norm, *mean, *rstd; // n x d, n, n
    T *logits, *logZ; // n x V, n; logits hold e^(logit - largest) after forward, their gradient after backward
    T* inverseSum; // n, one over the sum of those exponentials
    T *dOut, *dNorm, *dWide; // n x d, n x d, n x 4d
    T *dq, *dk, *dScores; // B x H x T x e (two), T x T
    T* line; // d, scratch of one row
    T *sequenceLoss, *sequenceWeight; // B, mean loss of each sequence and its weight in the objective
    T* layerTop; // L, largest attention logit of each layer

private:
    struct Free {
        void operator()(T* block) const;
    };
    std::unique_ptr<T[], Free> m_arena;
};

// Fills theta from `seed`: embedding N(0, 1/d), matrices truncated normal with std 1/sqrt(fan-in), scales 1;
// zeroes the moments. Wortsman et al. 2023, appendix A; truncation at 2 sigma, rescaled, as in Flax. A tensor's values
// do not depend on which other tensors there are. muParam changes the head and the queries as said in Mup.
template <typename T>
void initialise(Net<T>& net, std::uint64_t seed, Mup mup = Mup::None, int baseWidth = 256);

extern template struct Net<float>;
extern template struct Net<double>;
extern template void initialise(Net<float>&, std::uint64_t, Mup, int);
extern template void initialise(Net<double>&, std::uint64_t, Mup, int);

}

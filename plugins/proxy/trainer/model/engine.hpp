// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/formulas.hpp"
#include "model/net.hpp"

#include <cstdint>
#include <string>

namespace proxy {

// What a forward pass measures, over n = B*T predictions.
struct Measures {
    double loss = 0; // mean cross-entropy, nats per token, without the z term
    double objective = 0; // (weighted) loss + zLoss, what the gradient belongs to
    double logZ = 0; // mean log Z
    double accuracy = 0; // share of predictions whose largest logit is the target
    double maxAttention = 0; // largest attention logit
    double zLoss = 0; // z * mean(log^2 Z)
    double logZTop = 0; // largest log Z
    double logitMean = 0, logitRms = 0, logitMin = 0, logitMax = 0; // of the output logits, all n * V
    double topWeight = 0, weightEntropy = 0; // of the sequence weights, where reweighting is on
};

// What the optimiser saw of one tensor.
struct AdamSums {
    double update = 0; // sum of squared directions
    double parameter = 0; // sum of squared parameters before the update
    double change = 0; // sum of squared changes, decay included
    double belowEps = 0; // elements with sqrt(vhat) < eps
};

// The maths of one instruction set. Token arrays hold B rows of T + 1 tokens: inputs and the shifted targets.
template <typename T> struct Engine {
    const char* name; // "x86-64-v3", "baseline"
    Measures (*forward)(Net<T>& net, const std::int32_t* tokens, const Pass& pass);
    // Gradient of `objective` into net.grad; must follow forward() with the same arguments. The weights of sequences
    // count as constants.
    void (*backward)(Net<T>& net, const std::int32_t* tokens, const Pass& pass);
    // Sum of the squares of `count` numbers.
    double (*squares)(const T* values, std::int64_t count);
    // AdamW on elements [begin, begin + count) of the flat block. Decay pulls to `initial` (a block like theta) where
    // it is given, else to zero; `sums` are filled where given.
    void (*adam)(Net<T>& net, std::int64_t begin, std::int64_t count, const AdamStep& step, const T* initial,
        AdamSums* sums);
    // C (m x n, leading dimension n) = A (m x k) B (k x n), for the selftest.
    void (*multiply)(int m, int n, int k, const T* a, const T* b, T* c);
};

// The best engine this processor can run. PROXY_ISA=baseline or v3 in the environment asks for a plainer one.
template <typename T> const Engine<T>& engine();
template <> const Engine<float>& engine<float>();
template <> const Engine<double>& engine<double>();

// Name and build of the matrix library, for the manifest, e.g. "OpenBLAS 0.3.21 ... SkylakeX".
std::string blasName();
// Keeps the matrix library from starting threads of its own; call once before any engine is used.
void useOneBlasThread();

}

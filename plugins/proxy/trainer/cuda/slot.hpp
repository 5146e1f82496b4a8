// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/rules.hpp"
#include "schedule/segment.hpp"

#include <cstdint>

// Plain records that host and device share.
namespace proxy {

inline constexpr int mostSegments = 64; // of a schedule

// One member in its slot.
struct Slot {
    double lr, beta1, beta2, eps, decay, clip;
    double zCoefficient, dropout, reweightTemperature;
    double limiter; // 0 = off
    double matrixRate; // factor on the rate of matrices
    float logitScale, rootKappa;
    QkNorm qkNorm;
    Attention attention;
    Reweighting reweighting;
    std::int32_t independent, decayAll, scaleByRms, segments;
    std::int64_t reweightStart; // first step with weights
    std::uint64_t seed; // of the dropout masks
    std::int64_t steps; // of the whole run
    std::int64_t step; // updates made
    std::int64_t nanStep; // first step with a loss or gradient that is not finite, or -1
};

// What one row of logits says.
struct LossRow {
    double loss, logZ;
    float correct, high, inverse, low, sum, squares;
};

// What a batch says, over its rows; the fields of Measures.
struct BatchSums {
    double loss, objective, logZ, accuracy, zLoss, logZTop, logitMean, logitRms, logitMin, logitMax, topWeight,
        weightEntropy;
};

// One line of the ring of records: what a member did at one step.
struct RingRow {
    BatchSums sums;
    double lr, gradNorm, clip, limiter, maxAttention;
    std::int64_t step;
    std::int64_t valid; // 0: the slot stood still
};

// A piece of the flat parameter block that one thread block works on.
struct Chunk {
    std::int64_t begin;
    std::int32_t count, tensor;
};

// What the optimiser must know of a tensor.
struct TensorFacts {
    std::int32_t firstChunk, chunks;
    std::int32_t isMatrix, elements;
};

}

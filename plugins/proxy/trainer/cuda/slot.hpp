// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

// Plain records that host and device share.
namespace proxy {

// One member in its slot.
struct Slot {
    double lr, beta1, beta2, eps, decay, clip, zCoefficient;
    std::int32_t independent, decayAll;
    std::uint64_t dataSeed;
    std::int64_t steps; // of the whole run
    std::int64_t step; // updates made
    std::int64_t nanStep; // first step with a loss or gradient that is not finite, or -1
};

// What one row of logits says.
struct LossRow {
    double loss, logZ;
    float correct, high, inverse, low, sum, squares;
};

// Means over the rows of one batch.
struct BatchSums {
    double loss, objective, logZ, accuracy, logitMean, logitRms, logitHigh, logitLow;
};

// Constants of one update.
struct UpdateStep {
    double beta1, beta2, eps, clip, correction1, correction2, rate, decay;
};

// One line of the ring of records: what a member did at one step.
struct RingRow {
    BatchSums sums;
    double lr, gradNorm, clip, maxAttention;
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
    std::int32_t isMatrix;
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/shape.hpp"
#include "schedule/schedule.hpp"

#include <cstdint>
#include <string>

namespace proxy {

enum class Scalar { Float, Double };

// AdamW. Independent decay shrinks by s_t * decay, coupled by lr(t) * decay.
struct Optimiser {
    double beta1 = 0.9, beta2 = 0.95, eps = 1e-8;
    double decay = 1e-4;
    bool independent = true;
    bool decayAll = true; // false: matrices only, no embedding and no scales
    double clip = 1.0; // largest gradient norm, 0 = never clip
};

// One training run, wholly resolved.
struct Member {
    std::string id; // first 12 hexadecimal digits of the SHA-256 of its canonical configuration
    std::string name;
    Shape shape;
    long steps = 1000;
    double lr = 3e-3;
    Schedule schedule;
    Optimiser optimiser;
    double zCoefficient = 1e-4;
    std::uint64_t seed = 1, dataSeed = 1;
    long evalEvery = 50, evalBatches = 4, logEvery = 1;
    Scalar scalar = Scalar::Float;

    std::int64_t batchTokens() const { return shape.rows(); }
    std::int64_t tokens() const { return batchTokens() * steps; }
    double flop() const { return flopPerToken(shape) * static_cast<double>(tokens()); }
};

}

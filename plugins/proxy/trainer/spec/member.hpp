// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "data/batches.hpp"
#include "model/shape.hpp"
#include "schedule/schedule.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace proxy {

enum class Scalar { Float, Double };
// What weight decay shrinks: every tensor, or the matrices alone (no embedding, no scales).
enum class DecayMask { All, Matrices };
// Where weight decay pulls to: zero, or the weights the run began with.
enum class DecayTo { Zero, Initial };

// AdamW. Independent decay shrinks by s_t * decay, coupled by lr(t) * decay, lr(t) with all its per-tensor factors.
struct Optimiser {
    double beta1 = 0.9, beta2 = 0.95, eps = 1e-8;
    double decay = 1e-4;
    bool independent = true;
    DecayMask mask = DecayMask::All;
    DecayTo to = DecayTo::Zero;
    double clip = 1.0; // largest gradient norm, 0 = never clip
    bool scaleByRms = false; // rate of each tensor times max(rms of the tensor, 1e-3), as in Adafactor
    double limiter = 0; // largest growth of a matrix's gradient norm from step to step, 0 = no limit (Fira: 1.01)
};

// Weights of a batch's sequences by their loss: softmax(f(loss) / temperature), from update `start` on.
struct Reweight {
    Reweighting kind = Reweighting::None;
    double temperature = 1;
    double start = 0.05; // a fraction of the steps below 1, a number of steps from 1 on
};

// Magnitude pruning of every layer's matrices along a cubic ramp, s (1 - (1 - x)^3), x from 0 at `begin` to 1 at `end`.
struct Prune {
    double sparsity = 0; // 0 = off
    double begin = 0.25, end = 0.75; // fractions of the steps
};

// Ends a run that is lost: loss above the first loss + margin for `steps` updates in a row after the warm-up.
struct EarlyStop {
    double margin = -1; // below 0 = off
    long steps = 20;
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

    QkNorm qkNorm = QkNorm::Head;
    double kappa = 1; // RmsFixed
    Attention attention = Attention::Softmax;
    Mup mup = Mup::None;
    int baseWidth = 256; // the width at which muParam changes nothing
    double dropout = 0;
    Reweight reweight;
    Prune prune;
    EarlyStop earlyStop;
    std::int64_t uniqueTokens = 0; // repeat the first so many tokens of the training text, 0 = all
    std::vector<MixPhase> mix; // empty = as the corpus is
    long vectorEvery = 0; // steps between the lines of per-layer and per-tensor values, 0 = one in 200, -1 = never
    bool attentionEntropy = false;
    std::string initFrom; // id of the member whose last weights are stacked, empty = start from the seed
    int stack = 1; // how often its layers are repeated

    std::int64_t batchTokens() const { return shape.rows(); }
    std::int64_t tokens() const { return batchTokens() * steps; }
    double flop() const { return flopPerToken(shape) * static_cast<double>(tokens()); }
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

// The switches of the maths that every member sets for itself; plain data, so that any backend can copy them.
namespace proxy {

// What happens to queries and keys before the rotation. Head: LayerNorm over each head with one scale of e values for
// all of them (Wortsman et al. 2023); Full: LayerNorm over the whole width; RmsFixed: sqrt(kappa) z / rms(z) per head.
enum class QkNorm : std::int32_t { Off, Head, Full, RmsFixed };

// Softmax, or relu(z)^2 / sqrt(T) without any normalisation (figure E.11 of the paper).
enum class Attention : std::int32_t { Softmax, SquaredRelu };

// Which of a batch's sequences count more, by their loss; h in [-1, 1] is the loss between the batch's extremes.
// LinUpper min(h + 1, 1), Quadratic 1 - h^2, Upper (h + 1) / 2, Extremes |h|.
enum class Reweighting : std::int32_t { None, LinUpper, Quadratic, Upper, Extremes };

// The paper's three degrees of muParam: learning rate of matrices times base / width; also the head's deviation
// sqrt(base) / width; also logits scaled by 1 / e and queries that start at zero.
enum class Mup : std::int32_t { None, Simple, Intermediate, Full };

// Everything one pass through the network depends on besides the weights and the tokens.
struct Pass {
    QkNorm qkNorm = QkNorm::Head;
    Attention attention = Attention::Softmax;
    Reweighting reweighting = Reweighting::None; // None while it is not on yet, and in evaluation
    std::int32_t inverseWidth = 0; // 1: logits q k / e, 0: q k / sqrt(e)
    double kappa = 1;
    double zCoefficient = 0;
    double reweightTemperature = 1;
    double dropout = 0; // 0 in evaluation
    std::uint64_t seed = 0, step = 0; // of the dropout masks
};

}

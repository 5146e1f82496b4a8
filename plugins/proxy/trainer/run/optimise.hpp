// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "run/trainer.hpp"

namespace proxy {

// The optimiser's part of an update on the gradient in the network: norm, clipping, limiter, AdamW; fills the norms
// and factors of `record` and, where `sums` is given, what AdamW saw of each tensor, in the layout's order, with the
// squares of its gradient in `gradSquares`.
template <typename T>
void optimise(Training<T>& training, StepRecord& record, std::vector<AdamSums>* sums, std::vector<double>& gradSquares);

// Whether an update brings a line of vectors: every vectorEvery steps, at 2 % and in the last 0.5 % of the steps.
bool vectorsDue(const Member& member, long step);
// Fills training.vectors after the passes and the optimiser of one update.
template <typename T>
void measureVectors(
    Training<T>& training, const std::vector<AdamSums>& sums, const std::vector<double>& gradSquares);

// Removes the smallest weights of every layer's matrices so that the share due after `done` updates is gone, where
// that is due; keeps what was removed at zero.
template <typename T> void prune(Training<T>& training, long done);
// Silences the gradient of removed weights.
template <typename T> void maskGradient(Training<T>& training);

// Copies the parent's weights, its list of layers repeated member.stack times.
template <typename T> void stackOn(Training<T>& training, const Parent& parent);

}

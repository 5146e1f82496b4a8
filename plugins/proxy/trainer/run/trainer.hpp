// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "data/corpus.hpp"
#include "model/engine.hpp"
#include "spec/member.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace proxy {

// Values per layer and per tensor at one step; made only when they are due.
struct Vectors {
    std::vector<double> maxAttention, blockRms, queryRms, keyRms, entropy; // one per layer; entropy may be empty
    struct PerTensor {
        std::string name;
        double gradRms; // of the gradient before clipping
        double updateRms; // of the Adam direction, without the learning rate
        double parameterRms; // before the update
        double ratio; // rms of the whole change of the tensor over its own
        double belowEps; // share of elements with sqrt(vhat) < eps
    };
    std::vector<PerTensor> tensors;
};

// One update: the loss on its batch before it, the rate it used, the gradient norm before clipping.
struct StepRecord {
    long step;
    Measures measures;
    double lr, gradNorm;
    std::int64_t tokens; // seen, this batch included
    double clip = 1; // factor on the gradient
    double limiter = 1; // smallest factor of the growth limiter on any matrix
    std::int64_t nonZero = 0; // parameters left by pruning
    double meanNonZero = 0; // averaged over the updates so far
    const Vectors* vectors = nullptr; // only at steps where they are due
};

// Loss and accuracy on the validation text after `step` updates.
struct ValidationRecord {
    long step;
    double loss, accuracy;
    std::int64_t tokens;
};

enum class Status { Done, Diverged, Stopped };

// How a member ended. A divergence is a result like any other.
struct Outcome {
    Status status = Status::Done;
    long steps = 0; // updates made
    long nanStep = -1; // first step with a loss or gradient that is not finite
    long earlyStop = -1; // step at which the early stop ended it
    double firstLoss = 0, validation = 0, accuracy = 0;
};

// What a training counts besides its arrays; plain bytes in a checkpoint.
struct TrainingCount {
    std::int64_t step = 0; // updates made
    std::int64_t above = 0; // updates in a row above the early-stop line
    std::int64_t nonZero = 0;
    double nonZeroSum = 0;
    double firstLoss = 0;
    double validation = 0, accuracy = 0;
};

// One array of everything that must survive a kill.
struct StateSpan {
    const char* name; // "progress", "theta", "m", "v", "limiter", "mask", "initial"
    std::span<std::byte> bytes;
};

// A member in training: the network with its moments and whatever its switches remember from step to step.
template <typename T> struct Training {
    explicit Training(const Member& which);

    Member member;
    Net<T> net;
    TrainingCount progress;
    std::vector<double> limiter; // per tensor, norm of the last limited gradient; empty without the limiter
    std::vector<T> mask; // per element of theta, 1 or 0; empty without pruning
    std::vector<T> initial; // theta of the start; empty unless the decay pulls there
    Vectors vectors; // of the last step where they were due
};

// The state in a fixed order. The spans stay valid as long as the training; writing all of them with the bytes of
// another training of the same member, after the same number of steps, continues that one bit for bit.
template <typename T> std::vector<StateSpan> stateOf(Training<T>& training);

// One update on `tokens` (batch rows of context + 1): forward, backward, optimiser, pruning; counts the step.
template <typename T> StepRecord advance(Training<T>& training, const std::int32_t* tokens);

// The trained weights that a stacked member starts from.
struct Parent {
    Member member;
    std::span<const std::byte> theta; // its span "theta"
};

// Where a training begins: from its seed (empty), from a stored state, or stacked on a parent. A stored state wins.
struct Restart {
    std::vector<std::span<const std::byte>> state; // as checkpoint() handed them out, same order
    const Parent* parent = nullptr; // needed where member.initFrom is set and there is no state
};

// What the caller wants to hear; `step` answers whether to go on.
struct Listener {
    std::function<bool(const StepRecord&)> step;
    std::function<void(const ValidationRecord&)> validation;
    // After every whole update, the last one included; `step` counts the updates made. Copy or store the spans before
    // returning, or do nothing. May be empty.
    std::function<void(long step, const std::vector<StateSpan>& state)> checkpoint = {};
};

// Trains one member to its end on the calling thread. The numbers depend on the member, the corpus and the machine's
// instruction set alone; from a stored state it gives the records an uninterrupted run would have given from there on.
// Throws Failure(Checkpoint) when the stored state is not one of this member.
Outcome train(const Member& member, const Corpus& corpus, const Listener& listener, const Restart& restart = {});

// What the engine needs to know of a member at an update; the second is for the validation text.
Pass passOf(const Member& member, long step);
Pass evaluationOf(const Member& member);

const char* statusName(Status status);

extern template struct Training<float>;
extern template struct Training<double>;
extern template std::vector<StateSpan> stateOf(Training<float>&);
extern template std::vector<StateSpan> stateOf(Training<double>&);
extern template StepRecord advance(Training<float>&, const std::int32_t*);
extern template StepRecord advance(Training<double>&, const std::int32_t*);

}

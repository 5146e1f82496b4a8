// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "data/corpus.hpp"
#include "model/engine.hpp"
#include "spec/member.hpp"

#include <functional>
#include <string>

namespace proxy {

// One update: the loss on its batch before it, the rate it used, the gradient norm before clipping.
struct StepRecord {
    long step;
    Measures measures;
    double lr, gradNorm;
    std::int64_t tokens; // seen, this batch included
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
    double firstLoss = 0, validation = 0, accuracy = 0;
};

// What the caller wants to hear; `step` answers whether to go on.
struct Listener {
    std::function<bool(const StepRecord&)> step;
    std::function<void(const ValidationRecord&)> validation;
};

// Trains one member from its seed to its end on the calling thread. The numbers depend on the member, the corpus and
// the machine's instruction set alone.
Outcome train(const Member& member, const Corpus& corpus, const Listener& listener);

// One optimiser update: norm, clipping, AdamW. Returns the gradient norm before clipping.
template <typename T> double update(Net<T>& net, const Member& member, long step);

extern template double update(Net<float>&, const Member&, long);
extern template double update(Net<double>&, const Member&, long);

const char* statusName(Status status);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/trainer.hpp"

#include "base/failure.hpp"
#include "data/batches.hpp"
#include "run/optimise.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace proxy {

namespace {

Sampler samplerOf(const Member& m, const Corpus& corpus)
{
    return makeSampler(corpus.train, {m.dataSeed, m.shape.batch, m.shape.context, m.steps, m.uniqueTokens, m.mix});
}

template <typename T>
ValidationRecord validate(Training<T>& training, const Corpus& corpus, std::int32_t* tokens)
{
    const Member& member = training.member;
    const long step = training.progress.step;
    const Pass pass = evaluationOf(member);
    ValidationRecord record{step, 0, 0, member.batchTokens() * step};
    for (long batch = 0; batch < member.evalBatches; ++batch) {
        validationBatch(corpus.validation, batch, member.shape.batch, member.shape.context, tokens);
        const Measures measures = engine<T>().forward(training.net, tokens, pass);
        record.loss += measures.loss;
        record.accuracy += measures.accuracy;
    }
    record.loss /= static_cast<double>(member.evalBatches);
    record.accuracy /= static_cast<double>(member.evalBatches);
    return record;
}

[[noreturn]] void refuseState(const Member& member, const std::string& why)
{
    throw Failure(Exit::Checkpoint,
        "The stored state is not one of member " + member.id + " (" + member.name + "): " + why
            + "; remove it and train the member again.");
}

template <typename T> void restore(Training<T>& training, const Restart& restart)
{
    const Member& member = training.member;
    if (restart.state.empty()) {
        if (member.initFrom.empty())
            return;
        const Layout layout(restart.parent ? restart.parent->member.shape : Shape{});
        if (!restart.parent || restart.parent->theta.size() != static_cast<std::size_t>(layout.size) * sizeof(T))
            refuseState(member, "the weights of member " + member.initFrom + " that it starts from are missing");
        stackOn(training, *restart.parent);
        if (!training.initial.empty())
            std::copy_n(training.net.theta, training.net.layout.size, training.initial.data());
        return;
    }
    const std::vector<StateSpan> state = stateOf(training);
    if (state.size() != restart.state.size())
        refuseState(member, "it has " + std::to_string(restart.state.size()) + " arrays instead of "
                + std::to_string(state.size()));
    for (std::size_t i = 0; i < state.size(); ++i) {
        const std::span<const std::byte> from = restart.state[i];
        if (from.size() != state[i].bytes.size())
            refuseState(member, std::string("its array ") + state[i].name + " has " + std::to_string(from.size())
                    + " bytes instead of " + std::to_string(state[i].bytes.size()));
        if (!from.empty())
            std::memcpy(state[i].bytes.data(), from.data(), from.size());
    }
    if (training.progress.step < 0 || training.progress.step > member.steps)
        refuseState(member, "it stands at step " + std::to_string(training.progress.step));
}

// Whether the run has been lost for long enough, by the member's own rule.
bool lost(const Member& member, TrainingCount& progress, const StepRecord& record)
{
    if (member.earlyStop.margin < 0 || record.step < warmupSteps(member.schedule, member.steps))
        return false;
    const bool above = record.measures.loss > progress.firstLoss + member.earlyStop.margin;
    progress.above = above ? progress.above + 1 : 0;
    return progress.above >= member.earlyStop.steps;
}

template <typename T>
Outcome trainAs(const Member& given, const Corpus& corpus, const Listener& listener, const Restart& restart)
{
    Training<T> training(given);
    restore(training, restart);
    const Member& member = training.member;
    TrainingCount& progress = training.progress;
    std::vector<std::int32_t> tokens(static_cast<std::size_t>(member.shape.batch) * (member.shape.context + 1));
    const std::vector<StateSpan> state = stateOf(training);
    const Sampler sampler = samplerOf(member, corpus);
    const auto measure = [&] {
        const ValidationRecord record = validate(training, corpus, tokens.data());
        progress.validation = record.loss;
        progress.accuracy = record.accuracy;
        listener.validation(record);
    };
    const auto end = [&](Status status) {
        Outcome outcome;
        outcome.status = status;
        outcome.steps = progress.step;
        outcome.firstLoss = progress.firstLoss;
        outcome.validation = status == Status::Diverged ? std::nan("") : progress.validation;
        outcome.accuracy = status == Status::Diverged ? std::nan("") : progress.accuracy;
        return outcome;
    };
    while (progress.step < member.steps) {
        const long step = progress.step;
        if (step % member.evalEvery == 0)
            measure();
        trainBatch(corpus.train, sampler, step, tokens.data());
        const StepRecord record = advance(training, tokens.data());
        const bool isLost = lost(member, progress, record);
        const bool goOn = listener.step(record);
        if (!std::isfinite(record.measures.objective) || !std::isfinite(record.gradNorm)) {
            Outcome outcome = end(Status::Diverged);
            outcome.nanStep = step;
            return outcome;
        }
        if (isLost) {
            Outcome outcome = end(Status::Diverged);
            outcome.earlyStop = step;
            return outcome;
        }
        if (listener.checkpoint)
            listener.checkpoint(progress.step, state);
        if (!goOn)
            return end(Status::Stopped);
    }
    measure();
    Outcome outcome = end(std::isfinite(progress.validation) ? Status::Done : Status::Diverged);
    if (outcome.status == Status::Diverged)
        outcome.nanStep = member.steps;
    return outcome;
}

}

Outcome train(const Member& member, const Corpus& corpus, const Listener& listener, const Restart& restart)
{
    return member.scalar == Scalar::Float ? trainAs<float>(member, corpus, listener, restart)
                                          : trainAs<double>(member, corpus, listener, restart);
}

const char* statusName(Status status)
{
    switch (status) {
    case Status::Done:
        return "done";
    case Status::Diverged:
        return "diverged";
    case Status::Stopped:
        return "stopped";
    }
    return "stopped";
}

}

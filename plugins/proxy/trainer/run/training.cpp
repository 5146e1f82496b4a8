// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/failure.hpp"
#include "run/optimise.hpp"

#include <cmath>

namespace proxy {

namespace {

// A fraction of the steps below 1, a number of steps from 1 on.
long stepsOf(double amount, long steps)
{
    return std::lround(amount < 1 ? amount * static_cast<double>(steps) : amount);
}

template <typename V> StateSpan span(const char* name, V* values, std::size_t count)
{
    return {name, std::as_writable_bytes(std::span<V>(values, count))};
}

}

Pass evaluationOf(const Member& member)
{
    Pass pass;
    pass.qkNorm = member.qkNorm;
    pass.attention = member.attention;
    pass.inverseWidth = member.mup == Mup::Full ? 1 : 0;
    pass.kappa = member.kappa;
    pass.seed = member.seed;
    return pass;
}

Pass passOf(const Member& member, long step)
{
    Pass pass = evaluationOf(member);
    pass.zCoefficient = member.zCoefficient;
    pass.dropout = member.dropout;
    pass.step = static_cast<std::uint64_t>(step);
    pass.reweightTemperature = member.reweight.temperature;
    if (step >= stepsOf(member.reweight.start, member.steps))
        pass.reweighting = member.reweight.kind;
    return pass;
}

template <typename T>
Training<T>::Training(const Member& which)
    : member(which)
    , net(which.shape, which.qkNorm)
{
    initialise(net, member.seed, member.mup, member.baseWidth);
    const auto size = static_cast<std::size_t>(net.layout.size);
    if (member.optimiser.limiter > 0)
        limiter.assign(net.layout.tensors.size(), 0);
    if (member.prune.sparsity > 0)
        mask.assign(size, T(1));
    if (member.optimiser.to == DecayTo::Initial && member.optimiser.decay > 0)
        initial.assign(net.theta, net.theta + size);
    progress.nonZero = parameters(member.shape, member.qkNorm);
}

template <typename T> std::vector<StateSpan> stateOf(Training<T>& training)
{
    const auto size = static_cast<std::size_t>(training.net.layout.size);
    return {span("progress", &training.progress, 1), span("theta", training.net.theta, size),
        span("m", training.net.m, size), span("v", training.net.v, size),
        span("limiter", training.limiter.data(), training.limiter.size()),
        span("mask", training.mask.data(), training.mask.size()),
        span("initial", training.initial.data(), training.initial.size())};
}

template <typename T> StepRecord advance(Training<T>& training, const std::int32_t* tokens)
{
    const Member& member = training.member;
    Net<T>& net = training.net;
    TrainingCount& progress = training.progress;
    StepRecord record{};
    record.step = progress.step;
    const Pass pass = passOf(member, record.step);
    record.measures = engine<T>().forward(net, tokens, pass);
    engine<T>().backward(net, tokens, pass);
    maskGradient(training);
    const bool due = vectorsDue(member, record.step);
    std::vector<AdamSums> sums;
    std::vector<double> gradSquares;
    optimise(training, record, due ? &sums : nullptr, gradSquares);
    if (due) {
        measureVectors(training, sums, gradSquares);
        record.vectors = &training.vectors;
    }
    record.nonZero = progress.nonZero;
    progress.nonZeroSum += static_cast<double>(progress.nonZero);
    ++progress.step;
    record.meanNonZero = progress.nonZeroSum / static_cast<double>(progress.step);
    record.tokens = member.batchTokens() * progress.step;
    if (record.step == 0)
        progress.firstLoss = record.measures.loss;
    if (!training.mask.empty() && std::isfinite(record.gradNorm))
        prune(training, progress.step);
    return record;
}

template struct Training<float>;
template struct Training<double>;
template std::vector<StateSpan> stateOf(Training<float>&);
template std::vector<StateSpan> stateOf(Training<double>&);
template StepRecord advance(Training<float>&, const std::int32_t*);
template StepRecord advance(Training<double>&, const std::int32_t*);

}

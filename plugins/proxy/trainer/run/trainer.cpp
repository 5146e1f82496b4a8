// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/trainer.hpp"

#include "data/batches.hpp"

#include <cmath>

namespace proxy {

namespace {

template <typename T>
ValidationRecord validate(Net<T>& net, const Member& member, const Corpus& corpus, long step, std::int32_t* tokens)
{
    ValidationRecord record{step, 0, 0, member.batchTokens() * step};
    for (long batch = 0; batch < member.evalBatches; ++batch) {
        validationBatch(corpus.validation, batch, member.shape.batch, member.shape.context, tokens);
        const Measures measures = engine<T>().forward(net, tokens, 0);
        record.loss += measures.loss;
        record.accuracy += measures.accuracy;
    }
    record.loss /= static_cast<double>(member.evalBatches);
    record.accuracy /= static_cast<double>(member.evalBatches);
    return record;
}

template <typename T> Outcome trainAs(const Member& member, const Corpus& corpus, const Listener& listener)
{
    Net<T> net(member.shape);
    initialise(net, member.seed);
    std::vector<std::int32_t> tokens(static_cast<std::size_t>(member.shape.batch) * (member.shape.context + 1));
    Outcome outcome;
    const auto measure = [&](long step) {
        const ValidationRecord record = validate(net, member, corpus, step, tokens.data());
        outcome.validation = record.loss;
        outcome.accuracy = record.accuracy;
        listener.validation(record);
    };
    for (long step = 0; step < member.steps; ++step) {
        if (step % member.evalEvery == 0)
            measure(step);
        trainBatch(corpus.train, member.dataSeed, step, member.shape.batch, member.shape.context, tokens.data());
        const Measures measures = engine<T>().forward(net, tokens.data(), member.zCoefficient);
        engine<T>().backward(net, tokens.data(), member.zCoefficient);
        const double norm = update(net, member, step);
        if (step == 0)
            outcome.firstLoss = measures.loss;
        outcome.steps = step + 1;
        const double lr = learningRate(member.schedule, member.lr, step, member.steps);
        const bool goOn = listener.step({step, measures, lr, norm, member.batchTokens() * (step + 1)});
        if (!std::isfinite(measures.objective) || !std::isfinite(norm)) {
            outcome.status = Status::Diverged;
            outcome.nanStep = step;
            outcome.validation = outcome.accuracy = std::nan("");
            return outcome;
        }
        if (!goOn) {
            outcome.status = Status::Stopped;
            return outcome;
        }
    }
    measure(member.steps);
    if (!std::isfinite(outcome.validation)) {
        outcome.status = Status::Diverged;
        outcome.nanStep = member.steps;
    }
    return outcome;
}

}

template <typename T> double update(Net<T>& net, const Member& member, long step)
{
    const Optimiser& o = member.optimiser;
    const double norm = engine<T>().gradNorm(net);
    const double lr = learningRate(member.schedule, member.lr, step, member.steps);
    AdamStep constants{};
    constants.beta1 = o.beta1;
    constants.beta2 = o.beta2;
    constants.eps = o.eps;
    constants.clip = o.clip > 0 && norm > o.clip ? o.clip / norm : 1;
    constants.correction1 = 1 - std::pow(o.beta1, static_cast<double>(step + 1));
    constants.correction2 = 1 - std::pow(o.beta2, static_cast<double>(step + 1));
    constants.rate = lr;
    const double scheduled = member.lr > 0 ? lr / member.lr : 0;
    const double decay = o.decay * (o.independent ? scheduled : lr);
    for (const Tensor& tensor : net.layout.tensors) {
        const bool decays = o.decayAll || tensor.kind == Kind::Matrix;
        engine<T>().adam(net, tensor.offset, tensor.size(), constants, decays ? decay : 0);
    }
    return norm;
}

template double update(Net<float>&, const Member&, long);
template double update(Net<double>&, const Member&, long);

Outcome train(const Member& member, const Corpus& corpus, const Listener& listener)
{
    return member.scalar == Scalar::Float ? trainAs<float>(member, corpus, listener)
                                          : trainAs<double>(member, corpus, listener);
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

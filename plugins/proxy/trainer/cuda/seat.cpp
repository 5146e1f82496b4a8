// SPDX-License-Identifier: GPL-3.0-or-later
#include "cuda/seat.hpp"

#include "base/failure.hpp"
#include "data/batches.hpp"
#include "run/optimise.hpp"
#include "schedule/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace proxy {

namespace {

Member withSmallBatch(Member member)
{
    member.shape.batch = member.shape.context = 1;
    return member;
}

// Number of a member's tensor in the list of its class, which has the scales of queries and keys in any case.
std::vector<std::size_t> classTensors(const Member& member)
{
    const Layout own(member.shape, member.qkNorm), all(member.shape);
    std::vector<std::size_t> numbers;
    for (const Tensor& tensor : own.tensors)
        for (std::size_t i = 0; i < all.tensors.size(); ++i)
            if (all.tensors[i].offset == tensor.offset)
                numbers.push_back(i);
    return numbers;
}

}

Sampler samplingOf(const Member& m, const Tokens& text)
{
    return makeSampler(text, {m.dataSeed, m.shape.batch, m.shape.context, m.steps, m.uniqueTokens, m.mix});
}

Seat::Seat(Job job, const Corpus& corpus)
    : m_job(std::move(job))
    , m_corpus(corpus)
    , m_mirror(withSmallBatch(*m_job.member))
{
    if (!m_job.restart.state.empty()) {
        const std::vector<StateSpan> state = stateOf(m_mirror);
        bool fits = state.size() == m_job.restart.state.size();
        for (std::size_t i = 0; fits && i < state.size(); ++i)
            fits = state[i].bytes.size() == m_job.restart.state[i].size();
        if (!fits)
            throw Failure(Exit::Checkpoint,
                "The stored state is not one of member " + member().id + " (" + member().name
                    + "): its arrays have other sizes; remove it and train the member again.");
        for (std::size_t i = 0; i < state.size(); ++i)
            if (!state[i].bytes.empty())
                std::memcpy(state[i].bytes.data(), m_job.restart.state[i].data(), state[i].bytes.size());
    } else if (m_job.restart.parent) {
        stackOn(m_mirror, *m_job.restart.parent);
    }
}

void Seat::sitDown(StepProgram& program, int slot)
{
    StepProgram::SlotState state;
    state.step = step();
    state.theta = m_mirror.net.theta;
    state.first = m_mirror.net.m;
    state.second = m_mirror.net.v;
    std::vector<double> norms(Layout(member().shape).tensors.size(), 0);
    if (!m_mirror.limiter.empty()) {
        const std::vector<std::size_t> numbers = classTensors(member());
        for (std::size_t i = 0; i < numbers.size(); ++i)
            norms[numbers[i]] = m_mirror.limiter[i];
    }
    state.limiter = norms.data();
    program.fill(slot, member(), samplingOf(member(), m_corpus.train), state);
}

long Seat::evaluationDue() const
{
    const bool due = step() == member().steps || step() % member().evalEvery == 0;
    return due && !m_evaluated && !m_outcome ? member().evalBatches : 0;
}

void Seat::evaluated(const StepProgram::Evaluation& result)
{
    m_evaluated = true;
    m_mirror.progress.validation = result.loss;
    m_mirror.progress.accuracy = result.accuracy;
    m_job.listener.validation({step(), result.loss, result.accuracy, member().batchTokens() * step()});
    if (step() == member().steps) {
        end(std::isfinite(result.loss) ? Status::Done : Status::Diverged);
        if (m_outcome->status == Status::Diverged)
            m_outcome->nanStep = member().steps;
    }
}

long Seat::stepsToNext() const
{
    const long toEvaluation = member().evalEvery - step() % member().evalEvery;
    const long most = std::min({toEvaluation, member().steps - step(), long{StepProgram::ringLength}});
    for (long steps = 1; steps < most; ++steps)
        if (vectorsDue(member(), step() + steps - 1))
            return steps;
    return most;
}

bool Seat::vectorsDueAfter(long steps) const
{
    return vectorsDue(member(), step() + steps - 1);
}

void Seat::stepped(const RingRow& row, const Vectors* vectors)
{
    if (!row.valid || m_outcome)
        return;
    TrainingCount& progress = m_mirror.progress;
    StepRecord record{};
    record.step = static_cast<long>(row.step);
    const BatchSums& s = row.sums;
    record.measures = {s.loss, s.objective, s.logZ, s.accuracy, row.maxAttention, s.zLoss, s.logZTop, s.logitMean,
        s.logitRms, s.logitMin, s.logitMax, s.topWeight, s.weightEntropy};
    record.lr = row.lr;
    record.gradNorm = row.gradNorm;
    record.clip = row.clip;
    record.limiter = row.limiter;
    record.vectors = vectors;
    record.nonZero = progress.nonZero;
    progress.nonZeroSum += static_cast<double>(progress.nonZero);
    ++progress.step;
    m_evaluated = false;
    record.meanNonZero = progress.nonZeroSum / static_cast<double>(progress.step);
    record.tokens = member().batchTokens() * progress.step;
    if (record.step == 0)
        progress.firstLoss = record.measures.loss;
    if (member().earlyStop.margin >= 0 && record.step >= warmupSteps(member().schedule, member().steps))
        progress.above = record.measures.loss > progress.firstLoss + member().earlyStop.margin ? progress.above + 1 : 0;
    const bool lost = member().earlyStop.margin >= 0 && progress.above >= member().earlyStop.steps;
    m_stop = !m_job.listener.step(record) || m_stop;
    if (!std::isfinite(record.measures.objective) || !std::isfinite(record.gradNorm)) {
        end(Status::Diverged);
        m_outcome->nanStep = record.step;
    } else if (lost) {
        end(Status::Diverged);
        m_outcome->earlyStop = record.step;
    }
}

void Seat::offerCheckpoint(StepProgram& program, int slot, bool mayWant)
{
    if (m_outcome)
        return;
    if (m_job.listener.checkpoint && (mayWant || m_stop || step() == member().steps)) {
        const auto fetch = [&](StepProgram::Array array, float* to) {
            const std::vector<float> values = program.read(slot, array);
            std::copy(values.begin(), values.end(), to);
        };
        fetch(StepProgram::Array::Theta, m_mirror.net.theta);
        fetch(StepProgram::Array::First, m_mirror.net.m);
        fetch(StepProgram::Array::Second, m_mirror.net.v);
        if (!m_mirror.limiter.empty()) {
            const std::vector<double> norms = program.limiter(slot);
            const std::vector<std::size_t> numbers = classTensors(member());
            for (std::size_t i = 0; i < numbers.size(); ++i)
                m_mirror.limiter[i] = norms[numbers[i]];
        }
        m_job.listener.checkpoint(step(), stateOf(m_mirror));
    }
    if (m_stop)
        end(Status::Stopped);
}

void Seat::end(Status status)
{
    const TrainingCount& progress = m_mirror.progress;
    Outcome outcome;
    outcome.status = status;
    outcome.steps = progress.step;
    outcome.firstLoss = progress.firstLoss;
    outcome.validation = status == Status::Diverged ? std::nan("") : progress.validation;
    outcome.accuracy = status == Status::Diverged ? std::nan("") : progress.accuracy;
    m_outcome = outcome;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cuda/program.hpp"
#include "run/backend.hpp"

#include <optional>

namespace proxy {

// How a member draws its batches, as train() does it.
Sampler samplingOf(const Member& member, const Tokens& text);

// A member in a slot of a step program, as the host follows it: the host's copy of its state is whole at the start and
// whenever a checkpoint is offered, its counters always.
class Seat {
public:
    Seat(Job job, const Corpus& corpus);

    void sitDown(StepProgram& program, int slot);
    const Member& member() const { return *m_job.member; }
    long step() const { return m_mirror.progress.step; }
    // Batches to evaluate on now, 0 when nothing is due.
    long evaluationDue() const;
    void evaluated(const StepProgram::Evaluation& result);
    // Steps until something must happen between two of them: an evaluation, a line of vectors, the end.
    long stepsToNext() const;
    bool vectorsDueAfter(long steps) const;
    // What the member did at one step; `vectors` where they were due.
    void stepped(const RingRow& row, const Vectors* vectors);
    // After the last of the steps made at once: hands the state to the listener, where it may want it.
    void offerCheckpoint(StepProgram& program, int slot, bool mayWant);
    // How it ended, once it has.
    const std::optional<Outcome>& outcome() const { return m_outcome; }

private:
    void end(Status status);

    Job m_job;
    const Corpus& m_corpus;
    // Of the same weights, but with the smallest batch: only its parameters and counters are used.
    Training<float> m_mirror;
    bool m_evaluated = false, m_stop = false;
    std::optional<Outcome> m_outcome;
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/files.hpp"
#include "run/backend.hpp"
#include "run/checkpoint.hpp"
#include "run/control.hpp"
#include "run/ensemble.hpp"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

namespace proxy {

using Clock = std::chrono::steady_clock;

// What the threads of a running sweep share.
struct Sweep {
    const Spec& spec;
    const RunOptions& options;
    Corpus corpus;
    std::vector<const Member*> queue;
    Progress& progress;
    std::unique_ptr<Backend> backend;
    Control& control;
    Identity identity;
    std::set<std::string> parents; // ids of members that others start from

    std::mutex mutex{}; // guards what follows
    std::condition_variable changed{};
    int alive = 0, ended = 0, diverged = 0;
    bool over = false;
    std::exception_ptr failure{};
    std::unique_ptr<LineFile> timing{};

    Clock::time_point start = Clock::now();
    std::atomic<std::int64_t> tokens{0}, restored{0}; // trained here, and before in what was resumed

    std::filesystem::path checkpoints() const { return options.out / "ckpt"; }
};

std::filesystem::path memberFile(const RunOptions& options, const Member& member);

// The end line of a finished member, if its file has one.
std::optional<Json> finished(const RunOptions& options, const Member& member);

// Summary of all finished members in the order of the plan, so that it does not depend on who ended first.
void writeSummary(const Sweep& sweep);

// The log of a member in training, and its checkpoints.
class MemberLog {
public:
    // Goes on from the member's newest checkpoint if `resume` finds one, else begins anew.
    MemberLog(Sweep& sweep, const Member& member);

    void validation(const ValidationRecord& record);
    bool step(const StepRecord& record);
    void checkpoint(long step, const std::vector<StateSpan>& state);
    void end(const Outcome& outcome);
    const std::optional<Checkpoint>& restored() const { return m_restored; }

private:
    void flush();

    Sweep& m_sweep;
    const Member& m_member;
    std::optional<Checkpoint> m_restored;
    LineFile m_lines;
    Clock::time_point m_start = Clock::now(), m_flushed = m_start, m_stored = m_start;
    int m_round;
    std::string m_times;
};

}

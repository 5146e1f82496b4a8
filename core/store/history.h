// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/sqlite.h"
#include "core/workspace.h"

#include <optional>
#include <vector>

namespace store {

// The snapshots of the workspace, one a step, and where we are among them. Row 0, or the oldest that is kept, is the
// state before the first step that can be undone. Those that write need a transaction around them.
class History {
public:
    static constexpr std::int64_t kept = 1000;          // steps that can be undone
    static constexpr std::int64_t keptBytes = 64 << 20; // and what they may take where the workspace is large

    struct State {
        std::int64_t seq = 0;
        std::int64_t change = 0;            // counts every write by any program
        Workspace workspace;
        std::string json;                   // its text, to compare: NaN is not equal to itself
        std::vector<std::string> warnings;  // what was damaged on the way to it
    };
    enum class Direction { Back, Forth };

    explicit History(const Database& db) : m_db(db) { }

    static State state(Workspace, std::int64_t seq = 0);

    std::int64_t change() const;
    // The state at the head; where that is damaged the nearest that is not, or else all the runs of the file.
    State load() const;
    // The step after `from`; what could be redone is dropped. `replace`: instead of `from`, not after it.
    State append(const State& from, std::string_view label, State to, bool replace) const;
    // `to` in the place of `from`; what can be redone stays.
    State replace(const State& from, State to) const;
    // None where there is no further step that way.
    std::optional<State> travel(const State& from, Direction) const;
    std::string undoLabel(std::int64_t seq) const, redoLabel(std::int64_t seq) const;

private:
    std::optional<State> nearest(std::int64_t seq, Direction) const;
    std::int64_t moveHead(std::int64_t seq) const;
    void trim(std::int64_t head) const;
    const Database& m_db;
};

}

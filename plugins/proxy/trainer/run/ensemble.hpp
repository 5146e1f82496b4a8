// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "run/control.hpp"
#include "run/progress.hpp"
#include "spec/spec.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace proxy {

struct RunOptions {
    std::filesystem::path out;
    std::string device = "auto";
    int threads = 1;
    bool resume = false;
    bool detach = false; // nobody holds the other end of standard input
    std::vector<std::string> only; // member ids; empty = all
    int shard = 0, shards = 1; // train the members of part `shard` of `shards` alone
    double maxSeconds = 0; // 0 = no limit
    std::int64_t maxTokens = 0; // 0 = no limit
    double checkpointEvery = 60; // seconds, 0 = only when the sweep stops
    ProgressStyle progress = ProgressStyle::Text;
};

// The members that `options` select, costliest first; those whose parents' weights are still to be made come with
// their parents. Shards keep families together. Throws Failure(Usage) for an id that is not in the spec.
std::vector<const Member*> selected(const Spec& spec, const RunOptions& options);

// Trains the members of a sweep, `threads` at a time, and writes the folder described in the format page:
// manifest.json, members/<id>.jsonl, timing.jsonl, summary.jsonl, ckpt/. Returns 0, 10 (stopped) or 11 (budget).
// Throws Failure(Files) when the folder cannot be written, Failure(Usage) when it holds a sweep already and
// Failure(Checkpoint) when that one is of another spec or build.
int runSweep(const Spec& spec, const RunOptions& options);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "run/progress.hpp"
#include "spec/spec.hpp"

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

namespace proxy {

struct RunOptions {
    std::filesystem::path out;
    std::string device = "auto";
    int threads = 1;
    bool resume = false;
    std::vector<std::string> only; // member ids; empty = all
    double maxSeconds = 0; // 0 = no limit
    ProgressStyle progress = ProgressStyle::Text;
};

// Asks a running sweep to end cleanly; a signal handler may write it. 0 = go on, else the exit code.
extern std::atomic<int> stopCode;

// Trains the members of a sweep, `threads` at a time, and writes the folder described in the format page:
// manifest.json, members/<id>.jsonl, timing.jsonl, summary.jsonl. Returns 0, 10 (stopped) or 11 (time limit). Throws
// Failure(Files) when the folder cannot be written, and Failure(Usage) when it holds a sweep already.
int runSweep(const Spec& spec, const RunOptions& options);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "run/ensemble.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace proxy {

enum class Command { Help, Version, Probe, Selftest, Plan, Run, Generate, Tokenize, Bench };

struct Arguments {
    Command command = Command::Help;
    bool json = false; // --version --json
    std::filesystem::path input; // SPEC, GENSPEC, the tokenizer, or quick and full
    std::vector<std::filesystem::path> files; // --tokenize
    RunOptions run; // run.out is also the FILE of --gen, --tokenize and --bench
};

extern const char* const helpText;

// Reads the command line; throws Failure(Usage) with one sentence.
Arguments parseArguments(int count, char** values);

}

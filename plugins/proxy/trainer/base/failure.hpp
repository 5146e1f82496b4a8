// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>
#include <string>

namespace proxy {

// Exit codes of the program; every Failure carries one.
enum class Exit {
    Done = 0,
    Usage = 2,
    Corpus = 3,
    NoDevice = 4,
    Memory = 5,
    Device = 6,
    Files = 7,
    Checkpoint = 8,
    Cancelled = 10,
    Budget = 11,
    Internal = 70,
};

// What the world refused: one plain sentence that names what, where and what to do.
struct Failure : std::runtime_error {
    Failure(Exit exitCode, const std::string& sentence)
        : std::runtime_error(sentence)
        , code(exitCode)
    {
    }
    Exit code;
};

}

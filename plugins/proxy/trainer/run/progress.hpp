// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "run/trainer.hpp"

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace proxy {

enum class ProgressStyle { Json, Text, None };

// Tells stdout how a sweep goes: events as JSON lines or short sentences, at most four progress lines a second.
// The exit event is printed whatever the style, except None.
class Progress {
public:
    Progress(ProgressStyle style, std::int64_t totalTokens, int members);

    void plan(int threads, int skipped);
    void tick(std::int64_t doneTokens, int running, int finished, int diverged);
    void memberEnd(const Member& member, const Outcome& outcome);

private:
    void print(const std::string& line);

    ProgressStyle m_style;
    std::int64_t m_total;
    int m_members;
    std::chrono::steady_clock::time_point m_start, m_last;
    std::mutex m_mutex;
};

// The last line of every command.
void printExit(ProgressStyle style, int code, const std::string& message);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/files.hpp"
#include "run/trainer.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

namespace proxy {

enum class ProgressStyle { Events, Text, None };

// Tells stdout how a sweep goes: events as JSON lines or short sentences, at most four progress lines a second.
// The exit event is printed whatever the style, except None.
class Progress {
public:
    Progress(ProgressStyle style, std::int64_t totalTokens, int members);

    void plan(int threads, int skipped);
    // Members of one shape, or of all shapes at once, begin; `slots` of them train together.
    void classBegins(const Member& first, int members, int slots);
    // `restored` tokens were trained before this process began.
    void tick(std::int64_t trained, std::int64_t restored, int running, int finished, int diverged);
    void memberEnd(const Member& member, const Outcome& outcome);
    void checkpoint(const Member& member, long step);
    void warn(const std::string& sentence);
    // From here on what happens is also written down with its time, for those who look later. Throws Failure(Files).
    void keepLog(const std::filesystem::path& path);
    void note(const std::string& sentence);

private:
    void print(const std::string& line);

    ProgressStyle m_style;
    std::int64_t m_total;
    int m_members;
    std::chrono::steady_clock::time_point m_start, m_last;
    std::mutex m_mutex;
    std::optional<LineFile> m_log;
};

// The last line of every command.
void printExit(ProgressStyle style, int code, const std::string& message);

}

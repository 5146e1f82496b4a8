// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/progress.hpp"

#include "base/failure.hpp"
#include "run/records.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace proxy {

namespace {

using Seconds = std::chrono::duration<double>;

}

Progress::Progress(ProgressStyle style, std::int64_t totalTokens, int members)
    : m_style(style)
    , m_total(totalTokens)
    , m_members(members)
    , m_start(std::chrono::steady_clock::now())
    , m_last(m_start - std::chrono::seconds(1))
{
}

void Progress::print(const std::string& line)
{
    const std::lock_guard lock(m_mutex);
    std::puts(line.c_str());
    std::fflush(stdout);
}

void Progress::keepLog(const std::filesystem::path& path)
{
    m_log.emplace(path, LineFile::keepAll);
}

void Progress::note(const std::string& sentence)
{
    const std::lock_guard lock(m_mutex);
    if (!m_log)
        return;
    const std::time_t time = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&time, &utc);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ ", &utc);
    try {
        m_log->add(text + sentence);
        m_log->flush();
    } catch (const Failure&) {
        m_log.reset(); // results matter more than this log; the disk will be complained about where they are written
    }
}

void Progress::plan(int threads, int skipped)
{
    note("begins: " + std::to_string(m_members) + " members to train, " + std::to_string(skipped) + " finished before, "
        + std::to_string(threads) + " at once");
    if (m_style == ProgressStyle::Events)
        print(OrderedJson{{"ev", "plan"}, {"members", m_members}, {"finished_before", skipped}, {"tokens", m_total},
            {"threads", threads}}
                  .dump());
    else if (m_style == ProgressStyle::Text)
        print(std::to_string(m_members) + " members to train, " + std::to_string(skipped) + " finished before, "
            + std::to_string(threads) + " at once.");
}

void Progress::classBegins(const Member& first, int members, int slots)
{
    const Shape& s = first.shape;
    if (m_style == ProgressStyle::Events)
        print(OrderedJson{{"ev", "class"}, {"L", s.layers}, {"d", s.width}, {"heads", s.heads}, {"T", s.context},
            {"B", s.batch}, {"dtype", first.scalar == Scalar::Float ? "f32" : "f64"}, {"members", members},
            {"slots", slots}}
                  .dump());
}

void Progress::checkpoint(const Member& member, long step)
{
    note("checkpoint of " + member.id + " at step " + std::to_string(step));
    if (m_style == ProgressStyle::Events)
        print(OrderedJson{{"ev", "checkpoint"}, {"id", member.id}, {"step", step}}.dump());
}

void Progress::warn(const std::string& sentence)
{
    note(sentence);
    if (m_style == ProgressStyle::Events)
        print(OrderedJson{{"ev", "warn"}, {"msg", sentence}}.dump());
    else
        std::fprintf(stderr, "%s\n", sentence.c_str());
}

void Progress::tick(std::int64_t trained, std::int64_t restored, int running, int finished, int diverged)
{
    const std::int64_t doneTokens = trained + restored;
    const auto now = std::chrono::steady_clock::now();
    if (m_style == ProgressStyle::None || now - m_last < std::chrono::milliseconds(250))
        return;
    // People read slower than programs.
    if (m_style == ProgressStyle::Text && now - m_last < std::chrono::seconds(5))
        return;
    m_last = now;
    const double seconds = std::max(1e-3, Seconds(now - m_start).count());
    const double rate = static_cast<double>(trained) / seconds;
    const double eta = rate > 0 ? static_cast<double>(m_total - doneTokens) / rate : 0;
    if (m_style == ProgressStyle::Events) {
        print(OrderedJson{{"ev", "progress"}, {"done", doneTokens}, {"total", m_total}, {"tok_s", std::round(rate)},
            {"eta", std::round(eta)}, {"alive", running}, {"finished", finished}, {"diverged", diverged}}
                  .dump());
        return;
    }
    print(
        jsonNumber(100.0 * static_cast<double>(doneTokens) / static_cast<double>(std::max<std::int64_t>(1, m_total)), 3)
        + " %, " + jsonNumber(rate / 1000, 3) + "k tokens/s, " + jsonNumber(eta, 3) + " s left, "
        + std::to_string(finished) + " of " + std::to_string(m_members) + " members ended.");
}

void Progress::memberEnd(const Member& member, const Outcome& outcome)
{
    note(member.id + " (" + member.name + ") " + statusName(outcome.status) + " after " + std::to_string(outcome.steps)
        + " steps, validation loss " + jsonNumber(outcome.validation, 7));
    if (m_style == ProgressStyle::Events)
        print("{\"ev\":\"member_end\",\"id\":\"" + member.id + "\",\"name\":" + Json(member.name).dump()
            + ",\"status\":\"" + statusName(outcome.status) + "\",\"val\":" + jsonNumber(outcome.validation, 7) + "}");
    else if (m_style == ProgressStyle::Text)
        print(member.name + ": " + statusName(outcome.status) + ", validation loss " + jsonNumber(outcome.validation, 5)
            + ".");
}

void printExit(ProgressStyle style, int code, const std::string& message)
{
    if (style == ProgressStyle::Events)
        std::puts(OrderedJson{{"ev", "exit"}, {"code", code}, {"msg", message}}.dump().c_str());
    std::fflush(stdout);
}

}

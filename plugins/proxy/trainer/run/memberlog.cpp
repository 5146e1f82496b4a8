// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/failure.hpp"
#include "run/records.hpp"
#include "run/sweep.hpp"

#include <cmath>
#include <fstream>

namespace proxy {

namespace {

std::optional<Checkpoint> stored(const Sweep& sweep, const Member& member)
{
    std::error_code missing;
    const auto size = std::filesystem::file_size(memberFile(sweep.options, member), missing);
    if (!sweep.options.resume || missing)
        return std::nullopt;
    return newestCheckpoint(sweep.checkpoints(), member.id, sweep.identity, static_cast<std::int64_t>(size));
}

}

std::filesystem::path memberFile(const RunOptions& options, const Member& member)
{
    return options.out / "members" / (member.id + ".jsonl");
}

std::optional<Json> finished(const RunOptions& options, const Member& member)
{
    std::ifstream in(memberFile(options, member), std::ios::binary | std::ios::ate);
    const std::streamoff size = in ? static_cast<std::streamoff>(in.tellg()) : 0,
                         tail = std::min<std::streamoff>(size, 4096);
    std::string text(static_cast<std::size_t>(tail), '\0');
    if (tail < 2 || !in.seekg(size - tail) || !in.read(text.data(), tail) || text.back() != '\n')
        return std::nullopt;
    const std::size_t begin = text.rfind('\n', text.size() - 2);
    const Json end = Json::parse(text.substr(begin == std::string::npos ? 0 : begin + 1), nullptr, false);
    if (!end.is_object() || end.value("t", "") != "end" || end.value("status", "") == "stopped")
        return std::nullopt;
    return end;
}

MemberLog::MemberLog(Sweep& sweep, const Member& member)
    : m_sweep(sweep)
    , m_member(member)
    , m_restored(stored(sweep, member))
    , m_lines(memberFile(sweep.options, member), m_restored ? m_restored->logSize : 0)
    , m_round(sweep.control.checkpointRound())
{
    if (m_restored) {
        m_sweep.restored += m_restored->step * member.batchTokens();
        return;
    }
    m_lines.add(configLine(member, sweep.spec, sweep.corpus.train.entropy));
    m_lines.flush(); // who lists the folder sees at once what is running
}

void MemberLog::flush()
{
    m_lines.flush();
    const std::lock_guard lock(m_sweep.mutex);
    if (!m_times.empty()) {
        m_times.pop_back();
        m_sweep.timing->add(m_times);
        m_sweep.timing->flush();
        m_times.clear();
    }
}

void MemberLog::validation(const ValidationRecord& record)
{
    m_lines.add(validationLine(m_member, record));
}

bool MemberLog::step(const StepRecord& record)
{
    const bool last = record.step + 1 == m_member.steps || !std::isfinite(record.measures.loss + record.gradNorm);
    const Clock::time_point now = Clock::now();
    if (record.step % m_member.logEvery == 0 || last || isCorner(m_member.schedule, record.step, m_member.steps)) {
        const double seconds = std::chrono::duration<double>(now - m_start).count();
        m_lines.add(stepLine(m_member, record));
        m_times += "{\"id\":\"" + m_member.id + "\",\"step\":" + std::to_string(record.step)
            + ",\"seconds\":" + jsonNumber(seconds, 6) + "}\n";
    }
    if (record.vectors)
        m_lines.add(vectorLine(record));
    if (now - m_flushed > std::chrono::milliseconds(300)) {
        flush();
        m_flushed = now;
    }
    m_sweep.tokens += m_member.batchTokens();
    if (m_sweep.options.maxTokens > 0 && m_sweep.tokens >= m_sweep.options.maxTokens) {
        int none = 0;
        stopCode.compare_exchange_strong(none, static_cast<int>(Exit::Budget));
    }
    if (m_sweep.control.paused()) {
        flush();
        m_sweep.control.waitWhilePaused();
    }
    return stopCode == 0 && !m_sweep.control.dropped(m_member.id);
}

void MemberLog::checkpoint(long step, const std::vector<StateSpan>& state)
{
    if (step == m_member.steps && m_sweep.parents.contains(m_member.id))
        saveFinal(m_sweep.checkpoints(), m_member.id, m_sweep.identity, state);
    const Clock::time_point now = Clock::now();
    const int round = m_sweep.control.checkpointRound();
    const double every = m_sweep.options.checkpointEvery;
    const bool due = (every > 0 && std::chrono::duration<double>(now - m_stored).count() >= every) || round != m_round
        || stopCode != 0 || m_sweep.control.dropped(m_member.id);
    if (!due)
        return;
    m_stored = now;
    m_round = round;
    // The log must be on the disk before the checkpoint that counts on it.
    m_lines.sync();
    saveCheckpoint(m_sweep.checkpoints(), m_member.id, m_sweep.identity, m_lines.size(), step, state);
    m_sweep.progress.checkpoint(m_member, step);
}

void MemberLog::end(const Outcome& outcome)
{
    m_lines.add(endLine(m_member, outcome));
    flush();
    if (outcome.status != Status::Stopped)
        dropCheckpoints(m_sweep.checkpoints(), m_member.id);
}

}

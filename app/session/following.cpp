// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/session.h"

#include <algorithm>

// Runs that are still trained: a run of the project whose values are ahead of the file until it has ended.

namespace {

bool hasEnded(const data::Run& run)
{
    return run.config.contains("status");
}

}

void Session::follow(const QStringList& logs)
{
    if (!m_project)
        return;
    for (const QString& log : logs)
        if (!m_toFollow.contains(log))
            m_toFollow << log;
    if (m_follow.isRunning() || m_toFollow.isEmpty() || isLoading())
        return;
    // A part at a time: what is new is stored by this thread, which has a window to draw.
    constexpr int most = 25;
    std::vector<std::pair<QString, bool>> some;
    for (int i = 0; i < most && !m_toFollow.isEmpty(); ++i) {
        const QString log = m_toFollow.takeFirst();
        some.emplace_back(log, m_logs.contains(log) && run(m_logs[log]));
    }
    m_follow.start(
        [some](const Tick&) {
            std::vector<Followed> out;
            for (const auto& [log, known] : some)
                try {
                    const std::filesystem::path path(log.toStdString());
                    io::Import import = io::read(std::span(&path, 1), "isoloss-proxy");
                    if (import.runs.empty())
                        continue;
                    data::Run run = std::move(import.runs.front());
                    if (const auto name = run.config.find("name"); name != run.config.end() && std::holds_alternative<std::string>(name->second))
                        run.name = std::get<std::string>(name->second);
                    const bool store = !known || hasEnded(run);
                    out.push_back({.log = log, .run = run, .packed = store ? std::optional(store::pack(run)) : std::nullopt});
                } catch (const std::exception&) {
                    // A log of which nothing is written yet, or one that is gone: the next look tells.
                }
            return out;
        },
        {.done =
             [this](std::vector<Followed> news) {
                 takeUp(std::move(news));
                 if (!m_toFollow.isEmpty())
                     follow({});
             },
         .failed = [this](QString why) { emit failed(why); },
         .progress = {}});
}

void Session::takeUp(std::vector<Followed> some)
{
    // Of a project that was closed and opened again: the run is known by where it came from.
    for (const Followed& one : some)
        if (!m_logs.contains(one.log) || !run(m_logs[one.log]))
            for (const RunEntry& entry : workspace().runs)
                if (const data::Run* there = run(entry.hash); there && there->source == one.run.source && there->format == one.run.format)
                    m_logs[one.log] = entry.hash;
    std::vector<store::Packed> fresh;
    std::vector<std::pair<std::string, store::Packed>> ended;
    for (Followed& one : some) {
        const auto known = m_logs.find(one.log);
        const bool there = known != m_logs.end() && run(known->second);
        if (!there && one.packed) {
            fresh.push_back(*one.packed);
            m_logs[one.log] = one.packed->hash();
            m_runs.insert_or_assign(one.packed->hash(), one.run);
        } else if (there && one.packed && one.packed->hash() != known->second) {
            ended.emplace_back(known->second, *one.packed);
            m_runs.insert_or_assign(one.packed->hash(), one.run);
            known->second = one.packed->hash();
        } else if (there) {
            m_runs.insert_or_assign(known->second, one.run);
            m_grown.push_back(known->second);
        }
    }
    const Workspace before = workspace();
    if (!fresh.empty())
        guarded([&] { m_project->add(fresh, "Sweep"); });
    if (!ended.empty())
        guarded([&] { m_project->replace(ended); });
    if (!(workspace() == before))
        changed(before);
    if (m_toFollow.isEmpty() && !m_grown.empty())
        emit runsGrew(std::exchange(m_grown, {}));
}

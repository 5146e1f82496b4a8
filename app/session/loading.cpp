// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/session.h"

#include <QElapsedTimer>

#include <algorithm>

// Runs out of the project file, and the rows they make.

void Session::load()
{
    m_missing.clear();
    for (const RunEntry& entry : workspace().runs)
        if (!m_runs.contains(entry.hash) && !m_damaged.contains(entry.hash))
            m_missing.push_back(entry.hash);
    m_missed = m_missing.size();
    std::ranges::reverse(m_missing);
    if (!m_missing.empty() && !m_unpack.isRunning())
        m_loader.start();
}

// SQLite stays on this thread: for a frame's time per turn it fetches bytes, which another thread unpacks.
void Session::loadSome()
{
    m_loader.stop();
    if (!m_project)
        return;
    QElapsedTimer clock;
    clock.start();
    std::vector<store::Packed> batch;
    while (!m_missing.empty() && clock.elapsed() < 8) {
        const std::string hash = m_missing.back();
        m_missing.pop_back();
        if (!guarded([&] { batch.push_back(m_project->packed(hash)); }))
            m_damaged.insert(hash);
    }
    emit progress(tr("Loading runs"), 1 - double(m_missing.size() + batch.size()) / double(std::max<std::size_t>(1, m_missed)));
    m_unpack.start(
        [batch](const Tick&) {
            Unpacked out;
            for (const store::Packed& packed : batch)
                try {
                    out.emplace_back(packed.hash(), store::unpack(packed));
                } catch (const std::exception& e) {
                    data::Run broken;       // its name carries the reason to the thread that may say it
                    broken.name = e.what();
                    out.emplace_back("!" + packed.hash(), std::move(broken));
                }
            return out;
        },
        {.done =
             [this](Unpacked some) {
                 for (auto& [hash, run] : some)
                     if (hash.starts_with('!')) {
                         m_damaged.insert(hash.substr(1));
                         emit failed(QString::fromStdString(run.name));
                     } else {
                         m_runs.insert_or_assign(hash, std::move(run));
                     }
                 if (!m_missing.empty()) {
                     m_loader.start();
                     return;
                 }
                 if (!m_read.isRunning() && !isFitting())
                     emit progress({}, -1);
                 refilter();
                 emit runsLoaded();
                 tabulate();
             },
         .failed = [this](QString why) { emit failed(why); },
         .progress = {}});
}

void Session::tabulate()
{
    m_table.reset();
    std::vector<data::Run> runs = shown().runs;
    m_tabulate.start(
        [runs = std::move(runs)](const Tick&) { return std::make_shared<const data::Table>(data::tabulate(runs)); },
        {.done =
             [this](std::shared_ptr<const data::Table> table) {
                 m_table = std::move(table);
                 emit tableReady();
                 for (const FitEntry& entry : workspace().fits)
                     if (!m_fits.contains(entry.id))
                         fit(entry.id);
             },
         .failed = [this](QString why) { emit failed(why); },
         .progress = {}});
}

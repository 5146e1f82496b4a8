// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/session.h"

#include "core/data/select.h"

#include <QFileInfo>

#include <algorithm>

namespace {

std::filesystem::path toPath(const QString& file)
{
    return std::filesystem::path(file.toStdString());
}

}

Session::Session(QObject* parent)
    : QObject(parent), m_read(this), m_follow(this), m_unpack(this), m_tabulate(this), m_prepare(this), m_solve(this), m_refine(this)
{
    m_loader.setInterval(0);
    connect(&m_loader, &QTimer::timeout, this, &Session::loadSome);
    m_keeper.setInterval(0);
    connect(&m_keeper, &QTimer::timeout, this, &Session::keepSome);
}

Session::~Session() = default;

bool Session::open(const QString& file)
{
    return guarded([&] {
        store::Project project = store::Project::open(toPath(file));
        close();
        m_project = std::move(project);
        emit opened();
        changed({});
        QStringList damage;
        for (const std::string& one : m_project->warnings())
            damage << QString::fromStdString(one);
        if (!damage.empty())
            emit noticed(fewOf(damage));
    });
}

void Session::close()
{
    cancel();
    m_unpack.cancel();
    m_follow.cancel();
    m_toFollow.clear();
    m_grown.clear();
    m_logs.clear();
    m_tabulate.cancel();
    m_loader.stop();
    m_missing.clear();
    m_damaged.clear();
    m_runs.clear();
    m_shown.clear();
    m_table.reset();
    m_fits.clear();
    m_project.reset();
}

void Session::reload()
{
    if (!m_project)
        return;
    const Workspace before = workspace();
    bool news = false;
    guarded([&] { news = m_project->reload(); });
    if (news)
        changed(before);
}

QString Session::path() const
{
    return m_project ? QString::fromStdString(m_project->path().string()) : QString();
}

const Workspace& Session::workspace() const
{
    static const Workspace nothing;
    return m_project ? m_project->workspace() : nothing;
}

void Session::edit(const QString& label, Workspace next)
{
    if (!m_project || next == workspace())
        return;
    const Workspace before = workspace();
    guarded([&] { m_project->edit(label.toStdString(), std::move(next)); });
    if (workspace() != before)      // also where another program's change was met
        changed(before);
}

void Session::amend(Workspace next)
{
    if (!m_project || next == workspace())
        return;
    const Workspace before = workspace();
    guarded([&] { m_project->amend(std::move(next)); });
    if (workspace() != before)
        changed(before);
}

bool Session::undo()
{
    if (!m_project)
        return false;
    const Workspace before = workspace();
    bool done = false;
    guarded([&] { done = m_project->undo(); });
    if (done)
        changed(before);
    return done;
}

bool Session::redo()
{
    if (!m_project)
        return false;
    const Workspace before = workspace();
    bool done = false;
    guarded([&] { done = m_project->redo(); });
    if (done)
        changed(before);
    return done;
}

QString Session::undoLabel() const
{
    return m_project ? QString::fromStdString(m_project->undoLabel()) : QString();
}

QString Session::redoLabel() const
{
    return m_project ? QString::fromStdString(m_project->redoLabel()) : QString();
}

void Session::changed(const Workspace& before)
{
    const Workspace after = workspace();
    // A fit holds for the choices it was made from; with others it is made again.
    std::erase_if(m_fits, [&](const auto& item) {
        const auto was = std::ranges::find(before.fits, item.first, &FitEntry::id);
        const auto is = std::ranges::find(after.fits, item.first, &FitEntry::id);
        return is == after.fits.end() || was == before.fits.end() || was->spec != is->spec;
    });
    const auto gone = [&](const std::string& id) { return std::ranges::find(after.fits, id, &FitEntry::id) == after.fits.end(); };
    std::erase_if(m_queue, gone);
    if (!m_fitting.empty() && gone(m_fitting)) {
        m_prepare.cancel();
        m_solve.cancel();
        m_fitting.clear();
        emit progress({}, -1);
        nextFit();
    }
    if (m_preview && (gone(m_preview->first) || !m_fits.contains(m_preview->first)))
        endPreview();
    refilter();
    emit workspaceChanged(before, after);
    load();
    for (const FitEntry& entry : after.fits)
        if (!m_fits.contains(entry.id))
            fit(entry.id);
}

void Session::refilter()
{
    const Workspace& w = workspace();
    std::vector<data::Selectable> all;
    std::vector<const RunEntry*> entries;
    for (const RunEntry& entry : w.runs)
        if (const data::Run* found = run(entry.hash)) {
            all.push_back({entry.name, &found->config});
            entries.push_back(&entry);
        }
    std::vector<bool> matches(all.size(), true);
    try {
        matches = data::select(all, w.filter);
    } catch (const std::exception&) {
        // The field that holds the filter says what is wrong with it; nothing is hidden for that.
    }
    decltype(m_shown) now;
    for (std::size_t i = 0; i < entries.size(); ++i)
        if (entries[i]->visible && matches[i])
            now[entries[i]->hash] = {entries[i]->name, entries[i]->bytesPerToken};
    if (now == m_shown)
        return;
    m_shown = std::move(now);
    m_table.reset();
    m_fits.clear();     // they were made from other runs
    m_prepare.cancel();
    m_solve.cancel();
    m_fitting.clear();
    endPreview();
    emit shownChanged();
    if (!isLoading())
        tabulate();
}

const data::Run* Session::run(const std::string& hash) const
{
    const auto it = m_runs.find(hash);
    return it == m_runs.end() ? nullptr : &it->second;
}

Session::Loaded Session::shown() const
{
    Loaded out;
    for (const RunEntry& entry : workspace().runs) {
        const data::Run* found = run(entry.hash);
        if (!found || !m_shown.contains(entry.hash))
            continue;
        out.runs.push_back(*found);
        out.runs.back().name = entry.name;
        if (entry.bytesPerToken > 0)
            out.runs.back().config["bytes_per_token"] = entry.bytesPerToken;
        out.entries.push_back(entry);
    }
    return out;
}

void Session::cancel()
{
    m_readings.clear();
    m_read.cancel();
    endReading();
    m_prepare.cancel();
    m_solve.cancel();
    if (!m_fitting.empty())
        m_queue.push_front(m_fitting);
    for (const std::string& id : m_queue)
        m_fits[id].failure = tr("This fit was cancelled; press Fit to make it.");
    m_queue.clear();
    m_fitting.clear();
    endPreview();
    emit progress({}, -1);
    if (m_project)
        for (const FitEntry& entry : workspace().fits)
            emit fitted(entry.id);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/session.h"

#include "core/data/table.h"
#include "core/fit/json.h"
#include "core/fit/solve.h"

#include <QFileInfo>

#include <algorithm>

namespace {

std::filesystem::path toPath(const QString& file)
{
    return std::filesystem::path(file.toStdString());
}

QString sentence(const io::Warning& w)
{
    QString where = QFileInfo(QString::fromStdString(w.file)).fileName();
    if (w.line)
        where += QStringLiteral(":%1").arg(*w.line);
    else if (w.offset)
        where += QStringLiteral(" at byte %1").arg(*w.offset);
    return where.isEmpty() ? QString::fromStdString(w.message) : where + QStringLiteral(": ") + QString::fromStdString(w.message);
}

}

Session::Session(QObject* parent) : QObject(parent), m_read(this), m_prepare(this), m_solve(this)
{
    m_loader.setInterval(0);
    connect(&m_loader, &QTimer::timeout, this, &Session::loadSome);
}

Session::~Session() = default;

template <class F>
bool Session::guarded(F&& action)
{
    try {
        action();
        return true;
    } catch (const std::exception& e) {
        emit failed(QString::fromUtf8(e.what()));
        return false;
    }
}

bool Session::open(const QString& file)
{
    return guarded([&] {
        store::Project project = store::Project::open(toPath(file));
        close();
        m_project = std::move(project);
        emit opened();
        changed({});
        if (const std::vector<std::string> damage = m_project->warnings(); !damage.empty())
            emit noticed(QString::fromStdString(damage.front())
                         + (damage.size() > 1 ? tr(" (and %n more)", nullptr, int(damage.size() - 1)) : QString()));
    });
}

void Session::close()
{
    cancel();
    m_loader.stop();
    m_missing.clear();
    m_runs.clear();
    m_fits.clear();
    m_project.reset();
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
    if (guarded([&] { m_project->edit(label.toStdString(), std::move(next)); }))
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
    // A fit holds for the runs and the choices it was made from; with others it is made again.
    const auto shown = [](const Workspace& w) {
        std::vector<std::string> hashes;
        for (const RunEntry& entry : w.runs)
            if (entry.visible)
                hashes.push_back(entry.hash);
        return hashes;
    };
    const bool sameRuns = shown(before) == shown(after);
    std::erase_if(m_fits, [&](const auto& item) {
        const auto was = std::ranges::find(before.fits, item.first, &FitEntry::id);
        const auto is = std::ranges::find(after.fits, item.first, &FitEntry::id);
        return is == after.fits.end() || was == before.fits.end() || was->spec != is->spec;
    });
    emit workspaceChanged(before, after);
    load();
    if (!sameRuns || before.fits != after.fits)
        for (const FitEntry& entry : after.fits)
            if (!sameRuns || !m_fits.contains(entry.id))
                fit(entry.id);
    if (after.fits.empty() && isFitting()) {
        m_prepare.cancel();
        m_solve.cancel();
        emit progress({}, -1);
    }
}

void Session::importFiles(const QStringList& paths)
{
    if (!m_project || paths.isEmpty())
        return;
    std::vector<std::filesystem::path> files;
    for (const QString& path : paths)
        files.push_back(toPath(path));
    const QString what = paths.size() == 1 ? QStringLiteral("Reading ") + QFileInfo(paths[0]).fileName()
                                           : QStringLiteral("Reading %1 files").arg(paths.size());
    emit progress(what, 0);
    m_read.start([files](const Tick& tick) { return io::read(files, {}, tick); },
                 {.done =
                      [this](io::Import import) {
                          emit progress({}, -1);
                          const Workspace before = workspace();
                          int added = 0;
                          if (!guarded([&] { added = m_project->add(import.runs); }))
                              return;
                          changed(before);
                          if (added == 0 && import.warnings.empty())
                              emit noticed(tr("All of these runs are in the project already."));
                          else if (!import.warnings.empty())
                              emit noticed(sentence(import.warnings.front()) +
                                           (import.warnings.size() > 1
                                                ? tr(" (and %1 more)").arg(import.warnings.size() - 1)
                                                : QString()));
                      },
                  .failed =
                      [this](QString why) {
                          emit progress({}, -1);
                          emit failed(why);
                      },
                  .progress = [this, what](double at) { emit progress(what, at); }});
}

const data::Run* Session::run(const std::string& hash) const
{
    const auto it = m_runs.find(hash);
    return it == m_runs.end() ? nullptr : &it->second;
}

Session::Loaded Session::visible() const
{
    Loaded out;
    for (const RunEntry& entry : workspace().runs) {
        const data::Run* found = run(entry.hash);
        if (!entry.visible || !found)
            continue;
        out.runs.push_back(*found);
        out.runs.back().name = entry.name;
        out.entries.push_back(entry);
    }
    return out;
}

void Session::load()
{
    m_missing.clear();
    for (const RunEntry& entry : workspace().runs)
        if (!m_runs.contains(entry.hash))
            m_missing.push_back(entry.hash);
    std::ranges::reverse(m_missing);
    if (!m_missing.empty())
        m_loader.start();
}

// SQLite stays on this thread; so that the window answers meanwhile, runs are loaded for a frame's time per turn.
void Session::loadSome()
{
    QElapsedTimer clock;
    clock.start();
    while (!m_missing.empty() && clock.elapsed() < 12) {
        const std::string hash = m_missing.back();
        m_missing.pop_back();
        guarded([&] { m_runs.emplace(hash, m_project->run(hash)); });
    }
    if (!m_missing.empty()) {
        const auto all = double(workspace().runs.size());
        emit progress(tr("Loading runs"), 1 - double(m_missing.size()) / all);
        return;
    }
    m_loader.stop();
    if (!m_read.isRunning() && !isFitting())
        emit progress({}, -1);
    emit runsLoaded();
    for (const FitEntry& entry : workspace().fits)
        if (!m_fits.contains(entry.id))
            fit(entry.id);
}

const fit::Fit* Session::result(const std::string& id) const
{
    const auto it = m_fits.find(id);
    return it == m_fits.end() ? nullptr : &it->second;
}

void Session::fit(const std::string& id)
{
    const auto& fits = workspace().fits;
    const auto entry = std::ranges::find(fits, id, &FitEntry::id);
    if (entry == fits.end() || isLoading())
        return;     // loadSome() asks again once the runs are there
    const QString what = tr("Fitting %1").arg(QString::fromStdString(entry->title));
    emit progress(what, 0);
    const auto failure = [this](const QString& why) {
        emit progress({}, -1);
        emit failed(why);
    };
    m_solve.cancel();
    m_prepare.start(
        [runs = visible().runs, spec = entry->spec](const Tick&) {
            std::vector<fit::Source> sources;
            for (const data::Run& run : runs)
                sources.push_back({run.name, {}, run.source});
            return fit::makeProblem(spec, data::tabulate(runs), std::move(sources));
        },
        {.done = [this, id](fit::Problem problem) { solve(id, problem); }, .failed = failure, .progress = {}});
}

void Session::solve(const std::string& id, const fit::Problem& problem)
{
    const std::string key = fit::key(problem);
    const auto keep = [this, id](fit::Fit done) {
        m_fits.insert_or_assign(id, std::move(done));
        emit progress({}, -1);
        emit fitted(id);
    };
    std::optional<std::string> cached;
    guarded([&] { cached = m_project->result(key); });
    if (cached) {
        // A result that does not read back is made again: the cache is no one's only copy.
        try {
            auto known = fit::fromJson(nlohmann::ordered_json::parse(*cached));
            if (auto* one = std::get_if<fit::Fit>(&known)) {
                keep(std::move(*one));
                return;
            }
        } catch (const std::exception&) {
        }
    }
    const auto entry = std::ranges::find(workspace().fits, id, &FitEntry::id);
    const QString what = tr("Fitting %1").arg(entry == workspace().fits.end() ? QString::fromStdString(id)
                                                                             : QString::fromStdString(entry->title));
    m_solve.start([problem](const Tick& tick) { return fit::solve(problem, 0, tick); },
                  {.done =
                       [this, key, keep](fit::Fit done) {
                           guarded([&] { m_project->keepResult(key, fit::toJson(done).dump()); });
                           keep(std::move(done));
                       },
                   .failed =
                       [this](QString why) {
                           emit progress({}, -1);
                           emit failed(why);
                       },
                   .progress = [this, what](double at) { emit progress(what, at); }});
}

void Session::cancel()
{
    m_read.cancel();
    m_prepare.cancel();
    m_solve.cancel();
    emit progress({}, -1);
}

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

QString sentence(const io::Warning& w)
{
    const QString path = QString::fromStdString(w.file);
    QString where = QFileInfo(path).fileName();
    const QString what = QString::fromStdString(w.message);
    if (!where.isEmpty() && !w.line && !w.offset && what.contains(where))
        return QString(what).replace(path, where);      // it names the file itself
    if (w.line)
        where += QStringLiteral(":%1").arg(*w.line);
    else if (w.offset)
        where += QStringLiteral(" at byte %1").arg(*w.offset);
    return where.isEmpty() ? what : where + QStringLiteral(": ") + what;
}

template <class F>
QStringList sentences(const F& all)
{
    constexpr std::size_t most = 20;        // nobody reads more; the first of many are alike
    QStringList out;
    for (std::size_t i = 0; i < std::min(most, all.size()); ++i)
        out << all[i];
    if (all.size() > most)
        out << QObject::tr("… and %1 more.").arg(all.size() - most);
    return out;
}

}

Session::Session(QObject* parent)
    : QObject(parent), m_read(this), m_follow(this), m_unpack(this), m_tabulate(this), m_prepare(this), m_solve(this), m_refine(this)
{
    m_loader.setInterval(0);
    connect(&m_loader, &QTimer::timeout, this, &Session::loadSome);
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
        std::vector<QString> damage;
        for (const std::string& one : m_project->warnings())
            damage.push_back(QString::fromStdString(one));
        if (!damage.empty())
            emit noticed(sentences(damage));
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

void Session::read(Reading reading)
{
    m_readings.push_back(std::move(reading));
    if (!m_read.isRunning())
        nextReading();
}

void Session::nextReading()
{
    if (m_readings.empty() || !m_project)
        return;
    const Reading next = std::move(m_readings.front());
    m_readings.pop_front();
    emit progress(next.what, 0);
    m_read.start(
        [work = next.work](const Tick& tick) {
            io::Import import = work([&](double at) { return tick(.8 * at); });
            Read out{.runs = {}, .warnings = std::move(import.warnings)};
            for (std::size_t i = 0; i < import.runs.size(); ++i) {
                out.runs.push_back(store::pack(import.runs[i]));
                import.runs[i] = {};
                if (!tick(.8 + .2 * double(i + 1) / double(import.runs.size())))
                    throw Error("cancelled");
            }
            return out;
        },
        {.done =
             [this, label = next.label](Read read) {
                 emit progress({}, -1);
                 const Workspace before = workspace();
                 int added = 0;
                 if (guarded([&] { added = m_project->add(read.runs, label); })) {
                     changed(before);
                     std::vector<QString> all;
                     for (const io::Warning& w : read.warnings)
                         all.push_back(sentence(w));
                     if (added == 0 && all.empty())
                         all.push_back(tr("All of these runs are in the project already."));
                     if (!all.empty())
                         emit noticed(sentences(all));
                 }
                 nextReading();
             },
         .failed =
             [this](QString why) {
                 emit progress({}, -1);
                 emit failed(why);
                 nextReading();
             },
         .progress = [this, what = next.what](double at) { emit progress(what, at); }});
}

void Session::importFiles(const QStringList& paths)
{
    if (!m_project || paths.isEmpty())
        return;
    std::vector<std::filesystem::path> files;
    for (const QString& path : paths)
        files.push_back(toPath(path));
    const QString what = paths.size() == 1 ? tr("Reading %1").arg(QFileInfo(paths[0]).fileName())
                                           : tr("Reading %1 files").arg(paths.size());
    read({what, "Import", [files](const Tick& tick) { return io::read(files, {}, tick); }});
}

void Session::importText(const QString& text, const QString& name)
{
    if (!m_project)
        return;
    read({tr("Reading the pasted table"), "Paste a table",
          [bytes = text.toStdString(), path = name.toStdString()](const Tick& tick) {
              return io::findReader("csv")->read({.path = path, .bytes = bytes}, tick);
          }});
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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/session.h"

#include <QFileInfo>

#include <algorithm>
#include <set>
#include <utility>

// Logs and tables into the project: a part at a time, so that the first curves are there while the rest is still read.

namespace {

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

}

void Session::read(Reading reading)
{
    m_readings.push_back(std::move(reading));
    if (!m_read.isRunning() && m_came.empty())
        nextReading();
}

void Session::nextReading()
{
    if (m_readings.empty() || !m_project)
        return;
    const Reading next = std::move(m_readings.front());
    m_readings.pop_front();
    m_label = next.label;
    emit progress(next.what, 0);
    m_read.startInParts(
        [work = next.work](const Tick& tick, const Job<Read>::Part& hand) {
            // Each part is twice as long in coming as the one before, so that what is drawn again with each is drawn twice in all.
            constexpr double first = .2;
            QElapsedTimer clock;
            clock.start();
            double due = 1000 * first;
            Read some;
            std::set<std::string> taken;        // runs that are alike but for their folder are two
            work(tick, [&](io::Import&& import) {
                std::ranges::move(import.warnings, std::back_inserter(some.warnings));
                for (data::Run& run : import.runs) {
                    std::string name = run.name;
                    if (!taken.insert(name).second) {
                        run.name = std::filesystem::path(run.source).parent_path().filename().string() + "/" + name;
                        for (int i = 2; !taken.insert(run.name).second; ++i)
                            run.name = name + " (" + std::to_string(i) + ")";
                    }
                    store::Packed packed = store::pack(run);
                    some.runs.push_back({std::move(name), std::move(run), std::move(packed)});
                }
                if (!some.runs.empty() && double(clock.elapsed()) > due) {
                    hand(std::exchange(some, {}));
                    due = 2 * double(clock.elapsed());
                }
            });
            some.isLast = true;
            return some;
        },
        {.done = [this](Read last) { m_came.push_back(std::move(last)), m_keeper.start(); },
         .failed =
             [this](QString why) {
                 emit failed(why);
                 m_came.push_back({.runs = {}, .warnings = {}, .isLast = true});
                 m_keeper.start();
             },
         .progress = [this, what = next.what](double at) { emit progress(what, at); },
         .part = [this](Read part) { m_came.push_back(std::move(part)), m_keeper.start(); }});
}

// SQLite stays on this thread: for a frame's time per turn it writes what came, which is then listed all at once.
void Session::keepSome()
{
    if (m_came.empty() || !m_project) {
        m_keeper.stop();
        return;
    }
    Read& part = m_came.front();
    QElapsedTimer clock;
    clock.start();
    while (m_keptOfPart < part.runs.size() && clock.elapsed() < 8)
        if (!guarded([&] { m_project->keep(part.runs[m_keptOfPart].packed); })) {
            cancel();       // what is listed so far stays
            return;
        } else {
            ++m_keptOfPart;
        }
    if (m_keptOfPart < part.runs.size())
        return;
    Read whole = std::move(part);
    m_came.pop_front();
    m_keptOfPart = 0;
    const bool isLast = whole.isLast;
    list(std::move(whole));
    if (!isLast)
        return;
    QStringList all;
    for (const io::Warning& w : m_losses)
        all << sentence(w);
    if (m_added == 0 && all.empty() && !m_named.empty())
        all << tr("All of these runs are in the project already.");
    endReading();
    emit progress({}, -1);
    if (!all.empty())
        emit noticed(fewOf(all));
    nextReading();
}

void Session::list(Read part)
{
    std::ranges::move(part.warnings, std::back_inserter(m_losses));
    const Workspace before = workspace();
    const bool isFirst = m_named.empty();
    std::vector<store::Packed> packed;
    for (Came& one : part.runs) {
        packed.push_back(one.packed);
        data::Run known;
        known.name = std::move(one.name), known.source = one.run.source;
        m_named.emplace_back(one.packed.hash(), std::move(known));
        m_runs.insert_or_assign(one.packed.hash(), std::move(one.run));
    }
    if (!guarded([&] { m_added += isFirst ? m_project->add(packed, m_label) : m_project->addMore(packed, m_label); }))
        return;
    if (part.isLast)
        nameApart();
    changed(before);
}

// With all of an import there, folders tell apart also the first of those that share a name.
void Session::nameApart()
{
    std::vector<data::Run*> runs;
    std::vector<std::string> given;
    for (auto& [hash, run] : m_named) {
        given.push_back(run.name);
        runs.push_back(&run);
    }
    io::nameApart(runs);
    Workspace next = workspace();
    std::set<std::string> taken;
    for (const RunEntry& entry : next.runs)
        taken.insert(entry.name);
    for (std::size_t i = 0; i < m_named.size(); ++i) {
        const auto& [hash, run] = m_named[i];
        const auto entry = std::ranges::find(next.runs, hash, &RunEntry::hash);
        if (entry != next.runs.end() && entry->name == given[i] && run.name != given[i] && taken.insert(run.name).second)
            entry->name = run.name;
    }
    guarded([&] { m_project->amend(std::move(next)); });
}

QStringList Session::fewOf(const QStringList& sentences)
{
    constexpr int most = 20;        // nobody reads more; the first of many are alike
    QStringList out = sentences.mid(0, most);
    if (sentences.size() > most)
        out << tr("… and %1 more.").arg(sentences.size() - most);
    return out;
}

void Session::endReading()
{
    m_keeper.stop();
    m_came.clear();
    m_keptOfPart = 0;
    m_named.clear();
    m_losses.clear();
    m_added = 0;
}

void Session::importFiles(const QStringList& paths)
{
    if (!m_project || paths.isEmpty())
        return;
    std::vector<std::filesystem::path> files;
    for (const QString& path : paths)
        files.push_back(std::filesystem::path(path.toStdString()));
    const QString what = paths.size() == 1 ? tr("Reading %1").arg(QFileInfo(paths[0]).fileName())
                                           : tr("Reading %1 files").arg(paths.size());
    read({what, "Import", [files](const Tick& tick, const std::function<void(io::Import&&)>& take) { io::readEach(files, {}, tick, take); }});
}

void Session::importText(const QString& text, const QString& name)
{
    if (!m_project)
        return;
    read({tr("Reading the pasted table"), "Paste a table",
          [bytes = text.toStdString(), path = name.toStdString()](const Tick& tick, const std::function<void(io::Import&&)>& take) {
              take(io::findReader("csv")->read({.path = path, .bytes = bytes}, tick));
          }});
}

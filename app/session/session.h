// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/job.h"
#include "core/data/table.h"
#include "core/fit/problem.h"
#include "core/io/reader.h"
#include "core/store/project.h"

#include <QElapsedTimer>
#include <QStringList>
#include <QTimer>

#include <deque>
#include <map>
#include <set>

// A project that is open: the one place that edits it. Work that takes long is a Job; the project file is touched by
// the thread of this object only.
class Session : public QObject {
    Q_OBJECT
public:
    explicit Session(QObject* parent = nullptr);
    ~Session() override;

    bool isOpen() const { return m_project.has_value(); }
    // Opens or creates. On failure the project before stays open and failed() says why.
    bool open(const QString& file);
    void close();
    QString path() const;
    // Takes up what another program changed.
    void reload();

    const Workspace& workspace() const;
    void edit(const QString& label, Workspace);
    // What is looked at rather than done: kept, but no step of undo.
    void amend(Workspace);
    bool undo();
    bool redo();
    QString undoLabel() const;
    QString redoLabel() const;

    // Reads logs and tables into the project, which must be open.
    void importFiles(const QStringList& paths);
    // A table from the clipboard becomes a run called `name`.
    void importText(const QString& text, const QString& name);

    // Logs of a sweep that have grown: those that are new become runs of the project, the others grow on the charts and
    // are stored once they have ended. While one such reading runs the next one waits.
    void follow(const QStringList& logs);
    bool isFollowing() const { return m_follow.isRunning(); }

    // Runs of the workspace by hash, as far as they are loaded.
    const data::Run* run(const std::string& hash) const;
    struct Loaded {
        std::vector<data::Run> runs;
        std::vector<RunEntry> entries;
    };
    // Runs that are checked, match the filter and are loaded; series are shared, not copied. What is drawn and fitted.
    Loaded shown() const;
    bool isShown(const std::string& hash) const { return m_shown.contains(hash); }
    bool isLoading() const { return !m_missing.empty() || m_unpack.isRunning(); }
    // The rows of the shown runs; null until they are ready (tableReady()).
    std::shared_ptr<const data::Table> table() const { return m_table; }

    // Computes a fit of the workspace, from the project's cache where it is there.
    void fit(const std::string& id);
    const fit::Fit* result(const std::string& id) const;
    // What it was fitted to; null where there is no fit.
    const fit::Problem* problem(const std::string& id) const;
    // Why there is none, as a sentence; empty where there is one or it is being made.
    QString failure(const std::string& id) const;
    bool isFitting() const { return !m_fitting.empty(); }
    bool isFitting(const std::string& id) const { return m_fitting == id || std::ranges::find(m_queue, id) != m_queue.end(); }

    // Refits with some parameters held, from where the fit is, without intervals: what a dragged slider asks for.
    // While one is computed only the latest of those asked meanwhile is remembered.
    void preview(const std::string& id, const std::map<std::string, double>& held);
    void endPreview();
    const fit::Fit* previewed(const std::string& id) const;

    bool isBusy() const
    {
        return m_read.isRunning() || !m_readings.empty() || !m_came.empty() || isFitting() || isLoading() || m_tabulate.isRunning() || m_refine.isRunning();
    }
    void cancel();

signals:
    void opened();
    void workspaceChanged(const Workspace& before, const Workspace& after);
    void runsLoaded();                                  // some or all that were missing
    void shownChanged();                                // other runs are drawn and fitted
    void tableReady();
    void runsGrew(const std::vector<std::string>& hashes);
    void fitted(const std::string& id);                 // or failed to be: failure() says why
    void previewReady(const std::string& id);
    void progress(const QString& what, double at);      // at < 0: no work left
    void failed(const QString& sentence);
    void noticed(const QStringList& sentences);         // it worked, but

private:
    struct Fitted {
        std::optional<fit::Fit> fit;
        std::optional<fit::Problem> problem;
        QString failure;
    };
    using Unpacked = std::vector<std::pair<std::string, data::Run>>;

    void changed(const Workspace& before);
    void refilter();
    void load();
    void loadSome();
    void tabulate();
    void nextFit();
    void solve(const std::string& id, fit::Problem);
    void finish(const std::string& id, Fitted);
    void nextPreview();
    // Hands over what it reads, as io::readEach() does.
    using Source = std::function<void(const Tick&, const std::function<void(io::Import&&)>& take)>;
    struct Reading {
        QString what;
        std::string label;
        Source work;
    };
    void read(Reading);
    void nextReading();
    template <class F>
    bool guarded(F&& action)
    {
        try {
            action();
            return true;
        } catch (const std::exception& e) {
            emit failed(QString::fromUtf8(e.what()));
            return false;
        }
    }

    std::optional<store::Project> m_project;
    std::map<std::string, data::Run> m_runs;
    std::map<std::string, std::pair<std::string, double>> m_shown;     // with what else goes into the rows: name, bytes per token
    std::shared_ptr<const data::Table> m_table;
    std::vector<std::string> m_missing;     // hashes still to load
    std::size_t m_missed = 0;               // of how many
    std::set<std::string> m_damaged;
    std::map<std::string, Fitted> m_fits;
    std::deque<std::string> m_queue;
    std::string m_fitting;
    struct Preview {
        std::string id;
        std::map<std::string, double> held;
    };
    std::optional<Preview> m_wanted;
    std::optional<std::pair<std::string, fit::Fit>> m_preview;
    QTimer m_loader;
    struct Came {
        std::string name;                   // the reader's; the run may have its folder before it
        data::Run run;
        store::Packed packed;
    };
    struct Read {
        std::vector<Came> runs;
        std::vector<io::Warning> warnings;
        bool isLast = false;
    };
    void keepSome();
    void list(Read);
    void nameApart();
    void endReading();
    static QStringList fewOf(const QStringList& sentences);
    std::deque<Reading> m_readings;         // that wait for the one before
    Job<Read> m_read;
    std::string m_label;                    // of what is read
    std::deque<Read> m_came;                // parts of it that are to be kept and listed
    std::size_t m_keptOfPart = 0;
    std::vector<std::pair<std::string, data::Run>> m_named;     // what it has brought: hash; the reader's name and source
    std::vector<io::Warning> m_losses;
    int m_added = 0;
    QTimer m_keeper;
    struct Followed {
        QString log;
        data::Run run;
        std::optional<store::Packed> packed;    // where it is to be stored
    };
    void takeUp(std::vector<Followed>);
    std::map<QString, std::string> m_logs;  // of sweeps: the run that each became
    QStringList m_toFollow;
    std::vector<std::string> m_grown;       // told together, once all logs of a look are read
    Job<std::vector<Followed>> m_follow;
    Job<Unpacked> m_unpack;
    Job<std::shared_ptr<const data::Table>> m_tabulate;
    Job<fit::Problem> m_prepare;
    Job<fit::Fit> m_solve;
    Job<fit::Fit> m_refine;
};

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/job.h"
#include "core/fit/problem.h"
#include "core/io/reader.h"
#include "core/store/project.h"

#include <QElapsedTimer>
#include <QStringList>
#include <QTimer>

#include <map>

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

    const Workspace& workspace() const;
    void edit(const QString& label, Workspace);
    bool undo();
    bool redo();
    QString undoLabel() const;
    QString redoLabel() const;

    // Reads logs and tables into the project, which must be open.
    void importFiles(const QStringList& paths);
    // Runs of the workspace by hash, as far as they are loaded.
    const data::Run* run(const std::string& hash) const;
    struct Loaded {
        std::vector<data::Run> runs;
        std::vector<RunEntry> entries;
    };
    Loaded visible() const;             // visible runs that are loaded; series are shared, not copied
    bool isLoading() const { return !m_missing.empty(); }

    // Makes the fit of the workspace with this id current and computes it, from the project's cache where it is.
    void fit(const std::string& id);
    const fit::Fit* result(const std::string& id) const;
    bool isFitting() const { return m_prepare.isRunning() || m_solve.isRunning(); }
    bool isBusy() const { return m_read.isRunning() || isFitting() || isLoading(); }
    void cancel();

signals:
    void opened();
    void workspaceChanged(const Workspace& before, const Workspace& after);
    void runsLoaded();                                  // some or all that were missing
    void fitted(const std::string& id);
    void progress(const QString& what, double at);      // at < 0: no work left
    void failed(const QString& sentence);
    void noticed(const QString& sentence);              // it worked, but

private:
    void changed(const Workspace& before);
    void load();
    void loadSome();
    void solve(const std::string& id, const fit::Problem&);
    template <class F>
    bool guarded(F&&);

    std::optional<store::Project> m_project;
    std::map<std::string, data::Run> m_runs;
    std::vector<std::string> m_missing;     // hashes still to load
    std::map<std::string, fit::Fit> m_fits;
    QTimer m_loader;
    Job<io::Import> m_read;
    Job<fit::Problem> m_prepare;
    Job<fit::Fit> m_solve;
};

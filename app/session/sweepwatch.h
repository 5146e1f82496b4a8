// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/job.h"
#include "plugins/host/localrun.h"
#include "plugins/host/sweepfolder.h"

#include <QElapsedTimer>
#include <QTimer>

// Looks after the folder of one sweep, whoever runs it: what is new is read on another thread, twice a second while
// something happens. Never waits for anything.
class SweepWatch : public QObject {
    Q_OBJECT
public:
    // All that one look told.
    struct Look {
        SweepFolder folder;
        bool running = false;           // on this machine
        bool elsewhere = false;         // its files grow, and it is not ours
        Runner::Queued queue;
        local::Ending ending;
        double rate = 0, left = -1;     // tokens and seconds, as the trainer says
        bool isLive() const { return running || elsewhere || queue.waiting + queue.running > 0; }
    };

    explicit SweepWatch(QObject* parent = nullptr);

    // Whose sweeps they are: it knows about queues. May be null.
    void setRunner(Runner* runner) { m_runner = runner; }
    void open(const QString& folder);       // empty: none
    void lookNow();
    QString folder() const { return m_folder; }
    const Look& look() const { return m_look; }
    bool isLooking() const { return m_job.isRunning(); }
    // It was started a moment ago, so that there is nothing to see yet.
    void expect() { m_since.start(); lookNow(); }

signals:
    void looked();
    void grew(const QStringList& logs);
    void ended();                           // it was live and is no more

private:
    void start();

    Runner* m_runner = nullptr;
    QString m_folder;
    Look m_look;
    QTimer m_timer;
    QElapsedTimer m_since, m_asked;
    bool m_wasLive = false;
    Job<Look> m_job;
};

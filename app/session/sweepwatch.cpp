// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/sweepwatch.h"

#include <QDateTime>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

SweepWatch::SweepWatch(QObject* parent) : QObject(parent), m_job(this)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &SweepWatch::start);
}

void SweepWatch::open(const QString& folder)
{
    if (folder == m_folder)
        return;
    m_job.cancel();
    m_timer.stop();
    m_folder = folder;
    m_look = Look();
    m_look.folder = SweepFolder(folder);
    m_wasLive = false;
    m_since.start();
    m_asked.invalidate();
    if (folder.isEmpty())
        emit looked();
    else
        start();
}

void SweepWatch::lookNow()
{
    if (!m_folder.isEmpty() && !m_job.isRunning())
        start();
}

void SweepWatch::start()
{
    m_timer.stop();
    // A queue is asked rarely: every user of it asks the same machine.
    const bool ask = m_runner && (!m_asked.isValid() || m_asked.elapsed() > 5000);
    if (ask)
        m_asked.start();
    m_job.start(
        [look = m_look, folder = m_folder, runner = m_runner, ask](const Tick&) mutable {
            look.running = local::isRunning(folder);
            if (ask && QFile::exists(folder + QStringLiteral("/.launch/slurm.json")))
                look.queue = runner->queued(folder);
            look.ending = local::ending(folder);
            look.folder.refresh();
            const bool fresh = QDateTime::currentMSecsSinceEpoch() - look.folder.changedAt() < 15000;
            look.elsewhere = !look.running && !look.ending.known && look.queue.running == 0 && fresh && !look.folder.isFinished()
                && look.folder.status() == QLatin1String("running");
            const QJsonObject progress = look.running ? QJsonDocument::fromJson(local::lastProgress(folder)).object() : QJsonObject();
            look.rate = progress[QLatin1String("tok_s")].toDouble();
            look.left = progress[QLatin1String("eta")].toDouble(-1);
            return look;
        },
        {.done =
             [this](Look look) {
                 m_look = std::move(look);
                 const bool live = m_look.isLive();
                 QStringList logs;
                 for (const QString& id : m_look.folder.grown())
                     logs << m_look.folder.log(id);
                 emit looked();
                 if (!logs.isEmpty())
                     emit grew(logs);
                 if (std::exchange(m_wasLive, live) && !live)
                     emit ended();
                 // What is over is looked at now and then: it may be started again elsewhere.
                 m_timer.start(live || m_since.elapsed() < 5000 ? 500 : 5000);
             },
         .failed = [this](QString) { m_timer.start(5000); },
         .progress = {}});
}

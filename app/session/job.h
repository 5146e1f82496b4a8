// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tick.h"

#include <QCoreApplication>
#include <QFutureWatcher>
#include <QObject>
#include <QPromise>
#include <QString>
#include <QThread>
#include <QThreadPool>
#include <QtConcurrentRun>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>

// Threads of jobs alone: the plot is painted by those of Qt's own pool, which a long fit must not take from it, and a
// figure must not wait behind a fit and an import.
inline QThreadPool& jobThreads()
{
    static QThreadPool pool;
    static const bool made = [] {
        pool.setMaxThreadCount(std::max(4, QThread::idealThreadCount()));
        qAddPostRoutine([] { jobThreads().waitForDone(); });    // as Qt does with its own
        return true;
    }();
    Q_UNUSED(made)
    return pool;
}

// One background job of a kind at a time: starting another supersedes the one before. The work owns its data and runs
// on a thread of jobThreads(); its outcome comes back on the thread of the context, or not at all once it is superseded,
// cancelled, or the context is gone. Only values cross threads.
template <class T>
class Job {
public:
    explicit Job(QObject* context) : m_context(context) {}
    ~Job() { cancel(); }
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;

    struct Handlers {
        std::function<void(T)> done;
        std::function<void(QString)> failed;
        std::function<void(double)> progress;
        std::function<void(T)> part {};
    };

    // Any of the handlers may be empty, and each may start the next job.
    void start(std::function<T(const Tick&)> work, Handlers on)
    {
        startInParts([work = std::move(work)](const Tick& tick, const Part&) { return work(tick); }, std::move(on));
    }

    // The same for work that hands over parts before it is done, from any of its threads, one at a time.
    using Part = std::function<void(T)>;
    void startInParts(std::function<T(const Tick&, const Part&)> work, Handlers on)
    {
        cancel();
        const std::uint64_t serial = *m_current = ++m_started;
        m_future = QtConcurrent::run(&jobThreads(), [work = std::move(work)](QPromise<Outcome>& promise) {
            promise.setProgressRange(0, 1000);
            const Tick tick = [&promise](double at) {
                promise.setProgressValue(int(1000 * at));
                return !promise.isCanceled();
            };
            // An exception that leaves here would cancel the future and look like the user's cancel (Qt 6.4).
            try {
                T last = work(tick, [&promise](T part) { promise.addResult(Outcome{std::move(part), {}, true}); });
                promise.addResult(Outcome{std::move(last), {}});
            } catch (const std::exception& e) {
                promise.addResult(Outcome{{}, QString::fromUtf8(e.what())});
            } catch (...) {
                promise.addResult(Outcome{{}, QStringLiteral("the work stopped for an unknown reason")});
            }
        });
        auto* watcher = new QFutureWatcher<Outcome>(m_context);
        QObject::connect(watcher, &QFutureWatcherBase::finished, watcher, [watcher, on, serial, current = m_current] {
            watcher->deleteLater();
            if (*current == serial)
                *current = 0;
            if (watcher->isCanceled() || watcher->future().resultCount() == 0)
                return;
            Outcome outcome = watcher->future().resultAt(watcher->future().resultCount() - 1);
            if (outcome.value && on.done)
                on.done(*std::move(outcome.value));
            else if (!outcome.value && on.failed)
                on.failed(outcome.error);
        });
        if (on.part)
            QObject::connect(watcher, &QFutureWatcherBase::resultReadyAt, watcher, [watcher, on](int i) {
                if (Outcome outcome = watcher->resultAt(i); outcome.isPart && !watcher->isCanceled())
                    on.part(*std::move(outcome.value));
            });
        if (on.progress)
            QObject::connect(watcher, &QFutureWatcherBase::progressValueChanged, watcher, [watcher, on](int permille) {
                if (!watcher->isCanceled())
                    on.progress(permille / 1000.);
            });
        watcher->setFuture(m_future);
    }

    void cancel()
    {
        m_future.cancel();
        *m_current = 0;
    }
    // Until the outcome is about to be told: work that is done but not yet heard of still runs.
    bool isRunning() const { return *m_current != 0; }

private:
    struct Outcome {
        std::optional<T> value;
        QString error;
        bool isPart = false;
    };

    QObject* m_context;
    QFuture<Outcome> m_future;
    std::uint64_t m_started = 0;
    std::shared_ptr<std::uint64_t> m_current = std::make_shared<std::uint64_t>(0);     // outlives a job that is gone
};

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/job.h"

#include "core/error.h"

#include <QSignalSpy>
#include <QTest>
#include <QThread>

#include <atomic>
#include <memory>
#include <vector>

class TestJob : public QObject {
    Q_OBJECT
private slots:
    void outcomeComesBackOnTheThreadOfTheContext();
    void onlyTheLatestAnswers();
    void cancelStopsTheWorkAndSaysNothing();
    void errorsAreSentences();
    void contextThatIsGoneHearsNothing();
    void progressIsReported();
    void resultsNeedNoDefault();
};

void TestJob::outcomeComesBackOnTheThreadOfTheContext()
{
    QObject context;
    Job<int> job(&context);
    QThread* worked = nullptr;
    QThread* heard = nullptr;
    int got = 0;
    job.start([&](const Tick&) { worked = QThread::currentThread(); return 42; },
              {.done = [&](int v) { got = v; heard = QThread::currentThread(); }, .failed = {}, .progress = {}});
    QTRY_COMPARE(got, 42);
    QVERIFY(worked != QThread::currentThread());
    QCOMPARE(heard, QThread::currentThread());
    QVERIFY(!job.isRunning());
}

void TestJob::onlyTheLatestAnswers()
{
    QObject context;
    Job<int> job(&context);
    std::vector<int> heard;
    for (int i = 0; i < 20; ++i)
        job.start(
            [i](const Tick& tick) {
                for (int k = 0; k < 20 && tick(0); ++k)
                    QThread::msleep(1);
                return i;
            },
            {.done = [&](int v) { heard.push_back(v); }, .failed = {}, .progress = {}});
    QTRY_VERIFY(!heard.empty());
    QTest::qWait(100);
    QCOMPARE(heard, std::vector<int>{19});
}

void TestJob::cancelStopsTheWorkAndSaysNothing()
{
    QObject context;
    Job<int> job(&context);
    std::atomic<bool> started = false, stopped = false;
    bool heard = false;
    job.start(
        [&](const Tick& tick) {
            started = true;
            while (tick(.5))
                QThread::msleep(1);
            stopped = true;
            throw Error("cancelled");
            return 0;
        },
        {.done = [&](int) { heard = true; }, .failed = [&](QString) { heard = true; }, .progress = {}});
    QTRY_VERIFY(started);
    QVERIFY(job.isRunning());
    job.cancel();
    QVERIFY(!job.isRunning());
    QTRY_VERIFY(stopped);
    QTest::qWait(50);
    QVERIFY(!heard);
}

void TestJob::errorsAreSentences()
{
    QObject context;
    Job<int> job(&context);
    QString why;
    const auto failing = [&](auto thrown) {
        why.clear();
        job.start([thrown](const Tick&) -> int { throw thrown; },
                  {.done = {}, .failed = [&](QString s) { why = s; }, .progress = {}});
    };
    failing(Error("line 3 of a.csv has no loss"));
    QTRY_COMPARE(why, QStringLiteral("line 3 of a.csv has no loss"));
    failing(7);     // not even an exception
    QTRY_VERIFY(!why.isEmpty());
}

void TestJob::contextThatIsGoneHearsNothing()
{
    auto context = std::make_unique<QObject>();
    auto job = std::make_unique<Job<int>>(context.get());
    std::atomic<bool> started = false, released = false, finished = false;
    bool heard = false;
    job->start(
        [&](const Tick&) {
            started = true;
            while (!released)
                QThread::msleep(1);
            finished = true;
            return 1;
        },
               {.done = [&](int) { heard = true; }, .failed = {}, .progress = {}});
    QTRY_VERIFY(started);
    job.reset();
    context.reset();
    released = true;
    QTRY_VERIFY(finished);
    QTest::qWait(50);
    QVERIFY(!heard);
}

void TestJob::progressIsReported()
{
    QObject context;
    Job<int> job(&context);
    std::vector<double> at;
    bool done = false;
    job.start(
        [](const Tick& tick) {
            for (int i = 1; i <= 10; ++i) {
                tick(i / 10.);
                QThread::msleep(10);
            }
            return 1;
        },
        {.done = [&](int) { done = true; }, .failed = {}, .progress = [&](double v) { at.push_back(v); }});
    QTRY_VERIFY(done);
    QVERIFY(!at.empty());
    QVERIFY(std::is_sorted(at.begin(), at.end()));
    QVERIFY(at.back() <= 1);
}

void TestJob::resultsNeedNoDefault()
{
    struct Answer {
        explicit Answer(int v) : value(v) {}
        int value;
    };
    QObject context;
    Job<Answer> job(&context);
    int got = 0;
    job.start([](const Tick&) { return Answer(3); },
              {.done = [&](Answer a) { got = a.value; }, .failed = {}, .progress = {}});
    QTRY_COMPARE(got, 3);
}

QTEST_GUILESS_MAIN(TestJob)
#include "tst_job.moc"

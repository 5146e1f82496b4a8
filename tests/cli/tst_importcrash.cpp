// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli.h"

#include "core/fit/random.h"
#include "core/store/project.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

// kill -9 at random moments of an import: the project opens, with all that was committed before, and the new runs
// are there all or not at all.
class TestImportCrash : public QObject
{
    Q_OBJECT

private slots:
    void killedImportsLoseNothing()
    {
        QTemporaryDir dir;
        const QString project = dir.filePath(QStringLiteral("p.isoloss"));
        const auto log = [&](int i, int rows) {
            QByteArray csv = "run,step,lr,loss\n";
            for (int s = 0; s < rows; ++s)
                csv += line("r%d-%d,%d,%.6g,%.6g\n", i, s % 4, s / 4, 1e-3 / (1 + s), 3.0 + i + 1.0 / (1 + s));
            const QString path = dir.filePath(QStringLiteral("log%1.csv").arg(i));
            put(path, csv);
            return path;
        };
        QCOMPARE(cli({QStringLiteral("import"), project, log(0, 40)}).code, 0);
        double whole = 1e9;     // the shortest of three: a busy machine must not send the kills past the end
        for (int i = 0; i < 3; ++i) {
            QElapsedTimer timer;
            const QString path = log(100 + i, 20000);
            timer.start();
            QCOMPARE(cli({QStringLiteral("import"), project, path}).code, 0);
            whole = std::min(whole, double(timer.nsecsElapsed()) / 1e6);
        }
        std::size_t committed = 16;
        fit::Random random(42, 0);
        int killed = 0;
        for (int i = 2; i < 52; ++i) {
            QProcess process;
            process.start(cliProgram(), {QStringLiteral("import"), project, log(i, 20000)});
            QVERIFY(process.waitForStarted());
            QThread::usleep(ulong(1000 * random.uniform() * 1.2 * whole));
            process.kill();
            process.waitForFinished();
            const bool finished = process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
            killed += !finished;
            const auto opened = store::Project::open(project.toStdString());
            const std::size_t now = opened.workspace().runs.size();
            QVERIFY2(now == committed + 4 || (now == committed && !finished), qPrintable(QString::number(now)));
            committed = now;
            for (const RunEntry& entry : opened.workspace().runs)
                QVERIFY(!opened.run(entry.hash).series.empty());
        }
        qInfo("%d of 50 imports were killed before they ended", killed);
        QVERIFY(killed > 5);
    }
};

QTEST_GUILESS_MAIN(TestImportCrash)
#include "tst_importcrash.moc"

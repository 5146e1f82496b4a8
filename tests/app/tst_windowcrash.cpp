// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/random.h"
#include "core/store/project.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

// kill -9 at random moments of editing in the window: the project opens with every edit that was done, and undoes it.
class TestWindowCrash : public QObject
{
    Q_OBJECT

private slots:
    void killedWindowsLoseNoEdit()
    {
        QTemporaryDir dir;
        const std::string file = dir.filePath(QStringLiteral("p.isoloss")).toStdString();
        {
            std::vector<data::Run> runs;
            const auto steps = std::make_shared<const std::vector<double>>(std::vector<double>{0, 1, 2});
            for (int i = 0; i < 3; ++i)
                runs.push_back({.name = "run " + std::to_string(i), .format = "csv", .source = "made",
                    .series = {{"loss", steps, std::make_shared<const std::vector<double>>(std::vector<double>{3.0 + i, 2.5, 2}), nullptr}}});
            store::Project::open(file).add(runs);
        }
        fit::Random random(7, 0);
        int edits = 0;
        for (int round = 0; round < 50; ++round) {
            QProcess window;
            window.start(QStringLiteral(CRASH_WINDOW), {QString::fromStdString(file)});
            QVERIFY(window.waitForReadyRead(20000));
            QThread::usleep(ulong(60000 * random.uniform()));
            window.kill();
            window.waitForFinished();
            const QByteArray printed = window.readAllStandardOutput();
            const int done = printed.left(printed.lastIndexOf('\n')).split('\n').last().toInt();
            QVERIFY(done > 0);
            edits += done;

            store::Project project = store::Project::open(file);
            QVERIFY(project.warnings().empty());
            QCOMPARE(project.workspace().runs.size(), std::size_t(3));
            // The last edit printed is there; one more may have been made before it could be printed.
            const auto named = [&](int edit) {
                return project.workspace().runs[std::size_t(edit) % 3].name == "edit " + std::to_string(edit);
            };
            QVERIFY2(named(done) || named(done + 1), qPrintable(QString::number(done)));
            QVERIFY(done < 3 || named(done - 1));
            QVERIFY(project.undo() && project.redo());
        }
        qInfo("%d edits in 50 killed windows", edits);
    }
};

QTEST_GUILESS_MAIN(TestWindowCrash)
#include "tst_windowcrash.moc"

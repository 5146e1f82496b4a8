// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/sqlite.h"
#include "tests/store/crash.h"
#include "tests/store/folder.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <thread>

using store::Project;
namespace fs = std::filesystem;

class TestCrash : public QObject {
    Q_OBJECT
    Folder m_folder;

    static QStringList linesOf(QProcess& process)
    {
        QStringList lines = QString::fromUtf8(process.readAllStandardOutput()).split('\n');
        lines.removeLast();     // what follows the last line end was not committed
        return lines;
    }

private slots:
    void whatWasCommittedOutlivesTheKill();
    void fullDiskLosesNothing();
    void readsWhatMayNotBeWritten_data();
    void readsWhatMayNotBeWritten();
};

void TestCrash::whatWasCommittedOutlivesTheKill()
{
    std::mt19937_64 random(2026);
    fs::path path;
    std::uint64_t next = 0;
    int kills = 0, inside = 0;
    for (; kills < 50; ++kills) {
        if (kills % 10 == 0) {
            path = m_folder.file(QString("k%1.isoloss").arg(kills));
            next = 0;
        }
        QProcess process;
        process.start(CRASH_WRITER, {"write", QString::fromStdString(path.string()), QString::number(next)});
        QVERIFY(process.waitForStarted());
        std::this_thread::sleep_for(std::chrono::microseconds(random() % (kills % 5 == 0 ? 8000 : 60000)));
        process.kill();
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitStatus(), QProcess::CrashExit);     // it was still writing

        std::uint64_t added = next, amended = next, edited = next;      // numbers below these are committed
        for (const QString& line : linesOf(process)) {
            QVERIFY2(!line.startsWith("error"), qPrintable(line));
            (line.startsWith("added") ? added : line.startsWith("amended") ? amended : edited) = line.section(' ', 1).toULongLong() + 1;
        }
        if (!fs::exists(path)) {
            QCOMPARE(added, next);
            continue;
        }
        Project project = Project::open(path);
        QVERIFY2(project.warnings().empty(), project.warnings().empty() ? "" : project.warnings()[0].c_str());
        const std::size_t count = project.workspace().runs.size();
        QVERIFY2(count == 3 * added || count == 3 * (added + 1), qPrintable(QString("%1 runs, %2 added").arg(count).arg(added)));
        const std::string& filter = project.workspace().filter;
        const std::uint64_t reached = filter.empty() ? 0 : std::stoull(filter) + 1;
        QVERIFY2(reached == edited || reached == edited + 1, qPrintable(QString("%1, %2 edited").arg(reached).arg(edited)));
        const std::string& current = project.workspace().current;
        const std::uint64_t seen = current.empty() ? 0 : std::stoull(current) + 1;
        QVERIFY2(seen == amended || seen == amended + 1, qPrintable(QString("%1, %2 amended").arg(seen).arg(amended)));
        inside += count > 3 * added || reached > edited;
        for (std::uint64_t number = next; number < count / 3; ++number)
            for (const data::Run& run : crash::runs(number))
                QVERIFY(sample::same(project.run(store::contentHash(run)), run));
        {
            const store::Database db(path, store::Database::Access::ReadWrite);
            store::Statement check(db, "PRAGMA integrity_check");
            QVERIFY(check.step());
            QCOMPARE(check.text(0), std::string("ok"));
            QCOMPARE(db.integer("SELECT count(*) FROM run"), std::int64_t(count));
            QCOMPARE(db.integer("SELECT count(*) FROM series"), std::int64_t(2 * count));
        }
        if (kills % 10 == 9) {
            std::size_t steps = 0;
            while (project.undo())
                ++steps;
            QCOMPARE(steps, std::size_t(count / 3 + reached));
        }
        next = count / 3;
        if (reached < next) {   // what the kill cut off
            Workspace mended = sample::filtered(project.workspace(), std::to_string(next - 1));
            mended.current = mended.filter;
            project.edit("mend", mended);
        }
    }
    qInfo("%d kills, %d of them between a commit and its line", kills, inside);
}

void TestCrash::fullDiskLosesNothing()
{
    for (const int bytes : {300'000, 1'000'000, 3'000'000}) {
        const QString path = QString::fromStdString(m_folder.file(QString("f%1.isoloss").arg(bytes)).string());
        QProcess process;
        process.start(CRASH_WRITER, {"full", path, QString::number(bytes)});
        QVERIFY(process.waitForFinished());
        const QStringList lines = linesOf(process);
        QVERIFY2(process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0, qPrintable(lines.join('\n')));
        const QStringList failed = lines.filter("failed");
        QCOMPARE(failed.size(), 1);
        QVERIFY2(failed[0].contains(path) && failed[0].contains("could not be"), qPrintable(failed[0]));
        const std::size_t added = std::size_t(lines.last().section(' ', 1).toInt()) + 1;
        QVERIFY(lines.last().startsWith("edited"));
        Project project = Project::open(path.toStdString());
        QVERIFY(project.warnings().empty());
        QCOMPARE(project.workspace().runs.size(), 3 * added);
        QCOMPARE(project.runs().size(), 3 * added);
    }
}

void TestCrash::readsWhatMayNotBeWritten_data()
{
    QTest::addColumn<bool>("file");
    QTest::addColumn<bool>("folder");
    QTest::newRow("file and folder") << true << true;
    QTest::newRow("file") << true << false;
    QTest::newRow("folder") << false << true;
}

void TestCrash::readsWhatMayNotBeWritten()
{
    QFETCH(bool, file);
    QFETCH(bool, folder);
    // The process without rights must be able to reach it, which a folder of the user's own does not allow.
    QTemporaryDir place;
    const fs::path where = place.path().toStdString(), path = where / "p #1.isoloss";
    Project::open(path).add(crash::runs(1));
    fs::permissions(where, folder ? fs::perms(0555) : fs::perms(0777));
    fs::permissions(path, file ? fs::perms(0444) : fs::perms(0666));
    QProcess process;
    process.start(CRASH_WRITER, {"read", QString::fromStdString(path.string())});
    QVERIFY(process.waitForFinished());
    const QStringList lines = linesOf(process);
    fs::permissions(where, fs::perms(0700));
    QVERIFY2(lines.size() == 2 && lines[0] == "runs 3 of 3", qPrintable(lines.join('\n')));
    QVERIFY2(lines[1].startsWith("refused") && lines[1].contains("p #1.isoloss"), qPrintable(lines[1]));
    QCOMPARE(std::distance(fs::directory_iterator(where), fs::directory_iterator()), 1);
}

QTEST_GUILESS_MAIN(TestCrash)
#include "tst_crash.moc"

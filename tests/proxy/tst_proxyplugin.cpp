// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/host/localrun.h"
#include "plugins/host/plugins.h"
#include "plugins/host/sweepfolder.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

// Plugins as the program sees them: found in folders, checked before any of their code runs, known only by the interface.
class TestProxyPlugin : public QObject
{
    Q_OBJECT

    QByteArray m_path;

    static void put(const QString& path, const QByteArray& bytes, bool program = false)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
        if (program)
            file.setPermissions(file.permissions() | QFile::ExeOwner);
    }
    static QByteArray whole(const QString& path)
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    static QString real() { return QStringLiteral(BINARY_DIR "/bin/plugins/libproxy.so"); }
    static Runner* runner()
    {
        for (const Plugin& plugin : loadPlugins({QStringLiteral(BINARY_DIR "/bin/plugins")}))
            if (plugin.runner)
                return plugin.runner;
        return nullptr;
    }
    // The one plugin of a folder.
    static Plugin only(const QString& folder)
    {
        const std::vector<Plugin> all = loadPlugins({folder});
        return all.size() == 1 ? all.front() : Plugin{.why = QStringLiteral("there are %1").arg(all.size())};
    }

private slots:
    void initTestCase() { m_path = QByteArray(BINARY_DIR "/bin:") + qgetenv("PATH"); }
    void init() { qputenv("PATH", m_path); }

    void everyPresetIsASweepTheTrainerTakes()
    {
        Runner* r = runner();
        QVERIFY(r);
        QVERIFY2(r->unavailable().isEmpty(), qPrintable(r->unavailable()));
        QVERIFY(r->presets().size() >= 10);
        QTemporaryDir dir;
        for (const Runner::Preset& preset : r->presets()) {
            QVERIFY(!preset.name.isEmpty() && !preset.meaning.isEmpty());
            const QString file = dir.filePath(preset.id + QStringLiteral(".json"));
            put(file, preset.spec);
            const Runner::Command command = r->plan(file, QStringLiteral("cpu"));
            QProcess plan;
            plan.start(command.program, command.arguments);
            QVERIFY(plan.waitForFinished());
            QVERIFY2(plan.exitCode() == 0, preset.id.toUtf8() + ": " + plan.readAllStandardError());
            QVERIFY(!QJsonDocument::fromJson(plan.readAllStandardOutput())[QLatin1String("members")].toArray().isEmpty());
        }
    }

    void aSweepOutlivesWhoeverStartedItAndIsFoundAgain()
    {
        Runner* r = runner();
        QTemporaryDir dir;
        QByteArray spec = r->presets().first().spec;
        spec.replace("\"steps\": 1000", "\"steps\": 40");
        put(dir.filePath(QStringLiteral("spec.json")), spec);
        const QString folder = dir.filePath(QStringLiteral("out"));
        QCOMPARE(local::start(r->run({.spec = dir.filePath(QStringLiteral("spec.json")), .folder = folder, .device = QStringLiteral("cpu"), .only = {}}), folder), QString());
        SweepFolder seen(folder);
        QTRY_VERIFY_WITH_TIMEOUT((seen.refresh(), seen.isFinished() && !local::isRunning(folder)), 60000);
        QCOMPARE(seen.members().size(), std::size_t(6));
        const local::Ending end = local::ending(folder);
        QVERIFY(end.known);
        QCOMPARE(end.code, 0);
        QCOMPARE(seen.progress(), 1.);
        // Another look from the beginning sees the same.
        SweepFolder again(folder);
        again.refresh();
        QCOMPARE(again.members().size(), seen.members().size());
        for (std::size_t i = 0; i < again.members().size(); ++i) {
            QCOMPARE(again.members()[i].state, seen.members()[i].state);
            QCOMPARE(again.members()[i].step, qint64(40));
            QVERIFY(std::isfinite(again.members()[i].loss) && std::isfinite(again.members()[i].validation));
        }
        // What is finished is not run again.
        const QByteArray before = whole(again.log(again.members()[0].id));
        QCOMPARE(local::start(r->run({.spec = dir.filePath(QStringLiteral("spec.json")), .folder = folder, .device = QStringLiteral("cpu"), .only = {}}), folder), QString());
        QTRY_VERIFY(local::ending(folder).known);
        QCOMPARE(whole(again.log(again.members()[0].id)), before);
    }

    void aFileThatIsNoLibraryIsRefused()
    {
        QTemporaryDir dir;
        put(dir.filePath(QStringLiteral("libtext.so")), "this is a text\n");
        QVERIFY2(only(dir.path()).why.contains(QLatin1String("not a shared library")), qPrintable(only(dir.path()).why));
    }

    void aLibraryThatIsCutOffAnywhereIsRefused()
    {
        const QByteArray bytes = whole(real());
        QVERIFY(bytes.size() > 10000);
        for (const double share : {.001, .1, .5, .9, .99}) {
            QTemporaryDir dir;
            put(dir.filePath(QStringLiteral("libproxy.so")), bytes.left(qsizetype(share * double(bytes.size()))));
            const Plugin plugin = only(dir.path());
            QVERIFY2(!plugin.runner && plugin.why.contains(QLatin1String("cut off")), qPrintable(plugin.why));
        }
    }

    void metadataThatCannotBeReadIsRefused()
    {
        QByteArray bytes = whole(real());
        QVERIFY(bytes.contains("qt-project!"));
        bytes.replace("qt-project!", "no-project!");
        QTemporaryDir dir;
        put(dir.filePath(QStringLiteral("libproxy.so")), bytes);
        const Plugin plugin = only(dir.path());
        QVERIFY2(!plugin.runner && !plugin.why.isEmpty(), "loaded");
    }

    void aPluginOfAnotherVersionIsRefused()
    {
        // The version stands in the file as text: its own, and that of the interface it was compiled with.
        QByteArray bytes = whole(real());
        QVERIFY(bytes.contains("isoloss.Runner/2"));
        bytes.replace("isoloss.Runner/2", "isoloss.Runner/1");
        QTemporaryDir dir;
        put(dir.filePath(QStringLiteral("libproxy.so")), bytes);
        const Plugin plugin = only(dir.path());
        QVERIFY2(!plugin.runner && plugin.why.contains(QLatin1String("isoloss.Runner/1")), qPrintable(plugin.why));
    }

    void aMissingSymbolIsAReasonAndNoCrash()
    {
        const Plugin plugin = only(QStringLiteral(BINARY_DIR "/tests/brokenplugins"));
        QVERIFY(!plugin.runner);
        QVERIFY2(plugin.why.contains(QLatin1String("notThere")), qPrintable(plugin.why));
    }

    void ofTwoAlikeTheFirstIsTaken()
    {
        QTemporaryDir one, two;
        QVERIFY(QFile::copy(real(), one.filePath(QStringLiteral("libproxy.so"))));
        QVERIFY(QFile::copy(real(), two.filePath(QStringLiteral("libproxy.so"))));
        const std::vector<Plugin> all = loadPlugins({one.path(), two.path()});
        QCOMPARE(all.size(), std::size_t(2));
        QVERIFY(all[0].runner);
        QVERIFY2(!all[1].runner && all[1].why.contains(one.path()), qPrintable(all[1].why));
    }

    void foldersAreSearchedInOrder()
    {
        qputenv("ISOLOSS_PLUGIN_PATH", "/first:/second");
        const QStringList folders = pluginFolders();
        qunsetenv("ISOLOSS_PLUGIN_PATH");
        QCOMPARE(folders.mid(0, 2), QStringList({QStringLiteral("/first"), QStringLiteral("/second")}));
        QVERIFY(folders[2].endsWith(QLatin1String("/plugins")));
        QVERIFY(folders[3].endsWith(QLatin1String("lib/isoloss/plugins")));
        QCOMPARE(folders.size(), 5);
    }

    void withoutATrainerItSaysSo()
    {
        Runner* r = runner();
        qputenv("PATH", "");
        QVERIFY(r && r->unavailable().contains(QLatin1String("isoloss-proxy")));
        const Plugin plugin = only(QStringLiteral(BINARY_DIR "/bin/plugins"));
        QVERIFY2(plugin.why.contains(QLatin1String("isoloss-proxy")), qPrintable(plugin.why));
    }

    void devicesThatCannotBeUsedSayWhy()
    {
        Runner* r = runner();
        const QList<Runner::Place> none = r->devices({{.code = 0, .out = R"({"devices":[{"kind":"cpu","name":"Some CPU","cores":4}]})", .error = {}}, {}});
        QCOMPARE(none.size(), 3);
        QVERIFY(none[1].name.contains(QLatin1String("4 cores")) && none[1].why.isEmpty());
        QVERIFY(!none[2].why.isEmpty());
        const QList<Runner::Place> gpu = r->devices({{}, {.code = 0, .out = R"({"devices":[{"kind":"cpu"},{"kind":"cuda","index":0,"name":"H","mem_total":8e10}]})", .error = {}}});
        QCOMPARE(gpu[2].id, QStringLiteral("cuda:0"));
        QVERIFY(gpu[2].why.isEmpty());
    }

    void everyExitCodeIsASentence()
    {
        Runner* r = runner();
        for (const int code : {-1, 0, 2, 3, 4, 5, 6, 7, 8, 10, 11, 70, 126, 127, 134, 137, 139, 143, 99})
            QVERIFY2(r->meaning(code).size() > 10 && QStringLiteral(".?").contains(r->meaning(code).back()), qPrintable(r->meaning(code)));
    }

    // A Slurm of three scripts: sbatch really runs every part, one after another, with the variables Slurm sets.
    void slurmRunsEveryPartAndTheFilesTellWhenItIsDone()
    {
        Runner* r = runner();
        QTemporaryDir dir;
        const QString bin = dir.path();
        put(bin + QStringLiteral("/sbatch"), "#!/bin/sh\n"
            "[ \"$1\" = --parsable ] || exit 9\nn=$(sed -n 's/^#SBATCH --array=0-//p' \"$2\")\n"
            "echo $$ > " + bin.toUtf8() + "/running\n"
            "( i=0; while [ $i -le $n ]; do SLURM_ARRAY_JOB_ID=77 SLURM_ARRAY_TASK_ID=$i SLURM_ARRAY_TASK_COUNT=$((n+1)) sh \"$2\" >/dev/null 2>>" + bin.toUtf8()
            + "/errors; i=$((i+1)); done; rm " + bin.toUtf8() + "/running ) >/dev/null 2>&1 &\necho 77\n", true);
        put(bin + QStringLiteral("/squeue"), "#!/bin/sh\n[ -e " + bin.toUtf8() + "/running ] && echo RUNNING && exit 0\necho 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1\n", true);
        put(bin + QStringLiteral("/scancel"), "#!/bin/sh\necho \"$@\" >> " + bin.toUtf8() + "/cancelled\n", true);
        qputenv("PATH", bin.toUtf8() + ':' + m_path);
        QByteArray spec = r->presets().first().spec;
        spec.replace("\"steps\": 1000", "\"steps\": 40");
        const QString file = dir.filePath(QStringLiteral("spec it's.json"));        // a name that must be quoted
        put(file, spec);
        const QString folder = dir.filePath(QStringLiteral("out"));
        QCOMPARE(r->queues().first().why, QString());
        const Runner::Task task{.spec = file, .folder = folder, .device = QStringLiteral("cpu"), .only = {}};
        QProcess help;
        help.start(r->run(task).program, {QStringLiteral("--help")});
        help.waitForFinished();
        if (!help.readAllStandardOutput().contains("--shard"))
            QSKIP("the trainer of this build knows no --shard");
        QCOMPARE(r->submit(QStringLiteral("slurm"), task, 3), QString());
        QCOMPARE(r->queued(folder).job, QStringLiteral("77"));
        SweepFolder seen(folder);
        QTRY_VERIFY_WITH_TIMEOUT((seen.refresh(), r->queued(folder).running == 0), 60000);
        QVERIFY2(seen.isFinished(), whole(bin + QStringLiteral("/errors")));
        QCOMPARE(r->queued(folder).why, QString());     // long gone is no error
        QCOMPARE(r->cancel(folder), QString());
        QVERIFY(whole(bin + QStringLiteral("/cancelled")).contains("77"));
    }

    void aSlurmThatRefusesOrIsAbsentSaysWhy()
    {
        Runner* r = runner();
        QTemporaryDir dir;
        qputenv("PATH", BINARY_DIR "/bin");
        QVERIFY2(r->queues().first().why.contains(QLatin1String("sbatch")), qPrintable(r->queues().first().why));
        put(dir.filePath(QStringLiteral("sbatch")), "#!/bin/sh\necho 'sbatch: error: invalid partition specified' >&2\nexit 1\n", true);
        qputenv("PATH", dir.path().toUtf8() + ':' + m_path);
        const QString why = r->submit(QStringLiteral("slurm"), {.spec = QStringLiteral("/x.json"), .folder = dir.filePath(QStringLiteral("o")), .device = {}, .only = {}}, 2);
        QVERIFY2(why.contains(QLatin1String("invalid partition")), qPrintable(why));
    }
};

QTEST_GUILESS_MAIN(TestProxyPlugin)
#include "tst_proxyplugin.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/interface/runner.h"

#include <QFile>
#include <QJsonDocument>
#include <QPluginLoader>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

// The plugin as the program sees it: loaded from its file, known only by the interface.
class TestProxyPlugin : public QObject
{
    Q_OBJECT

private slots:
    void defaultsAreAPlanTheTrainerTakes()
    {
        qputenv("PATH", QByteArray(BINARY_DIR "/bin:") + qgetenv("PATH"));
        QPluginLoader loader(QStringLiteral(BINARY_DIR "/bin/plugins/libproxy.so"));
        auto* runner = qobject_cast<Runner*>(loader.instance());
        QVERIFY2(runner, qPrintable(loader.errorString()));
        QCOMPARE(loader.metaData()[QLatin1String("MetaData")].toObject()[QLatin1String("id")].toString(), QStringLiteral("proxy"));
        QVERIFY2(runner->unavailable().isEmpty(), qPrintable(runner->unavailable()));

        QTemporaryDir dir;
        QFile spec(dir.filePath(QStringLiteral("spec.json")));
        QVERIFY(spec.open(QIODevice::WriteOnly));
        spec.write(QJsonDocument(runner->defaults()).toJson());
        spec.close();
        Runner::Command command = runner->command(spec.fileName(), dir.filePath(QStringLiteral("out")));
        QVERIFY(command.arguments.contains(spec.fileName()));
        QProcess plan;
        plan.start(command.program, {QStringLiteral("--plan"), spec.fileName()});
        QVERIFY(plan.waitForFinished());
        QVERIFY2(plan.exitCode() == 0, plan.readAllStandardError().constData());

        // A budget of no time still starts, writes its logs and says that it can go on.
        QProcess run;
        run.start(command.program, command.arguments + QStringList{QStringLiteral("--max-seconds"), QStringLiteral("0.2")});
        QVERIFY(run.waitForFinished());
        QCOMPARE(run.exitCode(), 11);
        QVERIFY(QFile::exists(dir.filePath(QStringLiteral("out/manifest.json"))));
    }

    void withoutATrainerItSaysSo()
    {
        qputenv("PATH", "");
        QPluginLoader loader(QStringLiteral(BINARY_DIR "/bin/plugins/libproxy.so"));
        auto* runner = qobject_cast<Runner*>(loader.instance());
        QVERIFY(runner && runner->unavailable().contains(QLatin1String("isoloss-proxy")));
    }
};

QTEST_GUILESS_MAIN(TestProxyPlugin)
#include "tst_proxyplugin.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

// The program as others see it: command line, exit codes, what is left on disk.
class TestProxyProgram : public QObject {
    Q_OBJECT

    QTemporaryDir m_dir;

    QString write(const char* name, const QByteArray& text)
    {
        QFile file(m_dir.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qFatal("cannot write a test file");
        return file.fileName();
    }

    QString longSpec()
    {
        return write("long.json", R"({"proxy_spec":1,"data":{"train":{"vocab":16,"tokens":60000},"val":{"tokens":4000}},
            "defaults":{"L":1,"d":16,"heads":1,"T":16,"B":8,"steps":1000000,"eval":{"every":100,"batches":1}},
            "grid":{"seed":[1,2,3]}})");
    }

    static QList<QJsonObject> lines(const QString& path)
    {
        QFile file(path);
        QList<QJsonObject> all;
        if (!file.open(QIODevice::ReadOnly))
            return all;
        const QByteArray text = file.readAll();
        for (const QByteArray& line : text.split('\n'))
            if (!line.isEmpty())
                all.append(QJsonDocument::fromJson(line).object());
        return text.endsWith('\n') ? all : QList<QJsonObject>();
    }

    static int run(const QStringList& arguments, QByteArray* out = nullptr, QByteArray* error = nullptr)
    {
        QProcess process;
        process.start(QStringLiteral(PROXY_PROGRAM), arguments);
        if (!process.waitForFinished(20000))
            return -1;
        if (out)
            *out = process.readAllStandardOutput();
        if (error)
            *error = process.readAllStandardError();
        return process.exitCode();
    }

private slots:
    void versionProbeAndSelftest()
    {
        QByteArray out;
        QCOMPARE(run({"--version", "--json"}, &out), 0);
        QCOMPARE(QJsonDocument::fromJson(out).object()["name"].toString(), QString("isoloss-proxy"));
        QCOMPARE(run({"--probe"}, &out), 0);
        QVERIFY(QJsonDocument::fromJson(out).object().contains("devices"));
        QCOMPARE(run({"--selftest"}, &out), 0);
        QVERIFY(!out.contains("FAIL"));
    }

    void badSpecIsExitTwoWithAPointer()
    {
        const QString spec = write("bad.json", R"({"proxy_spec":1,"grid":{"lr":[0.1,"fast"]}})");
        QByteArray error, out;
        QCOMPARE(run({"--run", spec, "--out", m_dir.filePath("bad"), "--progress", "json"}, &out, &error), 2);
        QVERIFY2(error.contains("/grid/lr/1"), error.constData());
        QCOMPARE(error.count('\n'), 1);
        QVERIFY(!QDir(m_dir.filePath("bad")).exists());
        const QJsonObject last = QJsonDocument::fromJson(out.trimmed().split('\n').last()).object();
        QCOMPARE(last["ev"].toString(), QString("exit"));
        QCOMPARE(last["code"].toInt(), 2);
        QCOMPARE(run({"--fly"}), 2);
        QCOMPARE(run({"--run", spec}), 2);
        QCOMPARE(run({"--plan", m_dir.filePath("nothing.json")}), 2);
        QCOMPARE(run({"--plan", spec, "--device", "cuda:0"}), 4);
    }

    void missingTextIsACorpusError()
    {
        const QString spec = write("file.json", R"({"proxy_spec":1,"data":{"train":{"file":"nowhere.txt"}}})");
        QCOMPARE(run({"--plan", spec}), 3);
    }

    void terminationEndsCleanly()
    {
        const QString out = m_dir.filePath("stopped");
        QProcess process;
        process.start(
            QStringLiteral(PROXY_PROGRAM), {"--run", longSpec(), "--out", out, "--threads", "2", "--progress", "none"});
        QTRY_VERIFY_WITH_TIMEOUT(QDir(out + "/members").count() >= 4, 5000);
        QTest::qWait(500);
        process.terminate();
        QVERIFY(process.waitForFinished(5000));
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(process.exitCode(), 10);
        const QStringList files = QDir(out + "/members").entryList(QDir::Files);
        QCOMPARE(files.size(), 2);
        for (const QString& file : files) {
            const QList<QJsonObject> all = lines(out + "/members/" + file);
            QVERIFY(all.size() > 2);
            QCOMPARE(all.first()["t"].toString(), QString("cfg"));
            QCOMPARE(all.last()["t"].toString(), QString("end"));
            QCOMPARE(all.last()["status"].toString(), QString("stopped"));
            for (const QJsonObject& line : all)
                QVERIFY(!line.isEmpty());
        }
    }

    void theTimeLimitEndsCleanly()
    {
        QCOMPARE(
            run({"--run", longSpec(), "--out", m_dir.filePath("late"), "--max-seconds", "0.3", "--threads", "1"}), 11);
    }

    // A size limit of the shell stands for a full disk: the write fails half way.
    void fullDiskIsExitSevenWithoutATornLine()
    {
        const QString out = m_dir.filePath("full");
        QProcess process;
        process.start("sh",
            {"-c", "ulimit -f 32; exec \"$@\"", "sh", QStringLiteral(PROXY_PROGRAM), "--run", longSpec(), "--out", out,
                "--threads", "1", "--progress", "none"});
        QVERIFY(process.waitForFinished(15000));
        QCOMPARE(process.exitCode(), 7);
        const QByteArray error = process.readAllStandardError();
        QCOMPARE(error.count('\n'), 1);
        QVERIFY2(error.contains("free some space"), error.constData());
        for (const QString& file : QDir(out + "/members").entryList(QDir::Files))
            QVERIFY(!lines(out + "/members/" + file).isEmpty());
    }

    void generatedTextCanBeTrainedOn()
    {
        const QString source = write("gen.json", R"({"gen":"zipf","vocab":8,"exponent":1,"tokens":5000})");
        const QString tokens = m_dir.filePath("gen.tok");
        QCOMPARE(run({"--gen", source, "--out", tokens}), 0);
        const QString spec = write("tok.json",
            R"({"proxy_spec":1,"data":{"train":{"file":"gen.tok"}},
                "defaults":{"L":1,"d":8,"heads":1,"T":8,"B":4,"steps":5,"eval":{"batches":2}}})");
        QCOMPARE(run({"--run", spec, "--out", m_dir.filePath("tok"), "--progress", "none"}), 0);
        const QStringList files = QDir(m_dir.filePath("tok/members")).entryList(QDir::Files);
        QCOMPARE(files.size(), 1);
        const QJsonObject config = lines(m_dir.filePath("tok/members/") + files.first()).first();
        QCOMPARE(config["vocab"].toInt(), 8);
        QVERIFY(config["entropy"].toDouble() > 1 && config["entropy"].toDouble() < 2.08);
    }
};

QTEST_GUILESS_MAIN(TestProxyProgram)
#include "tst_proxyprogram.moc"

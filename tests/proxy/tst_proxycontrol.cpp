// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>

// A running sweep under orders, and the exit codes of the contract.
class TestProxyControl : public QObject {
    Q_OBJECT

    QTemporaryDir m_dir;

    QString write(const char* name, const QByteArray& text)
    {
        QFile file(m_dir.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qFatal("cannot write a test file");
        return file.fileName();
    }
    QString endless()
    {
        return write(
            "endless.json", R"({"proxy_spec":1,"data":{"train":{"vocab":16,"tokens":60000},"val":{"tokens":4000}},
            "defaults":{"L":1,"d":16,"heads":1,"T":16,"B":8,"steps":1000000,"eval":{"every":1000,"batches":1}},
            "log":{"every":50},"grid":{"seed":[1,2]}})");
    }
    static QList<QJsonObject> objects(const QByteArray& text)
    {
        QList<QJsonObject> all;
        for (const QByteArray& line : text.split('\n'))
            if (!line.isEmpty())
                all.append(QJsonDocument::fromJson(line).object());
        return all;
    }
    static int run(const QStringList& arguments, QByteArray* error = nullptr, QByteArray* out = nullptr)
    {
        QProcess process;
        process.start(QStringLiteral(PROXY_PROGRAM), arguments);
        if (!process.waitForFinished(20000))
            return -1;
        if (error)
            *error = process.readAllStandardError();
        if (out)
            *out = process.readAllStandardOutput();
        return process.exitCode();
    }
    void begin(QProcess& process, const QString& out, const QStringList& more = {})
    {
        process.start(QStringLiteral(PROXY_PROGRAM),
            QStringList{"--run", endless(), "--out", out, "--threads", "2", "--progress", "json"} + more);
        QTRY_COMPARE_WITH_TIMEOUT(members(out).size(), 2, 5000);
    }
    static QStringList members(const QString& out) { return QDir(out + "/members").entryList(QDir::Files, QDir::Name); }
    static qint64 size(const QString& out)
    {
        qint64 all = 0;
        for (const QString& file : members(out))
            all += QFile(out + "/members/" + file).size();
        return all;
    }
    static QStringList statuses(const QString& out)
    {
        QStringList all;
        for (const QString& name : members(out)) {
            QFile file(out + "/members/" + name);
            if (file.open(QIODevice::ReadOnly))
                all.append(objects(file.readAll()).last()["status"].toString());
        }
        return all;
    }

private slots:
    void ordersOnStandardInput()
    {
        const QString out = m_dir.filePath("orders");
        QProcess process;
        begin(process, out);
        const qint64 early = size(out);
        QTRY_VERIFY_WITH_TIMEOUT(size(out) > early, 5000);
        process.write("{\"cmd\":\"pause\"}\n");
        QTest::qWait(400);
        const qint64 paused = size(out);
        QTest::qWait(500);
        QCOMPARE(size(out), paused);
        process.write("{\"cmd\":\"resume\"}\n");
        QTRY_VERIFY_WITH_TIMEOUT(size(out) > paused, 5000);
        process.write("{\"cmd\":\"checkpoint\"}\nnonsense\n");
        QTRY_COMPARE_WITH_TIMEOUT(QDir(out + "/ckpt").entryList({"*.ckpt"}).size(), 2, 5000);
        const QString first = members(out).first().section('.', 0, 0);
        process.write("{\"cmd\":\"drop\",\"members\":[\"" + first.toUtf8() + "\"]}\n");
        QTRY_COMPARE_WITH_TIMEOUT(statuses(out).first(), QString("stopped"), 5000);
        QCOMPARE(process.state(), QProcess::Running);
        process.write("{\"cmd\":\"cancel\"}\n");
        QVERIFY(process.waitForFinished(5000));
        QCOMPARE(process.exitCode(), 10);
        QCOMPARE(statuses(out), QStringList({"stopped", "stopped"}));

        const QList<QJsonObject> events = objects(process.readAllStandardOutput());
        QMap<QString, int> count;
        for (const QJsonObject& event : events)
            ++count[event["ev"].toString()];
        QVERIFY(count["plan"] == 1 && count["class"] == 1 && count["progress"] >= 2 && count["member_end"] == 2);
        QVERIFY(count["checkpoint"] >= 4 && count["warn"] == 1);
        QCOMPARE(events.first()["ev"].toString(), QString("plan"));
        QCOMPARE(events.last()["ev"].toString(), QString("exit"));
        QCOMPARE(events.last()["code"].toInt(), 10);
        for (const QJsonObject& event : events)
            if (event["ev"] == "progress")
                for (const char* key : {"done", "total", "tok_s", "eta", "alive", "diverged"})
                    QVERIFY2(event.contains(key), key);
    }

    void progressComesAtMostFourTimesASecond()
    {
        const QString out = m_dir.filePath("rate");
        QByteArray text;
        QElapsedTimer clock;
        clock.start();
        QCOMPARE(
            run({"--run", endless(), "--out", out, "--max-seconds", "1", "--progress", "json"}, nullptr, &text), 11);
        const QByteArray progress = "\"progress\"";
        QVERIFY(text.count(progress) >= 2);
        QVERIFY(text.count(progress) <= clock.elapsed() / 250 + 1);
    }

    void theOwnersEndIsACancel()
    {
        QProcess process;
        const QString out = m_dir.filePath("orphan");
        begin(process, out);
        process.closeWriteChannel();
        QVERIFY(process.waitForFinished(5000));
        QCOMPARE(process.exitCode(), 10);
        QCOMPARE(QDir(out + "/ckpt").entryList({"*.ckpt"}).size(), 2);
    }

    // What a queueing system sends shortly before the time is over.
    void theUserSignalIsTheBudget()
    {
        QProcess process;
        const QString out = m_dir.filePath("usr1");
        begin(process, out);
        ::kill(static_cast<pid_t>(process.processId()), SIGUSR1);
        QVERIFY(process.waitForFinished(5000));
        QCOMPARE(process.exitCode(), 11);
        QCOMPARE(QDir(out + "/ckpt").entryList({"*.ckpt"}).size(), 2);
        QFile log(out + "/trainer.log");
        QVERIFY(log.open(QIODevice::ReadOnly));
        QVERIFY(log.readAll().contains("ends with exit code 11"));
    }

    void detachedItOutlivesItsOwnerAndObeysAFile()
    {
        QProcess process;
        const QString out = m_dir.filePath("detached");
        begin(process, out, {"--detach"});
        process.closeWriteChannel();
        const qint64 before = size(out);
        QTRY_VERIFY_WITH_TIMEOUT(size(out) > before + 1000, 5000);
        QCOMPARE(process.state(), QProcess::Running);
        QFile orders(out + "/control.jsonl");
        QVERIFY(orders.open(QIODevice::Append));
        orders.write("{\"cmd\":\"cancel\"}\n");
        orders.close();
        QVERIFY(process.waitForFinished(5000));
        QCOMPARE(process.exitCode(), 10);
        // What stands in the file now is old news to the next run.
        QCOMPARE(run({"--run", endless(), "--out", out, "--resume", "--max-seconds", "0.5", "--progress", "none"}), 11);
    }

    void exitCodesAndSentences_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("part");
        const QString good = endless();
        const QString bad = write("bad.json", R"({"proxy_spec":1,"data":{"train":{"gen":"copy","blok":3}}})");
        const QString sched =
            write("sched.json", R"({"proxy_spec":1,"defaults":{"sched":{"kind":"wsd","decay":"cubic"}}})");
        const QString mix = write("mix.json", R"({"proxy_spec":1,"data":{"train":{"vocab":4,"tokens":9000},
            "mix":[{"until":1,"weights":[1,2]}]}})");
        const QString none = write("none.json", R"({"proxy_spec":1,"data":{"train":{"file":"nowhere"}}})");
        write("odd.bin", "abc");
        const QString odd = write("odd.json", R"({"proxy_spec":1,"data":{"train":{"file":"odd.bin"}}})");
        write("few.txt", "too few");
        const QString few = write("few.json", R"({"proxy_spec":1,"data":{"train":{"file":"few.txt"}}})");
        const QString huge = write("huge.json", R"({"proxy_spec":1,"data":{"train":{"vocab":4,"tokens":9000}},
            "defaults":{"L":64,"d":4096,"heads":64,"T":8192,"B":65536}})");
        const QString out = m_dir.filePath("never");
        const auto run = [&](const QString& spec) { return QStringList{"--run", spec, "--out", out}; };
        QTest::newRow("source key") << run(bad) << 2 << "/data/train/blok:";
        QTest::newRow("schedule") << run(sched) << 2 << "/defaults/sched/decay:";
        QTest::newRow("mix without mixture") << run(mix) << 2 << "/data/mix";
        QTest::newRow("unknown id") << run(good) + QStringList{"--only", "abc"} << 2 << "no member abc";
        QTest::newRow("shard") << run(good) + QStringList{"--shard", "3/3"} << 2 << "counts its parts from 0";
        QTest::newRow("tokenizer") << QStringList{"--tokenize", "words", "a", "--out", out} << 2 << "takes bytes";
        QTest::newRow("bench") << QStringList{"--bench", "slow"} << 2 << "quick or full";
        QTest::newRow("no text") << run(none) << 3 << "Cannot read";
        QTest::newRow("odd text") << run(odd) << 3 << "odd number of bytes";
        QTest::newRow("short text") << run(few) << 3 << "fewer than";
        QTest::newRow("device") << run(good) + QStringList{"--device", "cuda:0"} << 4 << "cuda:0";
        QTest::newRow("memory") << QStringList{"--plan", huge} << 5 << "use a smaller batch";
        QTest::newRow("folder") << QStringList{"--run", good, "--out", "/proc/none/here"} << 7
                                << "Cannot make the folder";
    }
    void exitCodesAndSentences()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QString, part);
        QByteArray error;
        QCOMPARE(run(arguments, &error), code);
        QVERIFY2(error.contains(part.toUtf8()), error.constData());
        QCOMPARE(error.count('\n'), 1);
        QVERIFY(!QDir(m_dir.filePath("never")).exists());
    }

    void plansAndTokensAreJson()
    {
        QByteArray out;
        QCOMPARE(run({"--plan", endless()}, nullptr, &out), 0);
        const QJsonObject plan = QJsonDocument::fromJson(out).object();
        QCOMPARE(plan["members"].toArray().size(), 2);
        QCOMPARE(plan["class"].toArray().size(), 1);
        QVERIFY(plan["totals"].toObject()["seconds"].toDouble() > 0);
        QVERIFY(plan["totals"].toObject()["bytes"].toDouble() > 10000);
        const QString a = write("a.txt", "first "), b = write("b.txt", "second"), tok = m_dir.filePath("both.tok");
        QCOMPARE(run({"--tokenize", "bytes", a, b, "--out", tok}, nullptr, &out), 0);
        QCOMPARE(QJsonDocument::fromJson(out).object()["tokens"].toInt(), 12);
        QFile file(tok);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.readAll().endsWith("first second"));
        const QString gen =
            write("gen.json", R"({"gen":"mixture","tokens":2000,"sources":[{"gen":"copy"},{"gen":"zipf"}]})");
        QCOMPARE(run({"--gen", gen, "--out", tok}, nullptr, &out), 0);
        QVERIFY(QJsonDocument::fromJson(out).object()["entropy_nats"].toDouble() > 1);
    }
};

QTEST_GUILESS_MAIN(TestProxyControl)
#include "tst_proxycontrol.moc"

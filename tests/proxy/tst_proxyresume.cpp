// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/failure.hpp"
#include "base/files.hpp"
#include "run/ensemble.hpp"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <map>
#include <random>

using namespace proxy;
namespace fs = std::filesystem;

namespace {

// Two diverging neighbours, dropout, pruning, the limiter and a grown member: all that a state can hold.
constexpr const char* text = R"({"proxy_spec":1,"name":"kill",
    "data":{"train":{"gen":"markov","order":2,"vocab":16,"tokens":60000},"val":{"tokens":4000}},
    "defaults":{"L":1,"d":16,"heads":2,"T":16,"B":8,"steps":250,"eval":{"every":100,"batches":2}},
    "zip":{"name":["plain","nan","pruned","grown","late"],"lr":[0.01,1e6,0.02,0.01,0.01],"L":[1,1,2,2,1],
        "switches":[{},{},{"limiter":1.01,"dropout":0.1,"prune":{"sparsity":0.5}},{},{}],
        "init":[null,null,null,{"from":"plain","g":2},null],"seed":[1,2,3,4,5]}})";

using Files = std::map<std::string, std::string>;

Files logs(const fs::path& folder)
{
    Files all;
    for (const auto& entry : fs::directory_iterator(folder / "members"))
        all[entry.path().filename().string()] = readWhole(entry.path(), 7);
    all["summary"] = readWhole(folder / "summary.jsonl", 7);
    return all;
}

}

// A sweep that is killed goes on where it was, to the byte.
class TestProxyResume : public QObject {
    Q_OBJECT

    QTemporaryDir m_dir;
    QString m_spec;
    Files m_whole;

    fs::path folder(const char* name) const { return m_dir.filePath(name).toStdString(); }
    QStringList arguments(const fs::path& out, QStringList more = {}) const
    {
        return QStringList{"--run", m_spec, "--out", QString::fromStdString(out.string()), "--progress", "none"} + more;
    }
    static int run(const QStringList& arguments, QByteArray* error = nullptr)
    {
        QProcess process;
        process.start(QStringLiteral(PROXY_PROGRAM), arguments);
        if (!process.waitForFinished(30000))
            return -1;
        if (error)
            *error = process.readAllStandardError();
        return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2;
    }
    // Runs and kills without warning, until a run gets to its end. Returns how often it was killed.
    int killUntilDone(const fs::path& out, unsigned seed)
    {
        std::mt19937 random(seed);
        for (int kills = 0; kills < 40; ++kills) {
            QProcess process;
            process.start(QStringLiteral(PROXY_PROGRAM),
                arguments(out, {"--resume", "--threads", "2", "--checkpoint-every", "0.02"}));
            if (process.waitForFinished(20 + static_cast<int>(random() % 120)))
                return process.exitCode() == 0 ? kills : -1;
            process.kill();
            process.waitForFinished();
        }
        return -1;
    }

private slots:
    void initTestCase()
    {
        m_spec = m_dir.filePath("spec.json");
        writeWhole(m_spec.toStdString(), text);
        QCOMPARE(run(arguments(folder("whole"), {"--threads", "1"})), 0);
        m_whole = logs(folder("whole"));
        QCOMPARE(m_whole.size(), std::size_t(6));
    }

    void killedAtAnyTimeItEndsInTheSameBytes()
    {
        int kills = 0;
        for (const unsigned seed : {1u, 2u}) {
            const fs::path out = folder(seed == 1 ? "k1" : "k2");
            const int own = killUntilDone(out, seed);
            QVERIFY(own >= 0);
            kills += own;
            QCOMPARE(logs(out), m_whole);
        }
        QVERIFY2(kills >= 3, qPrintable(QString::number(kills)));
    }

    void twiceIsTheSame()
    {
        QCOMPARE(run(arguments(folder("again"), {"--threads", "2"})), 0);
        QCOMPARE(logs(folder("again")), m_whole);
    }

    void aloneOrInShardsAMemberIsTheSame()
    {
        const Spec spec = parseSpec(text, ".");
        QCOMPARE(run(arguments(folder("alone"), {"--only", QString::fromStdString(spec.members[2].id)})), 0);
        const std::string name = spec.members[2].id + ".jsonl";
        QCOMPARE(readWhole(folder("alone") / "members" / name, 7), m_whole.at(name));
        // The grown member brings the parent it needs.
        QCOMPARE(run(arguments(folder("grown"), {"--only", QString::fromStdString(spec.members[3].id)})), 0);
        QVERIFY(fs::exists(folder("grown") / "members" / (spec.members[0].id + ".jsonl")));
        for (const char* part : {"0/3", "1/3", "2/3"})
            QCOMPARE(run(arguments(folder("shards"), {"--shard", part, "--resume"})), 0);
        QCOMPARE(logs(folder("shards")), m_whole);
    }

    void aGrownMemberBeginsWhereItsParentEnded()
    {
        const Spec spec = parseSpec(text, ".");
        const auto losses = [&](std::size_t member) {
            std::vector<double> all;
            std::istringstream lines(m_whole.at(spec.members[member].id + ".jsonl"));
            for (std::string line; std::getline(lines, line);)
                if (const Json json = Json::parse(line); json["t"] == "val")
                    all.push_back(json["loss"]);
            return all;
        };
        QVERIFY2(losses(3).front() < losses(4).front() - 0.2, "starting from trained layers must help");
    }

    void theBudgetEndsWithACheckpointThatServes()
    {
        const fs::path out = folder("budget");
        QCOMPARE(run(arguments(out, {"--max-tokens", "20000", "--threads", "2"})), 11);
        QVERIFY(!fs::is_empty(out / "ckpt"));
        QCOMPARE(run(arguments(out, {"--resume"})), 0);
        QCOMPARE(logs(out), m_whole);
    }

    void anotherSpecIsRefused()
    {
        const fs::path out = folder("other");
        QCOMPARE(run(arguments(out, {"--max-tokens", "10000", "--threads", "1"})), 11);
        const QString changed = m_dir.filePath("changed.json");
        writeWhole(changed.toStdString(), QString(text).replace("\"kill\"", "\"renamed\"").toStdString());
        QStringList again = arguments(out, {"--resume"});
        again[1] = changed;
        QByteArray error;
        QCOMPARE(run(again, &error), 8);
        QVERIFY2(error.contains("another spec"), error.constData());
        QCOMPARE(error.count('\n'), 1);
        // Refusing has changed nothing.
        QCOMPARE(run(arguments(out, {"--resume"})), 0);
        QCOMPARE(logs(out), m_whole);
    }

    void anotherBuildIsRefused()
    {
        const fs::path out = folder("build");
        QCOMPARE(run(arguments(out, {"--max-tokens", "10000", "--threads", "1"})), 11);
        qputenv("PROXY_ISA", "baseline");
        QByteArray error;
        const int code = run(arguments(out, {"--resume"}), &error);
        qunsetenv("PROXY_ISA");
        if (code == 0)
            QSKIP("this processor or build has one instruction set only");
        QCOMPARE(code, 8);
        QVERIFY2(error.contains("another build"), error.constData());
    }

    void aTornCheckpointGivesWayToTheOneBefore()
    {
        const fs::path out = folder("torn");
        QCOMPARE(run(arguments(out, {"--max-tokens", "28000", "--threads", "1", "--checkpoint-every", "0.01"})), 11);
        std::map<long, fs::path> stored;
        for (const auto& entry : fs::directory_iterator(out / "ckpt"))
            if (entry.path().extension() == ".ckpt")
                stored[std::stol(entry.path().stem().extension().string().substr(1))] = entry.path();
        QCOMPARE(stored.size(), std::size_t(2));
        fs::resize_file(stored.rbegin()->second, fs::file_size(stored.rbegin()->second) - 7);
        QCOMPARE(run(arguments(out, {"--resume"})), 0);
        QCOMPARE(logs(out), m_whole);
    }

    // A limit on the size of files stands for a full disk: logs fit, checkpoints do not.
    void aFullDiskLosesNothing()
    {
        const fs::path out = folder("full");
        QProcess process;
        process.start("sh",
            QStringList{"-c", "ulimit -f 24; exec \"$@\"", "sh", QStringLiteral(PROXY_PROGRAM)}
                + arguments(out, {"--threads", "1", "--checkpoint-every", "0.02"}));
        QVERIFY(process.waitForFinished(15000));
        QCOMPARE(process.exitCode(), 7);
        const QByteArray error = process.readAllStandardError();
        QVERIFY2(error.contains("free some space"), error.constData());
        QCOMPARE(error.count('\n'), 1);
        QCOMPARE(run(arguments(out, {"--resume"})), 0);
        QCOMPARE(logs(out), m_whole);
    }
};

QTEST_GUILESS_MAIN(TestProxyResume)
#include "tst_proxyresume.moc"

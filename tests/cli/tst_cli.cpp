// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using Json = nlohmann::json;

// The contract of the command line, checked from outside.
class TestCli : public QObject
{
    Q_OBJECT

    QTemporaryDir m_dir;
    QString at(const char* name) const { return m_dir.filePath(QString::fromUtf8(name)); }

    // A table of 60 trained models from known constants.
    QByteArray models() const
    {
        QByteArray csv = "name,params,tokens,loss\n";
        for (int i = 0; i < 10; ++i)
            for (int j = 0; j < 6; ++j) {
                const double n = 1e7 * std::pow(2, i), d = 2e8 * std::pow(4, j);
                const double loss = (1.7 + 400 * std::pow(n, -.34) + 410 * std::pow(d, -.29)) * (1 + 1e-3 * std::sin(7 * i + 3 * j));
                csv += line("m%d-%d,%.10g,%.10g,%.10g\n", i, j, n, d, loss);
            }
        return csv;
    }

private slots:
    void initTestCase() { put(at("models.csv"), models()); }

    void listsAreJson_data()
    {
        QTest::addColumn<QString>("verb");
        for (const char* verb : {"laws", "schedules", "formats"})
            QTest::newRow(verb) << QString::fromUtf8(verb);
    }
    void listsAreJson()
    {
        QFETCH(QString, verb);
        const Ran ran = cli({verb, QStringLiteral("--json")});
        QCOMPARE(ran.code, 0);
        QVERIFY(ran.json().is_array() && !ran.json().empty());
        QVERIFY(ran.err.isEmpty());
        for (const Json& one : ran.json())
            QVERIFY(one.contains("id") && one.contains("name"));
        QCOMPARE(cli({verb, QStringLiteral("--help")}).code, 0);
        QCOMPARE(cli({verb, QStringLiteral("--version")}).out.trimmed(), QByteArray(ISOLOSS_VERSION));
    }

    void lawsHoldTheContract()
    {
        for (const Json& law : cli({QStringLiteral("laws"), QStringLiteral("--json")}).json()) {
            for (const char* key : {"id", "name", "family", "formula", "latex", "inputs", "output", "parameters", "presets", "cite"})
                QVERIFY2(law.contains(key), key);
            for (const Json& p : law["parameters"])
                for (const char* key : {"name", "meaning", "lower", "upper", "published"})
                    QVERIFY2(p.contains(key), key);
        }
    }

    void fitHoldsTheContract()
    {
        const Ran ran = cli({QStringLiteral("fit"), QStringLiteral("chinchilla"), at("models.csv"), QStringLiteral("--json"),
                             QStringLiteral("--out"), at("fit.json")});
        QCOMPARE(ran.code, 0);
        const Json fit = ran.json();
        QCOMPARE(fit["law"].get<std::string>(), std::string("chinchilla"));
        QCOMPARE(fit["n"].get<int>(), 60);
        QVERIFY(std::abs(fit["parameters"]["alpha"]["value"].get<double>() - .34) < .02);
        for (const char* key : {"excluded", "objective", "interval", "metrics", "holdout", "starts", "condition", "warnings", "data", "seed", "version", "seconds"})
            QVERIFY2(fit.contains(key), key);
        QCOMPARE(fit["data"]["inputs"]["N"].get<std::string>(), std::string("params"));
        QCOMPARE(fit["data"]["sources"][0]["sha256"].get<std::string>().size(), std::size_t(64));
        QFile file(at("fit.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(Json::parse(file.readAll().toStdString()) == fit);
    }

    void sameBytesAtAnyThreadCount()
    {
        Json last;
        for (const char* threads : {"1", "2", "5"}) {
            Json fit = cli({QStringLiteral("fit"), QStringLiteral("chinchilla"), at("models.csv"), QStringLiteral("--bootstrap"), QStringLiteral("50"),
                            QStringLiteral("--threads"), QString::fromUtf8(threads), QStringLiteral("--json")}).json();
            fit.erase("seconds");
            QVERIFY(last.is_null() || last == fit);
            last = fit;
        }
    }

    void fitFilesFeedTheOtherVerbs()
    {
        QCOMPARE(cli({QStringLiteral("fit"), QStringLiteral("chinchilla"), at("models.csv"), QStringLiteral("--out"), at("a.json"), QStringLiteral("--quiet")}).code, 0);
        const Json p = cli({QStringLiteral("predict"), at("a.json"), QStringLiteral("--at"), QStringLiteral("N=70B,D=1.4T"), QStringLiteral("--json")}).json();
        QVERIFY(p["ci"][0] < p["value"] && p["value"] < p["ci"][1]);
        QVERIFY(p["extrapolation"]["N"].get<double>() > 10);
        const Json plan = cli({QStringLiteral("plan"), at("a.json"), QStringLiteral("--flops"), QStringLiteral("5.76e23"), QStringLiteral("--json")}).json();
        for (const char* key : {"flops", "params", "tokens", "loss", "tokens_per_param", "extrapolation", "warnings"})
            QVERIFY2(plan.contains(key), key);
        QVERIFY(std::abs(6 * plan["params"]["value"].get<double>() * plan["tokens"]["value"].get<double>() / 5.76e23 - 1) < 1e-9);
        for (const char* ending : {"csv", "json", "tex", "md"}) {
            const QString out = at("params.") + QString::fromUtf8(ending);
            QCOMPARE(cli({QStringLiteral("export"), at("a.json"), QStringLiteral("--out"), out}).code, 0);
            QVERIFY(QFile(out).size() > 40);
        }
        for (const char* ending : {"svg", "pdf", "png"}) {
            const QString out = at("fit.") + QString::fromUtf8(ending);
            const Ran ran = cli({QStringLiteral("figure"), at("a.json"), QStringLiteral("--out"), out});
            QVERIFY2(ran.code == 0, ran.err.constData());
            QVERIFY(QFile(out).size() > 2000);
        }
    }

    void presetsNeedNoFile()
    {
        const Ran ran = cli({QStringLiteral("predict"), QStringLiteral("chinchilla:hoffmann_rounded"), QStringLiteral("--at"), QStringLiteral("N=70B,D=1.4T"), QStringLiteral("--json")});
        QVERIFY(std::abs(ran.json()["value"].get<double>() - 1.936645) < 1e-5);
        QCOMPARE(ran.json()["ci"][0].get<std::string>(), std::string("NaN"));
        const Ran own = cli({QStringLiteral("predict"), QStringLiteral("power_law"), QStringLiteral("--set"), QStringLiteral("E=1,A=10,alpha=.5"),
                             QStringLiteral("--at"), QStringLiteral("x=100"), QStringLiteral("--json")});
        QVERIFY(std::abs(own.json()["value"].get<double>() - 2) < 1e-12);
    }

    void scheduleIsTheSequence()
    {
        const Ran ran = cli({QStringLiteral("schedule"), QStringLiteral("cosine"), QStringLiteral("--steps"), QStringLiteral("100"),
                             QStringLiteral("--peak"), QStringLiteral("1e-3"), QStringLiteral("--csv")});
        QCOMPARE(ran.code, 0);
        const auto lines = ran.out.trimmed().split('\n');
        QCOMPARE(lines.size(), 101);
        QCOMPARE(lines[0], QByteArray("step,lr"));
    }

    void projectHoldsTheRuns()
    {
        put(at("a.jsonl"), "{\"step\":0,\"loss\":3.5,\"lr\":1e-3}\n{\"step\":1,\"loss\":NaN,\"lr\":1e-3}\n");
        const QString project = at("p.isoloss");
        QCOMPARE(cli({QStringLiteral("import"), project, at("models.csv"), at("a.jsonl")}).code, 0);
        const Json runs = cli({QStringLiteral("runs"), project, QStringLiteral("--json")}).json()["runs"];
        QCOMPARE(runs.size(), std::size_t(2));
        // The same content is not added twice.
        QCOMPARE(cli({QStringLiteral("import"), project, at("a.jsonl"), QStringLiteral("--json")}).json()["added"].get<int>(), 0);
        const Json fit = cli({QStringLiteral("fit"), QStringLiteral("chinchilla"), project, QStringLiteral("--where"), QStringLiteral("tokens>0"), QStringLiteral("--json")}).json();
        QCOMPARE(fit["n"].get<int>(), 60);
        const Json nan = cli({QStringLiteral("read"), at("a.jsonl"), QStringLiteral("--json")}).json()["runs"][0];
        for (const Json& s : nan["series"])
            if (s["name"] == "loss") {
                QCOMPARE(s["nan"].get<int>(), 1);
                QCOMPARE(s["last"][1].get<std::string>(), std::string("NaN"));
            }
    }

    void errorsAreOneSentence_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char* name, std::initializer_list<const char*> words, int code, const char* says) {
            QStringList list;
            for (const char* w : words)
                list << QString::fromUtf8(w);
            QTest::newRow(name) << list << code << QByteArray(says);
        };
        row("no verb", {}, 2, "subcommand");
        row("unknown verb", {"fitt"}, 2, "");
        row("unknown law", {"fit", "chinchila", "DIR/models.csv"}, 2, "did you mean 'chinchilla'");
        row("unknown option", {"laws", "--nope"}, 2, "--nope");
        row("absent file", {"fit", "chinchilla", "DIR/absent.csv"}, 1, "absent.csv");
        row("empty file", {"read", "DIR/empty.csv", "--json"}, 1, "empty.csv");
        row("binary", {"read", "DIR/binary.bin", "--json"}, 1, "binary.bin");
        row("missing column", {"fit", "annealing_momentum", "DIR/models.csv"}, 2, "--map");
        row("bad expression", {"fit", "chinchilla", "DIR/models.csv", "--where", "params>"}, 2, "column");
        row("unknown column", {"fit", "chinchilla", "DIR/models.csv", "--where", "parms>1"}, 2, "params");
        row("no rows", {"fit", "chinchilla", "DIR/models.csv", "--where", "params<0"}, 1, "params<0");
        row("bad number", {"plan", "chinchilla", "--flops", "lots"}, 2, "lots");
        row("unknown preset", {"plan", "chinchilla:nobody", "--flops", "1e20"}, 2, "hoffmann");
        row("missing input", {"predict", "chinchilla", "--at", "N=1B"}, 2, "D");
        row("not a fit", {"predict", "DIR/models.csv", "--at", "N=1B"}, 1, "models.csv");
        row("unwritable", {"fit", "chinchilla", "DIR/models.csv", "--out", "/proc/none/fit.json"}, 1, "/proc/none");
        row("unknown schedule", {"schedule", "cosin", "--steps", "10", "--peak", "1"}, 2, "cosine");
    }
    void errorsAreOneSentence()
    {
        put(at("empty.csv"), "");
        put(at("binary.bin"), QByteArray("\x7f\x45\x4c\x46\x00\x01\xff\xfe\x00\x00\x12", 11).repeated(50));
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QByteArray, says);
        for (QString& a : arguments)
            a.replace(QStringLiteral("DIR"), m_dir.path());
        const Ran ran = cli(arguments);
        QVERIFY2(ran.code == code, ran.err.constData());
        QVERIFY2(ran.err.contains(says), ran.err.constData());
        QVERIFY(ran.out.isEmpty());
        QVERIFY(ran.err.count('\n') <= 2);
    }

    // A sweep from its cost to what it says of instabilities; what is finished is not trained again.
    void sweepsAreRunToldAndStudied()
    {
        const QString spec = at("sweep.json"), folder = at("sweep");
        put(spec, R"({"proxy_spec": 1, "name": "tiny", "data": {"train": {"gen": "zipf", "vocab": 8, "seed": 1, "tokens": 20000},
            "val": {"gen": "same", "seed": 2, "tokens": 2000}}, "defaults": {"L": 1, "d": 8, "heads": 1, "T": 8, "B": 2, "steps": 20,
            "eval": {"every": 10, "batches": 2}}, "grid": {"lr": [1e-3, 1e-2], "qk_norm": ["off", "head"], "seed": [1, 2]}})");
        const Ran plan = cli({"proxy", "plan", spec, "--json"});
        QVERIFY2(plan.code == 0, plan.err);
        QCOMPARE(plan.json()["members"].size(), std::size_t(8));
        QVERIFY(!QFile::exists(folder));
        const Ran run = cli({"proxy", "run", spec, "--out", folder, "--backend", "cpu", "--quiet"});
        QVERIFY2(run.code == 0, run.err);
        QVERIFY2(run.out.isEmpty() && run.err.isEmpty(), run.out + run.err);
        const Ran status = cli({"proxy", "status", folder, "--json"});
        QVERIFY(status.json()["state"] == "finished");
        QVERIFY(status.json()["counts"]["done"] == 8);
        const Ran study = cli({"stability", folder, "--json"});
        QVERIFY2(study.code == 0, study.err);
        QCOMPARE(study.json()["sensitivity"].size(), std::size_t(2));
        QVERIFY(study.json()["interventions"][0]["factor"] == "qk_norm");
        QCOMPARE(study.json()["runs"].size(), std::size_t(8));
        const Ran some = cli({"stability", folder, "--where", "qk_norm=='off'", "--window", "1e-3:1e-2", "--json"});
        QCOMPARE(some.json()["sensitivity"].size(), std::size_t(1));
        QCOMPARE(cli({"stability", folder, "--window", "low"}).code, 2);
        QCOMPARE(cli({"proxy", "run", spec, "--out", folder, "--backend", "cpu", "--resume", "--quiet"}).code, 0);
        QCOMPARE(cli({"proxy", "run", spec, "--out", folder, "--backend", "cpu", "--quiet"}).code, 2);
        QCOMPARE(cli({"proxy", "status", at("nothing")}).code, 1);
        QCOMPARE(cli({"proxy", "stop", folder}).code, 1);
        put(spec, R"({"proxy_spec": 1, "grid": {"lr": []}})");
        const Ran bad = cli({"proxy", "run", spec, "--out", at("other")});
        QCOMPARE(bad.code, 2);
        QVERIFY2(bad.err.contains("/grid/lr"), bad.err);
    }

    void importOfNothingLeavesNoProject()
    {
        QCOMPARE(cli({QStringLiteral("import"), at("new.isoloss"), at("absent.log")}).code, 1);
        QVERIFY(!QFile::exists(at("new.isoloss")));
    }
};

QTEST_GUILESS_MAIN(TestCli)
#include "tst_cli.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/failure.hpp"
#include "base/files.hpp"
#include "run/ensemble.hpp"

#include <QTemporaryDir>
#include <QTest>
#include <map>

using namespace proxy;
namespace fs = std::filesystem;

namespace {

constexpr const char* text = R"({"proxy_spec":1,"name":"four",
    "data":{"train":{"gen":"markov","order":2,"vocab":16,"tokens":60000},"val":{"tokens":4000}},
    "defaults":{"L":2,"d":16,"heads":2,"T":16,"B":8,"steps":40,"eval":{"every":20,"batches":2}},
    "grid":{"lr":[0.01,1e6],"qk_norm":["head","off"],"seed":[1,2]}})";

RunOptions options(const fs::path& out, int threads)
{
    RunOptions o;
    o.out = out;
    o.threads = threads;
    o.progress = ProgressStyle::None;
    return o;
}

std::map<std::string, std::string> logs(const fs::path& folder)
{
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::directory_iterator(folder / "members"))
        all[entry.path().filename().string()] = readWhole(entry.path(), 7);
    return all;
}

}

class TestProxyRun : public QObject {
    Q_OBJECT

    QTemporaryDir m_dir;
    Spec m_spec;

    fs::path folder(const char* name) const { return m_dir.filePath(name).toStdString(); }

private slots:
    void initTestCase()
    {
        m_spec = parseSpec(text, ".");
        QCOMPARE(runSweep(m_spec, options(folder("two"), 2)), 0);
    }

    void runsAreByteIdenticalAtAnyThreadCount()
    {
        QCOMPARE(runSweep(m_spec, options(folder("one"), 1)), 0);
        QCOMPARE(logs(folder("one")).size(), std::size_t(8));
        QCOMPARE(logs(folder("one")), logs(folder("two")));
        QCOMPARE(readWhole(folder("one") / "summary.jsonl", 7), readWhole(folder("two") / "summary.jsonl", 7));
    }

    // The neighbours in the full sweep include members that diverge; alone there are none.
    void aMemberAloneIsTheSameMember()
    {
        const Member& member = m_spec.members[0];
        RunOptions o = options(folder("alone"), 1);
        o.only = {member.id};
        QCOMPARE(runSweep(m_spec, o), 0);
        const auto alone = logs(folder("alone"));
        QCOMPARE(alone.size(), std::size_t(1));
        QCOMPARE(alone.begin()->second, logs(folder("two")).at(member.id + ".jsonl"));
    }

    void divergenceIsRecorded()
    {
        for (const Member& member : m_spec.members) {
            const std::string log = logs(folder("two")).at(member.id + ".jsonl");
            const std::string last = log.substr(log.rfind('\n', log.size() - 2) + 1);
            const Json end = Json::parse(last);
            QCOMPARE(end["t"].get<std::string>(), std::string("end"));
            if (member.lr < 1) {
                QCOMPARE(end["status"].get<std::string>(), std::string("done"));
                QVERIFY(end["val"].get<double>() < end["l0"].get<double>());
            } else {
                QCOMPARE(end["status"].get<std::string>(), std::string("diverged"));
                QVERIFY(end["nan_step"] > 0);
                QCOMPARE(end["val"].get<std::string>(), std::string("NaN"));
            }
        }
    }

    void lossIsNeverBelowTheEntropyByMuch()
    {
        const Json manifest = Json::parse(readWhole(folder("two") / "manifest.json", 7));
        QCOMPARE(manifest["status"].get<std::string>(), std::string("done"));
        const double entropy = manifest["corpus"]["train"]["entropy_nats"];
        std::istringstream lines(readWhole(folder("two") / "summary.jsonl", 7));
        for (std::string line; std::getline(lines, line);) {
            const Json end = Json::parse(line);
            if (end["val"].is_number())
                QVERIFY(end["val"].get<double>() > entropy - 0.2);
        }
    }

    void aUsedFolderNeedsResume() { QVERIFY_EXCEPTION_THROWN(runSweep(m_spec, options(folder("two"), 2)), Failure); }

    void resumeTrainsOnlyWhatIsMissing()
    {
        const auto before = logs(folder("two"));
        const fs::path victim = folder("two") / "members" / (m_spec.members[1].id + ".jsonl");
        const auto untouched = fs::last_write_time(folder("two") / "members" / (m_spec.members[0].id + ".jsonl"));
        fs::resize_file(victim, 900);
        RunOptions o = options(folder("two"), 2);
        o.resume = true;
        QCOMPARE(runSweep(m_spec, o), 0);
        QCOMPARE(logs(folder("two")), before);
        QVERIFY(untouched == fs::last_write_time(folder("two") / "members" / (m_spec.members[0].id + ".jsonl")));
    }

    void tooLittleTextIsACorpusError()
    {
        Spec spec = m_spec;
        spec.validation.count = 20;
        try {
            makeCorpus(spec);
            QFAIL("accepted");
        } catch (const Failure& failure) {
            QCOMPARE(failure.code, Exit::Corpus);
        }
    }
};

QTEST_GUILESS_MAIN(TestProxyRun)
#include "tst_proxyrun.moc"

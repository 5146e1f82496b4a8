// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/failure.hpp"
#include "spec/spec.hpp"

#include <QTest>
#include <set>

using namespace proxy;

namespace {

const std::string data = R"("proxy_spec":1,"data":{"train":{"gen":"markov","vocab":4,"tokens":1000}})";

Spec spec(const std::string& rest)
{
    return parseSpec("{" + data + rest + "}", ".");
}

std::string refusal(const std::string& text)
{
    try {
        parseSpec(text, ".");
    } catch (const Failure& failure) {
        return failure.code == Exit::Usage ? failure.what() : "wrong code";
    }
    return "accepted";
}

}

class TestProxySpec : public QObject {
    Q_OBJECT

private slots:
    void sizesZipAndGridMultiply()
    {
        const Spec s = spec(R"(,"defaults":{"steps":10,"name":"d{d} {lr} {sched.kind}","sched":{"kind":"constant"}},
            "sizes":[{"L":1,"d":16},{"L":3,"d":32}],"zip":{"steps":[5,6],"eval.every":[2,3]},
            "grid":{"lr":[0.1,0.2],"seed":[1,2,3]})");
        QCOMPARE(s.members.size(), std::size_t(24));
        QCOMPARE(s.members[0].name, std::string("d16 0.1 constant"));
        QCOMPARE(s.members[1].seed, std::uint64_t(2));
        const Member& last = s.members.back();
        QCOMPARE(last.shape.layers, 3);
        QCOMPARE(last.steps, 6L);
        QCOMPARE(last.evalEvery, 3L);
        QCOMPARE(last.lr, 0.2);
        std::set<std::string> ids;
        for (const Member& member : s.members)
            ids.insert(member.id);
        QCOMPARE(ids.size(), std::size_t(24));
    }

    void identityIsTheConfigurationAndNotItsSpelling()
    {
        const std::string a = spec(R"(,"defaults":{"lr":0.01,"steps":1000,"name":"a"})").members[0].id;
        QCOMPARE(a.size(), std::size_t(12));
        QCOMPARE(spec(R"(,"grid":{"steps":[1e3]},"defaults":{"lr":1e-2})").members[0].id, a);
        QVERIFY(spec(R"(,"defaults":{"lr":0.01,"steps":1001})").members[0].id != a);
    }

    void errorsPointAtTheKey_data()
    {
        QTest::addColumn<QString>("rest");
        QTest::addColumn<QString>("pointer");
        QTest::newRow("unknown key") << R"(,"stepz":1)"
                                     << "/stepz:";
        QTest::newRow("unknown default") << R"(,"defaults":{"stepz":1})"
                                         << "/defaults/stepz:";
        QTest::newRow("grid value") << R"(,"grid":{"lr":[0.1,"x"]})"
                                    << "/grid/lr/1:";
        QTest::newRow("dotted grid value") << R"(,"grid":{"opt.beta1":[0.9,2]})"
                                           << "/grid/opt.beta1/1:";
        QTest::newRow("zip value") << R"(,"zip":{"steps":[1,0]})"
                                   << "/zip/steps/1:";
        QTest::newRow("zip length") << R"(,"zip":{"steps":[1,2],"lr":[1]})"
                                    << "/zip/lr:";
        QTest::newRow("size value") << R"(,"sizes":[{"d":31}])"
                                    << "/sizes/0/d:";
        QTest::newRow("nested default") << R"(,"defaults":{"opt":{"beta1":-1}})"
                                        << "/defaults/opt/beta1:";
        QTest::newRow("key of another schedule") << R"(,"defaults":{"sched":{"kind":"constant","min_lr":0}})"
                                                 << "/defaults/sched/min_lr:";
        QTest::newRow("schedule kind") << R"(,"defaults":{"sched":{"kind":"magic"}})"
                                       << "/defaults/sched/kind:";
        QTest::newRow("unsupported") << R"(,"defaults":{"mup":"full"})"
                                     << "/defaults/mup:";
        QTest::newRow("unsupported switch") << R"(,"defaults":{"switches":{"dropout":0.1}})"
                                            << "/defaults/switches/dropout:";
        QTest::newRow("same member twice") << R"(,"grid":{"lr":[0.1,0.1]})"
                                           << "/grid:";
        QTest::newRow("early stop") << R"(,"early_stop":{"nan":false})"
                                    << "/early_stop/nan:";
    }

    void errorsPointAtTheKey()
    {
        QFETCH(QString, rest);
        QFETCH(QString, pointer);
        const QString message = QString::fromStdString(refusal("{" + data + rest.toStdString() + "}"));
        QVERIFY2(message.contains("Spec error at " + pointer), qPrintable(message));
        QVERIFY(message.endsWith('.'));
    }

    void dataErrorsPointAtTheKey()
    {
        QVERIFY(QString::fromStdString(refusal("{")).contains("not JSON"));
        QVERIFY(QString::fromStdString(refusal("{}")).contains("/proxy_spec:"));
        QVERIFY(QString::fromStdString(refusal(R"({"proxy_spec":1,"data":{"train":{"gen":"c4"}}})"))
                    .contains("/data/train/gen:"));
        QVERIFY(QString::fromStdString(refusal(R"({"proxy_spec":1,"data":{"val":{"seed":1}}})"))
                    .contains("/data/val/seed:"));
    }

    void exampleOfTheFormatIsAccepted()
    {
        const Spec s = parseSpec(R"({"proxy_spec":1,"name":"qk-norm ladder",
            "data":{"train":{"gen":"markov","order":2,"vocab":16,"temp":1.5,"seed":11,"tokens":4000000},
                    "val":{"gen":"same","seed":2,"tokens":20000},"mix":[{"until":1.0,"weights":[1]}]},
            "defaults":{"L":2,"d":32,"heads":2,"T":32,"B":16,"steps":1000,"dtype":"f32","qk_norm":"head","z_coef":1e-4,
              "opt":{"beta1":0.9,"beta2":0.95,"eps":1e-8,"wd":1e-4,"wd_mode":"independent","decay":"all","clip":1.0},
              "sched":{"kind":"cosine","warmup":0.05,"min_lr":1e-5},"mup":"none","base_width":32,
              "switches":{"limiter":null,"reweight":null,"dropout":0,"prune":null,"unique_tokens":null},
              "eval":{"every":50,"batches":4}},
            "grid":{"lr":[3e-4,1e-3,3e-3,1e-2,3e-2,1e-1,3e-1],"qk_norm":["off","head"],"seed":[1,2]},
            "sizes":[{"L":2,"d":16,"heads":1},{"L":2,"d":32,"heads":2},{"L":2,"d":64,"heads":4}],
            "log":{"vec_every":"auto","binary":false},"early_stop":{"nan":true,"above_init":null}})",
            ".");
        QCOMPARE(s.members.size(), std::size_t(84));
        QCOMPARE(nonEmbedding(s.members.back().shape), std::int64_t(12 * 2 * 64 * 64));
    }
};

QTEST_GUILESS_MAIN(TestProxySpec)
#include "tst_proxyspec.moc"

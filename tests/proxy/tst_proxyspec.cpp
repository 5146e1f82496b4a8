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
        QTest::newRow("muParam") << R"(,"defaults":{"mup":"max"})"
                                 << "/defaults/mup:";
        QTest::newRow("switch in a grid") << R"(,"grid":{"switches.dropout":[0,1.5]})"
                                          << "/grid/switches.dropout/1:";
        QTest::newRow("reweighting") << R"(,"defaults":{"switches":{"reweight":{"kind":"best"}}})"
                                     << "/defaults/switches/reweight/kind:";
        QTest::newRow("limiter") << R"(,"defaults":{"switches":{"limiter":0.5}})"
                                 << "/defaults/switches/limiter:";
        QTest::newRow("pruning") << R"(,"defaults":{"switches":{"prune":{"begin":0.5,"end":0.4}}})"
                                 << "/defaults/switches/prune/end:";
        QTest::newRow("kappa without its switch") << R"(,"defaults":{"kappa":10})"
                                                  << "/defaults/kappa:";
        QTest::newRow("qk norm") << R"(,"grid":{"qk_norm":["off","on"]})"
                                 << "/grid/qk_norm/1:";
        QTest::newRow("mixture") << R"(,"defaults":{"switches":{"mix":[{"until":0.5,"weights":[1,1]}]}})"
                                 << "/defaults/switches/mix:";
        QTest::newRow("stack factor") << R"(,"defaults":{"L":4,"init":{"from":"a","op":"stack","g":3}})"
                                      << "/defaults/init/g:";
        QTest::newRow("stack parent") << R"(,"defaults":{"L":4,"init":{"from":"a","op":"stack","g":2}})"
                                      << "/defaults/init/from:";
        QTest::newRow("early stop margin") << R"(,"early_stop":{"above_init":-1})"
                                           << "/early_stop/above_init:";
        QTest::newRow("vector lines") << R"(,"log":{"vec_every":0})"
                                      << "/log/vec_every:";
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

    void switchesArriveInTheMember()
    {
        const Spec s = spec(R"(,"defaults":{"L":2,"qk_norm":"rms_fixed","kappa":1000,"attention":"squared_relu",
            "mup":"full","base_width":16,"opt":{"decay":"matrices","decay_to":"initial","lr_param_rms":true},
            "switches":{"limiter":1.01,"reweight":{"kind":"linupper","r":0.4,"start":0.1},"dropout":0.1,
              "prune":{"sparsity":0.8},"unique_tokens":500,"mix":[{"until":0.8,"weights":[1,0]},{"until":1,"weights":[1,3]}]}},
            "early_stop":{"above_init":0.5,"steps":7},"log":{"vec_every":10,"attention_entropy":true})");
        const Member& m = s.members[0];
        QCOMPARE(m.qkNorm, QkNorm::RmsFixed);
        QCOMPARE(m.kappa, 1000.0);
        QCOMPARE(m.attention, Attention::SquaredRelu);
        QCOMPARE(m.mup, Mup::Full);
        QCOMPARE(m.baseWidth, 16);
        QCOMPARE(m.optimiser.mask, DecayMask::Matrices);
        QCOMPARE(m.optimiser.to, DecayTo::Initial);
        QVERIFY(m.optimiser.scaleByRms && m.optimiser.limiter == 1.01);
        QVERIFY(m.reweight.kind == Reweighting::LinUpper && m.reweight.temperature == 0.4 && m.reweight.start == 0.1);
        QVERIFY(m.dropout == 0.1 && m.prune.sparsity == 0.8 && m.uniqueTokens == 500);
        QCOMPARE(m.mix.size(), std::size_t(2));
        QVERIFY(m.earlyStop.margin == 0.5 && m.earlyStop.steps == 7);
        QVERIFY(m.vectorEvery == 10 && m.attentionEntropy);
        // Every switch makes another run.
        const Json whole = describe(m);
        for (const char* key : {"qk_norm", "kappa", "attention", "mup", "switches", "early_stop"})
            QVERIFY2(whole.contains(key), key);
    }

    void neutralSwitchesAreTheMemberWithoutThem()
    {
        const std::string a = spec(R"(,"defaults":{"lr":0.01})").members[0].id;
        QCOMPARE(spec(R"(,"defaults":{"lr":0.01,"mup":"none","base_width":32,"attention":"softmax","switches":
            {"limiter":null,"reweight":null,"dropout":0,"prune":null,"unique_tokens":null}})").members[0].id, a);
    }

    void stackedMembersKnowTheirParent()
    {
        const Spec s = spec(R"(,"zip":{"name":["base","tall"],"L":[2,6],"init":[null,{"from":"base","op":"stack","g":3}]})");
        QVERIFY(s.members[0].initFrom.empty());
        QCOMPARE(s.members[1].initFrom, s.members[0].id);
        QCOMPARE(s.members[1].stack, 3);
    }

    void noLayersIsABigram() { QCOMPARE(nonEmbedding(spec(R"(,"defaults":{"L":0})").members[0].shape), std::int64_t(0)); }

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

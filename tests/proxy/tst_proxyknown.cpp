// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/trainer.hpp"
#include "spec/spec.hpp"

#include <QTest>

using namespace proxy;

// Texts with a known entropy: how near training comes to it, and that it never goes below.
class TestProxyKnown : public QObject {
    Q_OBJECT

private slots:
    void theLossComesNearTheEntropyAndStaysAbove_data()
    {
        QTest::addColumn<QString>("train");
        QTest::addColumn<QString>("defaults");
        QTest::addColumn<double>("excess"); // nats per token
        QTest::newRow("zipf") << R"("gen":"zipf","vocab":32,"tokens":400000)"
                              << R"("L":1,"d":16,"heads":1,"T":16,"B":32,"steps":400,"lr":0.01)" << 0.01;
        QTest::newRow("copy") << R"("gen":"copy","vocab":8,"block":8,"tokens":300000)"
                              << R"("L":2,"d":32,"heads":2,"T":16,"B":16,"steps":800,"lr":0.01)" << 0.02;
        QTest::newRow("modular") << R"("gen":"modular","modulus":5,"tokens":300000)"
                                 << R"("L":1,"d":32,"heads":2,"T":12,"B":32,"steps":400,"lr":0.01)" << 0.02;
        QTest::newRow("markov") << R"("gen":"markov","order":2,"vocab":16,"tokens":4000000)"
                                << R"("L":2,"d":32,"heads":2,"T":32,"B":16,"steps":1000,"lr":0.01)" << 0.15;
    }
    void theLossComesNearTheEntropyAndStaysAbove()
    {
        QFETCH(QString, train);
        QFETCH(QString, defaults);
        QFETCH(double, excess);
        const QString text = QString(R"({"proxy_spec":1,"data":{"train":{%1},"val":{"tokens":70000}},
            "defaults":{%2,"z_coef":0,"eval":{"every":100,"batches":64}}})")
                                 .arg(train, defaults);
        const Spec spec = parseSpec(text.toStdString(), ".");
        const Corpus corpus = makeCorpus(spec);
        const Member& member = spec.members.front();
        // The surprise of one token varies by at most ln V, so the mean of n by no more than ln V / sqrt(n).
        const double n = static_cast<double>(member.batchTokens() * member.evalBatches);
        const double error = std::log(member.shape.vocab) / std::sqrt(n);
        const Outcome outcome = train_(member, corpus, corpus.train.entropy - 3 * error);
        QCOMPARE(outcome.status, Status::Done);
        const double over = outcome.validation - corpus.train.entropy;
        QVERIFY2(over < excess + error, qPrintable(QString("%1 nats above").arg(over)));
    }

private:
    static Outcome train_(const Member& member, const Corpus& corpus, double floor)
    {
        Listener listener;
        listener.step = [](const StepRecord&) { return true; };
        listener.validation = [floor](const ValidationRecord& record) {
            QVERIFY2(record.loss > floor, qPrintable(QString("%1 below the entropy").arg(record.loss)));
        };
        return train(member, corpus, listener);
    }
};

QTEST_GUILESS_MAIN(TestProxyKnown)
#include "tst_proxyknown.moc"

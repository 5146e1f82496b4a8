// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/proxy/smallmember.h"

#include <QTest>
#include <cmath>

using namespace proxy;

class TestProxyTraining : public QObject {
    Q_OBJECT

private slots:
    // Everything that a step remembers is in the state: another training with those bytes goes on alike.
    void trainingContinuesBitForBit()
    {
        Member member = small();
        member.scalar = Scalar::Float;
        member.optimiser.limiter = 1.01;
        member.optimiser.to = DecayTo::Initial;
        member.dropout = 0.1;
        member.reweight = {Reweighting::Quadratic, 1, 0};
        member.prune = {0.5, 0.1, 0.9};
        Corpus corpus;
        Source source;
        source.vocab = 13;
        source.order = 1;
        source.temps = {1.5};
        source.count = 3000;
        corpus.train = corpus.validation = draw(source);
        member.evalEvery = 10;
        std::vector<std::vector<std::byte>> stored;
        std::vector<double> whole, rest;
        const auto listener = [](std::vector<double>& to) {
            Listener l;
            l.step = [&to](const StepRecord& r) {
                to.insert(to.end(), {double(r.step), r.measures.loss, r.gradNorm, r.limiter, r.meanNonZero});
                return true;
            };
            l.validation = [&to](const ValidationRecord& r) { to.insert(to.end(), {double(r.step), r.loss, r.accuracy}); };
            return l;
        };
        std::size_t mark = 0;
        Listener first = listener(whole);
        first.checkpoint = [&](long step, const std::vector<StateSpan>& state) {
            if (step != 17)
                return;
            mark = whole.size();
            for (const StateSpan& span : state)
                stored.emplace_back(span.bytes.begin(), span.bytes.end());
        };
        const Outcome a = train(member, corpus, first);
        Restart restart;
        for (const auto& bytes : stored)
            restart.state.emplace_back(bytes);
        const Outcome b = train(member, corpus, listener(rest), restart);
        QVERIFY(mark > 0 && a.status == Status::Done && b.steps == a.steps);
        QCOMPARE(b.firstLoss, a.firstLoss);
        QCOMPARE(b.validation, a.validation);
        QCOMPARE(rest, std::vector<double>(whole.begin() + std::ptrdiff_t(mark), whole.end()));
        restart.state.pop_back();
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, train(member, corpus, listener(rest), restart));
    }

    // Lines of vectors only look: a run with them at every step has the same losses as one without any.
    void lookingChangesNothing()
    {
        Member member = small();
        const auto losses = [&member](long every) {
            member.vectorEvery = every;
            member.attentionEntropy = true;
            Training<float> training(member);
            std::vector<double> list;
            for (long step = 0; step < 10; ++step) {
                const StepRecord record = advance(training, someTokens(member.shape, step).data());
                list.push_back(record.measures.loss);
                if ((record.vectors != nullptr) != (every > 0))
                    list.push_back(-1);
            }
            return list;
        };
        QCOMPARE(losses(1), losses(-1));
    }

    void lostRunsEndEarly()
    {
        Member member = small();
        member.lr = 1e3;
        member.earlyStop = {0.1, 5};
        Corpus corpus;
        Source source;
        source.kind = SourceKind::Zipf;
        source.vocab = 13;
        source.exponent = 1;
        source.count = 3000;
        corpus.train = corpus.validation = draw(source);
        const Outcome outcome = train(member, corpus, {[](const StepRecord&) { return true; }, [](const ValidationRecord&) {}});
        QCOMPARE(outcome.status, Status::Diverged);
        QVERIFY(outcome.earlyStop >= 5 && outcome.earlyStop < 39 && outcome.nanStep == -1);
        QVERIFY(std::isnan(outcome.validation));
    }
};

QTEST_GUILESS_MAIN(TestProxyTraining)
#include "tst_proxytraining.moc"

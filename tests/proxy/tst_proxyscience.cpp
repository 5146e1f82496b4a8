// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/optimise.hpp"

#include <QTest>
#include <algorithm>
#include <cmath>

using namespace proxy;

namespace {

Corpus markov(std::int64_t count)
{
    Source source;
    source.vocab = 16;
    source.order = 2;
    source.temps = {0, 1.5};
    source.count = count;
    Corpus corpus;
    corpus.train = draw(source);
    source.sampleSeed = 2;
    source.count = 4000;
    corpus.validation = draw(source);
    return corpus;
}

// 200 steps of 256 tokens, the size at which the instability of the paper already shows.
Member smoke()
{
    Member m;
    m.shape = {2, 32, 2, 32, 16, 8};
    m.steps = 200;
    m.lr = 0.3;
    m.evalEvery = 1000;
    m.vectorEvery = -1;
    return m;
}

double largestLogit(const Member& member, const Corpus& corpus)
{
    double top = 0;
    train(member, corpus,
        {[&top](const StepRecord& record) {
             top = std::max(top, record.measures.maxAttention);
             return true;
         },
            [](const ValidationRecord&) {}});
    return top;
}

std::vector<std::int32_t> batchOf(const Corpus& corpus, const Member& m, long step)
{
    std::vector<std::int32_t> tokens(static_cast<std::size_t>(m.shape.batch) * (m.shape.context + 1));
    trainBatch(corpus.train, m.dataSeed, step, m.shape.batch, m.shape.context, tokens.data());
    return tokens;
}

}

class TestProxyScience : public QObject {
    Q_OBJECT

    Corpus m_corpus = markov(100000);

private slots:
    void qkNormKeepsTheAttentionLogitsSmall()
    {
        Member member = smoke();
        member.qkNorm = QkNorm::Off;
        const double without = largestLogit(member, m_corpus);
        QVERIFY2(without > 1e3, qPrintable(QString::number(without)));
        for (const QkNorm kind : {QkNorm::Head, QkNorm::Full}) {
            member.qkNorm = kind;
            const double with = largestLogit(member, m_corpus);
            QVERIFY2(with < 300, qPrintable(QString::number(with)));
        }
        // It does not take a softmax for the logits to grow (figure E.11).
        member.qkNorm = QkNorm::Off;
        member.attention = Attention::SquaredRelu;
        QVERIFY(largestLogit(member, m_corpus) > 1e3);
    }

    // |logit| <= kappa sqrt(e), by Cauchy and Schwarz.
    void fixedLogitsStayInTheirBound()
    {
        Member member = smoke();
        member.steps = 30;
        member.qkNorm = QkNorm::RmsFixed;
        for (const double kappa : {1.0, 100.0}) {
            member.kappa = kappa;
            const double top = largestLogit(member, m_corpus);
            QVERIFY(top <= kappa * 4 * (1 + 1e-5) && top > kappa);
        }
    }

    // Figure 13 of the paper: once eps is above the size of the gradient the updates collapse.
    void largeEpsStarvesTheUpdates()
    {
        Member member = smoke();
        member.lr = 1e-2;
        member.vectorEvery = 1;
        struct Seen {
            double grad, update, below;
        };
        const auto seen = [&](double eps) {
            member.optimiser.eps = eps;
            Training<float> training(member);
            Seen last{};
            for (long step = 0; step < 60; ++step) {
                const StepRecord record = advance(training, batchOf(m_corpus, member, step).data());
                for (const Vectors::PerTensor& tensor : record.vectors->tensors)
                    if (tensor.name == "layer0.mlp.up")
                        last = {tensor.gradRms, tensor.updateRms, tensor.belowEps};
            }
            return last;
        };
        const Seen usual = seen(1e-15), large = seen(10 * usual.grad);
        QVERIFY2(large.update < 0.5 * usual.update, qPrintable(QString::number(large.update / usual.update)));
        QVERIFY(usual.below < 0.01 && large.below > 0.9);
    }

    // Coordinate check: how far a few steps move the logits must not depend on the width under muParam.
    void muParamMovesAllWidthsAlike()
    {
        const auto moved = [&](int width, Mup mup) {
            Member member = smoke();
            member.shape = {2, width, width / 16, 16, 16, 8};
            member.lr = 3e-3;
            member.schedule = {ScheduleKind::Constant};
            member.schedule.warmup = 0;
            member.mup = mup;
            member.baseWidth = 32;
            member.optimiser.decay = 0;
            Training<float> training(member);
            Net<float>& net = training.net;
            const auto tokens = batchOf(m_corpus, member, 0);
            // Logits themselves, before they turn into the loss: the head's rows times its input.
            const auto logits = [&] {
                engine<float>().forward(net, tokens.data(), evaluationOf(member));
                std::vector<float> product(static_cast<std::size_t>(member.shape.rows()) * 16);
                engine<float>().multiply(
                    member.shape.rows(), 16, width, net.norm, net.theta + net.layout.head, product.data());
                return product;
            };
            const std::vector<float> before = logits();
            for (long step = 0; step < 4; ++step)
                advance(training, tokens.data());
            const std::vector<float> after = logits();
            double sum = 0;
            for (std::size_t i = 0; i < after.size(); ++i)
                sum += std::abs(static_cast<double>(after[i] - before[i]));
            return sum / static_cast<double>(after.size());
        };
        // From 64 to 256; below that a head of 16 values is most of the network.
        const auto growth = [&](Mup mup) { return moved(256, mup) / moved(64, mup); };
        QVERIFY(growth(Mup::None) > 1.4);
        for (const Mup mup : {Mup::Intermediate, Mup::Full}) {
            const double flat = growth(mup);
            QVERIFY2(flat > 0.8 && flat < 1.25, qPrintable(QString::number(flat)));
        }
    }

    void floatFollowsDoubleForFiftySteps()
    {
        Member member = smoke();
        member.lr = 1e-2;
        Training<float> single(member);
        Training<double> both(member);
        std::copy_n(single.net.theta, single.net.layout.size, both.net.theta);
        for (long step = 0; step < 50; ++step) {
            const auto tokens = batchOf(m_corpus, member, step);
            const double a = advance(single, tokens.data()).measures.loss, b = advance(both, tokens.data()).measures.loss;
            QVERIFY2(std::abs(a / b - 1) < 1e-5, qPrintable(QString("step %1: %2").arg(step).arg(a / b - 1)));
        }
    }

    // A model without layers sees one token: it learns the bigrams and no more.
    void noLayersLearnsTheBigrams()
    {
        Source source;
        source.vocab = 16;
        source.order = 1;
        source.temps = {1.5};
        source.count = 100000;
        Corpus corpus;
        corpus.train = draw(source);
        source.sampleSeed = 2;
        source.count = 8200;
        corpus.validation = draw(source);
        Member member = smoke();
        member.shape.layers = 0;
        member.lr = 1e-1;
        member.steps = 300;
        member.evalBatches = 32;
        const Listener silent{[](const StepRecord&) { return true; }, [](const ValidationRecord&) {}};
        const Outcome bigram = train(member, corpus, silent);
        QVERIFY2(std::abs(bigram.validation - corpus.train.entropy) < 0.05, qPrintable(QString::number(bigram.validation)));
        member.evalBatches = 8;
        QVERIFY(train(member, m_corpus, silent).validation > m_corpus.train.entropy + 0.2);
    }
};

QTEST_GUILESS_MAIN(TestProxyScience)
#include "tst_proxyscience.moc"

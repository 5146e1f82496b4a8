// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/failure.hpp"
#include "data/batches.hpp"
#include "run/trainer.hpp"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <set>

using namespace proxy;

class TestProxyData : public QObject {
    Q_OBJECT

    static Source markov(int vocab, int order, double temp, std::int64_t count)
    {
        Source source;
        source.vocab = vocab;
        source.order = order;
        source.temps.assign(static_cast<std::size_t>(order), 0);
        source.temps.back() = temp;
        source.count = count;
        return source;
    }

private slots:
    void zipfEntropy()
    {
        Source source;
        source.kind = SourceKind::Zipf;
        source.vocab = 3;
        source.exponent = 1;
        source.count = 60000;
        const Tokens tokens = drawZipf(source);
        const double p[]{6.0 / 11, 3.0 / 11, 2.0 / 11};
        double entropy = 0, counts[3]{};
        for (const double each : p)
            entropy -= each * std::log(each);
        for (const std::uint16_t token : tokens.values)
            ++counts[token];
        QVERIFY(std::abs(tokens.entropy - entropy) < 1e-14);
        for (int i = 0; i < 3; ++i)
            QVERIFY(std::abs(counts[i] / 60000 - p[i]) < 0.01);
    }

    // The entropy of a chain equals the mean surprise of its own sample under the sample's context counts.
    void markovEntropyMatchesItsSample()
    {
        const Tokens tokens = drawMarkov(markov(6, 2, 1.5, 1000000));
        std::vector<double> counts(216), contexts(36);
        for (std::size_t i = 2; i < tokens.values.size(); ++i) {
            const std::size_t context = tokens.values[i - 2] * 6u + tokens.values[i - 1];
            ++counts[context * 6 + tokens.values[i]];
            ++contexts[context];
        }
        double surprise = 0;
        for (std::size_t c = 0; c < 216; ++c)
            surprise -= counts[c] > 0 ? counts[c] * std::log(counts[c] / contexts[c / 6]) : 0;
        QVERIFY(std::abs(surprise / 1e6 - tokens.entropy) < 3e-3);
        // The value known from an independent implementation's range: below uniform, above zero.
        QVERIFY(tokens.entropy > 0.5 && tokens.entropy < std::log(6.0));
    }

    void chainAndSampleSeedsAreApart()
    {
        Source source = markov(8, 1, 1, 1000);
        const Tokens a = drawMarkov(source);
        source.sampleSeed = 2;
        const Tokens b = drawMarkov(source);
        QVERIFY(a.values != b.values);
        QCOMPARE(a.entropy, b.entropy);
        source.seed = 12;
        QVERIFY(drawMarkov(source).entropy != b.entropy);
    }

    void permutationVisitsEverythingOnce()
    {
        for (const std::int64_t count : {1, 2, 3, 100, 1000}) {
            std::set<std::int64_t> seen;
            for (std::int64_t i = 0; i < count; ++i)
                seen.insert(permuted(5, 0, count, i));
            QCOMPARE(std::int64_t(seen.size()), count);
            QVERIFY(*seen.begin() == 0 && *seen.rbegin() == count - 1);
        }
        QVERIFY(
            permuted(5, 0, 1000, 3) != permuted(5, 1, 1000, 3) || permuted(5, 0, 1000, 4) != permuted(5, 1, 1000, 4));
    }

    void filesAreReadAsBytesAndSplitAtTheTail()
    {
        QTemporaryDir dir;
        QFile file(dir.filePath("text"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("0123456789");
        file.close();
        const Corpus corpus = splitTail(readTokens(file.fileName().toStdString()), 0.3);
        QCOMPARE(corpus.train.vocab, 256);
        QCOMPARE(corpus.train.values.size(), std::size_t(7));
        QCOMPARE(int(corpus.validation.values.front()), int('7'));
        QVERIFY(std::isnan(corpus.train.entropy));
    }

    void tokenFilesComeBackAndBrokenOnesAreRefused()
    {
        QTemporaryDir dir;
        const std::string path = dir.filePath("a.tok").toStdString();
        const Tokens tokens = drawMarkov(markov(300, 1, 1, 500));
        writeTokens(tokens, path);
        const Tokens back = readTokens(path);
        QCOMPARE(back.values, tokens.values);
        QCOMPARE(back.vocab, 300);
        QCOMPARE(back.entropy, tokens.entropy);
        QFile file(QString::fromStdString(path));
        QVERIFY(file.resize(file.size() - 1));
        QVERIFY_EXCEPTION_THROWN(readTokens(path), Failure);
        QVERIFY_EXCEPTION_THROWN(readTokens(dir.filePath("none").toStdString()), Failure);
    }

    // Independent tokens leave nothing to learn but their frequencies, so the loss must reach the entropy.
    void zipfLossReachesTheEntropy()
    {
        Source source;
        source.kind = SourceKind::Zipf;
        source.vocab = 32;
        source.exponent = 1;
        source.count = 400000;
        Corpus corpus;
        corpus.train = draw(source);
        source.sampleSeed = 2;
        source.count = 65600;
        corpus.validation = draw(source);
        Member member;
        member.shape = {1, 16, 1, 16, 32, 32};
        member.steps = 400;
        member.lr = 1e-2;
        member.zCoefficient = 0;
        member.evalEvery = 1000;
        member.evalBatches = 128;
        const Outcome outcome =
            train(member, corpus, {[](const StepRecord&) { return true; }, [](const ValidationRecord&) {}});
        QCOMPARE(outcome.status, Status::Done);
        // Entropy of the validation sample itself, so that its luck does not matter.
        double expected = 0;
        double total = 0;
        for (int r = 1; r <= 32; ++r)
            total += 1.0 / r;
        for (std::size_t i = 1; i < corpus.validation.values.size(); ++i)
            expected += std::log((corpus.validation.values[i] + 1) * total);
        expected /= static_cast<double>(corpus.validation.values.size() - 1);
        QVERIFY2(
            std::abs(outcome.validation - expected) < 0.01, qPrintable(QString::number(outcome.validation - expected)));
    }
};

QTEST_GUILESS_MAIN(TestProxyData)
#include "tst_proxydata.moc"

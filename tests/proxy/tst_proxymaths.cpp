// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/philox.hpp"
#include "base/sha256.hpp"
#include "model/engine.hpp"
#include "schedule/schedule.hpp"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

using namespace proxy;

class TestProxyMaths : public QObject {
    Q_OBJECT

private slots:
    // Known answers of the Random123 distribution, kat_vectors, philox4x32 10 rounds.
    void philoxKnownAnswers()
    {
        const Words zeros = philox({{0, 0, 0, 0}}, 0, 0);
        const std::uint32_t expectedZeros[]{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
        const Words ones = philox({{~0u, ~0u, ~0u, ~0u}}, ~0u, ~0u);
        const std::uint32_t expectedOnes[]{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
        const Words pi = philox({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0);
        const std::uint32_t expectedPi[]{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
        QVERIFY(std::equal(zeros.w, zeros.w + 4, expectedZeros));
        QVERIFY(std::equal(ones.w, ones.w + 4, expectedOnes));
        QVERIFY(std::equal(pi.w, pi.w + 4, expectedPi));
    }

    void sha256KnownAnswers()
    {
        QCOMPARE(sha256(""), std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        QCOMPARE(sha256("abc"), std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        QCOMPARE(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            std::string("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
    }

    void floatFollowsDouble()
    {
        const Shape shape{2, 32, 2, 16, 31, 4};
        Net<float> single(shape);
        Net<double> both(shape);
        initialise(single, 4);
        initialise(both, 4);
        std::vector<std::int32_t> tokens(4 * 17);
        for (std::size_t i = 0; i < tokens.size(); ++i)
            tokens[i] = static_cast<std::int32_t>(i * i % 31);
        Pass pass;
        pass.zCoefficient = 1e-4;
        const Measures a = engine<float>().forward(single, tokens.data(), pass);
        const Measures b = engine<double>().forward(both, tokens.data(), pass);
        engine<float>().backward(single, tokens.data(), pass);
        engine<double>().backward(both, tokens.data(), pass);
        double error = 0, size = 0;
        for (std::int64_t i = 0; i < both.layout.size; ++i) {
            const double difference = static_cast<double>(single.grad[i]) - both.grad[i];
            error += difference * difference;
            size += both.grad[i] * both.grad[i];
        }
        QVERIFY2(std::abs(a.loss / b.loss - 1) < 1e-6, qPrintable(QString::number(a.loss / b.loss - 1)));
        QVERIFY(std::abs(a.maxAttention / b.maxAttention - 1) < 1e-4);
        QVERIFY2(std::sqrt(error / size) < 2e-6, qPrintable(QString::number(std::sqrt(error / size))));
    }

    void initialisationHasTheStatedMoments()
    {
        Net<double> net({1, 64, 4, 8, 256, 1});
        initialise(net, 9);
        for (const Tensor& tensor : net.layout.tensors) {
            double sum = 0, squares = 0, top = 0;
            for (std::int64_t i = 0; i < tensor.size(); ++i) {
                const double x = net.theta[tensor.offset + i];
                sum += x;
                squares += x * x;
                top = std::max(top, std::abs(x));
            }
            const auto n = static_cast<double>(tensor.size());
            if (tensor.kind == Kind::Scale) {
                QCOMPARE(sum, n);
                continue;
            }
            const double deviation = 1 / std::sqrt(tensor.kind == Kind::Embedding ? 64.0 : double(tensor.rows));
            QVERIFY(std::abs(std::sqrt(squares / n) / deviation - 1) < 0.03);
            QVERIFY(std::abs(sum / n) < 4 * deviation / std::sqrt(n));
            if (tensor.kind == Kind::Matrix)
                QVERIFY(top < 2 * deviation / 0.8796);
        }
    }

    void exponentialIsAccurate()
    {
        for (float x = -87; x < 88; x += 0.731f)
            QVERIFY(std::abs(static_cast<double>(expOf(x)) / std::exp(static_cast<double>(x)) - 1) < 3e-7);
        QVERIFY(std::isnan(expOf(std::nanf(""))));
    }

    void schedulesAtTheirBoundaries()
    {
        const double peak = 3e-3;
        Schedule s;
        s.warmup = 0.1;
        s.minLr = 1e-5;
        QCOMPARE(warmupSteps(s, 1000), 100L);
        for (const ScheduleKind kind : {ScheduleKind::Constant, ScheduleKind::Linear, ScheduleKind::Cosine,
                 ScheduleKind::Wsd, ScheduleKind::TwoStage}) {
            s.kind = kind;
            QCOMPARE(learningRate(s, peak, 0, 1000), peak / 100);
            QCOMPARE(learningRate(s, peak, 99, 1000), peak);
            QCOMPARE(learningRate(s, peak, 100, 1000), peak);
        }
        s.kind = ScheduleKind::Cosine;
        QCOMPARE(learningRate(s, peak, 550, 1000), 0.5 * (peak + 1e-5));
        QVERIFY(learningRate(s, peak, 999, 1000) > 1e-5 && learningRate(s, peak, 999, 1000) < 1.1e-5);
        s.kind = ScheduleKind::Linear;
        QCOMPARE(learningRate(s, peak, 550, 1000), 0.5 * (peak + 1e-5));

        s.kind = ScheduleKind::Wsd;
        s.decayFraction = 0.2;
        QCOMPARE(learningRate(s, peak, 800, 1000), peak);
        s.decay = DecayShape::Linear;
        QCOMPARE(learningRate(s, peak, 900, 1000), 0.5 * (peak + 1e-5));
        s.decay = DecayShape::Exponential;
        QCOMPARE(learningRate(s, peak, 900, 1000), std::sqrt(peak * 1e-5));
        s.decay = DecayShape::OneMinusSqrt;
        QCOMPARE(learningRate(s, peak, 850, 1000), 1e-5 + (peak - 1e-5) * 0.5);

        s.kind = ScheduleKind::TwoStage;
        s.switchAt = 0.5;
        s.secondLr = 1e-4;
        QCOMPARE(learningRate(s, peak, 499, 1000), peak);
        QCOMPARE(learningRate(s, peak, 500, 1000), 1e-4);
        for (const long step : {99L, 100L, 499L, 500L})
            QVERIFY(isCorner(s, step, 1000));
        QVERIFY(!isCorner(s, 498, 1000) && !isCorner(s, 0, 1000));
        s.warmup = 7;
        QCOMPARE(warmupSteps(s, 1000), 7L);
    }

    // Against the published curve of MultiPowerLaw, WSD with an exponential decay 20000 -> 24000, 3e-4 -> 3e-5.
    void exponentialDecayMatchesThePublishedCurve()
    {
        Schedule s{ScheduleKind::Wsd, 2160, 3e-5, DecayShape::Exponential, 1.0 / 6, 0, 0};
        QVERIFY(std::abs(learningRate(s, 3e-4, 23904, 24000) / 3.17045252764e-5 - 1) < 1e-10);
    }
};

QTEST_GUILESS_MAIN(TestProxyMaths)
#include "tst_proxymaths.moc"

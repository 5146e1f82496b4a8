// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/check.hpp"
#include "tests/proxy/smallmember.h"

#include <QTest>
#include <algorithm>
#include <cmath>

using namespace proxy;

class TestProxySwitches : public QObject {
    Q_OBJECT

private slots:
    void gradientMatchesDifferences_data()
    {
        QTest::addColumn<Pass>("pass");
        QTest::addColumn<int>("tensors");
        QTest::addColumn<Shape>("shape");
        const Shape usual{2, 16, 2, 8, 13, 2};
        const auto row = [](const char* name, int tensors, const Shape& shape, auto change) {
            Pass pass;
            pass.step = 3;
            change(pass);
            QTest::newRow(name) << pass << tensors << shape;
        };
        row("head", 19, usual, [](Pass&) {});
        row("off", 15, usual, [](Pass& p) { p.qkNorm = QkNorm::Off; });
        row("full", 19, usual, [](Pass& p) { p.qkNorm = QkNorm::Full; });
        row("rms_fixed", 15, usual, [](Pass& p) { p.qkNorm = QkNorm::RmsFixed, p.kappa = 3; });
        row("z-loss", 15, usual, [](Pass& p) { p.qkNorm = QkNorm::Off, p.zCoefficient = 1e-2; });
        row("head and z-loss", 19, usual, [](Pass& p) { p.zCoefficient = 1e-2; });
        row("1 / e", 19, usual, [](Pass& p) { p.inverseWidth = 1; });
        row("squared relu", 15, usual, [](Pass& p) { p.qkNorm = QkNorm::Off, p.attention = Attention::SquaredRelu; });
        row("dropout", 19, usual, [](Pass& p) { p.dropout = 0.3; });
        const Shape rows{1, 8, 1, 6, 11, 5};
        for (const Reweighting kind :
            {Reweighting::LinUpper, Reweighting::Quadratic, Reweighting::Upper, Reweighting::Extremes})
            row(qPrintable(QString("reweight %1").arg(int(kind))), 11, rows, [kind](Pass& p) {
                p.reweighting = kind;
                p.reweightTemperature = 0.4;
                p.zCoefficient = 1e-3;
            });
        row("no layers", 3, {0, 16, 2, 8, 13, 2}, [](Pass&) {});
        row("everything", 19, usual, [](Pass& p) {
            p = {QkNorm::Full, Attention::SquaredRelu, Reweighting::Upper, 1, 1, 1e-2, 0.5, 0.2, 4, 9};
        });
    }

    void gradientMatchesDifferences()
    {
        QFETCH(Pass, pass);
        QFETCH(int, tensors);
        QFETCH(Shape, shape);
        const GradientCheck check = checkGradient(shape, pass);
        QCOMPARE(int(check.tensors.size()), tensors);
        for (const GradientError& error : check.tensors)
            QVERIFY2(error.relative < 1e-6, qPrintable(QString::fromStdString(error.tensor) + " " + QString::number(error.relative)));
        QVERIFY2(check.overall < 1e-7, qPrintable(QString::number(check.overall)));
    }

    // Without a gradient theta_T = theta_0 prod(1 - s_t lambda), s_t = lr(t) / peak.
    void weightDecayHasItsClosedForm_data()
    {
        QTest::addColumn<bool>("independent");
        QTest::addColumn<bool>("matrices");
        QTest::addColumn<Mup>("mup");
        QTest::newRow("independent") << true << false << Mup::None;
        QTest::newRow("coupled") << false << false << Mup::None;
        QTest::newRow("matrices only") << true << true << Mup::None;
        QTest::newRow("independent of muParam") << true << false << Mup::Simple;
        QTest::newRow("coupled to muParam") << false << false << Mup::Simple;
    }

    void weightDecayHasItsClosedForm()
    {
        QFETCH(bool, independent);
        QFETCH(bool, matrices);
        QFETCH(Mup, mup);
        Member member = small();
        member.lr = 0.3;
        member.schedule = {ScheduleKind::Cosine};
        member.schedule.minLr = 0.01;
        member.optimiser.decay = 0.1;
        member.optimiser.independent = independent;
        member.optimiser.mask = matrices ? DecayMask::Matrices : DecayMask::All;
        member.mup = mup;
        member.baseWidth = 4;
        Training<double> training(member);
        Net<double>& net = training.net;
        const std::vector<double> before(net.theta, net.theta + net.layout.size);
        double matrix = 1, other = 1;
        for (long step = 0; step < member.steps; ++step) {
            std::fill_n(net.grad, net.layout.size, 0.0);
            StepRecord record{};
            record.step = step;
            std::vector<double> norms;
            optimise(training, record, nullptr, norms);
            const double lr = learningRate(member.schedule, member.lr, step, member.steps);
            const double width = mup == Mup::None ? 1 : 4.0 / 16;
            matrix *= 1 - 0.1 * (independent ? lr / member.lr : lr * width);
            other *= matrices ? 1 : 1 - 0.1 * (independent ? lr / member.lr : lr);
        }
        for (const Tensor& tensor : net.layout.tensors) {
            const auto at = static_cast<std::size_t>(tensor.offset) + 3;
            const double expected = before[at] * (tensor.kind == Kind::Matrix ? matrix : other);
            QVERIFY2(std::abs(net.theta[at] / expected - 1) < 1e-12, tensor.name.c_str());
        }
    }

    // Decay to the start halves the distance to it as plain decay halves the weights.
    void decayToTheStartEndsThere()
    {
        Member member = small();
        member.optimiser.decay = 0.25;
        member.optimiser.to = DecayTo::Initial;
        Training<double> training(member);
        Net<double>& net = training.net;
        const double start = net.theta[net.layout.head];
        net.theta[net.layout.head] += 8;
        std::fill_n(net.grad, net.layout.size, 0.0);
        for (long step = 0; step < 3; ++step) {
            StepRecord record{};
            record.step = step;
            std::vector<double> norms;
            optimise(training, record, nullptr, norms);
        }
        QVERIFY(std::abs(net.theta[net.layout.head] - start - 8 * 0.75 * 0.75 * 0.75) < 1e-12);
    }

    // One Adam step from rest moves every element by its rate against the sign of its gradient, whatever its size.
    void firstAdamStepIsTheRate()
    {
        Member member = small();
        member.lr = 0.25;
        member.optimiser.decay = 0;
        member.optimiser.clip = 0;
        const auto moved = [&member](std::int64_t Layout::*tensor) {
            Training<double> training(member);
            Net<double>& net = training.net;
            const std::int64_t at = net.layout.*tensor;
            const double before = net.theta[at];
            net.grad[at] = -3;
            StepRecord record{};
            std::vector<double> norms;
            optimise(training, record, nullptr, norms);
            return net.theta[at] - before;
        };
        QVERIFY(std::abs(moved(&Layout::head) - 0.25) < 1e-8);
        member.mup = Mup::Simple;
        member.baseWidth = 4;
        QVERIFY(std::abs(moved(&Layout::head) - 0.25 * 4 / 16) < 1e-8);
        QVERIFY(std::abs(moved(&Layout::embedding) - 0.25) < 1e-8);
        member.mup = Mup::None;
        member.optimiser.scaleByRms = true;
        QVERIFY(std::abs(moved(&Layout::scale) - 0.25) < 1e-8); // scales start at 1
        QVERIFY(std::abs(moved(&Layout::head) - 0.25 * 0.25) < 0.25 * 0.02); // deviation 1 / sqrt(16)
    }

    void limitedGradientsGrowByOnePercentAtMost()
    {
        double last = 0;
        const double norms[]{1, 5, 4, 0.1, 100, 100, 0, 3};
        double before = 0;
        for (std::size_t i = 0; i < std::size(norms); ++i) {
            const double factor = limiterFactor(norms[i], last, 1.01, i == 0);
            QVERIFY(factor <= 1);
            QCOMPARE(last, norms[i] * factor);
            if (i > 0)
                QVERIFY(last <= 1.01 * before + 2e-8);
            before = last;
        }
        Member member = small();
        member.optimiser.limiter = 1.01;
        member.optimiser.clip = 0;
        Training<double> training(member);
        const auto& tensors = training.net.layout.tensors;
        std::vector<double> previous;
        for (long step = 0; step < 20; ++step) {
            const StepRecord record = advance(training, someTokens(member.shape, step).data());
            QVERIFY(record.limiter <= 1);
            for (std::size_t i = 0; i < previous.size(); ++i)
                if (tensors[i].kind == Kind::Matrix)
                    QVERIFY(training.limiter[i] <= 1.01 * previous[i] + 2e-8);
            previous = training.limiter;
        }
    }

    void weightsOfSequencesSumToOne_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("heaviest"); // of losses 1, 2, 4
        QTest::newRow("linupper") << int(Reweighting::LinUpper) << 2;
        QTest::newRow("quadratic") << int(Reweighting::Quadratic) << 1;
        QTest::newRow("upper") << int(Reweighting::Upper) << 2;
        QTest::newRow("extremes") << int(Reweighting::Extremes) << 2;
    }

    void weightsOfSequencesSumToOne()
    {
        QFETCH(int, kind);
        QFETCH(int, heaviest);
        const double losses[]{1, 2, 4}, equal[]{3, 3, 3}, broken[]{3, std::nan(""), 3};
        double weights[3];
        reweight(static_cast<Reweighting>(kind), 0.4, losses, 3, weights);
        QVERIFY(std::abs(weights[0] + weights[1] + weights[2] - 1) < 1e-15);
        QCOMPARE(*std::max_element(weights, weights + 3), weights[heaviest]);
        // h of the middle loss is 2 (2 - 2.5) / 3.
        const double f[]{reweightScore(static_cast<Reweighting>(kind), -1),
            reweightScore(static_cast<Reweighting>(kind), -1.0 / 3)};
        QVERIFY(std::abs(weights[1] / weights[0] - std::exp((f[1] - f[0]) / 0.4)) < 1e-12);
        reweight(static_cast<Reweighting>(kind), 0.4, equal, 3, weights);
        for (const double weight : weights)
            QVERIFY(std::abs(weight - 1.0 / 3) < 1e-15);
        reweight(static_cast<Reweighting>(kind), 0.4, broken, 3, weights);
        QVERIFY(std::isnan(weights[0]));
    }

    void reweightingStartsWhenToldTo()
    {
        Member member = small();
        member.reweight = {Reweighting::LinUpper, 0.4, 2};
        Training<double> training(member);
        for (long step = 0; step < 4; ++step) {
            const Measures measures = advance(training, someTokens(member.shape, step).data()).measures;
            QCOMPARE(measures.topWeight > 0, step >= 2);
            if (step >= 2)
                QVERIFY(measures.topWeight > 0.25 && measures.weightEntropy < std::log(4.0));
        }
    }

    void pruningKeepsItsCount()
    {
        Member member = small();
        member.steps = 100;
        member.prune = {0.8, 0.25, 0.75};
        Training<double> training(member);
        const std::int64_t all = parameters(member.shape);
        double sum = 0;
        std::int64_t before = all;
        for (long step = 0; step < member.steps; ++step) {
            const StepRecord record = advance(training, someTokens(member.shape, step).data());
            sum += static_cast<double>(record.nonZero);
            QVERIFY(record.nonZero <= before);
            before = record.nonZero;
            if (step <= 25)
                QCOMPARE(record.nonZero, all);
            QVERIFY(std::abs(record.meanNonZero - sum / static_cast<double>(step + 1)) < 1e-9);
        }
        std::int64_t expected = all;
        for (const Tensor& tensor : training.net.layout.tensors) {
            if (tensor.kind != Kind::Matrix || tensor.name == "head")
                continue;
            const std::int64_t gone = std::lround(0.8 * static_cast<double>(tensor.size()));
            const double* theta = training.net.theta + tensor.offset;
            QCOMPARE(std::count(theta, theta + tensor.size(), 0.0), gone);
            expected -= gone;
        }
        QCOMPARE(before, expected);
        // Half way up the ramp: 1 - (1 - 0.5)^3.
        QCOMPARE(prunedShare(0.5, 0.25, 0.75, 0.8), 0.8 * 0.875);
    }

    void droppedShareIsAsAsked()
    {
        Member member = small();
        member.shape = {0, 64, 1, 32, 13, 32};
        Training<double> training(member);
        Pass pass;
        pass.dropout = 0.3;
        const auto tokens = someTokens(member.shape);
        engine<double>().forward(training.net, tokens.data(), pass);
        const double* x = training.net.out;
        const std::int64_t n = std::int64_t{member.shape.rows()} * 64;
        const auto zeros = static_cast<double>(std::count(x, x + n, 0.0));
        QVERIFY(std::abs(zeros / static_cast<double>(n) - 0.3) < 4 * std::sqrt(0.21 / static_cast<double>(n)));
        pass.step = 1;
        const std::vector<double> first(x, x + n);
        engine<double>().forward(training.net, tokens.data(), pass);
        QVERIFY(!std::equal(first.begin(), first.end(), x));
    }

    void stackingRepeatsTheLayers()
    {
        Member base = small();
        Training<float> parent(base);
        for (long step = 0; step < 3; ++step)
            advance(parent, someTokens(base.shape, step).data());
        Member tall = base;
        tall.shape.layers = 6;
        tall.initFrom = "base";
        tall.stack = 3;
        Training<float> child(tall);
        const Parent given{base, stateOf(parent)[1].bytes};
        stackOn(child, given);
        for (const Tensor& tensor : child.net.layout.tensors) {
            std::string name = tensor.name;
            if (name.starts_with("layer"))
                name[5] = static_cast<char>('0' + (name[5] - '0') % 2);
            const auto& list = parent.net.layout.tensors;
            const auto from = std::find_if(list.begin(), list.end(), [&](const Tensor& t) { return t.name == name; });
            QVERIFY(from != list.end());
            QVERIFY(std::equal(child.net.theta + tensor.offset, child.net.theta + tensor.offset + tensor.size(),
                parent.net.theta + from->offset));
        }
    }

    void membersWithAndWithoutQkNormStartAlike()
    {
        const Shape shape = small().shape;
        Net<float> head(shape, QkNorm::Head), off(shape, QkNorm::Off);
        initialise(head, 5);
        initialise(off, 5);
        QCOMPARE(head.layout.size, off.layout.size);
        for (const Tensor& tensor : off.layout.tensors)
            QVERIFY(std::equal(off.theta + tensor.offset, off.theta + tensor.offset + tensor.size(), head.theta + tensor.offset));
    }
};

QTEST_GUILESS_MAIN(TestProxySwitches)
#include "tst_proxyswitches.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/fit/json.h"
#include "core/fit/random.h"
#include "core/plan/plan.h"

#include <QTest>

class TestPlan : public QObject
{
    Q_OBJECT

private slots:
    // Closed form of laws of this shape: N* = G (C/6)^(beta/(alpha+beta)), G = (alpha A / (beta B))^(1/(alpha+beta)).
    void optimumMatchesTheClosedForm()
    {
        fit::Random random(5, 0);
        for (int i = 0; i < 200; ++i) {
            const double alpha = .2 + .5 * random.uniform(), beta = .2 + .5 * random.uniform();
            const double A = 400 * std::exp(random.normal()), B = 800 * std::exp(random.normal());
            const double flops = std::pow(10, 18 + 6 * random.uniform());
            const fit::Fit fit = fit::preset("chinchilla", {{"E", 1.7}, {"A", A}, {"B", B}, {"alpha", alpha}, {"beta", beta}});
            const double N = std::pow(alpha * A / (beta * B), 1 / (alpha + beta)) * std::pow(flops / 6, beta / (alpha + beta));
            if (N < 1e4 || N > 1e15)
                continue;
            const plan::Plan plan = plan::forFlops(fit, flops);
            // A minimum is found to the square root of the arithmetic's precision.
            QVERIFY(std::abs(plan.params.value / N - 1) < 1e-5);
            QVERIFY(std::abs(6 * plan.params.value * plan.tokens.value / flops - 1) < 1e-12);
            // At the optimum both terms gain alike from another FLOP.
            const double gainN = alpha * A * std::pow(plan.params.value, -alpha), gainD = beta * B * std::pow(plan.tokens.value, -beta);
            QVERIFY(std::abs(gainN / gainD - 1) < 1e-4);
        }
    }

    void checkVectors_data()
    {
        QTest::addColumn<QString>("preset");
        QTest::addColumn<double>("flops");
        QTest::addColumn<double>("N");
        QTest::addColumn<double>("loss");
        QTest::newRow("rounded 1e21") << QStringLiteral("chinchilla:hoffmann_rounded") << 1e21 << 1.824218e9 << 2.328883;
        QTest::newRow("rounded 5.76e23") << QStringLiteral("chinchilla:hoffmann_rounded") << 5.76e23 << 3.218986e10 << 1.930748;
        QTest::newRow("unrounded 1e21") << QStringLiteral("chinchilla:hoffmann") << 1e21 << 2.216955e9 << 2.295491;
        QTest::newRow("unrounded 5.76e23") << QStringLiteral("chinchilla:hoffmann") << 5.76e23 << 4.036094e10 << 1.918412;
        QTest::newRow("minimum 1e24") << QStringLiteral("chinchilla:epoch_minimum") << 1e24 << 9.718e10 << 1.95922;
    }
    void checkVectors()
    {
        QFETCH(QString, preset);
        QFETCH(double, flops);
        QFETCH(double, N);
        QFETCH(double, loss);
        const plan::Plan plan = plan::forFlops(fit::preset(preset.toStdString()), flops);
        QVERIFY2(std::abs(plan.params.value / N - 1) < 2e-4, qPrintable(QString::number(plan.params.value, 'g', 9)));
        QVERIFY2(std::abs(plan.loss.value / loss - 1) < 1e-5, qPrintable(QString::number(plan.loss.value, 'g', 9)));
        QVERIFY(std::isnan(plan.loss.ci.lower));
    }

    void lossIsReached()
    {
        const fit::Fit fit = fit::preset("chinchilla:epoch");
        const plan::Plan plan = plan::forLoss(fit, 2.1);
        QVERIFY(std::abs(plan.loss.value - 2.1) < 1e-9);
        QVERIFY_EXCEPTION_THROWN(plan::forLoss(fit, 1.5), Error);
    }

    void otherLawsAreRefused()
    {
        QVERIFY_EXCEPTION_THROWN(plan::forFlops(fit::preset("power_law:kaplan_n"), 1e20), UsageError);
        QVERIFY_EXCEPTION_THROWN(plan::forFlops(fit::preset("chinchilla"), -1), UsageError);
    }
};

QTEST_APPLESS_MAIN(TestPlan)
#include "tst_plan.moc"

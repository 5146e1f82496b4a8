// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/law/perceptron.h"

#include <QTest>

using namespace law::perceptron;

static constexpr double degree = M_PI / 180;

#define NEAR(got, want, by) \
    QVERIFY2(std::abs((got) - (want)) <= (by), qPrintable(QString::asprintf("%.9g, not %.9g", double(got), double(want))))

class TestPerceptron : public QObject
{
    Q_OBJECT

private slots:
    // Values of two independent solutions of the theory and of simulated perceptrons.
    void errorsAreTheTheorys_data()
    {
        QTest::addColumn<double>("alphaTot");
        QTest::addColumn<double>("f");
        QTest::addColumn<double>("theta");
        QTest::addColumn<bool>("hard");
        QTest::addColumn<double>("error");
        const auto add = [](double alphaTot, double f, double theta, bool hard, double error) {
            QTest::addRow("alpha_tot %g f %g theta %g %s", alphaTot, f, theta, hard ? "hard" : "easy") << alphaTot << f << theta << hard << error;
        };
        for (const auto& [a, e] : {std::pair(1., .265711), {2., .188479}, {5., .093827}, {10., .049183}, {20., .024913}, {50., .0100026}, {100., .00500399}})
            add(a, 1, 0, true, e);
        for (const auto& [f, e] : {std::pair(1., .113657), {.8, .113762}, {.6, .119075}, {.5, .136097}, {.4, .205320}, {.3, .343099}})
            add(4, f, 0, true, e);
        for (const auto& [f, e] : {std::pair(1., .060904), {.8, .060904}, {.6, .060907}, {.5, .060994}, {.4, .062028}, {.3, .071487}, {.2, .279397}})
            add(8, f, 0, true, e);
        for (const auto& [f, e] : {std::pair(1., .031065), {.4, .031065}, {.3, .031075}, {.2, .032005}})
            add(16, f, 0, true, e);
        for (const double f : {1., .6, .2})
            add(32, f, 0, true, .015613);
        for (const auto& [a, e] : {std::pair(.5, .441815), {1., .405735}, {2., .321048}})
            add(a, .5, 0, true, e);
        for (const auto& [a, e] : {std::pair(.5, .311761), {1., .250194}, {2., .181832}, {4., .117306}, {8., .067920}})
            add(a, .5, 0, false, e);
        add(.5, 1, 0, true, .328850);
        add(6, .5, 20, true, .101025);
        add(4, .7, 10, true, .115763);
        add(10, .3, 30, true, .201188);
    }
    void errorsAreTheTheorys()
    {
        QFETCH(double, alphaTot);
        QFETCH(double, f);
        QFETCH(double, theta);
        QFETCH(bool, hard);
        QFETCH(double, error);
        NEAR(epsilon(alphaTot, f, theta * degree, hard), error, 1e-6);
    }

    void overlapsAndMarginsAreTheTheorys()
    {
        const auto holds = [](double alphaTot, double f, double theta, double R, double rho, double kappa) {
            const Student s = student(alphaTot, f, theta * degree);
            NEAR(s.R, R, 1e-6);
            NEAR(s.rho, rho, 1e-6);
            NEAR(s.kappa, kappa, 1e-5);
        };
        holds(1, 1, 0, .671358, .671358, .786550);
        holds(2, 1, 0, .829758, .829758, .454578);
        holds(5, 1, 0, .956870, .956870, .196710);
        holds(6, .5, 20, .950056, .876898, .18304);
        holds(4, .7, 10, .934594, .920090, .243884);
        holds(10, .3, 30, .806818, .509148, .229281);
    }

    // Without pruning the probe does not matter, and a probe at a right angle prunes at random.
    void whatTheProbeCannotTellDoesNotMatter()
    {
        for (const double theta : {.01, 1., 30., 89., 90.})
            NEAR(epsilon(4, 1, theta * degree), epsilon(4, 1, 0), 1e-9);
        NEAR(epsilon(8, .5, 90 * degree), epsilon(4, 1, 0), 1e-9);
        NEAR(epsilon(8, .5, 90 * degree, false), epsilon(4, 1, 0), 1e-9);
    }

    void smallAnglesJoinThePerfectProbe()
    {
        for (const bool hard : {true, false})
            NEAR(epsilon(4, .5, 1e-4, hard), epsilon(4, .5, 0, hard), 1e-7);
    }

    void slopeIsTheDerivativeOfTheError_data()
    {
        QTest::addColumn<double>("alphaTot");
        QTest::addColumn<double>("f");
        QTest::addColumn<double>("theta");
        QTest::addColumn<bool>("hard");
        int n = 0;
        for (const double alphaTot : {.5, 4., 30.})
            for (const double f : {.1, .6})
                for (const double theta : {2., 25., 80.})
                    for (const bool hard : {true, false})
                        QTest::addRow("%d", n++) << alphaTot << f << theta * degree << hard;
    }
    void slopeIsTheDerivativeOfTheError()
    {
        QFETCH(double, alphaTot);
        QFETCH(double, f);
        QFETCH(double, theta);
        QFETCH(bool, hard);
        const double h = 1e-3;
        const auto at = [&](double step) { return epsilon(alphaTot, f, theta + step, hard); };
        const double slope = (8 * (at(h) - at(-h)) - at(2 * h) + at(-2 * h)) / (12 * h);
        NEAR(student(alphaTot, f, theta, hard).slope, slope, 1e-5 * std::abs(slope) + 1e-7);
    }

    // A wide net: an answer everywhere, between guessing and none, with fewer errors from more examples.
    void everyPlaceHasAStudent()
    {
        for (const bool hard : {true, false})
            for (const double theta : {0., .05, 5., 45., 90.})
                for (const double f : {.01, .1, .5, .99, 1.}) {
                    double last = .5;
                    for (const double alphaTot : {.01, .3, 3., 30., 300.}) {
                        const double e = epsilon(alphaTot, f, theta * degree, hard);
                        QVERIFY2(e > 0 && e < last + 1e-9, qPrintable(QString::asprintf("%g %g %g %d: %g after %g", alphaTot, f, theta, hard, e, last)));
                        last = e;
                    }
                }
    }

    void outsideTheTheoryIsNoNumber()
    {
        for (const auto& [a, f, t] : {std::tuple(0., .5, 0.), {1., 0., 0.}, {1., 1.1, 0.}, {1., .5, -.1}, {1., .5, 2.}, {NAN, .5, 0.}, {INFINITY, .5, 0.}})
            QVERIFY(std::isnan(epsilon(a, f, t)));
    }

    void familyOfCurvesIsDrawnInAFrameOrSo()
    {
        for (const double theta : {0., 20 * degree}) {
            QElapsedTimer clock;
            clock.start();
            double sum = 0;
            for (int i = 0; i < 100; ++i)
                sum += epsilon(std::pow(10, -1 + 3 * i / 99.), .4, theta);
            QVERIFY(sum > 0);
            const double ms = double(clock.nsecsElapsed()) / 1e6;
            qInfo("100 points at %g degrees: %.2f ms", theta / degree, ms);
#ifndef __SANITIZE_ADDRESS__
            QVERIFY(ms < 1000);
#endif
        }
    }
};

QTEST_APPLESS_MAIN(TestPerceptron)
#include "tst_perceptron.moc"

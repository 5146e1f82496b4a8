// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/expression.h"
#include "core/fit/solve.h"
#include "core/io/reader.h"
#include "core/plan/plan.h"

#include <QFileInfo>
#include <QTest>

using namespace fit;

#define CLOSE(got, want, relative) \
    QVERIFY2(std::abs((got) / (want) - 1) <= (relative), qPrintable(QString::asprintf("%.10g, not %.10g", double(got), double(want))))

static data::Table table(const char* name)
{
    const std::filesystem::path path = std::filesystem::path(SHARED_DIR) / "data" / name;
    return data::tabulate(io::read(std::span(&path, 1)).runs);
}

// The published numbers, from the published data.
class TestPublished : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        if (!QFileInfo::exists(QStringLiteral(SHARED_DIR "/data")))
            QSKIP("the shared data sets are not beside the project");
    }

    // Besiroglu et al. 2024, 240 points, the minimum of their objective.
    void chinchillaOfEpoch_data()
    {
        QTest::addColumn<int>("starts");
        QTest::newRow("own starts") << 0;
        QTest::newRow("published grid of 4,500") << -1;
    }
    void chinchillaOfEpoch()
    {
        QFETCH(int, starts);
        Spec spec;
        spec.where = "in_240==1";
        spec.starts = starts;
        const Fit fit = solve(makeProblem(spec, table("chinchilla_epoch.csv")));
        QCOMPARE(fit.n, 240);
        CLOSE(fit.value("alpha"), .347311, 1e-4);
        CLOSE(fit.value("beta"), .367172, 1e-4);
        CLOSE(fit.value("E"), 1.817218, 1e-4);
        CLOSE(fit.value("A"), 477.826, 2e-3);
        CLOSE(fit.value("B"), 2143.42, 5e-3);
        QVERIFY(fit.objective <= .0010182741);
        QCOMPARE(fit.starts.tried, starts ? 4500 : 36);
        const plan::Plan plan = plan::forFlops(fit, 5.76e23);
        CLOSE(plan.params.value, 7.319e10, 1e-3);
        CLOSE(plan.tokens.value, 1.3116e12, 1e-3);
        CLOSE(plan.loss.value, 1.97391, 1e-3);
        QVERIFY(plan.params.ci.lower < plan.params.value && plan.params.value < plan.params.ci.upper);
    }

    // The same points under other objectives.
    void objectivesOfEpoch_data()
    {
        QTest::addColumn<int>("objective");
        QTest::addColumn<double>("alpha");
        QTest::addColumn<double>("beta");
        QTest::addColumn<double>("E");
        QTest::addColumn<double>("rss");
        QTest::newRow("log squares") << int(Objective::LogLs) << .360214 << .405843 << 1.86447 << .01146189;
        QTest::newRow("squares") << int(Objective::Ls) << .357615 << .427621 << 1.882814 << .08320381;
    }
    void objectivesOfEpoch()
    {
        QFETCH(int, objective);
        QFETCH(double, alpha);
        QFETCH(double, beta);
        QFETCH(double, E);
        QFETCH(double, rss);
        Spec spec;
        spec.where = "in_240==1";
        spec.objective = Objective(objective);
        const Fit fit = solve(makeProblem(spec, table("chinchilla_epoch.csv")));
        // The valley is flat: the references' last digits are those of a solver that stopped a little early.
        CLOSE(fit.value("alpha"), alpha, 2e-4);
        CLOSE(fit.value("beta"), beta, 2e-4);
        CLOSE(fit.value("E"), E, 2e-4);
        CLOSE(2 * fit.objective, rss, 1e-6);
        QVERIFY(2 * fit.objective <= rss + 5e-9);
    }

    // Their bootstrap: standard errors 124.5, 1293, .0257, .0154, .0206 from 4,000 resamples (another generator here).
    void bootstrapOfEpoch()
    {
        Spec spec;
        spec.where = "in_240==1";
        spec.bootstrap = 4000;
        const Fit fit = solve(makeProblem(spec, table("chinchilla_epoch.csv")));
        CLOSE(fit.parameters[0].se, .02566, .1);
        CLOSE(fit.parameters[1].se, 124.5, .1);
        CLOSE(fit.parameters[3].se, .0154, .1);
        CLOSE(fit.parameters[4].se, .0206, .1);
        CLOSE(fit.parameters[3].ci.lower, .317, .02);
        CLOSE(fit.parameters[3].ci.upper, .373, .02);
        CLOSE(fit.parameters[4].ci.lower, .331, .02);
        CLOSE(fit.parameters[4].ci.upper, .415, .02);
    }

    // The 40 example points of Tissue et al. 2024: peak 2e-4, 20,000 steps, 500 of warm-up taken at the peak.
    void momentumExample()
    {
        static constexpr double cosine[] = {3.6696358, 3.3254106, 3.1908393, 3.1158533, 3.0604768, 3.020384, 2.9880967,
            2.9612265, 2.9395165, 2.9195616, 2.9030452, 2.8881907, 2.8767889, 2.8654318, 2.8565135, 2.8489892, 2.843639,
            2.8398669, 2.8380618, 2.8376071};
        static constexpr double constant[] = {3.6714418, 3.325626, 3.1884103, 3.111947, 3.058354, 3.0211415, 2.9874816,
            2.96082, 2.9406552, 2.9241402, 2.9054413, 2.8942103, 2.8807929, 2.8702695, 2.862175, 2.8530996, 2.8448784,
            2.8383856, 2.8326995, 2.8294308};
        data::Table t;
        t.groups = {"cosine", "constant"};
        t.curve = {true, true};
        t.numbers = {{"step", {}}, {"lr", {}}, {"loss", {}}};
        for (int g = 0; g < 2; ++g)
            for (int s = 0; s <= 20000; ++s, ++t.rows) {
                t.numbers[0].values.push_back(s);
                t.numbers[1].values.push_back(s <= 500 || g ? 2e-4 : 1e-4 * (1 + std::cos(M_PI * (s - 500) / 19500)));
                t.numbers[2].values.push_back(s && s % 1000 == 0 ? (g ? constant : cosine)[s / 1000 - 1] : NAN);
                t.group.push_back(g);
            }
        Spec spec{.law = "annealing_momentum"};
        for (const int starts : {0, -1}) {
            spec.starts = starts;
            const Fit fit = solve(makeProblem(spec, t));
            QCOMPARE(fit.n, 40);
            CLOSE(fit.value("L0"), 2.62780, 1e-3);
            CLOSE(fit.value("A"), .42967, 1e-3);
            CLOSE(fit.value("C"), .41077, 1e-3);
            CLOSE(fit.value("alpha"), .54985, 1e-3);
            CLOSE(fit.objective, 1.62925e-5, 1e-5);
        }
    }

    // Three curves fitted, six schedules predicted; the un-logged linear warm-up of 2,160 steps counted.
    void momentumPredictsSchedules_data()
    {
        QTest::addColumn<QString>("model");
        QTest::newRow("25M") << QStringLiteral("25M");
        QTest::newRow("100M") << QStringLiteral("100M");
    }
    void momentumPredictsSchedules()
    {
        QFETCH(QString, model);
        const std::string m = model.toStdString();
        Spec spec{.law = "annealing_momentum"};
        spec.where = "role=='fit' and model=='" + m + "'";
        spec.holdout = "role=='predict' and model=='" + m + "'";
        const Fit fit = solve(makeProblem(spec, table("mpl_25M_100M.csv")));
        qInfo("R2 %.5f MAE %.5f", fit.holdout.r2, fit.holdout.mae);
        QVERIFY(fit.holdout.r2 >= .9975);
        QVERIFY(fit.holdout.mae <= .0052);
    }
};

QTEST_APPLESS_MAIN(TestPublished)
#include "tst_published.moc"

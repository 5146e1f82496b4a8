// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/solve.h"
#include "synthetic.h"

#include <QTest>

class TestRecovery : public QObject
{
    Q_OBJECT

private slots:
    void everyLawHasATruth()
    {
        for (const law::Law& law : law::all())
            QVERIFY2(synthetic::truths().contains(std::string(law.info.id)), law.info.id.data());
    }

    void noiselessDataGiveTheTruth_data() { eachLaw(); }
    void noiselessDataGiveTheTruth()
    {
        QFETCH(const law::Law*, law);
        synthetic::Truth truth = synthetic::truths().at(std::string(law->info.id));
        truth.noise = 0;
        const fit::Problem problem = synthetic::draw(*law, truth, 1);
        const fit::Fit fit = fit::solve(problem);
        for (std::size_t i = 0; i < truth.params.size(); ++i)
            QVERIFY2(truth.loose.contains(fit.parameters[i].name) || std::abs(fit.parameters[i].value - truth.params[i]) < 1e-5 * std::max(std::abs(truth.params[i]), 1e-3),
                     qPrintable(QString::asprintf("%s %.9g, not %.9g", fit.parameters[i].name.c_str(), fit.parameters[i].value, truth.params[i])));
        std::vector<double> y(problem.train.y.size());
        law->eval(fit.values().data(), problem.train.rows(), y.data(), nullptr);
        for (std::size_t k = 0; k < y.size(); ++k)
            QVERIFY2(std::abs(y[k] - problem.train.y[k]) < 1e-5 * std::abs(y[k]) + 1e-9, qPrintable(QString::asprintf("row %zu: %.9g, not %.9g", k, y[k], problem.train.y[k])));
    }

    // With noise every identified parameter lies within four standard errors of the truth, and the law's mean error is
    // below the noise.
    void noisyDataRecoverTheTruth_data() { eachLaw(); }
    void noisyDataRecoverTheTruth()
    {
        QFETCH(const law::Law*, law);
        const synthetic::Truth& truth = synthetic::truths().at(std::string(law->info.id));
        const fit::Problem problem = synthetic::draw(*law, truth, 3);
        const fit::Fit fit = fit::solve(problem);
        for (std::size_t i = 0; i < truth.params.size(); ++i) {
            const fit::Estimate& e = fit.parameters[i];
            if (truth.loose.contains(e.name) || e.fixed)
                continue;
            QVERIFY2(std::abs(e.value - truth.params[i]) < 4 * e.se,
                     qPrintable(QString::asprintf("%s %.6g +- %.3g, truth %.6g", e.name.c_str(), e.value, e.se, truth.params[i])));
        }
        std::vector<double> y(problem.train.y.size()), exact = y;
        law->eval(fit.values().data(), problem.train.rows(), y.data(), nullptr);
        law->eval(truth.params.data(), problem.train.rows(), exact.data(), nullptr);
        const auto shift = fit::logShift(law->objective);
        double off = 0;
        for (std::size_t k = 0; k < y.size(); ++k)
            off += std::abs(shift ? std::log((y[k] + *shift) / (exact[k] + *shift)) : y[k] - exact[k]) / double(y.size());
        QVERIFY2(off < truth.noise, qPrintable(QString::asprintf("mean error %.4g, noise %.4g", off, truth.noise)));
    }

    // 95 % intervals hold the truth in 90 to 99 % of 200 repeats, for the law's own objective and for least squares of logs.
    void waldIntervalsCover_data()
    {
        QTest::addColumn<const law::Law*>("law");
        QTest::addColumn<int>("objective");
        for (const char* id : simulated) {
            const law::Law& law = law::get(id);
            QTest::newRow((std::string(law.info.id) + " own").c_str()) << &law << int(law.objective);
            QTest::newRow((std::string(law.info.id) + " log-ls").c_str()) << &law << int(fit::Objective::LogLs);
        }
        QTest::newRow("power_law log1p-ls") << &law::get("power_law") << int(fit::Objective::Log1pLs);
    }
    void waldIntervalsCover()
    {
        QFETCH(const law::Law*, law);
        QFETCH(int, objective);
        const synthetic::Truth truth = synthetic::truths().at(std::string(law->info.id));
        std::vector<int> inside(truth.params.size());
        fit::Spec spec;
        spec.objective = fit::Objective(objective);
        for (std::uint64_t seed = 0; seed < 200; ++seed) {
            const fit::Fit fit = fit::solve(synthetic::draw(*law, truth, seed, spec));
            for (std::size_t i = 0; i < inside.size(); ++i)
                inside[i] += fit.parameters[i].ci.lower <= truth.params[i] && truth.params[i] <= fit.parameters[i].ci.upper;
        }
        verify(*law, inside, 200);
    }

    void bootstrapIntervalsCover_data()
    {
        QTest::addColumn<const law::Law*>("law");
        for (const char* id : simulated)
            QTest::newRow(id) << &law::get(id);
    }
    void bootstrapIntervalsCover()
    {
        QFETCH(const law::Law*, law);
        const synthetic::Truth truth = synthetic::truths().at(std::string(law->info.id));
        std::vector<int> inside(truth.params.size());
        fit::Spec spec;
        spec.bootstrap = 200;
        for (std::uint64_t seed = 0; seed < 200; ++seed) {
            spec.seed = seed;
            const fit::Fit fit = fit::solve(synthetic::draw(*law, truth, seed, spec));
            for (std::size_t i = 0; i < inside.size(); ++i)
                inside[i] += fit.parameters[i].ci.lower <= truth.params[i] && truth.params[i] <= fit.parameters[i].ci.upper;
        }
        verify(*law, inside, 200);
    }

private:
    static constexpr const char* simulated[] = {"power_law", "chinchilla", "annealing_momentum", "loss_to_score"};

    static void verify(const law::Law& law, const std::vector<int>& inside, int repeats)
    {
        for (std::size_t i = 0; i < inside.size(); ++i) {
            if (!std::isnan(law.params[i].fixed))
                continue;
            const double share = double(inside[i]) / repeats;
            qInfo("%s %s: %.1f %%", law.info.id.data(), law.params[i].id.data(), 100 * share);
            QVERIFY2(share >= 0.90 && share <= 0.99, qPrintable(QString::asprintf("%s: %.3f", law.params[i].id.data(), share)));
        }
    }

    void eachLaw()
    {
        QTest::addColumn<const law::Law*>("law");
        for (const law::Law& law : law::all())
            QTest::newRow(law.info.id.data()) << &law;
    }
};

QTEST_APPLESS_MAIN(TestRecovery)
#include "tst_recovery.moc"

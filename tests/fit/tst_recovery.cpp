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
        const fit::Fit fit = fit::solve(synthetic::draw(*law, truth, 1));
        for (std::size_t i = 0; i < truth.params.size(); ++i)
            QVERIFY2(std::abs(fit.parameters[i].value / truth.params[i] - 1) < 1e-5,
                     qPrintable(QString::asprintf("%s %.9g, not %.9g", fit.parameters[i].name.c_str(), fit.parameters[i].value, truth.params[i])));
    }

    // 95 % intervals hold the truth in 90 to 99 % of 200 repeats, for the law's own objective and for least squares.
    void waldIntervalsCover_data()
    {
        QTest::addColumn<const law::Law*>("law");
        QTest::addColumn<int>("objective");
        for (const law::Law& law : law::all()) {
            QTest::newRow((std::string(law.info.id) + " own").c_str()) << &law << int(law.objective);
            QTest::newRow((std::string(law.info.id) + " log-ls").c_str()) << &law << int(fit::Objective::LogLs);
        }
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

    void bootstrapIntervalsCover_data() { eachLaw(); }
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

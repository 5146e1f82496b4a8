// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/solve.h"
#include "core/io/reader.h"

#include <QFileInfo>
#include <QTest>

using namespace fit;

#define NEAR(got, want, by) \
    QVERIFY2(std::abs((got) - (want)) <= (by), qPrintable(QString::asprintf("%.10g, not %.10g", double(got), double(want))))

// Muennighoff et al. 2023 on their own 182 runs.
class TestPublishedData : public QObject
{
    Q_OBJECT

    data::Table m_table;

    Problem problem() const
    {
        Spec spec;
        spec.law = "data_constrained";
        spec.where = "set=='fit182'";
        return makeProblem(spec, m_table);
    }
    static std::map<std::string, double> constants(double RD, double RN)
    {
        return {{"R_D_star", RD}, {"R_N_star", RN}};
    }

private slots:
    void initTestCase()
    {
        const std::filesystem::path path = std::filesystem::path(SHARED_DIR) / "data" / "datablations.csv";
        if (!std::filesystem::exists(path))
            QSKIP("datablations.csv is not among the shared data sets beside the project");
        m_table = data::tabulate(io::read(std::span(&path, 1)).runs);
    }

    void publishedConstantsGiveThePublishedFit()
    {
        const Fit fit = at(problem(), constants(15.387756, 5.309743));
        QCOMPARE(fit.n, 182);
        NEAR(fit.metrics.r2, .7722046, 1e-6);
        NEAR(fit.objective, .01582594, 1e-8);
    }

    // The paper's ablations; a decay that is left out is one whose constant is endless. For parameters only the paper prints
    // a loss of .0241, which its own constant does not give (.0330) although R2 agrees.
    void ablations_data()
    {
        QTest::addColumn<double>("RD");
        QTest::addColumn<double>("RN");
        QTest::addColumn<double>("r2");
        QTest::addColumn<double>("objective");
        const double endless = 1e12;
        QTest::newRow("none") << endless << endless << .4451684 << double(NAN);
        QTest::newRow("parameters only") << endless << 713. << .4488 << double(NAN);
        QTest::newRow("data only") << 2.9157 << endless << .7354 << .0169;
        QTest::newRow("both") << 15.387756 << 5.309743 << .7722 << .0158;
    }
    void ablations()
    {
        QFETCH(double, RD);
        QFETCH(double, RN);
        QFETCH(double, r2);
        QFETCH(double, objective);
        const Fit fit = at(problem(), constants(RD, RN));
        NEAR(fit.metrics.r2, r2, RN == RD ? 1e-6 : 6e-5);
        if (!std::isnan(objective))
            NEAR(fit.objective, objective, 6e-5);
    }

    // The published optimum is one point of a valley: the profile along it, and a minimum that lies elsewhere.
    void valleyIsFlat_data()
    {
        QTest::addColumn<double>("RD");
        QTest::addColumn<double>("objective");
        for (const auto& [RD, objective] : {std::pair(3., .016621), {5., .016160}, {8., .015958}, {12., .015855}, {15.39, .015826}, {20., .015841},
                                            {30., .015821}, {60., .015811}, {95., .015805}, {200., .015816}, {999., .015878}})
            QTest::addRow("%g repeats", RD) << RD << objective;
    }
    void valleyIsFlat()
    {
        QFETCH(double, RD);
        QFETCH(double, objective);
        Problem p = problem();
        p.spec.fixed["R_D_star"] = RD;
        const Fit fit = solve(p);
        QVERIFY2(fit.objective <= objective + 6e-7 && fit.objective > objective - 2e-5, QByteArray::number(fit.objective, 'g', 8));
    }
    void minimumIsBelowThePublishedOne()
    {
        const Fit fit = solve(problem());
        QVERIFY(fit.objective <= .0158054);
        NEAR(fit.value("R_D_star"), 95, 2);
        NEAR(fit.value("R_N_star"), 1.71, .01);
        QVERIFY(std::ranges::find(fit.warnings, "flat", &Warning::id) != fit.warnings.end());
    }
};

QTEST_APPLESS_MAIN(TestPublishedData)
#include "tst_publisheddata.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>

// Published results from the command line, each within its published digits.
class TestAcceptance : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;

    static QString shared(const char* file) { return QStringLiteral(SHARED_DIR "/data/") + QString::fromLatin1(file); }
    static bool near(double got, double want, double relative)
    {
        if (std::abs(got / want - 1) <= relative)
            return true;
        qWarning("%.10g is not %.10g", got, want);
        return false;
    }
    static nlohmann::json run(const QStringList& arguments)
    {
        const Ran ran = cli(arguments + QStringList{"--json", "--quiet"});
        if (ran.code != 0)
            qWarning("%s: %s", qPrintable(arguments.join(' ')), ran.err.constData());
        return ran.code == 0 ? ran.json() : nlohmann::json();
    }
    static double parameter(const nlohmann::json& fit, const char* name) { return fit["parameters"][name]["value"].get<double>(); }
    static double predicted(const QString& fit, const QString& at)
    {
        const auto json = run({"predict", fit, "--at", at});
        return json.is_null() ? NAN : json["value"].get<double>();
    }

#define NEEDS(file)                                                                                       \
    if (!QFile::exists(shared(file)))                                                                     \
        QSKIP("the public data set " file " is not beside the project; this published result is not checked");

private slots:
    void chinchillaOnTheReplicationsPoints()
    {
        NEEDS("chinchilla_epoch.csv")
        for (const char* starts : {"0", "grid"}) {
            const auto fit = run({"fit", "chinchilla", shared("chinchilla_epoch.csv"), "--where", "in_240==1", "--starts", starts});
            QVERIFY(!fit.is_null());
            QVERIFY(near(fit["objective"]["value"].get<double>(), .00101827402, 1e-7));
            QVERIFY(near(parameter(fit, "alpha"), .34731, 1e-4) && near(parameter(fit, "beta"), .36717, 1e-4));
            QVERIFY(near(parameter(fit, "E"), 1.81722, 1e-4));
            QVERIFY(near(parameter(fit, "A"), 477.826, 1e-3) && near(parameter(fit, "B"), 2143.417, 1e-3));
            QCOMPARE(fit["starts"]["reached_best"].get<int>(), fit["starts"]["tried"].get<int>());
        }
    }

    // The 40 example points of Tissue et al. 2024.
    void momentumLawsExample()
    {
        static constexpr double cosine[] = {3.6696358, 3.3254106, 3.1908393, 3.1158533, 3.0604768, 3.020384, 2.9880967,
            2.9612265, 2.9395165, 2.9195616, 2.9030452, 2.8881907, 2.8767889, 2.8654318, 2.8565135, 2.8489892, 2.843639,
            2.8398669, 2.8380618, 2.8376071};
        static constexpr double constant[] = {3.6714418, 3.325626, 3.1884103, 3.111947, 3.058354, 3.0211415, 2.9874816,
            2.96082, 2.9406552, 2.9241402, 2.9054413, 2.8942103, 2.8807929, 2.8702695, 2.862175, 2.8530996, 2.8448784,
            2.8383856, 2.8326995, 2.8294308};
        QByteArray csv = "run,step,lr,loss\n";
        for (int g = 0; g < 2; ++g)
            for (int s = 0; s <= 20000; ++s) {
                csv += line("%s,%d,%.17g,", g ? "constant" : "cosine", s, s <= 500 || g ? 2e-4 : 1e-4 * (1 + std::cos(M_PI * (s - 500) / 19500)));
                csv += s && s % 1000 == 0 ? line("%.17g\n", (g ? constant : cosine)[s / 1000 - 1]) : QByteArray("\n");
            }
        const QString file = m_folder.filePath("tissue.csv");
        put(file, csv);
        const auto fit = run({"fit", "annealing_momentum", file});
        QVERIFY(!fit.is_null());
        QCOMPARE(fit["n"].get<int>(), 40);
        QVERIFY(near(parameter(fit, "alpha"), .54985, 1e-3) && near(parameter(fit, "L0"), 2.62780, 1e-3) && near(parameter(fit, "C"), .41077, 1e-3));
        QVERIFY(near(fit["objective"]["value"].get<double>(), 1.62925e-5, 1e-3));
    }

    // The published parameters of the multi-power law predict the six curves of each size as the paper says.
    void multiPowerLawsPublishedParameters_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QStringList>("values");
        QTest::addColumn<QList<double>>("errors");
        QTest::newRow("25M") << "25M" << QStringList{"L0=3.04045406", "A=.52468604", "alpha=.50786857", "B=363.78751622", "C=2.06560812", "beta=.58279013", "gamma=.64142257"}
                             << QList<double>{.9988, .00376, .00465};
        QTest::newRow("100M") << "100M" << QStringList{"L0=2.6514477", "A=.60115152", "alpha=.45295811", "B=437.9464276", "C=2.13245612", "beta=.59785199", "gamma=.65523644"}
                              << QList<double>{.9983, .00435, .00592};
    }
    void multiPowerLawsPublishedParameters()
    {
        NEEDS("mpl_25M_100M.csv")
        QFETCH(QString, model);
        QFETCH(QStringList, values);
        QFETCH(QList<double>, errors);
        QStringList arguments{"fit", "annealing_multipower", shared("mpl_25M_100M.csv"), "--where", "model=='" + model + "' and role=='fit'",
                              "--holdout", "model=='" + model + "' and role=='predict'", "--set", "warmup=2159"};
        for (const QString& value : values)
            arguments << "--fix" << value;
        const auto fit = run(arguments);
        QVERIFY(!fit.is_null());
        const double half = 6e-5, small = 2.1e-5;
        QVERIFY(std::abs(fit["holdout"]["r2"].get<double>() - errors[0]) < half);
        QVERIFY2(std::abs(fit["holdout"]["mae"].get<double>() - errors[1]) < small, fit["holdout"].dump().c_str());
        QVERIFY2(std::abs(fit["holdout"]["rmse"].get<double>() - errors[2]) < small, fit["holdout"].dump().c_str());
    }

    // Fitted to three curves alone, it predicts the other six within a tenth of what the paper reached.
    void multiPowerLawFittedHere_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<double>("mae");
        QTest::addColumn<double>("rmse");
        QTest::newRow("25M") << "25M" << .00376 << .00465;
        QTest::newRow("100M") << "100M" << .00435 << .00592;
    }
    void multiPowerLawFittedHere()
    {
        NEEDS("mpl_25M_100M.csv")
        QFETCH(QString, model);
        QFETCH(double, mae);
        QFETCH(double, rmse);
        const auto fit = run({"fit", "annealing_multipower", shared("mpl_25M_100M.csv"), "--where", "model=='" + model + "' and role=='fit'",
                              "--holdout", "model=='" + model + "' and role=='predict'"});
        QVERIFY(!fit.is_null());
        qInfo("MAE %.5f, RMSE %.5f", fit["holdout"]["mae"].get<double>(), fit["holdout"]["rmse"].get<double>());
        QVERIFY(fit["holdout"]["mae"].get<double>() < 1.1 * mae);
        QVERIFY(fit["holdout"]["rmse"].get<double>() < 1.1 * rmse);
        // Side by side with the converged minimum, which predicts worse.
        const auto found = run({"compare", shared("mpl_25M_100M.csv"), "--laws", "annealing_multipower[prior=off],annealing_multipower,annealing_momentum",
                                "--where", "model=='" + model + "' and role=='fit'", "--holdout", "model=='" + model + "' and role=='predict'"});
        QCOMPARE(found["laws"].size(), std::size_t(3));
        QCOMPARE(found["laws"][0]["law"].get<std::string>(), std::string("annealing_multipower"));
        QVERIFY(!found["laws"][0].contains("set"));
        QCOMPARE(found["laws"][0]["holdout"]["mae"].get<double>(), fit["holdout"]["mae"].get<double>());
    }

    void dataConstrainedLawOn182Runs()
    {
        NEEDS("datablations.csv")
        const QStringList data{"fit", "data_constrained", shared("datablations.csv"), "--where", "set=='fit182'"};
        const auto published = run(data + QStringList{"--fix", "R_D_star=15.387756", "--fix", "R_N_star=5.309743"});
        QVERIFY(!published.is_null());
        QVERIFY(near(published["metrics"]["r2"].get<double>(), .7722046, 1e-6));
        QVERIFY(near(published["objective"]["value"].get<double>(), .01582594, 1e-6));
        // The published optimum is one point of a valley: the minimum lies lower and elsewhere.
        const auto fitted = run(data);
        QVERIFY(!fitted.is_null());
        QVERIFY(fitted["objective"]["value"].get<double>() <= .0158074);
        const QByteArray warnings = QByteArray::fromStdString(fitted["warnings"].dump());
        QVERIFY2(warnings.contains("\"loose\"") || warnings.contains("\"flat\""), warnings.constData());
    }

    void overTrainingLawPredictsTheLargeRuns()
    {
        NEEDS("gadre_104models.csv")
        const QString file = m_folder.filePath("rpj.json");
        QVERIFY(!run({"fit", "over_training", shared("gadre_104models.csv"), "--where",
            "dataset=='rpj' and ((chinchilla_multiplier==1 and params<1e9) or (chinchilla_multiplier==16 and params<2e7))", "--map", "L=loss_c4_val", "--out", file}).is_null());
        const auto rows = run({"fit", "over_training", shared("gadre_104models.csv"), "--where",
            "dataset=='rpj' and ((chinchilla_multiplier==1 and params<1e9) or (chinchilla_multiplier==16 and params<2e7))", "--holdout",
            "dataset=='rpj' and ((chinchilla_multiplier==32 and params>1e9 and params<2e9) or (chinchilla_multiplier==1 and params>5e9))", "--map", "L=loss_c4_val"});
        QVERIFY(!rows.is_null());
        std::vector<double> held;
        for (const auto& row : rows["points"]["rows"])
            if (row[4].get<int>())
                held.push_back(row[2].get<double>());
        QCOMPARE(held.size(), std::size_t(2));
        std::ranges::sort(held);
        QVERIFY(std::abs(held[1] - 2.51983) < 1e-4 && std::abs(held[0] - 2.44275) < 1e-4);
    }

    void brokenPowerLawOnAddition()
    {
        NEEDS("bnsl_4digit_addition.csv")
        const auto fit = run({"fit", "broken_power", shared("bnsl_4digit_addition.csv"), "--where", "role=='fit'", "--holdout", "role=='extrapolate'"});
        QVERIFY(!fit.is_null());
        QVERIFY(near(parameter(fit, "a"), .413884, 1e-2) && near(parameter(fit, "d1"), 612.58, 1e-2));
        double square = 0;
        int n = 0;
        for (const auto& row : fit["points"]["rows"])
            if (row[4].get<int>())
                square += std::pow(std::log(row[2].get<double>() / row[1].get<double>()), 2), ++n;
        QVERIFY(near(std::sqrt(square / n), .0109157, 1e-2));
    }

    void growthTiming()
    {
        const auto tokens = [](double n, double d) { return predicted("growth_timing", QString("N=%1,C=%2").arg(n, 0, 'g', 12).arg(6 * n * d, 0, 'g', 12)) / 1e9; };
        QVERIFY(std::abs(tokens(8e9, 15e12) - 6.58) < .005);
        QVERIFY(std::abs(tokens(7e9, 2e12) - 11.11) < .005);
        QVERIFY(std::abs(tokens(13e9, 2e12) - 15.84) < .005);
        QVERIFY(std::abs(tokens(70e9, 2e12) - 42.48) < .005);
    }

    void lossAtAnyBatchSize()
    {
        QVERIFY(near(predicted("batch_trajectory:kaplan", "N=1e8,S=1e4,B=5e5"), 3.37458093, 1e-7));
        QVERIFY(near(predicted("batch_trajectory:kaplan", "N=1e9,S=1e5,B=5e5"), 2.55089763, 1e-7));
        QVERIFY(near(predicted("batch_trajectory:kaplan", "N=1e9,S=1e5,B=1e12"), 2.40051379, 1e-7));
        QVERIFY(near(predicted("batch_trajectory:kaplan", "N=1e10,S=2.5e5,B=2e6"), 2.04836553, 1e-7));
    }

    void pruningTheory()
    {
        const auto error = [](const char* at, const char* theta) {
            const auto json = run({"predict", "data_pruning", "--set", QString("theta=") + theta, "--at", at});
            return json.is_null() ? NAN : json["value"].get<double>();
        };
        QVERIFY(std::abs(error("alpha_tot=1,f=1", "0") - .265711) < 1e-5);
        QVERIFY(std::abs(error("alpha_tot=4,f=.5", "0") - .136097) < 1e-5);
        QVERIFY(std::abs(error("alpha_tot=16,f=.2", "0") - .032005) < 1e-5);
        QVERIFY(std::abs(error("alpha_tot=6,f=.5", "20") - .101025) < 1e-5);
        QVERIFY(std::abs(error("alpha_tot=10,f=.3", "30") - .201188) < 1e-5);
    }

    // Closed forms of every preset, at published budgets.
    void plansOfPresets()
    {
        const auto plan = run({"plan", "chinchilla:epoch_minimum", "--flops", "5.76e23"});
        QVERIFY(!plan.is_null());
        QVERIFY(near(plan["params"]["value"].get<double>(), 7.319e10, 1e-3) && near(plan["tokens"]["value"].get<double>(), 1.3116e12, 1e-3));
        QVERIFY(near(plan["tokens_per_param"].get<double>(), 17.92, 1e-3) && near(plan["loss"]["value"].get<double>(), 1.97391, 1e-4));
    }

    void formulasAreComparedWithLaws()
    {
        NEEDS("chinchilla_epoch.csv")
        const auto found = run({"compare", shared("chinchilla_epoch.csv"), "--where", "in_240==1", "--laws", "L = E + A/N^a; a in [0, 2] from 0.1, 0.5,chinchilla"});
        QCOMPARE(found["laws"].size(), std::size_t(2));
        QCOMPARE(found["laws"][0]["law"].get<std::string>(), std::string("chinchilla"));
        QVERIFY(found["laws"][0]["holdout"]["mae"].get<double>() < found["laws"][1]["holdout"]["mae"].get<double>());
        QCOMPARE(found["validation"].get<std::string>(), std::string("rolling"));
    }
};

QTEST_GUILESS_MAIN(TestAcceptance)
#include "tst_acceptance.moc"

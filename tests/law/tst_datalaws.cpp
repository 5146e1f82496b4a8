// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/fit/json.h"
#include "core/fit/predict.h"
#include "core/fit/solve.h"
#include "core/law/minimum.h"
#include "tests/fit/synthetic.h"

#include <QTest>

#define CLOSE(got, want, relative) \
    QVERIFY2(std::abs((got) / (want) - 1) <= (relative), qPrintable(QString::asprintf("%.10g, not %.10g", double(got), double(want))))

using At = std::map<std::string, double>;

// The laws of data: repeated, mixed, filtered and pruned.
class TestDataLaws : public QObject
{
    Q_OBJECT

    static double predicted(const std::string& law, const At& at) { return fit::predict(fit::preset(law), at).value; }
    static double answered(const std::string& law, const char* id, const At& at) { return fit::answer(fit::preset(law), id, at).value; }

private slots:
    // Muennighoff et al.'s own README (first two) and their formula by hand.
    void dataConstrainedPoints_data()
    {
        QTest::addColumn<double>("N");
        QTest::addColumn<double>("D");
        QTest::addColumn<double>("U");
        QTest::addColumn<double>("loss");
        QTest::addColumn<double>("tolerance");
        QTest::newRow("6.34B") << 6.34e9 << 242e9 << 25e9 << 2.2256440889984477 << 1e-12;
        QTest::newRow("8.67B") << 8.67e9 << 178e9 << 25e9 << 2.2269634075087867 << 1e-12;
        QTest::newRow("one epoch") << 2.8e9 << 55e9 << 55e9 << 2.354403620 << 1e-9;
        QTest::newRow("five epochs") << 2.8e9 << 55e9 << 11e9 << 2.387508102 << 1e-9;
        QTest::newRow("44 epochs") << 2.8e9 << 55e9 << 1.25e9 << 2.701206999 << 1e-9;
        QTest::newRow("more unique than seen") << 2.8e9 << 55e9 << 1e12 << 2.354403620 << 1e-9;
    }
    void dataConstrainedPoints()
    {
        QFETCH(double, N);
        QFETCH(double, D);
        QFETCH(double, U);
        QFETCH(double, loss);
        QFETCH(double, tolerance);
        CLOSE(predicted("data_constrained:muennighoff", {{"N", N}, {"D", D}, {"U", U}}), loss, tolerance);
    }

    void dataConstrainedOptimum()
    {
        const auto holds = [](double C, double U, double N, double D, double epochs, double loss) {
            const At at{{"C", C}, {"U", U}};
            const std::string law = "data_constrained:muennighoff";
            CLOSE(answered(law, "optimal_parameters", at), N, 1e-4);
            CLOSE(answered(law, "optimal_tokens", at), D, 3e-4);
            CLOSE(answered(law, "optimal_epochs", at), epochs, 5e-4);
            CLOSE(answered(law, "optimal_loss", at), loss, 3e-7);
        };
        holds(9.3e21, 25e9, 6.815e9, 2.2743e11, 9.10, 2.225089);
        holds(1e22, 25e9, 7.026e9, 9.488 * 25e9, 9.488, 2.222129);
        holds(1e22, 1e12, 9.218e9, 1.808e11, .1808, 2.187997);
        CLOSE(answered("data_constrained:muennighoff", "fresh_tokens", {{"D", 55e9}, {"U", 11e9}}), 4.97461e10, 1e-6);
        CLOSE(answered("data_constrained:muennighoff", "fresh_tokens", {{"D", 1e15}, {"U", 1e9}}), 1e9 * 16.387756, 1e-9);
    }

    // The constants that are fixed by default can be fitted as well.
    void dataConstrainedIsRecoveredWhole()
    {
        const law::Law& law = law::get("data_constrained");
        synthetic::Truth truth = synthetic::truths().at("data_constrained");
        truth.noise = 0;
        fit::Spec spec;
        for (const char* id : {"E", "A", "B", "alpha", "beta"})
            spec.freed[id] = true;
        const fit::Fit fit = fit::solve(synthetic::draw(law, truth, 1, spec));
        for (std::size_t i = 0; i < truth.params.size(); ++i)
            CLOSE(fit.parameters[i].value, truth.params[i], 1e-4);
    }

    // r of 0 is data, not an error: B r^eta is then nothing and C / epsilon^gamma the whole of the third term.
    void mixtureWithoutTheCorpusIsDefined()
    {
        const std::vector<double>& p = synthetic::truths().at("dcpt").params;
        fit::Fit fit = at("dcpt", p);
        const double want = p[0] + p[1] * std::pow(1e9, -p[4]) + p[3] * std::pow(p[8], -p[6]);
        CLOSE(fit::predict(fit, {{"N", 1e9}, {"D", 1e10}, {"r", 0}}).value, want, 1e-12);
    }

    void largestShareMeetsItsTolerance()
    {
        const fit::Fit fit = at("dcpt", synthetic::truths().at("dcpt").params);
        const auto general = [&](double share) { return fit::predict(fit, {{"N", 1.8e9}, {"D", 1e10}, {"r", 1 - share}}).value; };
        for (const double T : {.02, .05, .1}) {
            const double share = fit::answer(fit, "largest_domain_share", {{"N", 1.8e9}, {"D", 1e10}, {"T", T}, {"L_g0", 0}}).value;
            QVERIFY(share > 0 && share < 1);
            CLOSE(general(share), (1 + T) * general(0), 1e-9);
            QVERIFY(general(share + 1e-6) > (1 + T) * general(0));
            const double given = fit::answer(fit, "largest_domain_share", {{"N", 1.8e9}, {"D", 1e10}, {"T", T}, {"L_g0", general(0)}}).value;
            QCOMPARE(given, share);
        }
        QCOMPARE(fit::answer(fit, "largest_domain_share", {{"N", 1.8e9}, {"D", 1e10}, {"T", 10}, {"L_g0", 0}}).value, 1.0);
        QVERIFY_THROWS_EXCEPTION(Error, (void)fit::answer(fit, "largest_domain_share", {{"N", 1.8e9}, {"D", 1e10}, {"T", 0}, {"L_g0", 1}}));
    }

    void bestShareOfAFewTokensIsTheLowestOfAll()
    {
        const std::vector<double>& p = synthetic::truths().at("dcpt_cross_domain").params;
        const fit::Fit fit = at("dcpt_cross_domain", p);
        const auto loss = [&](double r) { return fit::predict(fit, {{"N", 1.8e9}, {"D", 5e8 / r}, {"r", r}, {"K", 2}}).value; };
        const double best = fit::answer(fit, "optimal_share", {{"N", 1.8e9}, {"D_r", 5e8}, {"K", 2}}).value;
        QVERIFY(best > .01 && best < 1);
        for (int i = 1; i <= 500; ++i)
            QVERIFY(loss(i / 500.) >= loss(best));
    }

    void lossThatRisesWithTheShareIsAFault()
    {
        const law::Law& law = law::get("dcpt");
        std::vector<double> p = synthetic::truths().at("dcpt").params;
        const std::array low{1e8, 5e8, .1}, high{8e9, 3e10, 1.};
        QCOMPARE(law.fault(p, low, high), std::string());
        p[3] = 1e-4;    // little to gain from the share, B r^eta to lose
        const std::string fault = law.fault(p, low, high);
        QVERIFY2(fault.starts_with("The fitted loss rises with the share r between r = 0.1"), fault.c_str());
        QVERIFY(!law::get("chinchilla").fault);
    }

    // The table of the paper: fitted to the first four ratios of each model, the fifth within three thousandths. Its authors
    // print 1.5566 for the 460M model (measured: 1.5561).
    void criticalMixtureTable_data()
    {
        QTest::addColumn<QList<double>>("losses");
        QTest::newRow("460M") << QList{1.4628, 1.4844, 1.5122, 1.5387, 1.5561};
        QTest::newRow("940M") << QList{1.3723, 1.3910, 1.4155, 1.4385, 1.4538};
        QTest::newRow("1.6B") << QList{1.3242, 1.3416, 1.3643, 1.3854, 1.3994};
        QTest::newRow("3.1B") << QList{1.2585, 1.2750, 1.2965, 1.3170, 1.3305};
    }
    void criticalMixtureTable()
    {
        QFETCH(QList<double>, losses);
        data::Table t;
        t.numbers = {{"R", {100, 75, 50, 100. / 3, 25}}, {"loss", {losses.begin(), losses.end()}}};
        t.rows = 5, t.group.assign(5, 0), t.groups = {""}, t.curve = {false};
        fit::Spec spec;
        spec.law = "cmr";
        spec.where = "R>30";
        const fit::Fit fit = fit::solve(fit::makeProblem(spec, t));
        const double at25 = fit::predict(fit, {{"R", 25}}).value;
        CLOSE(at25, losses[4], 3e-4);
        if (losses[0] == 1.4628)
            CLOSE(at25, 1.5566, 5e-4);
        const double R = fit::answer(fit, "critical_ratio", {{"L0", losses[1]}, {"T", 0}}).value;
        CLOSE(fit::predict(fit, {{"R", R}}).value, losses[1], 1e-9);
    }

    // a = .01, b = -.2, d = .1, tau = 3 over a pool of 12.8M: computed apart from this program.
    void filteredEpochs()
    {
        const fit::Fit fit = at("data_filtering", {.01, -.2, 3, .1});
        const double P = 12.8e6;
        for (const auto& [k, y] : {std::pair(1, 1.05182697), {2, .95265329}, {4, .88721342}, {10, .84990930}})
            CLOSE(fit::predict(fit, {{"n", k * P}, {"P", P}}).value, y, 1e-8);
        CLOSE(fit::answer(fit, "utility_at_epoch", {{"k", 4}}).value, -.1, 1e-12);
        // Continuous within an epoch and over its end.
        const auto error = [&](double n) { return fit::predict(fit, {{"n", n}, {"P", P}}).value; };
        CLOSE(error(2 * P * (1 - 1e-9)), error(2 * P * (1 + 1e-9)), 1e-8);
        QVERIFY(error(1.5 * P) < error(P) && error(1.5 * P) > error(2 * P));
    }

    // Two pools that are alike are one pool of twice the size that wears out half as fast.
    void mixedPoolsAreOneLargerPool()
    {
        const fit::Fit fit = at("data_filtering", {.01, -.2, 3, .1}), larger = at("data_filtering", {.01, -.2, 6, .1});
        for (const double n : {2e7, 5e7, 3e8}) {
            const auto mixed = [&](double b2, double tau2) {
                return fit::answer(fit, "mixed_error", {{"n", n}, {"P", 12.8e6}, {"b2", b2}, {"tau2", tau2}}).value;
            };
            CLOSE(mixed(-.2, 3), fit::predict(larger, {{"n", n}, {"P", 25.6e6}}).value, 1e-12);
            QVERIFY(mixed(-.3, 3) < mixed(-.2, 3));
        }
    }

    void bestFractionFollowsTheProbe()
    {
        const fit::Fit good = at("data_pruning", {10}), bad = at("data_pruning", {50});
        const auto best = [](const fit::Fit& fit, double alpha) { return fit::answer(fit, "best_fraction", {{"alpha", alpha}}).value; };
        for (const double alpha : {1., 3.})
            QVERIFY(best(good, alpha) < best(bad, alpha));
        const double f = best(good, 3), error = fit::answer(good, "best_error", {{"alpha", 3}}).value;
        for (const double other : {f / 1.1, f * 1.1, 1.})
            QVERIFY(fit::predict(good, {{"alpha_tot", 3 / other}, {"f", other}}).value >= error);
        CLOSE(predicted("data_pruning:perfect_probe", {{"alpha_tot", 16}, {"f", .2}}), .032005, 2e-5);
    }

    void minimumIsFoundAtEdgesAndInside()
    {
        QVERIFY(std::abs(law::minimum([](double x) { return (x - .3) * (x - .3); }, -1, 1) - .3) < 1e-7);
        QCOMPARE(law::minimum([](double x) { return x; }, -1, 1), -1.0);
        QVERIFY(std::isnan(law::minimum([](double) { return NAN; }, -1, 1)));
    }

private:
    static fit::Fit at(const char* law, const std::vector<double>& p)
    {
        std::map<std::string, double> set;
        for (std::size_t i = 0; i < p.size(); ++i)
            set[std::string(law::get(law).params[i].id)] = p[i];
        return fit::preset(law, set);
    }
};

QTEST_APPLESS_MAIN(TestDataLaws)
#include "tst_datalaws.moc"

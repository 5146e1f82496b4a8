// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/fit/joint.h"
#include "core/fit/profile.h"
#include "core/fit/solve.h"
#include "core/fit/validate.h"
#include "synthetic.h"

#include <QTest>

using namespace fit;

// Weights, regions, intervals, validation, groups and warnings.
class TestEngine : public QObject
{
    Q_OBJECT

    static Problem drawn(Spec spec = {}, std::uint64_t seed = 4) { return synthetic::draw(law::get(spec.law), synthetic::truths().at(spec.law), seed, spec); }
    static bool warns(const Fit& fit, const std::string& id)
    {
        return std::ranges::any_of(fit.warnings, [&](const Warning& w) { return w.id == id; });
    }
    // Rows N, D, L of a noisy Chinchilla surface, with a column of words and one of weights.
    static data::Table table(double noise = .003)
    {
        data::Table t = synthetic::design(law::get("chinchilla"));
        Random random(9, 1);
        data::TextColumn corpus{.name = "corpus", .code = {}, .levels = {"web", "code"}};
        data::Table::Numbers weight{"weight", {}};
        for (std::size_t k = 0; k < t.rows; ++k) {
            const double N = t.numbers[0].values[k], D = t.numbers[1].values[k];
            const int code = int(k % 2);
            corpus.code.push_back(code);
            weight.values.push_back(k % 3 ? 1 : 4);
            t.numbers[2].values[k] = ((code ? 1.1 : 1.8) + (code ? 300 : 400) * std::pow(N, -.34) + 410 * std::pow(D, -.29)) * std::exp(noise * random.normal());
        }
        t.numbers.push_back(weight);
        t.text.push_back(corpus);
        return t;
    }

private slots:
    void aWeightOfTwoIsARowTwice()
    {
        Problem twice = drawn();
        twice.spec.objective = Objective::LogLs;
        Problem weighted = twice;
        weighted.train.weight.assign(weighted.train.y.size(), 1);
        for (std::size_t k = 0; k < 10; ++k) {
            weighted.train.weight[k] = 2;
            twice.train.x.insert(twice.train.x.end(), {twice.train.x[2 * k], twice.train.x[2 * k + 1]});
            twice.train.logX.insert(twice.train.logX.end(), {twice.train.logX[2 * k], twice.train.logX[2 * k + 1]});
            twice.train.y.push_back(twice.train.y[k]);
        }
        twice.train.groups.back().end += 10;
        const Fit a = solve(twice), b = solve(weighted);
        QVERIFY(std::abs(a.objective / b.objective - 1) < 1e-9);
        QVERIFY(std::abs(a.value("alpha") / b.value("alpha") - 1) < 1e-6);
    }

    void weightsAndRegionsAreRead()
    {
        Spec spec;
        spec.set = {{"weight", "weight"}, {"region", "1e8:"}};
        const Problem problem = makeProblem(spec, table());
        QVERIFY(problem.precision);
        QCOMPARE(problem.train.weight.size(), problem.train.y.size());
        QVERIFY(std::ranges::find(problem.train.weight, 4.0) != problem.train.weight.end());
        QVERIFY(!problem.excluded.empty());
        QVERIFY(problem.excluded.front().why.find("outside the region 1e8:") != std::string::npos);
        for (std::size_t k = 0; k < problem.train.y.size(); ++k)
            QVERIFY(problem.train.x[2 * k] >= 1e8);
        spec.set = {{"weight", "n"}};
        const Fit mean = solve(makeProblem(spec, table())), sum = solve(makeProblem({}, table()));
        QVERIFY(std::abs(mean.objective * double(mean.n) / sum.objective - 1) < 1e-9);
        QVERIFY(std::abs(mean.parameters[3].se / sum.parameters[3].se - 1) < 1e-3);
    }

    // Linear least squares: the profile is a parabola and its interval Student's.
    void profileOfALinearLawIsStudents()
    {
        data::Table t;
        t.groups = {""};
        t.curve = {false};
        t.numbers = {{"x", {}}, {"y", {}}};
        Random random(3, 3);
        for (int i = 0; i < 12; ++i) {
            t.numbers[0].values.push_back(i);
            t.numbers[1].values.push_back(2 + .5 * i + .1 * random.normal());
            t.group.push_back(0);
        }
        t.rows = 12;
        Spec spec;
        spec.law = "y = a + b*x";
        const Problem problem = makeProblem(spec, t);
        const Fit wald = solve(problem);
        const Profile one = profile(problem, wald, "b");
        QVERIFY(std::abs(one.ci.lower - wald.parameters[1].ci.lower) < 1e-4 * std::abs(wald.parameters[1].ci.lower));
        QVERIFY(std::abs(one.ci.upper - wald.parameters[1].ci.upper) < 1e-4 * std::abs(wald.parameters[1].ci.upper));
        for (std::size_t i = 0; i < one.first.size(); ++i) {
            const double z = (one.first[i] - wald.value("b")) / wald.parameters[1].se;
            QVERIFY(std::abs(one.rise[i] - z * z) < 1e-3 * (1 + z * z));
        }
        spec.interval = "profile";
        const Fit fit = solve(makeProblem(spec, t));
        QCOMPARE(fit.interval, std::string("profile"));
        QVERIFY(std::abs(fit.parameters[0].ci.lower - wald.parameters[0].ci.lower) < 1e-3);
    }

    void profileMapHasItsMinimumAtTheEstimate()
    {
        const Problem problem = drawn();
        const Fit fit = solve(problem);
        const Profile map = profile(problem, fit, "alpha", "beta", 15);
        QCOMPARE(map.rise.size(), std::size_t(225));
        const auto least = std::ranges::min_element(map.rise) - map.rise.begin();
        QVERIFY(std::abs(map.first[std::size_t(least) / 15] - fit.value("alpha")) < .2 * (map.first.back() - map.first.front()));
        QVERIFY(*std::ranges::max_element(map.rise) > map.threshold);
        QVERIFY_THROWS_EXCEPTION(UsageError, profile(problem, fit, "alpha", "nonsense"));
    }

    // Compute and data alone cannot bound the other term's amplitude.
    void openProfilesAreSaid()
    {
        data::Table t = table(.01);
        for (double& N : t.numbers[0].values)
            N = 1e10 * (1 + 1e-4 * N / 1e10);
        Spec spec;
        spec.interval = "profile";
        spec.where = "corpus=='web'";
        const Fit fit = solve(makeProblem(spec, t));
        QVERIFY(warns(fit, "open-interval"));
        QVERIFY(warns(fit, "few-levels-n"));
    }

    void everyIntervalAgreesOnGoodData()
    {
        Spec spec;
        const Fit wald = solve(drawn(spec));
        spec.bootstrap = 300;
        for (const char* kind : {"", "wild", "profile"}) {
            spec.interval = kind;
            const Fit fit = solve(drawn(spec));
            const double ratio = (fit.parameters[3].ci.upper - fit.parameters[3].ci.lower) / (wald.parameters[3].ci.upper - wald.parameters[3].ci.lower);
            QVERIFY2(ratio > .7 && ratio < 1.4, qPrintable(QString("%1: %2").arg(kind).arg(ratio)));
        }
    }

    void leavingOneOutUsesEachRun()
    {
        Spec spec;
        spec.law = "annealing_momentum";
        spec.interval = "leave-one-out";
        const Fit fit = solve(drawn(spec));
        QCOMPARE(fit.interval, std::string("leave-one-out"));
        QCOMPARE(fit.resamples, 3);
        QCOMPARE(fit.dof, 2.0);
        QVERIFY(fit.parameters[0].ci.lower < 2.6 && fit.parameters[0].ci.upper > 2.6);
        Spec one;
        one.interval = "leave-one-out";
        QVERIFY_THROWS_EXCEPTION(Error, solve(drawn(one)));
    }

    void validationHoldsOutWhatItSays()
    {
        const Problem problem = makeProblem({}, table());
        const Validated rolling = validate(problem, Validation::Rolling);
        QCOMPARE(rolling.folds.size(), std::size_t(5));
        for (const auto& fold : rolling.folds)
            QCOMPARE(fold.n + fold.errors.n, int(problem.train.y.size()));
        QVERIFY(QString::fromStdString(rolling.folds[0].held).startsWith("compute above"));
        Spec spec;
        spec.law = "annealing_momentum";
        const Problem curves = drawn(spec);
        QCOMPARE(int(usual(curves)), int(Validation::LeaveOneOut));
        QCOMPARE(validate(curves, Validation::LeaveOneOut).folds.size(), std::size_t(3));
        QVERIFY_THROWS_EXCEPTION(Error, validate(problem, Validation::Holdout));
        QVERIFY_THROWS_EXCEPTION(Error, validate(problem, Validation::LeaveOneOut));
    }

    // The law that made the data comes first; one that cannot be fitted comes last and says why.
    void comparisonRanksByWhatWasNotSeen()
    {
        std::vector<Spec> specs(4);
        specs[0].law = "L = E + A/N^a";
        specs[1].law = "chinchilla";
        specs[2].law = "annealing_momentum";
        specs[3].law = "L = E + A/(N*D)^a";
        for (Spec& spec : specs)
            spec.where = "corpus=='web'";
        const Comparison found = compare(specs, table(), {});
        QCOMPARE(found.laws.front().spec.law, std::string("chinchilla"));
        QCOMPARE(found.laws.back().spec.law, std::string("annealing_momentum"));
        QVERIFY(!found.laws.back().why.empty());
        QVERIFY(found.laws[0].fit->metrics.aicc < found.laws[1].fit->metrics.aicc);
        for (std::size_t i = 1; i < 3; ++i)
            QVERIFY(found.laws[i - 1].validated->errors.mae <= found.laws[i].validated->errors.mae);
    }

    void groupsShareWhatTheyAreToldTo()
    {
        const Joint apart = solveJoint({}, table(), {}, "corpus", {});
        QCOMPARE(apart.names, (std::vector<std::string>{"web", "code"}));
        QCOMPARE(apart.free, 10);
        QVERIFY(std::abs(apart.fits[0].value("E") - 1.8) < .1 && std::abs(apart.fits[1].value("E") - 1.1) < .1);
        const Joint together = solveJoint({}, table(), {}, "corpus", {"alpha", "beta", "B"});
        QCOMPARE(together.free, 7);
        QCOMPARE(together.fits[0].value("alpha"), together.fits[1].value("alpha"));
        QVERIFY(std::abs(together.fits[0].value("alpha") - .34) < 4 * together.fits[0].parameters[3].se);
        QVERIFY(std::abs(together.fits[1].value("E") - 1.1) < 4 * together.fits[1].parameters[0].se);
        QVERIFY(together.fits[0].parameters[3].se < apart.fits[0].parameters[3].se);
        QVERIFY(together.objective >= apart.objective);
        QVERIFY(together.aicc < apart.aicc);
        // Sharing everything is one fit of all rows.
        Spec squares;
        squares.objective = Objective::LogLs;
        const Joint one = solveJoint(squares, table(), {}, "corpus", {"E", "A", "B", "alpha", "beta"});
        const Fit all = solve(makeProblem(squares, table()));
        QVERIFY(std::abs(one.objective / all.objective - 1) < 1e-6);
        QVERIFY(std::abs(one.fits[0].parameters[3].se / all.parameters[3].se - 1) < 1e-3);
        QVERIFY_THROWS_EXCEPTION(UsageError, solveJoint({}, table(), {}, "corpse", {}));
        QVERIFY_THROWS_EXCEPTION(UsageError, solveJoint({}, table(), {}, "corpus", {"delta"}));
    }

    void residualWarnings()
    {
        // Errors that go along with the step.
        Spec curves;
        curves.law = "annealing_momentum";
        Problem slow = drawn(curves);
        for (std::size_t k = 0; k < slow.train.y.size(); ++k)
            slow.train.y[k] *= 1 + .01 * std::sin(double(k) / 8);
        QVERIFY(warns(solve(slow), "autocorrelated"));
        QVERIFY(!warns(solve(drawn(curves)), "autocorrelated"));
        // Noise that grows with the loss.
        Problem uneven = drawn();
        Random random(5, 5);
        for (double& y : uneven.train.y)
            y *= std::exp((y > 3 ? .1 : .001) * random.normal());
        QVERIFY(warns(solve(uneven), "uneven-noise"));
        QVERIFY(!warns(solve(drawn()), "uneven-noise"));
        Problem outlier = drawn();
        outlier.train.y[7] *= 1.5;
        QVERIFY(warns(solve(outlier), "outliers"));
        QVERIFY(!warns(solve(drawn()), "outliers"));
        // Two corpora in one fit: the floor of one lies above the losses of the other.
        Problem mixed = drawn();
        for (std::size_t k = 0; k < 5; ++k)
            mixed.train.y[k * 17] = 1.2;
        QVERIFY(warns(solve(mixed), "floor-above-data"));
        Spec held;
        held.where = "corpus=='web'";
        held.holdout = "corpus=='code'";
        QVERIFY(warns(solve(makeProblem(held, table())), "holdout-worse"));
        // One schedule in three runs.
        Problem alike = drawn(curves);
        for (auto& group : alike.train.groups)
            group.curve = alike.train.groups[1].curve;
        QVERIFY(warns(solve(alike), "similar-schedules"));
        QVERIFY(!warns(solve(drawn(curves)), "similar-schedules"));
        data::Table one = table();
        std::ranges::fill(one.numbers[0].values, 1e9);
        const Fit flat = solve(makeProblem({}, one));
        QVERIFY(warns(flat, "few-levels-n"));
        QVERIFY(warns(flat, "undetermined"));
    }

    void stepsOfRunsAreWarnedOf()
    {
        data::Table t;
        t.numbers = {{"N", {}}, {"D", {}}, {"loss", {}}, {"step", {}}};
        for (int g = 0; g < 6; ++g) {
            t.groups.push_back("run" + std::to_string(g));
            t.curve.push_back(true);
            for (int s = 1; s <= 40; ++s) {
                const double N = 1e7 * std::pow(3, g), D = 1e7 * s * (g + 1);
                for (auto [i, v] : {std::pair(0, N), {1, D}, {2, 1.7 + 400 * std::pow(N, -.34) + 410 * std::pow(D, -.29)}, {3, double(s)}})
                    t.numbers[std::size_t(i)].values.push_back(v);
                t.group.push_back(g);
            }
        }
        t.rows = t.group.size();
        Spec spec;
        spec.set = {{"rows", "all"}};
        const Fit fit = solve(makeProblem(spec, t));
        QVERIFY(warns(fit, "early-points"));
        QVERIFY(warns(fit, "unannealed"));
        spec.set["skip"] = "0.1";
        QVERIFY(!warns(solve(makeProblem(spec, t)), "early-points"));
    }
};

QTEST_APPLESS_MAIN(TestEngine)
#include "tst_engine.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/fit/json.h"
#include "core/fit/predict.h"
#include "core/fit/solve.h"
#include "synthetic.h"

#include <QTest>

using namespace fit;

static Problem chinchilla(Spec spec = {}, std::uint64_t seed = 3)
{
    const law::Law& law = law::get("chinchilla");
    return synthetic::draw(law, synthetic::truths().at("chinchilla"), seed, std::move(spec));
}

static std::string bits(const Fit& fit)
{
    auto json = toJson(fit);
    json.erase("seconds");
    return json.dump();
}

class TestSolver : public QObject
{
    Q_OBJECT

private slots:
    void sameBitsAtAnyThreadCount()
    {
        Spec spec;
        spec.bootstrap = 60;
        const Problem problem = chinchilla(spec);
        const std::string one = bits(solve(problem, 1));
        for (const int threads : {2, 3, 7})
            QCOMPARE(bits(solve(problem, threads)), one);
    }

    void seedChangesResamplesOnly()
    {
        Spec spec;
        spec.bootstrap = 60;
        const Fit a = solve(chinchilla(spec));
        spec.seed = 2;
        const Fit b = solve(chinchilla(spec));
        QCOMPARE(a.values(), b.values());
        QVERIFY(a.parameters[0].se != b.parameters[0].se);
    }

    void fixedParametersStay()
    {
        Spec spec;
        spec.fixed = {{"alpha", .4}};
        const Fit fit = solve(chinchilla(spec));
        QCOMPARE(fit.value("alpha"), .4);
        QVERIFY(fit.parameters[3].fixed);
        spec.fixed = {{"E", 0}};
        QCOMPARE(solve(chinchilla(spec)).value("E"), 0.0);
    }

    void boundsHoldAndAreReported()
    {
        Spec spec;
        spec.bounds = {{"beta", {.5, 1}}};
        const Fit fit = solve(chinchilla(spec));
        QCOMPARE(fit.value("beta"), .5);
        QVERIFY(fit.parameters[4].atBound);
        QVERIFY(std::ranges::any_of(fit.warnings, [](const Warning& w) { return w.id == "at-bound"; }));
    }

    void outliersDoNotMoveAHuberFit()
    {
        Problem problem = chinchilla();
        const Fit clean = solve(problem);
        problem.train.y[5] *= 2;
        const Fit robust = solve(problem);
        QVERIFY(std::abs(robust.value("alpha") - clean.value("alpha")) < clean.parameters[3].se);
        problem.spec.objective = Objective::LogLs;
        const Fit squares = solve(problem);
        QVERIFY(std::abs(squares.value("alpha") - clean.value("alpha")) > std::abs(robust.value("alpha") - clean.value("alpha")));
    }

    void objectiveIsTheSumOverPoints()
    {
        const Problem problem = chinchilla();
        const Fit fit = solve(problem);
        std::vector<double> y(problem.train.y.size());
        problem.law->eval(fit.values().data(), problem.train.rows(), y.data(), nullptr);
        double sum = 0;
        for (std::size_t i = 0; i < y.size(); ++i) {
            const double r = std::abs(std::log(y[i] / problem.train.y[i]));
            sum += r <= 1e-3 ? r * r / 2 : 1e-3 * (r - 5e-4);
        }
        QVERIFY(std::abs(fit.objective / sum - 1) < 1e-12);
    }

    void fileRoundTrips()
    {
        Spec spec;
        spec.bootstrap = 30;
        spec.where = "N>0";
        const Fit fit = solve(chinchilla(spec));
        const auto back = std::get<Fit>(fromJson(nlohmann::ordered_json::parse(toJson(fit).dump())));
        QCOMPARE(toJson(back).dump(), toJson(fit).dump());
        const std::map<std::string, double> at{{"N", 1e9}, {"D", 1e11}};
        QCOMPARE(predict(back, at).value, predict(fit, at).value);
        QCOMPARE(predict(back, at).ci.lower, predict(fit, at).ci.lower);
    }

    void collinearDataAreFlagged()
    {
        data::Table t;
        t.groups = {""};
        t.curve = {false};
        t.numbers = {{"N", {}}, {"D", {}}, {"loss", {}}};
        for (int i = 0; i < 20; ++i) {
            const double n = 1e7 * std::pow(1.5, i);
            t.numbers[0].values.push_back(n);
            t.numbers[1].values.push_back(20 * n);
            t.numbers[2].values.push_back(1.7 + 400 * std::pow(n, -.34) + 410 * std::pow(20 * n, -.28));
            t.group.push_back(0);
        }
        t.rows = 20;
        const Fit fit = solve(makeProblem({}, t));
        QVERIFY(std::ranges::any_of(fit.warnings, [](const Warning& w) { return w.id == "collinear-n-d"; }));
    }

    void badRowsAreExcludedWithAReason()
    {
        data::Table t = synthetic::design(law::get("chinchilla"));
        t.numbers[2].values[4] = NAN;
        t.numbers[0].values[6] = -1;
        t.numbers[2].values[7] = 0;
        const Problem problem = makeProblem({}, t);
        QCOMPARE(problem.excluded.size(), std::size_t(3));
        QCOMPARE(problem.excluded[0].row, std::int64_t(4));
        QCOMPARE(problem.train.y.size() + 3, t.rows);
    }

    void missingColumnsAreNamed()
    {
        data::Table t = synthetic::design(law::get("chinchilla"));
        t.numbers[1].name = "what";
        try {
            makeProblem({}, t);
            QFAIL("no error");
        } catch (const UsageError& e) {
            QVERIFY(QByteArray(e.what()).contains("--map D=COLUMN"));
        }
        Spec spec;
        spec.map = {{"D", "what"}};
        QCOMPARE(makeProblem(spec, t).inputs.at("D"), std::string("what"));
    }

    void holdoutIsPredictedNotFitted()
    {
        Spec spec;
        spec.law = "chinchilla";
        spec.holdout = "N>5e9";
        data::Table t = synthetic::design(law::get("chinchilla"));
        const Problem problem = makeProblem(spec, t);
        QVERIFY(!problem.held.y.empty());
        QCOMPARE(problem.held.y.size() + problem.train.y.size(), t.rows);
        for (std::size_t i = 0; i < problem.train.y.size(); ++i)
            QVERIFY(problem.train.x[2 * i] <= 5e9);
    }

    void finalRowsOfRunsAreFitted()
    {
        data::Table t;
        t.groups = {"a", "b"};
        t.curve = {true, true};
        t.numbers = {{"x", {10, 20, 30, 1, 2, 3}}, {"loss", {5, 4, 3, 6, 5, NAN}}};
        t.group = {0, 0, 0, 1, 1, 1};
        t.rows = 6;
        Spec spec{.law = "power_law"};
        Problem problem = makeProblem(spec, t);
        QCOMPARE(problem.train.y, (std::vector<double>{3, 5}));
        QCOMPARE(problem.train.x, (std::vector<double>{30, 2}));
        spec.set = {{"last", "2"}};
        QCOMPARE(makeProblem(spec, t).train.y, (std::vector<double>{3.5, 5.5}));
        spec.set = {{"rows", "all"}};
        problem = makeProblem(spec, t);
        QCOMPARE(problem.train.y, (std::vector<double>{5, 4, 3, 6, 5}));
        QVERIFY(problem.byRun);
    }

    void countersLoggedAtOtherStepsAreInterpolated()
    {
        data::Table t;
        t.groups = {"a"};
        t.curve = {true};
        t.numbers = {{"step", {0, 10, 15, 20, 25}}, {"tok", {NAN, 100, NAN, 200, NAN}}, {"loss", {9, NAN, 4, 3, 2}}};
        t.group = {0, 0, 0, 0, 0};
        t.rows = 5;
        Spec spec{.law = "power_law"};
        spec.map = {{"x", "tok"}};
        spec.set = {{"rows", "all"}};
        const Problem problem = makeProblem(spec, t);
        QCOMPARE(problem.train.x, (std::vector<double>{150, 200}));
        QCOMPARE(problem.train.y, (std::vector<double>{4, 3}));
        QCOMPARE(problem.excluded.size(), std::size_t(2));
    }

    void unloggedWarmUpIsLinearFromZero()
    {
        data::Table t;
        t.groups = {"r"};
        t.curve = {true};
        t.numbers = {{"step", {4, 6, 8}}, {"lr", {1, 1, .5}}, {"loss", {3, 2, 1}}};
        t.group = {0, 0, 0};
        t.rows = 3;
        Spec spec{.law = "annealing_momentum"};
        const auto rate = [&](const char* warmup) {
            spec.set = warmup ? std::map<std::string, std::string>{{"warmup", warmup}} : std::map<std::string, std::string>{};
            return makeProblem(spec, t).train.groups[0].curve->rate();
        };
        QCOMPARE(rate(nullptr), (std::vector<double>{0, .25, .5, .75, 1, 1, 1, .75, .5}));
        QCOMPARE(rate("peak"), (std::vector<double>{1, 1, 1, 1, 1, 1, 1, .75, .5}));
        QCOMPARE(rate("none"), (std::vector<double>{0, 0, 0, 0, 1, 1, 1, .75, .5}));
        QCOMPARE(rate("2"), (std::vector<double>{0, .5, 1, 1, 1, 1, 1, .75, .5}));
    }

    // Wald's interval of a prediction surrounds it evenly (in logs) and agrees with the bootstrap's in width.
    void intervalsOfPredictionsAgree()
    {
        Spec spec;
        spec.bootstrap = 1000;
        spec.objective = Objective::LogLs;
        const Fit boot = solve(chinchilla(spec));
        spec.bootstrap = 0;
        const Fit wald = solve(chinchilla(spec));
        for (const double n : {1e8, 1e10, 1e12}) {
            const std::map<std::string, double> at{{"N", n}, {"D", 20 * n}};
            const Prediction a = predict(wald, at), b = predict(boot, at);
            QVERIFY(std::abs(a.ci.upper * a.ci.lower / (a.value * a.value) - 1) < 1e-12);
            const double width = std::log(a.ci.upper / a.ci.lower), other = std::log(b.ci.upper / b.ci.lower);
            QVERIFY2(width / other > .7 && width / other < 1.4, qPrintable(QString::number(width / other)));
            QVERIFY(b.ci.lower < b.value && b.value < b.ci.upper);
        }
    }

    void cancelEndsTheFit()
    {
        QVERIFY_EXCEPTION_THROWN(solve(chinchilla(), 2, [](double) { return false; }), Error);
    }

    void refineFollowsANearbyStart()
    {
        const Problem problem = chinchilla();
        const Fit fit = solve(problem);
        Fit near = fit;
        for (Estimate& e : near.parameters)
            e.value *= 1.1;
        QVERIFY(std::abs(refine(problem, near).objective / fit.objective - 1) < 1e-6);
    }

    void refineReachesTheOptimum()
    {
        const Problem problem = chinchilla();
        const Fit fit = solve(problem);
        Fit near = fit;
        for (Estimate& e : near.parameters)
            e.value *= 1.1;
        const Fit refined = refine(problem, near);
        for (std::size_t i = 0; i < fit.parameters.size(); ++i)
            QVERIFY2(std::abs(refined.parameters[i].value / fit.parameters[i].value - 1) < 1e-4, refined.parameters[i].name.c_str());
        QCOMPARE(refined.interval, std::string("none"));
        QVERIFY(refined.covariance.empty() && std::isnan(refined.parameters[0].se));
        QCOMPARE(refined.n, fit.n);
        QVERIFY(std::abs(refined.metrics.rmse / fit.metrics.rmse - 1) < 1e-4);
    }

    void refineKeepsWhatIsHeld()
    {
        const Problem problem = chinchilla();
        const Fit fit = solve(problem);
        const double held = fit.value("alpha") * 1.0123456789;
        const Fit refined = refine(problem, fit, {{"alpha", held}});
        QCOMPARE(refined.value("alpha"), held);                 // to the bit
        QVERIFY(std::bit_cast<std::uint64_t>(refined.value("alpha")) == std::bit_cast<std::uint64_t>(held));
        QVERIFY(refined.parameters[3].fixed && refined.parameters[3].se == 0);
        QVERIFY(refined.objective > fit.objective);

        // The best there: what a fit with that parameter fixed finds.
        Spec spec;
        spec.fixed["alpha"] = held;
        const Fit fixed = solve(chinchilla(spec));
        QVERIFY(std::abs(refined.objective / fixed.objective - 1) < 1e-6);
        QVERIFY(refine(problem, fit, {{"alpha", 9.}}).value("alpha") == 9.);     // beyond its bound, as asked
        QVERIFY_EXCEPTION_THROWN(refine(problem, fit, {{"gamma", 1.}}), UsageError);

        Spec bounded;
        bounded.bounds["E"] = {1.75, 3};
        const Fit inside = refine(chinchilla(bounded), fit, {{"alpha", held}});
        QVERIFY(inside.value("E") >= 1.75 && inside.value("E") <= 3);
    }

    void lawIsEvaluatedAtGivenValues()
    {
        const Problem problem = chinchilla();
        const Fit fit = solve(problem);
        std::map<std::string, double> values;
        for (const Estimate& e : fit.parameters)
            values[e.name] = e.value;
        const Fit same = fit::at(problem, values);
        QCOMPARE(same.objective, fit.objective);
        QCOMPARE(same.values(), fit.values());
        QCOMPARE(same.metrics.rmse, fit.metrics.rmse);
        QCOMPARE(same.points.size(), fit.points.size());
        QVERIFY(same.points[5].predicted == fit.points[5].predicted);
        QVERIFY(std::isnan(same.parameters[0].se) && !same.parameters[0].fixed);
        values["E"] += .1;
        const Fit off = fit::at(problem, values);
        QVERIFY(off.objective > fit.objective);
        QVERIFY(std::abs(off.points[5].predicted - fit.points[5].predicted - .1) < 1e-12);
        values["alpha"] = -1e6;      // beyond what a double holds
        QVERIFY(std::isinf(fit::at(problem, values).objective));
        values.erase("alpha");
        QVERIFY_EXCEPTION_THROWN(fit::at(problem, values), UsageError);
        QVERIFY_EXCEPTION_THROWN(fit::at(problem, {{"gamma", 1.}}), UsageError);
    }

    void keyChangesWithDataAndSpec()
    {
        const Problem a = chinchilla(), same = chinchilla(), b = chinchilla({}, 4);
        Spec spec;
        spec.delta = 1e-2;
        QCOMPARE(key(a), key(same));
        QVERIFY(key(a) != key(b));
        QVERIFY(key(a) != key(chinchilla(spec)));
    }
};

QTEST_APPLESS_MAIN(TestSolver)
#include "tst_solver.moc"

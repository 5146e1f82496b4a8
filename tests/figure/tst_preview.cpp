// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/figure/build.h"
#include "core/fit/random.h"
#include "core/fit/solve.h"

#include <QTest>

#include <chrono>

// What a dragged slider asks for, while the mouse moves.
class TestPreview : public QObject {
    Q_OBJECT

    // 1,000 points of 10 sizes and 100 token counts, 1 % noise.
    static fit::Problem problem()
    {
        const law::Law& law = law::get("chinchilla");
        data::Table t{.numbers = {{"N", {}}, {"D", {}}, {"L", {}}}, .text = {}, .group = {}, .groups = {""}, .curve = {false}, .rows = 1000};
        fit::Random random(3, 1);
        const std::vector<double> truth{1.7, 400, 410, .34, .29};
        for (int i = 0; i < 10; ++i)
            for (int j = 0; j < 100; ++j) {
                const std::vector<double> x{1e7 * std::pow(1.8, i), 1e8 * std::pow(1.08, j)}, logX{std::log(x[0]), std::log(x[1])};
                const std::vector<law::Rows::Group> groups{{0, 1, nullptr}};
                double y = 0;
                law.eval(truth.data(), {1, x, logX, groups}, &y, nullptr);
                t.numbers[0].values.push_back(x[0]);
                t.numbers[1].values.push_back(x[1]);
                t.numbers[2].values.push_back(y * std::exp(.01 * random.normal()));
                t.group.push_back(0);
            }
        return fit::makeProblem({}, t);
    }

private slots:
    void aDraggedParameterIsFollowed()
    {
        using Clock = std::chrono::steady_clock;
        const auto ms = [](Clock::duration d) { return std::chrono::duration<double, std::milli>(d).count(); };
        const fit::Problem p = problem();
        const fit::Fit best = fit::solve(p, 1);
        fit::Fit near = best;
        double refining = 0, drawing = 0, evaluating = 0, slowest = 0;
        constexpr int moves = 40;
        for (int i = 0; i < moves; ++i) {
            const double alpha = best.value("alpha") * (1 + .005 * (i + 1));
            auto start = Clock::now();
            const fit::Fit fit = fit::refine(p, near, {{"alpha", alpha}});
            const double took = ms(Clock::now() - start);
            refining += took / moves;
            slowest = std::max(slowest, took);
            start = Clock::now();
            const figure::Figure f = figure::ofFit(fit);
            drawing += ms(Clock::now() - start) / moves;
            start = Clock::now();
            std::map<std::string, double> values;
            for (const fit::Estimate& e : fit.parameters)
                values[e.name] = e.value;
            const fit::Fit there = fit::at(p, values);
            evaluating += ms(Clock::now() - start) / moves;

            QCOMPARE(fit.value("alpha"), alpha);
            QVERIFY(there.objective == fit.objective);
            for (const figure::Layer& layer : f.panels[0].layers)
                QVERIFY(layer.mark != figure::Mark::Band);      // what has no interval shows none
            near = fit;
        }
        qInfo("1,000 points: refine %.2f ms (at most %.2f), figure %.2f ms, at %.2f ms", refining, slowest, drawing, evaluating);
        QVERIFY2(refining < 40 && drawing < 30, "a slider would stutter");
    }
};

QTEST_GUILESS_MAIN(TestPreview)
#include "tst_preview.moc"

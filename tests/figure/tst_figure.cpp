// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/figure/fits.h"

#include "core/error.h"
#include "core/figure/build.h"
#include "core/figure/json.h"
#include "core/fit/json.h"
#include "core/plan/plan.h"

#include <QTest>

#include <nlohmann/json.hpp>
#include <random>

using figure::Figure;
using figure::Layer;
using figure::Mark;
using figure::Style;

namespace {

std::vector<const Layer*> layers(const figure::Panel& panel, Mark mark, Style style)
{
    std::vector<const Layer*> out;
    for (const Layer& layer : panel.layers)
        if (layer.mark == mark && layer.style == style)
            out.push_back(&layer);
    return out;
}

std::size_t count(const figure::Panel& panel, Mark mark, Style style)
{
    std::size_t n = 0;
    for (const Layer* layer : layers(panel, mark, style))
        n += layer->x.size();
    return n;
}

bool near(double a, double b, double relative)
{
    return std::abs(a - b) <= relative * std::abs(b);
}

// What every figure must keep, whatever it shows.
void verifySound(const Figure& f)
{
    QVERIFY(!f.id.empty() && !f.title.empty() && !f.panels.empty());
    QCOMPARE(nlohmann::json::parse(f.recipe).count("isoloss"), std::size_t(1));
    for (const figure::Panel& panel : f.panels)
        for (const Layer& layer : panel.layers) {
            if (layer.mark == Mark::Band)
                QVERIFY(layer.low.size() == layer.x.size() && layer.high.size() == layer.x.size());
            else if (layer.mark != Mark::Rule)
                QCOMPARE(layer.x.size(), layer.y.size());
            for (std::size_t i = 0; i < layer.low.size(); ++i)
                QVERIFY(!(layer.low[i] > layer.high[i]));
        }
    // Written and read again it is the same picture.
    QCOMPARE(figure::toJson(figure::fromJson(figure::toJson(f))).dump(), figure::toJson(f).dump());
}

}

class TestFigure : public QObject {
    Q_OBJECT

private slots:
    void fewSizesGiveACurveEach()
    {
        const fit::Fit fit = fits::grid();
        const Figure f = figure::ofFit(fit);
        verifySound(f);
        QCOMPARE(int(f.panels.size()), 2);
        const figure::Panel& main = f.panels[0];
        QCOMPARE(main.x.title, std::string("training tokens"));
        const auto lines = layers(main, Mark::Line, Style::Fit);
        QCOMPARE(int(lines.size()), 4);
        QCOMPARE(lines[0]->name, std::string("N = 100M"));
        QCOMPARE(lines[3]->name, std::string("N = 6.4B"));
        QCOMPARE(count(main, Mark::Points, Style::Data), std::size_t(15));
        QCOMPARE(count(main, Mark::Points, Style::HeldOut), std::size_t(1));
        // A curve is the law at its size, from its first to its last fitted point.
        const auto& p = fits::epoch;
        const auto law = [&](double n, double d) { return p[0] + p[1] * std::pow(n, -p[3]) + p[2] * std::pow(d, -p[4]); };
        for (std::size_t i = 0; i < lines[1]->x.size(); ++i)
            QVERIFY(near(lines[1]->y[i], law(4e8, lines[1]->x[i]), 1e-12));
        QCOMPARE(lines[0]->x.front(), 2e9);
        QCOMPARE(lines[0]->x.back(), 1.28e11);
        // The largest size was fitted to 3.2e10 tokens only; beyond is extrapolated, past the held-out point.
        QCOMPARE(lines[3]->x.back(), 3.2e10);
        const auto beyond = layers(main, Mark::Line, Style::Extrapolated);
        QCOMPARE(beyond.back()->x.front(), 3.2e10);
        QVERIFY(beyond.back()->x.back() > 1.28e11);
        // The interval holds the curve.
        for (const Layer* band : layers(main, Mark::Band, Style::Interval))
            for (std::size_t i = 0; i < band->x.size(); ++i)
                QVERIFY(band->low[i] < law(1e8 * std::pow(4, band->color), band->x[i])
                        && band->high[i] > law(1e8 * std::pow(4, band->color), band->x[i]));
        QVERIFY(layers(main, Mark::Band, Style::Extrapolated)[0]->name.starts_with("extrapolated"));
    }

    void residualsAreInPerCentOverAZeroRule()
    {
        const Figure f = figure::ofFit(fits::grid());
        const figure::Panel& below = f.panels[1];
        QCOMPARE(below.y.unit, std::string("% of prediction"));
        QCOMPARE(layers(below, Mark::Rule, Style::Reference)[0]->y, std::vector{0.});
        QCOMPARE(count(below, Mark::Points, Style::Data) + count(below, Mark::Points, Style::HeldOut), std::size_t(16));
        for (const Layer* layer : layers(below, Mark::Points, Style::Data))
            for (const double y : layer->y)
                QVERIFY(near(std::abs(y), 1, 1e-9));
        QVERIFY(below.height < f.panels[0].height);
        QCOMPARE(below.x.log, f.panels[0].x.log);
    }

    void equalBudgetsGiveIsoFlopCurves()
    {
        std::vector<fits::Row> rows;
        for (const double flops : {6e18, 6e19, 6e20})
            for (int i = -7; i <= 7; ++i) {
                const double n = std::sqrt(flops / 120) * std::pow(1.3, i);
                rows.push_back({{n, flops / (6 * n)}});
            }
        const Figure f = figure::ofFit(fits::make("chinchilla", fits::epoch, rows));
        verifySound(f);
        QCOMPARE(f.panels[0].x.title, std::string("parameters"));
        const auto lines = layers(f.panels[0], Mark::Line, Style::Fit);
        QCOMPARE(int(lines.size()), 3);
        QVERIFY(lines[0]->name.find("FLOPs") != std::string::npos);
        for (const Layer* line : lines) {   // a valley: lower inside than at both ends
            const double lowest = *std::ranges::min_element(line->y);
            QVERIFY(lowest < line->y.front() && lowest < line->y.back());
        }
    }

    void manySizesAreShownAgainstComputeWithTheFrontier()
    {
        std::mt19937_64 random(1);
        std::uniform_real_distribution unit(0., 1.);
        std::vector<fits::Row> rows;
        for (int i = 0; i < 120; ++i)
            rows.push_back({{std::pow(10, 7 + 3 * unit(random)), std::pow(10, 9 + 2 * unit(random))}, i % 10 == 0});
        const fit::Fit fit = fits::make("chinchilla", fits::epoch, rows);
        const Figure f = figure::ofFit(fit);
        verifySound(f);
        QCOMPARE(f.panels[0].x.title, std::string("training compute"));
        QCOMPARE(count(f.panels[0], Mark::Points, Style::Data), std::size_t(108));
        QCOMPARE(count(f.panels[0], Mark::Points, Style::HeldOut), std::size_t(12));
        QVERIFY(layers(f.panels[0], Mark::Points, Style::Data).size() <= 6);
        // Closed form of the optimum (Hoffmann et al. 2022, eq. 4).
        const auto& p = fits::epoch;
        const auto [alpha, beta] = std::pair(p[3], p[4]);
        const double g = std::pow(alpha * p[1] / (beta * p[2]), 1 / (alpha + beta));
        for (const Style style : {Style::Fit, Style::Extrapolated}) {
            const auto lines = layers(f.panels[0], Mark::Line, style);
            QCOMPARE(int(lines.size()), 1);
            for (std::size_t i = 0; i < lines[0]->x.size(); ++i) {
                const double c = lines[0]->x[i] / 6;
                const double best = p[0] + (p[1] * std::pow(g, -alpha) + p[2] * std::pow(g, beta))
                                           * std::pow(c, -alpha * beta / (alpha + beta));
                QVERIFY(near(lines[0]->y[i], best, 1e-9));
            }
        }
        // No observed loss is in two bins, and bins rise.
        double last = 0;
        for (const Layer* layer : layers(f.panels[0], Mark::Points, Style::Data)) {
            QVERIFY(!layer->name.empty() && layer->color >= last);
            last = layer->color;
        }
    }

    void oneInputIsDrawnAlongIt_data()
    {
        QTest::addColumn<QByteArray>("law");
        QTest::addColumn<std::vector<double>>("values");
        QTest::addColumn<double>("from");
        QTest::addColumn<double>("to");
        QTest::addColumn<bool>("log");
        QTest::newRow("power law") << QByteArray("power_law") << std::vector{1.7, 60., .1} << 1e17 << 1e21 << true;
        QTest::newRow("score") << QByteArray("loss_to_score") << std::vector{.25, 1., 5., .7} << .4 << 1.3 << false;
    }
    void oneInputIsDrawnAlongIt()
    {
        QFETCH(const QByteArray, law);
        QFETCH(const std::vector<double>, values);
        QFETCH(const double, from);
        QFETCH(const double, to);
        QFETCH(const bool, log);
        std::vector<fits::Row> rows;
        for (int i = 0; i <= 10; ++i)
            rows.push_back({{log ? from * std::pow(to / from, i / 10.) : from + (to - from) * i / 10.}, i == 10});
        fit::Fit fit = fits::make(law.constData(), values, rows);
        fit.inputs[std::string(law::get(fit.spec.law).inputs[0].id)] = "flops";
        const Figure f = figure::ofFit(fit);
        verifySound(f);
        QCOMPARE(f.panels[0].x.log, log);
        QCOMPARE(f.panels[0].x.title, std::string(log ? "flops" : "loss"));
        QCOMPARE(f.panels[1].y.unit, std::string(log ? "% of prediction" : ""));
        const auto fitted = layers(f.panels[0], Mark::Line, Style::Fit);
        QCOMPARE(int(fitted.size()), 1);
        QCOMPARE(fitted[0]->x.back(), rows[9].x[0]);
        double reach = 0;
        for (const Layer* layer : layers(f.panels[0], Mark::Line, Style::Extrapolated))
            reach = std::max(reach, layer->x.back());
        QVERIFY(reach > to);
    }

    void annealingLawsHaveACurvePerRun()
    {
        std::vector<fits::Row> rows;
        for (int i = 0; i < 600; ++i)
            rows.push_back({{double(i % 200) * 10}, i >= 400});
        fit::Fit fit = fits::make("annealing_momentum", {2.6, .43, .41, .55, .999}, rows);
        fit.groups = {"cosine", "constant", "wsd"};
        for (std::size_t i = 0; i < fit.points.size(); ++i) {
            fit.points[i].group = int(i / 200);
            fit.points[i].observed = 3, fit.points[i].predicted = 2.97;
        }
        const Figure f = figure::ofFit(fit);
        verifySound(f);
        QVERIFY(!f.panels[0].x.log);
        const auto fitted = layers(f.panels[0], Mark::Line, Style::Fit);
        QCOMPARE(int(fitted.size()), 3);
        QCOMPARE(fitted[2]->name, std::string("wsd"));
        QCOMPARE(count(f.panels[0], Mark::Line, Style::Raw), std::size_t(600));
        const auto rings = layers(f.panels[0], Mark::Points, Style::HeldOut);
        QCOMPARE(int(rings.size()), 1);
        QVERIFY(rings[0]->color == 2 && rings[0]->x.size() <= 24);
        for (const Layer* rest : layers(f.panels[1], Mark::Line, Style::Data))
            QVERIFY(near(rest->y[5], 100 * .03 / 2.97, 1e-9));
    }

    void aFitWithoutUncertaintyHasNoBand()
    {
        fit::Fit fit = fits::grid();
        fit.covariance.clear();
        const Figure f = figure::ofFit(fit);
        verifySound(f);
        for (const Layer& layer : f.panels[0].layers)
            QVERIFY(layer.mark != Mark::Band);
        QCOMPARE(int(layers(f.panels[0], Mark::Line, Style::Fit).size()), 4);
    }

    void publishedConstantsAreDrawnWithoutData()
    {
        const Figure f = figure::ofFit(fit::preset("chinchilla:epoch"));
        verifySound(f);
        QCOMPARE(int(f.panels.size()), 1);
        QVERIFY_EXCEPTION_THROWN(figure::ofFit(fit::preset("loss_to_score:mmlu")), Error);
    }

    void aPlanIsMarkedOnItsFrontier()
    {
        const fit::Fit fit = fits::grid();
        const plan::Plan plan = plan::forFlops(fit, 1e23);
        const Figure f = figure::ofPlan(fit, plan);
        verifySound(f);
        QCOMPARE(layers(f.panels[0], Mark::Rule, Style::Reference)[0]->x, std::vector{1e23});
        const Layer* mark = nullptr;
        for (const Layer* layer : layers(f.panels[0], Mark::Points, Style::Data))
            if (layer->name == "plan")
                mark = layer;
        QVERIFY(mark);
        QCOMPARE(mark->y, std::vector{plan.loss.value});
        QVERIFY(mark->low[0] < mark->y[0] && mark->y[0] < mark->high[0]);
        // The budget lies beyond the data and the curve reaches it.
        QVERIFY(layers(f.panels[0], Mark::Line, Style::Extrapolated)[0]->x.back() >= 1e23);
        QVERIFY(f.title.find("tokens") != std::string::npos);
        QCOMPARE(nlohmann::json::parse(f.recipe)["plan"]["flops"].get<double>(), 1e23);
        QVERIFY_EXCEPTION_THROWN(figure::ofPlan(fit::preset("power_law:kaplan_n"), plan), UsageError);
    }

    void aChainShowsScoreOverLoss()
    {
        fit::Chain chain{.first = fits::grid(), .second = {}};
        std::vector<fits::Row> rows;
        for (const fit::Point& p : chain.first.points)
            rows.push_back({{p.observed}, p.heldOut});
        rows.push_back({{9.5}});
        chain.second = fits::make("loss_to_score", {.25, 1., 3., 2.8}, rows);
        const Figure f = figure::ofChain(chain);
        verifySound(f);
        QCOMPARE(f.panels[0].y.title, std::string("score"));
        QCOMPARE(f.panels[1].y.title, std::string("loss"));
        QCOMPARE(f.panels[0].x.title, f.panels[1].x.title);
        // Sixteen of the seventeen scores belong to a run of the first fit.
        QCOMPARE(count(f.panels[0], Mark::Points, Style::Data) + count(f.panels[0], Mark::Points, Style::HeldOut),
                 std::size_t(16));
        QVERIFY(f.note.find("16 of 17") != std::string::npos);
        const auto curve = layers(f.panels[0], Mark::Line, Style::Fit);
        QCOMPARE(int(curve.size()), 1);
        QVERIFY(std::ranges::is_sorted(curve[0]->y));      // more compute, lower loss, higher score
        QVERIFY(nlohmann::json::parse(f.recipe)["then"].contains("fit"));
    }
};

QTEST_GUILESS_MAIN(TestFigure)
#include "tst_figure.moc"

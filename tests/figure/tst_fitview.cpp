// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/figure/fits.h"

#include "core/error.h"
#include "core/export/exporter.h"
#include "core/figure/contour.h"
#include "core/figure/fitview.h"
#include "core/figure/json.h"
#include "core/fit/solve.h"

#include <QTest>

#include <nlohmann/json.hpp>

#include <cmath>
#include <random>

using figure::Figure;
using figure::Layer;
using figure::Mark;
using figure::Style;

namespace {

// Losses of a law of N and D with two per cent of noise, and a column that is no input.
data::Table losses(double shift = 1)
{
    std::mt19937_64 random(7);
    std::normal_distribution<double> noise(0, .004);
    data::Table t;
    t.numbers = {{"params", {}}, {"tokens", {}}, {"loss", {}}, {"batch", {}}};
    for (const double n : {1e7, 4e7, 1.6e8, 6.4e8, 2.5e9})
        for (const double d : {2e8, 1e9, 5e9, 2.5e10}) {
            t.numbers[0].values.push_back(n), t.numbers[1].values.push_back(d);
            t.numbers[2].values.push_back((1.8 * shift + 480 * std::pow(n, -.35) + 2100 * std::pow(d, -.37)) * std::exp(noise(random)));
            t.numbers[3].values.push_back(double(t.rows % 3 + 1) * 256);
            t.group.push_back(0);
            ++t.rows;
        }
    t.groups = {"table"};
    t.curve = {false};
    return t;
}

fit::Spec spec(std::string law = "chinchilla")
{
    fit::Spec out;
    out.law = std::move(law);
    return out;
}

struct Solved {
    data::Table table = losses();
    fit::Problem problem = fit::makeProblem(spec(), table);
    fit::Fit fit = fit::solve(problem, 2);
};

const Solved& solved()
{
    static const Solved one;
    return one;
}

const Layer* find(const Figure& f, Mark mark, const std::string& name)
{
    for (const auto& panel : f.panels)
        for (const Layer& layer : panel.layers)
            if (layer.mark == mark && layer.name == name)
                return &layer;
    return nullptr;
}

void verifySound(const Figure& f)
{
    QVERIFY(!f.id.empty() && !f.title.empty() && !f.panels.empty());
    QCOMPARE(nlohmann::json::parse(f.recipe).count("isoloss"), std::size_t(1));
    QCOMPARE(figure::toJson(figure::fromJson(figure::toJson(f))).dump(), figure::toJson(f).dump());
    for (const exporter::FigureExporter& one : exporter::figures())
        QVERIFY(one.figure(f).size() > 100);
}

}

class TestFitView : public QObject {
    Q_OBJECT
private slots:
    void contoursOfACircleAreACircle();
    void contoursEndWhereNothingIsKnown();
    void profileMeetsItsThresholdAtTheInterval();
    void mapHoldsTheEstimateInItsRegion();
    void mapSaysMoreThanTheGridInANarrowValley();
    void correlationIsThatOfTheCovariance();
    void residualsStandAgainstAnyColumn();
    void contoursOfEqualLossHaveEqualLoss();
    void viewsThatCannotBeDrawnSayWhy();
    void comparisonDrawsEveryLawThatReadsTheSame();
    void comparisonMarksWhatEachFoldHeldOut();
    void groupsAreDrawnWithTheirCurves();
    void namedPlacesAndTextsReachEveryFormat();
};

void TestFitView::contoursOfACircleAreACircle()
{
    std::vector<double> at, values;
    for (int i = 0; i <= 60; ++i)
        at.push_back(-3 + .1 * i);
    for (const double x : at)
        for (const double y : at)
            values.push_back(x * x + y * y);
    const auto lines = figure::contour(at, at, values, 4, false, false);
    QCOMPARE(lines.size(), std::size_t(1));
    QVERIFY(lines[0].x.size() > 60);
    for (std::size_t i = 0; i < lines[0].x.size(); ++i)
        QVERIFY(std::abs(std::hypot(lines[0].x[i], lines[0].y[i]) - 2) < .01);
    QCOMPARE(lines[0].x.front(), lines[0].x.back());       // closed
    QVERIFY(figure::contour(at, at, values, 100, false, false).empty());
}

void TestFitView::contoursEndWhereNothingIsKnown()
{
    const std::vector<double> at{0, 1, 2, 3};
    std::vector<double> values;
    for (const double x : at)
        for (std::size_t j = 0; j < at.size(); ++j)
            values.push_back(j == 3 ? std::nan("") : x);
    const auto lines = figure::contour(at, at, values, 1.5, false, false);
    QCOMPARE(lines.size(), std::size_t(1));
    for (const double y : lines[0].y)
        QVERIFY(y <= 2);
    for (const double x : lines[0].x)
        QCOMPARE(x, 1.5);
}

void TestFitView::profileMeetsItsThresholdAtTheInterval()
{
    const fit::Profile profile = fit::profile(solved().problem, solved().fit, "alpha");
    const Figure f = figure::ofProfile(solved().fit, profile);
    verifySound(f);
    const figure::Panel& panel = f.panels.at(0);
    const Layer* band = find(f, Mark::Band, "95 % interval");
    QVERIFY(band && std::isfinite(profile.ci.lower) && std::isfinite(profile.ci.upper));
    QCOMPARE(band->x.front(), profile.ci.lower);
    QCOMPARE(band->x.back(), profile.ci.upper);
    QCOMPARE(band->high.front(), profile.threshold);
    QVERIFY(std::ranges::is_sorted(band->x));
    const Layer* best = find(f, Mark::Points, "estimate");
    QCOMPARE(best->x.at(0), solved().fit.value("alpha"));
    QVERIFY(panel.x.title.starts_with("α"));
    QVERIFY(f.warnings.empty());
    fit::Profile open = profile;
    open.ci.upper = std::numeric_limits<double>::infinity();
    QCOMPARE(figure::ofProfile(solved().fit, open).warnings.size(), std::size_t(1));
}

void TestFitView::mapHoldsTheEstimateInItsRegion()
{
    const std::vector<std::string> of{"A", "alpha"};
    const Figure f = figure::ofFitView(solved().fit, solved().problem, &solved().table, "map", of);
    verifySound(f);
    const Layer* region = find(f, Mark::Line, "95 % region");
    QVERIFY(region && region->x.size() > 20);
    const auto [low, high] = std::ranges::minmax(region->x);
    QVERIFY(low < solved().fit.value("A") && solved().fit.value("A") < high);
    // A and alpha rise together: so does the region.
    const auto top = std::ranges::max_element(region->y) - region->y.begin();
    QVERIFY(region->x[std::size_t(top)] > solved().fit.value("A"));
}

// The region is one closed line, not a string of beads where it is narrower than a cell.
void TestFitView::mapSaysMoreThanTheGridInANarrowValley()
{
    fit::Profile p{.names = {"E", "alpha"}, .threshold = 4};
    for (int i = 0; i < 25; ++i)
        p.first.push_back(1.5 + .02 * i), p.second.push_back(.2 + .01 * i);
    for (const double x : p.first)
        for (const double y : p.second) {
            const double along = (x - 1.74) / .02 + (y - .32) / .01, across = (x - 1.74) / .02 - (y - .32) / .01;
            p.rise.push_back(along * along / 60 + across * across * 16);
        }
    const Figure f = figure::ofProfileMap(solved().fit, p);
    const auto region = std::ranges::count_if(f.panels[0].layers, [](const Layer& l) { return l.mark == Mark::Line && !(std::abs(l.shade) > 0); });
    QCOMPARE(region, std::ptrdiff_t(1));
}

void TestFitView::correlationIsThatOfTheCovariance()
{
    const Figure f = figure::ofCorrelation(solved().fit);
    verifySound(f);
    QCOMPARE(f.panels[0].x.names.size(), std::size_t(5));
    QCOMPARE(f.panels[0].y.names.front(), f.panels[0].x.names.back());
    const auto& c = solved().fit.covariance;
    const double r = c[1][3] / std::sqrt(c[1][1] * c[3][3]);
    char shown[16];
    std::snprintf(shown, sizeof shown, r > .99 ? "%.3f" : "%.2f", r);
    bool told = false;
    for (const Layer& layer : f.panels[0].layers)
        told = told || (layer.mark == Mark::Text && layer.x[0] == 4 && layer.y[0] == 4 && layer.name == shown);
    QVERIFY(told && r > .9);
    fit::Fit bare = solved().fit;
    bare.covariance.clear();
    QVERIFY_EXCEPTION_THROWN(figure::ofCorrelation(bare), Error);
}

void TestFitView::residualsStandAgainstAnyColumn()
{
    const auto choices = figure::againstChoices(solved().fit, &solved().table);
    QVERIFY((choices == std::vector<std::string>{"N", "D", "predicted", "order", "batch"}));
    for (const std::string& id : choices) {
        const figure::Against against = figure::against(solved().fit, id, &solved().table);
        QCOMPARE(against.values.size(), solved().fit.points.size());
        verifySound(figure::ofResiduals(solved().fit, against));
    }
    const figure::Against batch = figure::against(solved().fit, "batch", &solved().table);
    for (std::size_t i = 0; i < batch.values.size(); ++i)
        QCOMPARE(batch.values[i], solved().table.numbers[3].values[i]);
    const Figure f = figure::ofResiduals(solved().fit, batch);
    const Layer& points = f.panels[0].layers.back();
    const fit::Point& first = solved().fit.points.front();
    QVERIFY(std::abs(points.y[0] - 100 * (first.observed / first.predicted - 1)) < 1e-9);
    QVERIFY_EXCEPTION_THROWN(figure::against(solved().fit, "batsch", &solved().table), UsageError);
}

void TestFitView::contoursOfEqualLossHaveEqualLoss()
{
    const Figure f = figure::ofContours(solved().fit);
    verifySound(f);
    int lines = 0;
    for (const Layer& layer : f.panels[0].layers) {
        if (layer.mark != Mark::Line || !std::isfinite(layer.shade))
            continue;
        ++lines;
        for (std::size_t i = 0; i < layer.x.size(); i += 7) {
            const double loss = solved().fit.value("E") + solved().fit.value("A") * std::pow(layer.x[i], -solved().fit.value("alpha"))
                + solved().fit.value("B") * std::pow(layer.y[i], -solved().fit.value("beta"));
            QVERIFY(std::abs(loss / layer.shade - 1) < 2e-3);
        }
    }
    QVERIFY(lines >= 5);
    const Layer* best = find(f, Mark::Line, "compute-optimal");
    QVERIFY(best && best->x.size() > 10);
    QCOMPARE(find(f, Mark::Points, "fitted")->x.size(), solved().fit.points.size());
}

void TestFitView::viewsThatCannotBeDrawnSayWhy()
{
    const std::vector<std::string> none;
    QVERIFY_EXCEPTION_THROWN(figure::ofFitView(solved().fit, solved().problem, nullptr, "spiral", none), UsageError);
    const std::vector<std::string> unknown{"omega"};
    QVERIFY_EXCEPTION_THROWN(figure::ofFitView(solved().fit, solved().problem, nullptr, "profile", unknown), UsageError);
    const fit::Fit line = fits::make("power_law", {1.7, 40, .3}, {{{10}}, {{100}}, {{1000}}});
    QVERIFY_EXCEPTION_THROWN(figure::ofContours(line), Error);
}

void TestFitView::comparisonDrawsEveryLawThatReadsTheSame()
{
    data::Table table = losses();
    fit::Spec held = spec();
    held.holdout = "params>1e9";
    fit::Spec own = held;
    own.law = "L = E + A/N^a; a in [0, 2]";
    const fit::Comparison made = fit::compare({own, held}, table, {}, {}, 2);
    const Figure f = figure::ofComparison(made);
    verifySound(f);
    QVERIFY(find(f, Mark::Line, "Chinchilla"));
    QCOMPARE(f.warnings.size(), std::size_t(1));        // the formula reads no D
    std::size_t heldOut = 0;
    for (const Layer& layer : f.panels[0].layers)
        if (layer.style == Style::HeldOut)
            heldOut += layer.x.size();
    QCOMPARE(heldOut, std::size_t(4));
    QVERIFY_EXCEPTION_THROWN(figure::ofComparison({}), Error);
}

// Each fold of a rolling validation predicts the larger rest; all but the smallest half are predicted in one of them.
void TestFitView::comparisonMarksWhatEachFoldHeldOut()
{
    const data::Table table = losses();
    const Figure f = figure::ofComparison(fit::compare({spec()}, table, {}, fit::Validation::Rolling, 2));
    verifySound(f);
    const Layer *fitted = find(f, Mark::Points, "fitted"), *inTurn = find(f, Mark::Points, "held out in turn");
    QVERIFY(fitted && inTurn);
    QCOMPARE(fitted->x.size() + inTurn->x.size(), table.rows);
    QVERIFY(fitted->x.size() >= table.rows / 2 && inTurn->x.size() >= table.rows / 4);
}

void TestFitView::groupsAreDrawnWithTheirCurves()
{
    data::Table table = losses();
    const data::Table other = losses(1.1);
    table.numbers.push_back({"arm", std::vector<double>(table.rows, 1)});
    for (std::size_t i = 0; i < 4; ++i)
        table.numbers[i].values.insert(table.numbers[i].values.end(), other.numbers[i].values.begin(), other.numbers[i].values.end());
    table.numbers[4].values.resize(2 * table.rows, 2);
    table.group.resize(2 * table.rows, 0);
    table.rows *= 2;
    const fit::Joint joint = fit::solveJoint(spec(), table, {}, "arm", {"alpha", "beta"}, 2);
    QCOMPARE(joint.fits.size(), std::size_t(2));
    const Figure f = figure::ofJoint(joint);
    verifySound(f);
    QVERIFY(f.note.find("α") != std::string::npos);
    for (int color = 0; color < 2; ++color) {
        const auto curves = std::ranges::count_if(f.panels[0].layers, [&](const Layer& l) { return l.mark == Mark::Line && l.color == color; });
        QCOMPARE(curves, std::ptrdiff_t(5));            // one for each size
    }
}

void TestFitView::namedPlacesAndTextsReachEveryFormat()
{
    const Figure f = figure::ofCorrelation(solved().fit);
    for (const exporter::FigureExporter& one : exporter::figures()) {
        const std::string text = one.figure(f);
        if (one.id != "csv")
            QVERIFY2(text.find("alpha") != std::string::npos || text.find("α") != std::string::npos || text.find("\\u03b1") != std::string::npos,
                     std::string(one.id).c_str());
    }
}

QTEST_APPLESS_MAIN(TestFitView)
#include "tst_fitview.moc"

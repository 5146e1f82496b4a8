// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/figure/build.h"

#include <QTest>

#include <limits>
#include <nlohmann/json.hpp>

using figure::Figure;
using figure::Mark;
using figure::Style;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

data::Column column(std::vector<double> values)
{
    return std::make_shared<const std::vector<double>>(std::move(values));
}

data::Run run(const std::string& name, std::vector<double> loss, double size = 1)
{
    std::vector<double> step, tokens, wall;
    for (std::size_t i = 0; i < loss.size(); ++i) {
        step.push_back(double(i) * 10);
        tokens.push_back(double(i) * 1000);
        wall.push_back(1.7e9 + double(i) * 360);
    }
    const auto steps = column(step);
    data::Run out;
    out.name = name;
    out.config["size"] = size;
    out.config["optimizer"] = std::string(size > 1 ? "adamw" : "sgd");
    out.series = {{.name = "loss", .step = steps, .value = column(std::move(loss)), .wall = column(wall)},
                  {.name = "tokens", .step = steps, .value = column(tokens), .wall = nullptr}};
    return out;
}

RunEntry entry(const std::string& name, int color, bool visible = true)
{
    return {.hash = "hash of " + name, .name = name, .color = color, .visible = visible};
}

}

class TestRunsFigure : public QObject {
    Q_OBJECT

private slots:
    void curvesKeepNameColourAndValues()
    {
        const std::vector runs{run("a", {4, 3, 2}), run("b", {5, 4, 3}), run("c", {6, 5, 4})};
        const std::vector entries{entry("first", 4), entry("second", 2, false), entry("third", 1)};
        const Figure f = figure::ofRuns(runs, entries, {.id = "chart1", .title = {}});
        QCOMPARE(f.id, std::string("chart1"));
        const auto& layers = f.panels[0].layers;
        QCOMPARE(int(layers.size()), 2);        // the hidden one is left out
        QCOMPARE(layers[0].name, std::string("first"));
        QCOMPARE(layers[0].color, 4);
        QCOMPARE(layers[1].y, (std::vector<double>{6, 5, 4}));
        QCOMPARE(layers[1].x, (std::vector<double>{0, 10, 20}));
        QCOMPARE(nlohmann::json::parse(f.recipe)["runs"].size(), std::size_t(2));
    }

    void smoothingIsTensorBoards()
    {
        const std::vector runs{run("a", {1, 2, missing, 4})};
        const std::vector entries{entry("a", 0)};
        const Figure f = figure::ofRuns(runs, entries, {.id = "c", .title = {}, .smoothing = .5});
        const auto& layers = f.panels[0].layers;
        QCOMPARE(int(layers.size()), 2);
        QVERIFY(layers[0].style == Style::Raw && layers[0].name.empty());
        // (.5^1 1 + ...) over the weight gathered: 1, then (.25 + 1) / .75, then (.125 + .5 + 2) / .875.
        QCOMPARE(layers[1].y[0], 1.);
        QCOMPARE(layers[1].y[1], 1.25 / .75);
        QVERIFY(std::isnan(layers[1].y[2]));
        QCOMPARE(layers[1].y[3], 2.625 / .875);
        QVERIFY_EXCEPTION_THROWN(figure::ofRuns(runs, entries, {.id = "c", .title = {}, .smoothing = 1}), UsageError);
    }

    void axesCanBeAnotherSeriesOrTime()
    {
        const std::vector runs{run("a", {4, 3, 2})};
        const std::vector entries{entry("a", 0)};
        const auto x = [&](const char* name) {
            return figure::ofRuns(runs, entries, {.id = "c", .title = {}, .x = name}).panels[0].layers.at(0).x;
        };
        QCOMPARE(x("tokens"), (std::vector<double>{0, 1000, 2000}));
        QCOMPARE(x("wall"), (std::vector<double>{0, .1, .2}));
        QCOMPARE(x("size"), std::vector{1.});          // the last value over the configuration's number
        QVERIFY(figure::ofRuns(runs, entries, {.id = "c", .title = {}, .y = "no such"}).panels[0].layers.empty());
    }

    void divergedRunsEndInAMark()
    {
        const std::vector runs{run("a", {4, 3, missing, std::numeric_limits<double>::infinity()}), run("b", {4, missing, 3})};
        const std::vector entries{entry("a", 0), entry("b", 1)};
        const Figure f = figure::ofRuns(runs, entries, {.id = "c", .title = {}});
        std::vector<double> at;
        for (const auto& layer : f.panels[0].layers)
            if (layer.style == Style::Diverged)
                at.push_back(layer.x.at(0));
        QCOMPARE(at, std::vector{20.});
        QVERIFY(f.note.find("1 diverged") != std::string::npos);
    }

    void longCurvesAreThinnedWithoutLosingSpikes()
    {
        std::vector<double> loss(100'000, 2);
        loss[54'321] = 9;
        loss[77'777] = -3;
        const std::vector runs{run("a", loss)};
        const std::vector entries{entry("a", 0)};
        const auto layer = figure::ofRuns(runs, entries, {.id = "c", .title = {}}).panels[0].layers[0];
        QVERIFY(layer.x.size() <= 4000);
        QCOMPARE(std::ranges::max(layer.y), 9.);
        QCOMPARE(std::ranges::min(layer.y), -3.);
        QVERIFY(std::ranges::is_sorted(layer.x));
    }

    void filtersReadTheConfiguration()
    {
        const std::vector runs{run("a", {4, 3}, 1), run("b", {4, 3}, 2), run("c", {4, 3}, 3)};
        const std::vector entries{entry("a", 0), entry("b", 1), entry("c", 2)};
        const auto shown = [&](const char* where) {
            return figure::ofRuns(runs, entries, {.id = "c", .title = {}, .where = where}).panels[0].layers.size();
        };
        QCOMPARE(shown("size>1"), std::size_t(2));
        QCOMPARE(shown("optimizer=='sgd'"), std::size_t(1));
        QCOMPARE(shown("run=='c' or size<=1"), std::size_t(2));
        QVERIFY_EXCEPTION_THROWN(shown("no_such>1"), UsageError);
    }

    void tablesAreScattered()
    {
        data::Run table = run("t", {4, 3, 2});
        table.kind = data::Kind::Table;
        const std::vector runs{table};
        const std::vector entries{entry("t", 0)};
        const auto layer = figure::ofRuns(runs, entries, {.id = "c", .title = {}, .x = "tokens"}).panels[0].layers.at(0);
        QVERIFY(layer.mark == Mark::Points);
        QCOMPARE(layer.y, (std::vector<double>{4, 3, 2}));
    }
};

QTEST_GUILESS_MAIN(TestRunsFigure)
#include "tst_runsfigure.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/figure/build.h"

#include <QTest>

#include <chrono>
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

    // The published rule: all values equal to the first, the series is returned unchanged.
    void constantSeriesIsNotSmoothed()
    {
        const double odd = .1 + .2;
        const std::vector runs{run("a", std::vector<double>(50, odd))};
        const std::vector entries{entry("a", 0)};
        const auto y = figure::ofRuns(runs, entries, {.id = "c", .title = {}, .smoothing = .9}).panels[0].layers.at(1).y;
        QCOMPARE(y, std::vector<double>(50, odd));
    }

    void smoothingIsGolden()
    {
        // 0.6: 0.4 x 5 / 0.4, (1.2 + 1.6) / 0.64, (1.68 + 1.8) / 0.784, (2.088 + 1.2) / 0.8704, and the gap counts for nothing.
        const std::vector runs{run("a", {5, 4, 4.5, 3, missing, 2.5})};
        const std::vector entries{entry("a", 0)};
        const auto y = figure::ofRuns(runs, entries, {.id = "c", .title = {}, .smoothing = .6}).panels[0].layers.at(1).y;
        const std::vector<double> golden{5, 2.8 / .64, 3.48 / .784, 3.288 / .8704, missing, 2.9728 / .92224};
        for (std::size_t i = 0; i < golden.size(); ++i)
            QVERIFY2(std::isnan(golden[i]) ? std::isnan(y[i]) : std::abs(y[i] - golden[i]) < 1e-12, qPrintable(QString::number(y[i], 'g', 17)));
    }

    void windowGetsEveryRecord()
    {
        const std::vector runs{run("a", std::vector<double>(100'000, 2))};
        const std::vector entries{entry("a", 0)};
        QCOMPARE(figure::ofRuns(runs, entries, {.id = "c", .title = {}}, figure::Detail::Window).panels[0].layers[0].x.size(),
                 std::size_t(100'000));
        QVERIFY(figure::ofRuns(runs, entries, {.id = "c", .title = {}}).panels[0].layers[0].x.size() <= 4000);
    }

    void layersNameTheirRun()
    {
        const std::vector runs{run("a", {4, 3, missing})};
        const std::vector entries{entry("first", 0)};
        for (const auto& layer : figure::ofRuns(runs, entries, {.id = "c", .title = {}, .smoothing = .5}).panels[0].layers)
            QCOMPARE(layer.run, std::string("hash of first"));
    }

    void lossesAreConverted_data()
    {
        QTest::addColumn<QString>("unit");
        QTest::addColumn<double>("expected");
        QTest::newRow("as logged") << "" << std::log(4.);
        QTest::newRow("nats") << "nats/token" << std::log(4.);
        QTest::newRow("bits") << "bits/byte" << 1.;
        QTest::newRow("perplexity") << "perplexity" << 4.;
    }
    void lossesAreConverted()
    {
        QFETCH(QString, unit);
        QFETCH(double, expected);
        std::vector runs{run("a", {std::log(4.)}), run("b", {std::log(4.)})};
        runs[0].config["bytes_per_token"] = 2.;
        runs[1].config["bytes_per_token"] = 100.;
        std::vector entries{entry("a", 0), entry("b", 1)};
        entries[1].bytesPerToken = 2;       // what the user gave goes before the configuration
        const Figure f = figure::ofRuns(runs, entries, {.id = "c", .title = {}, .unit = unit.toStdString()});
        QCOMPARE(f.panels[0].y.unit, unit.isEmpty() ? std::string("nats/token") : unit.toStdString());
        for (const auto& layer : f.panels[0].layers)
            QVERIFY(std::abs(layer.y.at(0) - expected) < 1e-15);
        QVERIFY(f.warnings.empty());
        QVERIFY_EXCEPTION_THROWN(figure::ofRuns(runs, entries, {.id = "c", .title = {}, .unit = "parsec"}), UsageError);
    }

    void whatIsNoLossHasNoUnit()
    {
        std::vector runs{run("a", {4})};
        runs[0].series[0].name = "accuracy";
        const std::vector entries{entry("a", 0)};
        const Figure f = figure::ofRuns(runs, entries, {.id = "c", .title = {}, .y = "accuracy", .unit = "bits/byte"});
        QCOMPARE(f.panels[0].layers.at(0).y, std::vector{4.});
        QVERIFY(f.panels[0].y.unit.empty() && f.warnings.empty());
    }

    void otherUnitsBecomeThatOfTheFirstRun()
    {
        std::vector runs{run("a", {1}), run("b", {std::log(4.)}), run("c", {3})};
        runs[0].config["loss_unit"] = std::string("bits/byte");
        runs[1].config["bytes_per_token"] = 2.;
        const std::vector entries{entry("a", 0), entry("b", 1), entry("c", 2)};
        const Figure f = figure::ofRuns(runs, entries, {.id = "c", .title = {}});
        QCOMPARE(f.panels[0].y.unit, std::string("bits/byte"));
        QCOMPARE(f.panels[0].layers.size(), std::size_t(2));
        QVERIFY(std::abs(f.panels[0].layers[1].y.at(0) - 1) < 1e-15);
        QCOMPARE(f.warnings.size(), std::size_t(1));
        QVERIFY2(QString::fromStdString(f.warnings[0]).startsWith("1 run cannot be shown in the unit of the others"), f.warnings[0].c_str());
        QVERIFY(f.warnings[0].find("left out: c;") != std::string::npos);
    }

    void whatIsLeftOutIsNamed()
    {
        std::vector<data::Run> runs;
        std::vector<RunEntry> entries;
        for (int i = 0; i < 8; ++i) {
            runs.push_back(run(std::string(1, char('a' + i)), {4, 3}));
            entries.push_back(entry(runs.back().name, i));
            if (i < 5)
                runs.back().series[0].name = "other";
            else if (i < 7)
                runs.back().series.pop_back();
        }
        const Figure f = figure::ofRuns(runs, entries, {.id = "c", .title = {}, .x = "tokens"});
        QCOMPARE(f.panels[0].layers.size(), std::size_t(1));
        QCOMPARE(f.warnings.size(), std::size_t(2));
        QCOMPARE(f.warnings[0], std::string("5 runs log no 'loss' and are left out: a, b, c and 2 more; choose what they log, or hide them."));
        QVERIFY2(QString::fromStdString(f.warnings[1]).startsWith("2 runs cannot be drawn against training tokens and are left out: f, g (it logs"),
                 f.warnings[1].c_str());
    }

    void tokenizersAreNotComparedSilently()
    {
        std::vector runs{run("a", {4}), run("b", {4}), run("c", {4})};
        runs[0].config["tokenizer"] = std::string("gpt2");
        runs[1].config["tokenizer"] = std::string("llama");
        runs[2].config["tokenizer"] = std::string("gpt2");
        for (auto& one : runs)
            one.config["bytes_per_token"] = 4.;
        std::vector entries{entry("a", 0), entry("b", 1), entry("c", 2)};
        const auto warnings = [&](const char* unit) {
            return figure::ofRuns(runs, entries, {.id = "c", .title = {}, .unit = unit}).warnings;
        };
        QCOMPARE(warnings(""), std::vector<std::string>{"Runs of 2 tokenizers (gpt2, llama) are drawn together: losses per token are "
                                                        "not comparable between them; show bits per byte, which is."});
        QCOMPARE(warnings("perplexity").size(), std::size_t(1));
        QVERIFY(warnings("bits/byte").empty());
        entries[1].visible = false;
        QVERIFY(warnings("").empty());
    }

    void manyRunsAreShadedByWhatTellsThemApart()
    {
        std::vector<data::Run> runs;
        std::vector<RunEntry> entries;
        for (int i = 0; i < 14; ++i) {
            runs.push_back(run("r" + std::to_string(i), {4, 3}));
            runs.back().config = {{"params", 1e6 * (1 + i % 3 * 50)}, {"lr", 1e-3 * (1 + i % 5)}, {"seed", double(i)}, {"acc", .01 * i}};
            entries.push_back(entry(runs.back().name, i));
        }
        runs[13].config.erase("params");
        const auto by = [&](const char* key) { return figure::ofRuns(runs, entries, {.id = "c", .title = {}, .colorBy = key}); };
        const Figure f = by("");
        QCOMPARE(f.shading.title, std::string("parameters"));
        QVERIFY(f.shading.log);
        QCOMPARE(f.shading.from, 1e6);
        QCOMPARE(f.shading.to, 101e6);
        QCOMPARE(f.panels[0].layers[1].shade, 51e6);
        QCOMPARE(f.panels[0].layers[1].name, std::string("r1"));
        QVERIFY(std::isnan(f.panels[0].layers[13].shade));
        QCOMPARE(f.panels[0].layers[13].color, -1);

        QCOMPARE(by("lr").shading.title, std::string("lr"));
        QVERIFY(!by("lr").shading.log);
        QCOMPARE(by("run").shading.from, by("run").shading.to);
        QCOMPARE(by("run").panels[0].layers[5].color, 5);
        QVERIFY(by("no such").warnings.at(0).find("'no such'") != std::string::npos);

        for (auto& one : runs)
            one.config.erase("params");
        QCOMPARE(by("").shading.title, std::string("lr"));
        for (std::size_t i = 0; i < runs.size(); ++i)
            runs[i].config.erase("lr"), runs[i].config["width"] = double(i % 2), runs[i].config["depth"] = double(i % 4);
        QCOMPARE(by("").shading.title, std::string("depth"));       // not acc, a result, nor seed
        for (std::size_t i = 0; i < runs.size(); ++i)
            runs[i].config["schedule"] = std::string(i % 2 ? "wsd" : "cosine");
        const Figure words = by("schedule");
        QCOMPARE(words.panels[0].layers[0].color, 0);
        QCOMPARE(words.panels[0].layers[1].color, 1);
        QCOMPARE(words.panels[0].layers[2].color, 0);

        runs.resize(12), entries.resize(12);
        QCOMPARE(by("").shading.from, by("").shading.to);           // up to 12 are told apart by colour
    }

    void buildingIsQuick()
    {
        const auto time = [](int count, int records) {
            std::vector<data::Run> runs;
            std::vector<RunEntry> entries;
            std::vector<double> loss(static_cast<std::size_t>(records));
            for (std::size_t i = 0; i < loss.size(); ++i)
                loss[i] = 2 + 5 / std::sqrt(double(i + 1));
            for (int i = 0; i < count; ++i) {
                runs.push_back(run("r" + std::to_string(i), loss));
                entries.push_back(entry(runs.back().name, i));
            }
            const auto start = std::chrono::steady_clock::now();
            const Figure f = figure::ofRuns(runs, entries, {.id = "c", .title = {}, .x = "tokens", .smoothing = .9}, figure::Detail::Window);
            const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
            qInfo("%d runs of %d records, smoothed: %.1f ms", count, records, ms);
            return f.panels[0].layers.size() == std::size_t(2 * count) ? ms : 1e9;
        };
        QVERIFY(time(50, 20'000) < 1000);
        QVERIFY(time(200, 5'000) < 1000);
    }

    void divergedRunsEndInAMark()
    {
        const std::vector runs{
            run("a", {4, 3, missing, std::numeric_limits<double>::infinity()}), run("b", {4, missing, 3})};
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
        const auto layer =
            figure::ofRuns(runs, entries, {.id = "c", .title = {}, .x = "tokens"}).panels[0].layers.at(0);
        QVERIFY(layer.mark == Mark::Points);
        QCOMPARE(layer.y, (std::vector<double>{4, 3, 2}));
    }
};

QTEST_GUILESS_MAIN(TestRunsFigure)
#include "tst_runsfigure.moc"

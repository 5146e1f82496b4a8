// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/expression.h"
#include "core/data/table.h"

#include <QTest>

#include <limits>
#include <map>
#include <random>

namespace {

data::Column column(std::vector<double> values) { return std::make_shared<const std::vector<double>>(std::move(values)); }

data::Run log(std::string name, std::vector<data::Series> series, data::Config config = {}) {
    return {.name = std::move(name), .format = "csv", .source = "x.csv", .kind = data::Kind::Log, .config = std::move(config),
            .series = std::move(series), .text = {}};
}

data::Series series(std::string name, std::vector<double> steps, std::vector<double> values) {
    return {.name = std::move(name), .step = column(std::move(steps)), .value = column(std::move(values)), .wall = nullptr};
}

}

class TestTable : public QObject {
    Q_OBJECT
private slots:
    void oneRowPerDistinctStep() {
        const std::vector runs {log("r", {series("loss", {0, 10, 20}, {3, 2, 1}), series("val", {0, 20, 30}, {4, 2, 1.5})})};
        const data::Table table = data::tabulate(runs);
        QCOMPARE(table.rows, std::size_t(4));
        QCOMPARE(table.number("step")->values, (std::vector<double> {0, 10, 20, 30}));
        const auto& loss = table.number("loss")->values;
        QCOMPARE(loss[2], 1.0);
        QVERIFY(std::isnan(loss[3]));
        QVERIFY(std::isnan(table.number("val")->values[1]));
        QCOMPARE(table.number("val")->values[3], 1.5);
    }

    void lastRecordOfAStepWins() {
        const std::vector runs {log("r", {series("loss", {0, 10, 20, 10, 20, 30}, {9, 8, 7, 6, 5, 4})})};
        const data::Table table = data::tabulate(runs);
        QCOMPARE(table.number("loss")->values, (std::vector<double> {9, 6, 5, 4}));
    }

    void unionOfColumnsAndConfig() {
        const double inf = std::numeric_limits<double>::infinity();
        std::vector runs {log("a", {series("loss", {1, 2}, {3, inf})}, {{"N", 1e7}, {"schedule", std::string("wsd")}}),
                          log("b", {series("score", {5}, {.5})}, {{"N", 1e8}})};
        data::Run points = log("points", {series("params", {0, 1}, {1e6, 2e6})});
        points.kind = data::Kind::Table;
        points.text.push_back({.name = "schedule", .code = {0, -1}, .levels = {"cosine"}});
        runs.push_back(points);
        const data::Table table = data::tabulate(runs);
        QCOMPARE(table.rows, std::size_t(5));
        QCOMPARE(table.group, (std::vector<std::int32_t> {0, 0, 1, 2, 2}));
        QCOMPARE(table.curve, (std::vector<bool> {true, true, false}));
        QCOMPARE(table.number("N")->values[1], 1e7);
        QCOMPARE(table.number("loss")->values[1], inf);
        QVERIFY(std::isnan(table.number("N")->values[3]));
        QCOMPARE(table.number("params")->values[4], 2e6);
        const auto chosen = data::Expression("schedule=='cosine' or run=='b'").select(table);
        QCOMPARE(chosen, (std::vector<bool> {false, false, true, true, false}));
    }

    void tableRowsWithoutAValueAreNaN() {
        data::Run points = log("t", {series("x", {0, 2}, {1, 3}), series("y", {0, 1, 2}, {1, 2, 3})});
        points.kind = data::Kind::Table;
        const data::Table table = data::tabulate(std::span(&points, 1));
        QCOMPARE(table.rows, std::size_t(3));
        QVERIFY(std::isnan(table.number("x")->values[1]));
        QCOMPARE(table.number("x")->values[2], 3.0);
        QVERIFY(!table.words("run"));
    }

    void agreesWithAMapOfSteps() {
        std::mt19937 random(3);
        for (int round = 0; round < 200; ++round) {
            std::map<double, std::map<std::string, double>> rows;
            std::vector<data::Series> all;
            for (int s = 0; s < 4; ++s) {
                std::vector<double> steps, values;
                const std::string name(1, static_cast<char>('p' + s));
                const bool ordered = random() % 2;
                for (unsigned i = 0; i < random() % 30; ++i) {
                    steps.push_back(ordered ? i * 2.0 : static_cast<double>(random() % 20));
                    values.push_back(static_cast<double>(random() % 1000));
                    rows[steps.back()][name] = values.back();
                }
                all.push_back(series(name, steps, values));
            }
            const std::vector runs {log("r", all)};
            const data::Table table = data::tabulate(runs);
            QCOMPARE(table.rows, rows.size());
            std::size_t i = 0;
            for (const auto& [step, cells] : rows) {
                QCOMPARE(table.number("step")->values[i], step);
                for (const char* name : {"p", "q", "r", "s"}) {
                    const double got = table.number(name)->values[i];
                    if (cells.contains(name)) QCOMPARE(got, cells.at(name));
                    else QVERIFY(std::isnan(got));
                }
                ++i;
            }
        }
    }

    void aMillionRowsAreQuick() {
        std::vector<double> steps(1000000);
        for (std::size_t i = 0; i < steps.size(); ++i) steps[i] = static_cast<double>(i);
        const data::Column step = column(steps);
        std::vector<data::Series> all;
        for (const char* name : {"a", "b", "c"}) all.push_back({.name = name, .step = step, .value = step, .wall = nullptr});
        const std::vector runs {log("r", all)};
        QElapsedTimer timer;
        timer.start();
        QCOMPARE(data::tabulate(runs).rows, std::size_t(1000000));
        QVERIFY2(timer.elapsed() < 2000, "a scatter by search takes longer");
    }
};

QTEST_APPLESS_MAIN(TestTable)
#include "tst_table.moc"

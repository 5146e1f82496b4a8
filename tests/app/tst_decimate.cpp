// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/decimate.h"
#include "app/chart/legend.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

using chart::Axis;
using chart::Frame;

namespace {

constexpr double gap = std::numeric_limits<double>::quiet_NaN();

Frame frameOf(bool logX)
{
    return {.x = logX ? Axis{.log = true, .from = 0, .to = 5} : Axis{.from = 0, .to = 1e5},
            .y = {.from = -5, .to = 5}, .area = QRectF(50, 10, 400, 200)};
}

}

class TestDecimate : public QObject {
    Q_OBJECT
private slots:
    void everyColumnKeepsFirstLastSmallestAndLargest_data();
    void everyColumnKeepsFirstLastSmallestAndLargest();
    void curveOfAMillionPointsIsAFewPerColumn();
    void nanBreaksALine();
    void valuesALogAxisCannotShowBreakALine();
    void clippedLinesStayInsideAndOnTheLine();
    void clippedPolygonStaysInside();
    void labelsPushedApartDoNotOverlap();
};

void TestDecimate::everyColumnKeepsFirstLastSmallestAndLargest_data()
{
    QTest::addColumn<bool>("log");
    QTest::newRow("linear x") << false;
    QTest::newRow("log x") << true;
}

void TestDecimate::everyColumnKeepsFirstLastSmallestAndLargest()
{
    QFETCH(bool, log);
    const Frame frame = frameOf(log);
    std::mt19937_64 random(5);
    std::normal_distribution<double> noise;
    std::vector<double> x, y;
    for (int i = 1; i < 50000; ++i) {
        x.push_back(i * 2.);
        y.push_back(noise(random));
    }
    const auto lines = chart::polylines(frame, x, y);
    QCOMPARE(lines.size(), std::size_t(1));
    struct Column {
        QPointF first, last;
        double top = 1e300, bottom = -1e300;
        int count = 0;
        void add(QPointF p)
        {
            if (count++ == 0)
                first = p;
            last = p;
            top = std::min(top, p.y());
            bottom = std::max(bottom, p.y());
        }
    };
    std::map<double, Column> all, kept;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const QPointF p = frame.scene(x[i], y[i]);
        all[std::floor(p.x())].add(p);
    }
    for (const QPointF& p : lines[0])
        kept[std::floor(p.x())].add(p);
    QCOMPARE(kept.size(), all.size());
    for (const auto& [at, column] : all) {
        const Column& k = kept.at(at);
        QVERIFY(k.count <= 4);
        QCOMPARE(k.first, column.first);
        QCOMPARE(k.last, column.last);
        QCOMPARE(k.top, column.top);
        QCOMPARE(k.bottom, column.bottom);
    }
}

void TestDecimate::curveOfAMillionPointsIsAFewPerColumn()
{
    const Frame frame = frameOf(false);
    std::vector<double> x(1'000'000), y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = double(i) * .1;
        y[i] = std::sin(double(i) * .01);
    }
    const auto lines = chart::polylines(frame, x, y);
    QCOMPARE(lines.size(), std::size_t(1));
    QVERIFY(lines[0].size() <= 4 * 402);
}

void TestDecimate::nanBreaksALine()
{
    const std::vector<double> x{1e4, 2e4, 3e4, 4e4, 5e4, 6e4}, y{1, 2, gap, 3, gap, 4};
    const auto lines = chart::polylines(frameOf(false), x, y);
    QCOMPARE(lines.size(), std::size_t(3));
    QCOMPARE(lines[0].size(), 2);
    QCOMPARE(lines[1].size(), 1);
    QCOMPARE(lines[2].size(), 1);
}

void TestDecimate::valuesALogAxisCannotShowBreakALine()
{
    Frame frame = frameOf(false);
    frame.y = {.log = true, .from = -1, .to = 1};
    const std::vector<double> x{1e4, 2e4, 3e4, 4e4}, y{1, 2, 0, 3};
    const auto lines = chart::polylines(frame, x, y);
    QCOMPARE(lines.size(), std::size_t(2));
    QCOMPARE(lines[0].size(), 2);
}

void TestDecimate::clippedLinesStayInsideAndOnTheLine()
{
    const QRectF area(0, 0, 100, 50);
    std::mt19937_64 random(9);
    std::uniform_real_distribution<double> px(-80, 180), py(-80, 130);
    for (int trial = 0; trial < 5000; ++trial) {
        const QPolygonF line{{{px(random), py(random)}, {px(random), py(random)}}};
        const QPointF d = line[1] - line[0];
        for (const QPolygonF& piece : chart::clipLine(line, area))
            for (const QPointF& p : piece) {
                QVERIFY(p.x() >= 0 && p.x() <= 100 && p.y() >= 0 && p.y() <= 50);
                const double off = std::abs(d.x() * (p.y() - line[0].y()) - d.y() * (p.x() - line[0].x()));
                QVERIFY(off / std::hypot(d.x(), d.y()) < 1e-9);
            }
    }
    // A line that leaves and comes back is two pieces.
    const QPolygonF out{{{10, 10}, {10, 90}, {20, 90}, {20, 10}}};
    QCOMPARE(chart::clipLine(out, area).size(), std::size_t(2));
}

void TestDecimate::clippedPolygonStaysInside()
{
    const QRectF area(0, 0, 100, 50);
    const QPolygonF big{{{-50, -50}, {200, -50}, {200, 200}, {-50, 200}}};
    const QPolygonF inside = chart::clipPolygon(big, area);
    QCOMPARE(inside.boundingRect(), area);
    QVERIFY(chart::clipPolygon(QPolygonF{{{200, 0}, {300, 0}, {300, 50}}}, area).isEmpty());
}

void TestDecimate::labelsPushedApartDoNotOverlap()
{
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> at(0, 300);
    for (int trial = 0; trial < 1000; ++trial) {
        std::vector<double> wanted(8);
        for (double& w : wanted)
            w = trial % 2 ? at(random) : at(random) / 20;
        std::vector<double> tops = chart::pushApart(wanted, 14, -7, 307);
        std::vector<std::pair<double, double>> both;
        for (std::size_t i = 0; i < tops.size(); ++i)
            both.push_back({wanted[i], tops[i]});
        std::ranges::sort(both);
        for (std::size_t i = 0; i < both.size(); ++i) {
            QVERIFY(both[i].second >= -7 - 1e-9 && both[i].second + 14 <= 307 + 1e-9);
            QVERIFY(i == 0 || both[i].second - both[i - 1].second >= 14 - 1e-9);
        }
    }
    const std::vector<double> far{50, 150};
    QCOMPARE(chart::pushApart(far, 14, 0, 300), (std::vector<double>{43, 143}));
}

QTEST_APPLESS_MAIN(TestDecimate)
#include "tst_decimate.moc"

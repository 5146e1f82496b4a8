// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/decimate.h"
#include "app/chart/legend.h"
#include "app/chart/picture.h"
#include "app/chart/raster.h"

#include <QPainter>
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
    void aPyramidGivesTheSameToTheBit_data();
    void aPyramidGivesTheSameToTheBit();
    void onlyCurvesThatAscendHavePyramids();
    void denseCurvesCoverTheSamePixelsAsThePainter_data();
    void denseCurvesCoverTheSamePixelsAsThePainter();
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

void TestDecimate::aPyramidGivesTheSameToTheBit_data()
{
    QTest::addColumn<bool>("logX");
    QTest::addColumn<bool>("logY");
    for (const bool logX : {false, true})
        for (const bool logY : {false, true})
            QTest::addRow("%s x, %s y", logX ? "log" : "linear", logY ? "log" : "linear") << logX << logY;
}

void TestDecimate::aPyramidGivesTheSameToTheBit()
{
    QFETCH(bool, logX);
    QFETCH(bool, logY);
    std::mt19937_64 random(17);
    std::uniform_real_distribution<double> uniform;
    std::normal_distribution<double> normal;
    std::size_t longest = 0;
    for (int trial = 0; trial < 150; ++trial) {
        const auto n = std::size_t(std::pow(10., 4.5 * uniform(random)));
        const double gaps = trial % 3 == 0 ? 0 : std::pow(10., -4 * uniform(random));
        const bool coarse = trial % 4 == 1;     // many equal values
        std::vector<double> x(n), y(n);
        double at = trial % 5 == 0 ? -10 : 0, missing = 0;
        for (std::size_t i = 0; i < n; ++i) {
            at += uniform(random) < .1 ? 0 : uniform(random) * 1e5 / double(n);
            x[i] = at;
            y[i] = normal(random) * (logY ? .5 : 3) + (logY ? 2 : 0);
            if (coarse)
                y[i] = std::round(y[i] * 4) / 4;
            if (missing <= 0 && uniform(random) < gaps)
                missing = std::pow(double(n), uniform(random));     // short gaps and such as a pyramid's node
            if (missing-- > 0)
                y[i] = trial % 2 ? gap : std::numeric_limits<double>::infinity();
        }
        const chart::Pyramid pyramid(y);
        Frame frame = frameOf(logX);
        frame.y.log = logY;
        if (logY)
            frame.y.from = -1, frame.y.to = 1;
        // All of it, and looked at from ever closer.
        for (int zoom = 0; zoom < 4; ++zoom) {
            const double column = zoom % 2 ? 1 : .5;
            const auto plain = chart::polylines(frame, x, y, column);
            const auto fast = chart::polylines(frame, x, y, column, &pyramid);
            QCOMPARE(fast.size(), plain.size());
            for (std::size_t k = 0; k < plain.size(); ++k) {
                QCOMPARE(fast[k].size(), plain[k].size());
                longest = std::max(longest, std::size_t(plain[k].size()));
                for (qsizetype i = 0; i < plain[k].size(); ++i)
                    QVERIFY(fast[k][i].x() == plain[k][i].x() && fast[k][i].y() == plain[k][i].y());
            }
            const double length = frame.x.to - frame.x.from;
            frame.x.from += length * uniform(random) * .5;
            frame.x.to -= length * uniform(random) * .4;
        }
    }
    QVERIFY(longest > 500);
}

void TestDecimate::onlyCurvesThatAscendHavePyramids()
{
    QVERIFY(chart::ascends(std::vector<double>{}));
    QVERIFY(chart::ascends(std::vector<double>{1, 1, 2}));
    QVERIFY(!chart::ascends(std::vector<double>{1, 3, 2}));
    QVERIFY(!chart::ascends(std::vector<double>{gap}));
    QVERIFY(!chart::ascends(std::vector<double>{1, gap, 2}));
    QVERIFY(!chart::ascends(std::vector<double>{1, std::numeric_limits<double>::infinity()}));
    figure::Figure f{.id = {}, .title = {}, .note = {}, .panels = {figure::Panel{}}, .recipe = {}};
    figure::Layer line;
    for (int i = 0; i < 5000; ++i) {
        line.x.push_back(i);
        line.y.push_back(i % 7);
    }
    figure::Layer unsorted = line;
    std::swap(unsorted.x[100], unsorted.x[200]);
    figure::Layer brief = line;
    brief.x.resize(100);
    brief.y.resize(100);
    f.panels[0].layers = {line, unsorted, brief};
    const chart::Picture picture = chart::prepare(f);
    QVERIFY(picture.pyramids[0][0] && !picture.order[0][0]);
    QVERIFY(!picture.pyramids[0][1] && picture.order[0][1]);
    QVERIFY(!picture.pyramids[0][2] && !picture.order[0][2]);
    const chart::ByX records = picture.byX(0, 1);
    for (std::size_t k = 1; k < records.size(); ++k)
        QVERIFY(records.x(k - 1) <= records.x(k));
}

void TestDecimate::denseCurvesCoverTheSamePixelsAsThePainter_data()
{
    QTest::addColumn<double>("noise");
    QTest::addColumn<int>("records");
    QTest::addColumn<bool>("log");
    QTest::newRow("smooth") << 0. << 3000 << false;
    QTest::newRow("noisy") << .2 << 30000 << false;
    QTest::newRow("noisy, logarithmic") << .2 << 30000 << true;
    QTest::newRow("two a column") << .1 << 1500 << false;
    QTest::newRow("sparse") << .1 << 300 << true;
    QTest::newRow("from a pyramid") << .2 << 400000 << true;
}

void TestDecimate::denseCurvesCoverTheSamePixelsAsThePainter()
{
    QFETCH(double, noise);
    QFETCH(int, records);
    QFETCH(bool, log);
    std::mt19937_64 random(3);
    std::normal_distribution<double> normal;
    figure::Layer line;
    for (int i = 1; i <= records; ++i) {
        line.x.push_back(i);
        // Two gaps and a spike.
        const bool broken = i > records * 4 / 10 && i < records * 45 / 100;
        const double spike = i == records * 7 / 10 ? 1.5 : 0;
        line.y.push_back(broken ? gap : 3 + std::cos(6. * i / records) + noise * normal(random) + spike);
    }
    figure::Figure f{.id = {}, .title = {}, .note = {}, .panels = {}, .recipe = {}};
    f.panels.push_back({.x = {.title = "x", .unit = {}, .log = log}, .y = {.title = "y", .unit = {}, .log = log},
                        .layers = {line}});
    const chart::Picture picture = chart::prepare(f);
    chart::Frame frame{.x = picture.extents[0].x, .y = picture.extents[0].y, .area = QRectF(0, 0, 600, 300)};
    chart::Stroke stroke{.x = picture.figure->panels[0].layers[0].x, .y = picture.figure->panels[0].layers[0].y,
                         .pyramid = picture.pyramids[0][0].get(), .color = QColor(0, 0, 0), .width = 1.5};
    chart::Raster raster;
    chart::drawStrokes(raster, frame, std::span(&stroke, 1), 1);
    QImage painted(600, 300, QImage::Format_ARGB32_Premultiplied);
    painted.fill(Qt::transparent);
    QPainter painter(&painted);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(Qt::black, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    for (const QPolygonF& piece : chart::polylines(frame, stroke.x, stroke.y, 1, stroke.pyramid))
        painter.drawPolyline(piece);
    painter.end();
    QCOMPARE(raster.image.size(), painted.size());
    double ink = 0, difference = 0, wrong = 0;
    for (int y = 0; y < 300; ++y)
        for (int x = 0; x < 600; ++x) {
            const int a = qAlpha(raster.image.pixel(x, y)), b = qAlpha(painted.pixel(x, y));
            ink += b;
            difference += std::abs(a - b);
            wrong += std::abs(a - b) > 250;
        }
    QVERIFY(ink > 1e5);
    QVERIFY2(difference < .12 * ink, qPrintable(QString::number(difference / ink)));
    QVERIFY2(wrong < .01 * ink / 255, qPrintable(QString::number(wrong * 255 / ink)));
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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/shownplot.h"

#include <QClipboard>
#include <QPushButton>
#include <QSignalSpy>

#include <algorithm>
#include <memory>
#include <random>

using chart::PlotView;
using figure::Layer;
using figure::Mark;
using figure::Style;
using plot::example;
using plot::none;

class TestHover : public QObject {
    Q_OBJECT
private slots:
    void init();
    void cleanup() { m_shown.reset(); }
    void hoveringReadsTheNearestRecord();
    void hoveringReadsUnsortedCurvesAndPoints();
    void aClickPinsARunAndDifferencesAreTold();
    void aClickBesideEverythingPicksNothing();
    void theCardIsCopiedAsText();
    void hoveringDoesNotDrawTheCurvesAgain();
    void selectedRunsStandOutWithoutMovingAnything();
    void aHintHasAButtonThatKeysReach();
    void thePlotSaysWhatItShows();
    void shadedCurvesHaveABarAndNoNames();

private:
    void wheel(QPointF at, int notches, Qt::KeyboardModifiers modifiers = {}) { m_shown->wheel(at, notches, modifiers); }
    void hover(QPointF at) { m_shown->hover(at); }
    chart::Frame frame(int panel = 0) { return m_shown->frame(panel); }
    QPointF at(double x, double y) { return m_shown->at(x, y); }
    std::unique_ptr<plot::Shown> m_shown;
    PlotView* m_view = nullptr;
};

void TestHover::init()
{
    m_shown = std::make_unique<plot::Shown>();
    m_view = &m_shown->view;
    QVERIFY(QTest::qWaitForWindowExposed(m_view));
}

void TestHover::hoveringReadsTheNearestRecord()
{
    QVERIFY(m_view->card().isEmpty());
    hover(at(500, 4.45));       // between the runs at 5.5, 4.5 and 3.5
    const chart::Card card = m_view->card();
    QCOMPARE(card.rows.size(), std::size_t(3));
    QCOMPARE(card.rows[0].name, QStringLiteral("run 1"));
    QVERIFY(card.x.startsWith(QLatin1String("step ")) && card.x.endsWith(QLatin1String(" steps")));
    const auto index = std::size_t(std::lround(card.x.split(QLatin1Char(' '))[1].toDouble())) - 1;
    QVERIFY(index > 490 && index < 510);
    QCOMPARE(card.rows[0].value, QString::number(5 - .001 * double(index + 1), 'f', 3));
    QVERIFY(card.rows[0].difference.isEmpty());
    // Closer, neighbouring pixels differ in later digits, which are then told.
    m_view->setSeen({.x = {499, 501}, .y = {{4.4999, 4.5001}}});
    hover(at(500, 4.5));
    QCOMPARE(m_view->card().rows.size(), std::size_t(1));
    QVERIFY(chart::digitsThatMatter(frame().y, frame().area.height(), 4.5) >= 6);
    QEvent leave(QEvent::Leave);
    QApplication::sendEvent(m_view, &leave);
    QVERIFY(m_view->card().isEmpty());
}

void TestHover::hoveringReadsUnsortedCurvesAndPoints()
{
    std::mt19937_64 random(11);
    std::uniform_real_distribution<double> place(0, 100);
    figure::Figure f = example();
    f.panels.resize(1);
    Layer points;
    points.mark = Mark::Points;
    points.name = "points";
    for (int i = 0; i < 500; ++i) {
        points.x.push_back(i % 50 == 7 ? none : place(random));
        points.y.push_back(i % 50 == 9 ? none : place(random));
    }
    Layer zigzag = points;
    zigzag.mark = Mark::Line;
    zigzag.name = "zigzag";
    f.panels[0].layers = {points, zigzag};
    m_view->setPicture(chart::prepare(f), false);
    for (int trial = 0; trial < 200; ++trial) {
        const QPointF cursor = at(place(random), place(random));
        const auto found = chart::readings(m_view->plot().picture(), 0, frame(), cursor);
        double nearestPoint = 24, nearestX = 1e9;
        for (std::size_t i = 0; i < points.x.size(); ++i) {
            const QPointF p = frame().scene(points.x[i], points.y[i]);
            if (std::isnan(p.x()) || std::isnan(p.y()))
                continue;
            nearestPoint = std::min(nearestPoint, std::hypot(p.x() - cursor.x(), p.y() - cursor.y()));
            nearestX = std::min(nearestX, std::abs(p.x() - cursor.x()));
        }
        bool point = false;
        for (const chart::Reading& r : found) {
            if (r.layer->mark == Mark::Points) {
                point = true;
                QCOMPARE(std::hypot(r.at.x() - cursor.x(), r.at.y() - cursor.y()), nearestPoint);
            } else {
                QCOMPARE(std::abs(r.at.x() - cursor.x()), nearestX);
            }
        }
        QCOMPARE(point, nearestPoint < 24);
    }
}

void TestHover::aClickPinsARunAndDifferencesAreTold()
{
    QSignalSpy picked(m_view, &PlotView::runPicked);
    std::string hash;
    bool added = true;
    connect(m_view, &PlotView::runPicked, this, [&](const std::string& h, bool add) { hash = h, added = add; });
    QTest::mouseClick(m_view, Qt::LeftButton, {}, at(500, 4.5).toPoint());
    QCOMPARE(picked.count(), 1);
    QCOMPARE(hash, std::string("hash1"));
    QVERIFY(!added);
    hover(at(300, 5.5));
    chart::Card card = m_view->card();
    QVERIFY(card.compares);
    for (const auto& row : card.rows) {
        if (row.name == QLatin1String("run 1")) {
            QVERIFY(row.pinned && row.difference.isEmpty());
        } else {
            const QString below = QString(QChar(0x2212)) + QLatin1String("1.000");
            QCOMPARE(row.difference, row.name == QLatin1String("run 0") ? QStringLiteral("+1.000") : below);
        }
    }
    QTest::mouseClick(m_view, Qt::LeftButton, Qt::ControlModifier, at(500, 4.5).toPoint());
    QVERIFY(added);
    QVERIFY(!m_view->card().compares);
}

void TestHover::aClickBesideEverythingPicksNothing()
{
    std::string hash = "unset";
    connect(m_view, &PlotView::runPicked, this, [&](const std::string& h, bool) { hash = h; });
    QTest::mouseClick(m_view, Qt::LeftButton, {}, at(500, 5.05).toPoint());
    QCOMPARE(hash, std::string());
    QVERIFY(!m_view->card().compares);
}

void TestHover::theCardIsCopiedAsText()
{
    hover(at(500, 4.45));
    QTest::keyClick(m_view, Qt::Key_C, Qt::ControlModifier);
    const QStringList lines = QApplication::clipboard()->text().split(QLatin1Char('\n'));
    QCOMPARE(lines.size(), 4);
    QVERIFY(lines[1].startsWith(QLatin1String("run 1\t4.")));
}

void TestHover::hoveringDoesNotDrawTheCurvesAgain()
{
    QTest::qWait(50);
    QSignalSpy drawn(m_view, &PlotView::drawn);
    for (int i = 0; i < 20; ++i) {
        hover(at(100 + i * 10, 4.5));
        QApplication::processEvents();
    }
    QTest::qWait(20);
    QCOMPARE(drawn.count(), 0);
    wheel(at(500, 4.5), 1);
    QTRY_COMPARE(drawn.count(), 1);
    QVERIFY(drawn[0][0].value<std::size_t>() > 500);
}

void TestHover::selectedRunsStandOutWithoutMovingAnything()
{
    const QImage before = m_view->grab().toImage();
    const QRectF area = frame().area;
    m_view->setSelected({"hash2"});
    const QImage after = m_view->grab().toImage();
    QCOMPARE(frame().area, area);
    const auto darkness = [&](const QImage& image, double y) {
        int sum = 0;
        const QPoint centre = at(500, y).toPoint();
        for (int dy = -4; dy <= 4; ++dy) {
            const QColor c = image.pixelColor(centre + QPoint(0, dy));
            sum += 765 - c.red() - c.green() - c.blue();
        }
        return sum;
    };
    QVERIFY(darkness(after, 3.5) > darkness(before, 3.5));
    QVERIFY(darkness(after, 5.5) < .6 * darkness(before, 5.5));
    m_view->setSelected({});
    QCOMPARE(m_view->grab().toImage(), before);
}

void TestHover::aHintHasAButtonThatKeysReach()
{
    m_view->setHint(QStringLiteral("Nothing here logs a loss, so there is nothing to draw."),
                    QStringLiteral("Choose another"));
    auto* button = m_view->findChild<QPushButton*>(QStringLiteral("hintAction"));
    QVERIFY(button && button->isVisible() && button->focusPolicy() & Qt::TabFocus);
    QVERIFY(m_view->rect().contains(button->geometry()));
    QCOMPARE(m_view->accessibleDescription(), QStringLiteral("Nothing here logs a loss, so there is nothing to draw."));
    QSignalSpy accepted(m_view, &PlotView::hintAccepted);
    QTest::mouseClick(button, Qt::LeftButton);
    button->setFocus();
    QTest::keyClick(button, Qt::Key_Space);
    QCOMPARE(accepted.count(), 2);
    m_view->setHint({});
    QVERIFY(!button->isVisible());
}

void TestHover::thePlotSaysWhatItShows()
{
    QCOMPARE(m_view->accessibleName(), QStringLiteral("Chart of loss (nats/token) against step (steps)"));
    for (const char* name : {"run 0", "run 1", "run 2"})
        QVERIFY(m_view->accessibleDescription().contains(QLatin1String(name)));
}

void TestHover::shadedCurvesHaveABarAndNoNames()
{
    figure::Figure f = example();
    const double right = frame().area.right();
    f.shading = {.title = "parameters", .unit = {}, .log = true, .from = 1e7, .to = 1e9};
    double shade = 1e7;
    for (Layer& layer : f.panels[0].layers)
        layer.shade = shade, shade *= 10;
    f.panels[1].layers[0].shade = 1e7;
    m_view->setPicture(chart::prepare(f), false);
    QVERIFY(frame().area.right() > right);      // no names at the right
    const chart::Colors& colors = m_view->plot().colors();
    QCOMPARE(colors(m_view->plot().shown().panels[0].layers[0]), theme::ramp(theme::light(), 0));
    QCOMPARE(colors(m_view->plot().shown().panels[0].layers[1]), theme::ramp(theme::light(), .5));
    QCOMPARE(colors(m_view->plot().shown().panels[0].layers[2]), theme::ramp(theme::light(), 1));
}

QTEST_MAIN(TestHover)
#include "tst_hover.moc"

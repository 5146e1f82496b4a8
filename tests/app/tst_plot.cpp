// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/shownplot.h"

#include <QSignalSpy>

#include <memory>

using chart::PlotView;
using plot::example;

namespace {

double length(const chart::Axis& axis)
{
    return axis.to - axis.from;
}

}

class TestPlot : public QObject {
    Q_OBJECT
private slots:
    void init();
    void cleanup() { m_shown.reset(); }
    void wheelZoomsAtTheCursor();
    void wheelOverAnAxisZoomsThatAxisAlone();
    void controlWheelZoomsXOnly();
    void boxZoomsIntoWhatItEncloses();
    void boxWithShiftLeavesYAlone();
    void escapeCancelsABox();
    void dragWithMiddleButtonOrSpaceMoves_data();
    void dragWithMiddleButtonOrSpaceMoves();
    void historyGoesBackAndForward();
    void aTurnOfTheWheelIsOneStepBack();
    void doubleClickShowsEverything();
    void keysMoveAndZoom();
    void whatIsSeenRoundTrips_data();
    void whatIsSeenRoundTrips();
    void aNewPictureKeepsTheViewWhenAsked();
    void switchingToALogarithmicAxisKeepsTheDataInView();

private:
    void wheel(QPointF at, int notches, Qt::KeyboardModifiers modifiers = {}) { m_shown->wheel(at, notches, modifiers); }
    void hover(QPointF at) { m_shown->hover(at); }
    chart::Frame frame(int panel = 0) { return m_shown->frame(panel); }
    QPointF at(double x, double y) { return m_shown->at(x, y); }
    std::unique_ptr<plot::Shown> m_shown;
    PlotView* m_view = nullptr;
};

void TestPlot::init()
{
    m_shown = std::make_unique<plot::Shown>();
    m_view = &m_shown->view;
    QVERIFY(QTest::qWaitForWindowExposed(m_view));
}

void TestPlot::wheelZoomsAtTheCursor()
{
    const QPointF cursor = at(250, 4.5);
    const double before = length(frame().x), share = (cursor.x() - frame().area.left()) / frame().area.width();
    QSignalSpy said(m_view, &PlotView::seenChanged);
    wheel(cursor, 3);
    QCOMPARE(said.count(), 1);
    QVERIFY(length(frame().x) < .7 * before);
    // What was under the cursor still is, but for what wider labels take.
    const chart::Frame now = frame();
    QVERIFY(std::abs((now.sceneX(250) - now.area.left()) / now.area.width() - share) < 1e-6);
    QVERIFY(QLineF(at(250, 4.5), cursor).length() < 12);
    wheel(cursor, -3);
    QVERIFY(std::abs(length(frame().x) - before) < 1e-6 * before);
    for (int i = 0; i < 300; ++i)
        wheel(cursor, 5);
    QVERIFY(length(frame().x) > 0 && std::isfinite(length(frame().y)));
    for (int i = 0; i < 600; ++i)
        wheel(cursor, -10);
    QVERIFY(std::isfinite(length(frame().x)) && std::isfinite(length(frame().y)));
}

void TestPlot::wheelOverAnAxisZoomsThatAxisAlone()
{
    const chart::Frame before = frame(), below = frame(1);
    wheel({before.area.left() - 10, before.area.center().y()}, 1);
    QCOMPARE(length(frame().x), length(before.x));
    QCOMPARE(length(frame(1).y), length(below.y));
    QVERIFY(length(frame().y) < length(before.y));
    const double y = length(frame().y);
    wheel({before.area.center().x(), below.area.bottom() + 8}, 1);
    QVERIFY(length(frame().x) < length(before.x));
    QCOMPARE(length(frame().y), y);
    QCOMPARE(length(frame(1).y), length(below.y));
    QCOMPARE(frame(1).x.from, frame().x.from);      // shared
}

void TestPlot::controlWheelZoomsXOnly()
{
    const chart::Frame before = frame();
    wheel(before.area.center(), 1, Qt::ControlModifier);
    QVERIFY(length(frame().x) < length(before.x));
    QCOMPARE(length(frame().y), length(before.y));
}

void TestPlot::boxZoomsIntoWhatItEncloses()
{
    const QPoint from = at(200, 5.5).toPoint(), to = at(600, 4.).toPoint();
    QTest::mousePress(m_view, Qt::LeftButton, {}, from);
    QTest::mouseMove(m_view, (from + to) / 2);
    QTest::mouseMove(m_view, to);
    QTest::mouseRelease(m_view, Qt::LeftButton, {}, to);
    const PlotView::Seen seen = m_view->seen();
    QVERIFY(std::abs(seen.x.from - 200) < 2 && std::abs(seen.x.to - 600) < 2);
    QCOMPARE(seen.y.size(), std::size_t(1));
    QVERIFY(std::abs(seen.y[0].from - 4) < .02 && std::abs(seen.y[0].to - 5.5) < .02);
    QVERIFY(std::abs(frame().x.from - seen.x.from) < 1e-9);
}

void TestPlot::boxWithShiftLeavesYAlone()
{
    const chart::Axis before = frame().y;
    const QPoint from = at(200, 5.5).toPoint(), to = at(600, 5.4).toPoint();
    QTest::mousePress(m_view, Qt::LeftButton, Qt::ShiftModifier, from);
    QMouseEvent move(QEvent::MouseMove, to, m_view->mapToGlobal(to), Qt::NoButton, Qt::LeftButton, Qt::ShiftModifier);
    QApplication::sendEvent(m_view, &move);
    QTest::mouseRelease(m_view, Qt::LeftButton, Qt::ShiftModifier, to);
    QVERIFY(std::abs(m_view->seen().x.from - 200) < 2);
    QVERIFY(m_view->seen().y.empty());
    QCOMPARE(length(frame().y), length(before));
}

void TestPlot::escapeCancelsABox()
{
    QTest::mousePress(m_view, Qt::LeftButton, {}, at(200, 5.5).toPoint());
    QTest::mouseMove(m_view, at(600, 4.).toPoint());
    QTest::keyClick(m_view, Qt::Key_Escape);
    QTest::mouseRelease(m_view, Qt::LeftButton, {}, at(600, 4.).toPoint());
    QCOMPARE(m_view->seen(), PlotView::Seen{});
    QVERIFY(!m_view->canGoBack());
}

void TestPlot::dragWithMiddleButtonOrSpaceMoves_data()
{
    QTest::addColumn<bool>("space");
    QTest::newRow("middle button") << false;
    QTest::newRow("Space") << true;
}

void TestPlot::dragWithMiddleButtonOrSpaceMoves()
{
    QFETCH(bool, space);
    const chart::Frame before = frame();
    const auto button = space ? Qt::LeftButton : Qt::MiddleButton;
    const QPoint from = before.area.center().toPoint(), to = from + QPoint(60, 30);
    if (space)
        QTest::keyPress(m_view, Qt::Key_Space);
    QTest::mousePress(m_view, button, {}, from);
    for (int i = 1; i <= 6; ++i)
        QTest::mouseMove(m_view, from + (to - from) * i / 6);
    QTest::mouseRelease(m_view, button, {}, to);
    if (space)
        QTest::keyRelease(m_view, Qt::Key_Space);
    QVERIFY(std::abs(frame().sceneX(before.x.from) - before.area.left() - 60) < .01);
    QVERIFY(std::abs(frame().sceneY(before.y.from) - before.area.bottom() - 30) < .01);
    QVERIFY(std::abs(length(frame().x) - length(before.x)) < 1e-9);
    m_view->goBack();       // one step, however many moves
    QVERIFY(!m_view->canGoBack());
    QCOMPARE(m_view->seen(), PlotView::Seen{});
}

void TestPlot::historyGoesBackAndForward()
{
    QVERIFY(!m_view->canGoBack() && !m_view->canGoForward());
    m_view->setSeen({.x = {100, 900}, .y = {}});
    QVERIFY(!m_view->canGoBack());
    const PlotView::Seen first = m_view->seen();
    wheel(at(500, 4.5), 1);
    const PlotView::Seen second = m_view->seen();
    QVERIFY(m_view->canGoBack());
    QTest::mouseClick(m_view, Qt::BackButton, {}, QPoint(300, 300));
    QCOMPARE(m_view->seen(), first);
    QVERIFY(m_view->canGoForward());
    QTest::mouseClick(m_view, Qt::ForwardButton, {}, QPoint(300, 300));
    QCOMPARE(m_view->seen(), second);
    m_view->goBack();
    m_view->goBack();       // beyond the first nothing happens
    QCOMPARE(m_view->seen(), first);
    m_view->resetView();
    QVERIFY(!m_view->canGoForward());
    QCOMPARE(m_view->seen(), PlotView::Seen{});
}

void TestPlot::aTurnOfTheWheelIsOneStepBack()
{
    for (int i = 0; i < 5; ++i)
        wheel(at(500, 4.5), 1);
    m_view->goBack();
    QCOMPARE(m_view->seen(), PlotView::Seen{});
}

void TestPlot::doubleClickShowsEverything()
{
    const chart::Frame before = frame();
    wheel(at(500, 4.5), 4);
    QVERIFY(length(frame().x) < length(before.x));
    QTest::mouseDClick(m_view, Qt::LeftButton, {}, before.area.center().toPoint());
    QCOMPARE(length(frame().x), length(before.x));
    QCOMPARE(frame().y.from, before.y.from);
    m_view->goBack();
    QVERIFY(length(frame().x) < length(before.x));
}

void TestPlot::keysMoveAndZoom()
{
    const chart::Frame before = frame();
    QTest::keyClick(m_view, Qt::Key_Right);
    QVERIFY(frame().x.from > before.x.from);
    QVERIFY(std::abs(length(frame().x) - length(before.x)) < 1e-9);
    QTest::keyClick(m_view, Qt::Key_Up);
    QVERIFY(frame().y.from > before.y.from);
    QTest::keyClick(m_view, Qt::Key_Plus);
    QVERIFY(length(frame().x) < length(before.x) && length(frame().y) < length(before.y));
    QTest::keyClick(m_view, Qt::Key_Minus);
    QVERIFY(std::abs(length(frame().x) - length(before.x)) < 1e-9);
    QTest::keyClick(m_view, Qt::Key_Home);
    QCOMPARE(m_view->seen(), PlotView::Seen{});
    QCOMPARE(frame().x.from, before.x.from);
}

void TestPlot::whatIsSeenRoundTrips_data()
{
    QTest::addColumn<bool>("log");
    QTest::newRow("linear") << false;
    QTest::newRow("logarithmic") << true;
}

void TestPlot::whatIsSeenRoundTrips()
{
    QFETCH(bool, log);
    m_view->setPicture(chart::prepare(example(log)), false);
    QCOMPARE(m_view->seen(), PlotView::Seen{});
    QSignalSpy said(m_view, &PlotView::seenChanged);
    const PlotView::Seen wanted{.x = {20, 300}, .y = {{4, 5}, {-.5, .5}}};
    m_view->setSeen(wanted);
    QCOMPARE(said.count(), 0);
    QCOMPARE(m_view->seen(), wanted);
    QVERIFY(std::abs(frame().sceneX(20) - frame().area.left()) < 1e-6);
    QVERIFY(std::abs(frame().sceneX(300) - frame().area.right()) < 1e-6);
    QVERIFY(std::abs(frame().sceneY(4) - frame().area.bottom()) < 1e-6);
    QVERIFY(std::abs(frame(1).sceneY(.5) - frame(1).area.top()) < 1e-6);
    // What a user zoomed into, taken down and set again in another view, shows the same.
    wheel(at(100, 4.5), 2);
    const PlotView::Seen zoomed = m_view->seen();
    const chart::Frame shown = frame();
    m_view->setSeen({});
    m_view->setSeen(zoomed);
    QCOMPARE(frame().x.from, shown.x.from);
    QCOMPARE(frame().y.to, shown.y.to);
}

void TestPlot::aNewPictureKeepsTheViewWhenAsked()
{
    wheel(at(300, 4.5), 4);
    const PlotView::Seen seen = m_view->seen();
    figure::Figure longer = example();
    longer.panels[0].layers[0].x.push_back(5000);
    longer.panels[0].layers[0].y.push_back(1);
    m_view->setPicture(chart::prepare(longer), true);
    QCOMPARE(m_view->seen(), seen);
    QVERIFY(m_view->canGoBack());
    QVERIFY(std::abs(frame().x.value(frame().x.to) - seen.x.to) < 1e-9);
    m_view->setPicture(chart::prepare(longer), false);
    QCOMPARE(m_view->seen(), PlotView::Seen{});
    QVERIFY(!m_view->canGoBack());
    QVERIFY(frame().x.to > 5000);
}

void TestPlot::switchingToALogarithmicAxisKeepsTheDataInView()
{
    m_view->setSeen({.x = {10, 100}, .y = {{4, 5}}});
    m_view->setPicture(chart::prepare(example(true)), true);
    QVERIFY(frame().x.log);
    QVERIFY(std::abs(frame().x.from - 1) < 1e-9 && std::abs(frame().x.to - 2) < 1e-9);
    // What a logarithmic axis cannot show it shows all of.
    m_view->setSeen({.x = {-10, 100}, .y = {}});
    QVERIFY(frame().x.to > 2.9);
}

QTEST_MAIN(TestPlot)
#include "tst_plot.moc"

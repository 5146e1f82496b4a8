// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/plotview.h"

#include <QApplication>
#include <QClipboard>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

// What mouse and keyboard do to a plot.
namespace chart {

namespace {

constexpr double notch = .85;                   // what one notch of the wheel leaves of an axis
constexpr int oneMovement = 600;                // milliseconds within which notches are one step of the history
constexpr double clickReach = 10;               // pixels from a curve that count as on it
constexpr double smallestBox = 6;
constexpr double dragBegins = 8;                // pixels
constexpr double keyMoves = .1;                 // of an axis

}

bool PlotView::event(QEvent* event)
{
    // Keys that move the plot while it has the focus are not shortcuts of the window then.
    if (event->type() == QEvent::ShortcutOverride) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool plain = (key->modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier)) == 0;
        static const QList<int> ours{Qt::Key_Left, Qt::Key_Right, Qt::Key_Up, Qt::Key_Down, Qt::Key_Plus, Qt::Key_Equal,
                                     Qt::Key_Minus, Qt::Key_Home, Qt::Key_Space};
        if ((plain && ours.contains(key->key())) || (key->matches(QKeySequence::Copy) && !card().isEmpty()) ||
            (key->key() == Qt::Key_Escape && (m_drag != Drag::None || m_pin))) {
            event->accept();
            return true;
        }
    }
    return QWidget::event(event);
}

void PlotView::wheelEvent(QWheelEvent* event)
{
    Place place = placeOf(event->position());
    const QPoint delta = event->angleDelta();
    if (isEmpty() || place.panel < 0 || delta.isNull())
        return event->ignore();
    const bool merge = m_turned.isValid() && m_turned.elapsed() < oneMovement;
    m_turned.start();
    if (event->modifiers() & Qt::ControlModifier)
        place.y = false;
    const int turned = delta.y() != 0 ? delta.y() : event->modifiers() & Qt::AltModifier ? delta.x() : 0;
    if (turned != 0 && (place.x || place.y))
        turn(place, event->position(), std::pow(notch, turned / 120.), merge);
    else if (turned == 0 && place.x)        // sideways, on touch pads
        moveBy(place, QPointF(delta.x() / 2., 0), m_views.now(), merge);
    event->accept();
}

void PlotView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::BackButton)
        return goBack();
    if (event->button() == Qt::ForwardButton)
        return goForward();
    const bool moves = event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && m_space);
    if (m_drag != Drag::None || (event->button() != Qt::LeftButton && !moves))
        return event->ignore();
    const int panel = plot().panelAt(event->position());
    if (panel < 0)
        return;
    m_press = event->position();
    m_pressPanel = panel;
    m_pressSeen = m_views.now();
    m_drag = Drag::Press;
    if (moves) {
        // The whole view, so that moving along one axis does not set the other free.
        m_pressSeen.x = rangeOf(m_scene.frame(panel).x);
        m_pressSeen.y.resize(std::max(m_pressSeen.y.size(), std::size_t(panel) + 1));
        m_pressSeen.y[std::size_t(panel)] = rangeOf(m_scene.frame(panel).y);
        m_drag = Drag::Move;
        m_moved = false;
        setCursor(Qt::ClosedHandCursor);
    }
    update();
}

void PlotView::mouseMoveEvent(QMouseEvent* event)
{
    m_hover = event->position();
    if (m_drag == Drag::Press && (*m_hover - m_press).manhattanLength() > dragBegins)
        m_drag = Drag::Box;
    if (m_drag == Drag::Box)
        m_onlyX = event->modifiers() & Qt::ShiftModifier;
    if (m_drag == Drag::Move && *m_hover != m_press) {
        moveBy({.panel = m_pressPanel, .x = true, .y = true}, *m_hover - m_press, m_pressSeen, m_moved);
        m_moved = true;
    }
    update();
}

void PlotView::mouseReleaseEvent(QMouseEvent* event)
{
    const Drag drag = m_drag;
    if (drag == Drag::None)
        return;
    m_hover = event->position();
    if (drag == Drag::Box)
        endBox(event->position());
    endDrag();
    if (drag == Drag::Press)
        click(event->position(), event->modifiers() & (Qt::ControlModifier | Qt::ShiftModifier));
}

void PlotView::endBox(QPointF at)
{
    const Frame& frame = plot().frame(m_pressPanel);
    const QRectF area = frame.area, box = QRectF(m_press, at).normalized() & area;
    if (box.width() < smallestBox || (!m_onlyX && box.height() < smallestBox))
        return;
    Seen seen = m_views.now();
    seen.x = rangeOf(between(frame.x, (box.left() - area.left()) / area.width(),
                             (box.right() - area.left()) / area.width()));
    if (!m_onlyX) {
        seen.y.resize(std::max(seen.y.size(), std::size_t(m_pressPanel) + 1));
        seen.y[std::size_t(m_pressPanel)] = rangeOf(between(frame.y, (area.bottom() - box.bottom()) / area.height(),
                                                           (area.bottom() - box.top()) / area.height()));
    }
    go(std::move(seen), false);
}

void PlotView::click(QPointF at, bool add)
{
    const int panel = plot().panelAt(at);
    if (panel < 0)
        return;
    m_pinBefore = m_pin;
    const std::vector<Reading> found = readings(m_scene.picture(), panel, m_scene.frame(panel), at);
    if (found.empty() || std::abs(found.front().at.y() - at.y()) > clickReach) {
        m_pin.reset();
        emit runPicked({}, add);
        return;
    }
    const figure::Layer& layer = *found.front().layer;
    const std::string run = layer.run;
    if (m_pin && m_pin->is(layer))
        m_pin.reset();
    else
        m_pin = Pin{.run = run, .name = layer.name};
    update();
    if (!run.empty())
        emit runPicked(run, add);
}

void PlotView::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return mousePressEvent(event);
    // The first of the two clicks was not meant for the curve below it.
    m_pin = m_pinBefore;
    endDrag();
    if (placeOf(event->position()).panel >= 0)
        resetView();
}

void PlotView::leaveEvent(QEvent*)
{
    m_hover.reset();
    update();
}

void PlotView::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Space && !event->isAutoRepeat()) {
        m_space = true;
        if (m_drag == Drag::None)
            setCursor(Qt::OpenHandCursor);
        return;
    }
    if (event->matches(QKeySequence::Copy)) {
        if (const Card read = card(); !read.isEmpty())
            return QApplication::clipboard()->setText(read.text());
        return event->ignore();
    }
    if (event->key() == Qt::Key_Escape) {
        if (m_drag == Drag::Move && m_moved) {
            m_views.back();
            applyView();
            emit seenChanged();
        } else if (m_drag == Drag::None) {
            if (!m_pin)
                return event->ignore();
            m_pin.reset();
        }
        return endDrag();
    }
    if (isEmpty() || plot().panels() == 0 || (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier)))
        return event->ignore();
    const bool merge = m_turned.isValid() && m_turned.elapsed() < oneMovement;
    const Place all{.panel = 0, .x = true, .y = true};
    const QRectF area = m_scene.frame(0).area;
    const QPointF step(area.width() * keyMoves, area.height() * keyMoves);
    const auto move = [&](double x, double y) {
        if (event->modifiers() & Qt::ShiftModifier)     // reads along the curves instead
            return moveCrosshair(x < 0 ? 1 : x > 0 ? -1 : 0);
        m_turned.start();
        moveBy(all, {x * step.x(), y * step.y()}, m_views.now(), merge);
    };
    switch (event->key()) {
    case Qt::Key_Left: return move(1, 0);
    case Qt::Key_Right: return move(-1, 0);
    case Qt::Key_Up: return move(0, 1);
    case Qt::Key_Down: return move(0, -1);
    case Qt::Key_Plus:
    case Qt::Key_Equal: return zoom(notch);
    case Qt::Key_Minus: return zoom(1 / notch);
    case Qt::Key_Home: return resetView();
    default: event->ignore();
    }
}

void PlotView::moveCrosshair(int direction)
{
    const QRectF area = m_scene.frame(0).area;
    QPointF at = m_hover && m_scene.panelAt(*m_hover) >= 0 ? *m_hover : area.center();
    const double step = std::max(1., std::round(area.width() / 200));
    at.setX(std::clamp(at.x() + direction * step, area.left(), area.right() - 1));
    m_hover = at;
    setAccessibleDescription(card().text());
    update();
}

void PlotView::keyReleaseEvent(QKeyEvent* event)
{
    if (event->key() != Qt::Key_Space || event->isAutoRepeat())
        return event->ignore();
    m_space = false;
    if (m_drag == Drag::None)
        setCursor(Qt::CrossCursor);
}

void PlotView::focusInEvent(QFocusEvent* event)
{
    m_ring = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason ||
             event->reason() == Qt::ShortcutFocusReason;
    QWidget::focusInEvent(event);
}

void PlotView::focusOutEvent(QFocusEvent* event)
{
    m_space = m_ring = false;
    if (m_drag == Drag::None)
        setCursor(Qt::CrossCursor);
    QWidget::focusOutEvent(event);
}

}

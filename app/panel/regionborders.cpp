// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/regionborders.h"

#include "app/chart/axis.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace {

constexpr int thickness = 13;
constexpr double rim = 3;       // pixels from the rim where a border is open

}

BorderHandle::BorderHandle(chart::PlotView& view, bool upper)
    : QWidget(&view), m_view(view), m_upper(upper), m_value(upper ? INFINITY : -INFINITY)
{
    setObjectName(upper ? QStringLiteral("borderTo") : QStringLiteral("borderFrom"));
    setAccessibleName(upper ? tr("Upper border of the rows fitted") : tr("Lower border of the rows fitted"));
    setToolTip(tr("Drag to fit only a part; the arrow keys move it, Home and End open it"));
    setCursor(Qt::SizeHorCursor);
    setFocusPolicy(Qt::TabFocus);
    hide();
}

void BorderHandle::setTheme(const theme::Theme& t)
{
    m_theme = t;
    update();
}

void BorderHandle::setValue(double value)
{
    if (!m_dragging && !m_byKey)
        m_value = value;
    place();
}

void BorderHandle::place()
{
    if (m_view.plot().panels() == 0)
        return;
    const chart::Frame& frame = m_view.plot().frame(0);
    const double x = std::isinf(m_value) ? m_upper ? frame.area.right() : frame.area.left() : frame.sceneX(m_value);
    if (!std::isfinite(x))
        return;
    setGeometry(int(std::lround(std::clamp(x, frame.area.left(), frame.area.right()))) - thickness / 2, int(frame.area.top()), thickness, int(frame.area.height()));
}

void BorderHandle::moveTo(double sceneX)
{
    const chart::Frame& frame = m_view.plot().frame(0);
    const double share = (sceneX - frame.area.left()) / frame.area.width();
    if (m_upper ? sceneX > frame.area.right() - rim : sceneX < frame.area.left() + rim)
        m_value = m_upper ? INFINITY : -INFINITY;
    else
        m_value = frame.x.value(frame.x.from + std::clamp(share, 0., 1.) * (frame.x.to - frame.x.from));
    place();
    update();
    emit moved();
}

void BorderHandle::drop()
{
    m_dragging = m_byKey = false;
    emit dropped();
}

void BorderHandle::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool active = m_dragging || hasFocus();
    const QColor color = active ? m_theme.accent : m_theme.text2;
    const double x = thickness / 2 + .5;
    painter.setPen(QPen(color, active ? 1.5 : 1, Qt::DashLine));
    painter.drawLine(QPointF(x, 0), QPointF(x, height() - 18));
    painter.setPen(QPen(color, 1));
    painter.setBrush(m_theme.surface);
    painter.drawRoundedRect(QRectF(x - 4, height() - 22, 8, 20), 3, 3);
    painter.drawLine(QPointF(x - 1.5, height() - 16), QPointF(x - 1.5, height() - 8));
    painter.drawLine(QPointF(x + 1.5, height() - 16), QPointF(x + 1.5, height() - 8));
    if (m_dragging && std::isfinite(m_value))
        QWidget::setToolTip(chart::number(m_value));
}

void BorderHandle::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_dragging = true;
    update();
}

void BorderHandle::mouseMoveEvent(QMouseEvent* event)
{
    if (m_dragging)
        moveTo(mapToParent(event->position()).x());
}

void BorderHandle::mouseReleaseEvent(QMouseEvent* event)
{
    if (m_dragging && event->button() == Qt::LeftButton)
        drop();
}

void BorderHandle::keyPressEvent(QKeyEvent* event)
{
    const double step = m_view.plot().frame(0).area.width() * (event->modifiers() & Qt::ShiftModifier ? .001 : .01);
    const double x = geometry().center().x() + .5;
    switch (event->key()) {
    case Qt::Key_Left: m_byKey = true, moveTo(x - std::max(1., step)); break;
    case Qt::Key_Right: m_byKey = true, moveTo(x + std::max(1., step)); break;
    case Qt::Key_Home:
    case Qt::Key_End: m_byKey = true, m_value = m_upper ? INFINITY : -INFINITY, place(), update(); break;
    default: QWidget::keyPressEvent(event);
    }
}

void BorderHandle::keyReleaseEvent(QKeyEvent* event)
{
    if (m_byKey && !event->isAutoRepeat())
        drop();
    else
        QWidget::keyReleaseEvent(event);
}

void BorderHandle::focusOutEvent(QFocusEvent* event)
{
    if (m_byKey)
        drop();
    update();
    QWidget::focusOutEvent(event);
}

RegionBorders::RegionBorders(chart::PlotView& view) : QObject(&view), m_view(view), m_handles{new BorderHandle(view, false), new BorderHandle(view, true)}
{
    connect(&view, &chart::PlotView::drawn, this, &RegionBorders::place);
    for (BorderHandle* handle : m_handles)
        connect(handle, &BorderHandle::dropped, this, [this] {
            double from = m_handles[0]->value(), to = m_handles[1]->value();
            if (from > to)
                std::swap(from, to);
            emit moved(from, to);
        });
}

void RegionBorders::setTheme(const theme::Theme& t)
{
    for (BorderHandle* handle : m_handles)
        handle->setTheme(t);
}

void RegionBorders::set(std::optional<std::pair<double, double>> region)
{
    m_shown = region.has_value();
    if (region) {
        m_handles[0]->setValue(region->first);
        m_handles[1]->setValue(region->second);
    }
    for (BorderHandle* handle : m_handles) {
        handle->setVisible(m_shown);
        handle->raise();
    }
}

void RegionBorders::place()
{
    if (m_shown)
        for (BorderHandle* handle : m_handles)
            handle->place();
}

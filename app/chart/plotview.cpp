// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/plotview.h"

#include <QFontMetricsF>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace chart {

using figure::Layer;
using figure::Mark;
using figure::Style;

std::vector<Reading> readings(const figure::Panel& panel, const Frame& frame, const Colors& colors, QPointF at)
{
    std::vector<Reading> out;
    const double x = frame.x.value(frame.x.from + (at.x() - frame.area.left()) / frame.area.width() *
                                                      (frame.x.to - frame.x.from));
    for (const Layer& layer : panel.layers) {
        const bool line = layer.mark == Mark::Line && layer.style != Style::Raw && layer.style != Style::Reference;
        const std::size_t n = std::min(layer.x.size(), layer.y.size());
        if (n == 0 || (!line && layer.mark != Mark::Points))
            continue;
        std::size_t best = n;
        if (line && std::is_sorted(layer.x.begin(), layer.x.begin() + std::ptrdiff_t(n))) {
            const auto after = std::size_t(std::lower_bound(layer.x.begin(), layer.x.begin() + std::ptrdiff_t(n), x) -
                                           layer.x.begin());
            best = after == n || (after > 0 && x - layer.x[after - 1] < layer.x[after] - x) ? after - 1 : after;
            if (std::abs(frame.sceneX(layer.x[best]) - at.x()) > 12)
                continue;
        } else {
            double nearest = line ? 12 : 24;
            for (std::size_t i = 0; i < n; ++i) {
                const QPointF d = frame.scene(layer.x[i], layer.y[i]) - at;
                if (const double away = line ? std::abs(d.x()) : std::hypot(d.x(), d.y()); away < nearest) {
                    nearest = away;
                    best = i;
                }
            }
        }
        if (best == n || std::isnan(layer.y[best]))
            continue;
        const QPointF place = frame.scene(layer.x[best], layer.y[best]);
        if (!frame.area.adjusted(-1, -1, 1, 1).contains(place))
            continue;
        QString name = QString::fromStdString(layer.name);
        if (name.isEmpty() && layer.mark == Mark::Points)
            name = QObject::tr("measured");
        out.push_back({name, colors(layer), layer.x[best], layer.y[best], place});
    }
    std::ranges::stable_sort(out, {}, [&](const Reading& r) { return std::abs(r.at.y() - at.y()); });
    return out;
}

PlotView::PlotView(const theme::Theme& t, QWidget* parent) : QGraphicsView(parent), m_scene(t)
{
    setScene(&m_scene);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    setAlignment(Qt::AlignLeft | Qt::AlignTop);
    setMouseTracking(true);
    setViewportUpdateMode(FullViewportUpdate);
    setCursor(Qt::CrossCursor);
    setAccessibleName(tr("Chart"));
    setMinimumSize(240, 160);
}

void PlotView::setFigure(figure::Figure f, bool keepView)
{
    if (!keepView)
        m_scene.setView({});
    m_scene.setFigure(std::move(f));
    layOut();
}

void PlotView::setTheme(const theme::Theme& t)
{
    m_scene.setTheme(t);
    viewport()->update();
}

void PlotView::resetView()
{
    m_scene.setView({});
    viewport()->update();
    emit drawn(m_scene.pointsDrawn());
}

void PlotView::layOut()
{
    if (viewport()->width() > 0)
        m_scene.layOut(viewport()->size(), 1 / devicePixelRatioF());
    emit drawn(m_scene.pointsDrawn());
}

void PlotView::resizeEvent(QResizeEvent* event)
{
    QGraphicsView::resizeEvent(event);
    layOut();
}

void PlotView::setRange(int panel, const Axis& x, const Axis& y)
{
    FigureScene::View view = m_scene.view();
    view.x = x;
    view.y.resize(std::size_t(m_scene.panels()));
    view.y[std::size_t(panel)] = y;
    m_scene.setView(std::move(view));
    emit drawn(m_scene.pointsDrawn());
}

void PlotView::wheelEvent(QWheelEvent* event)
{
    const QPointF at = mapToScene(event->position().toPoint());
    const int panel = m_scene.panelAt(at);
    if (panel < 0 || event->angleDelta().y() == 0)
        return;
    const Frame& frame = m_scene.frame(panel);
    const double factor = std::pow(.85, event->angleDelta().y() / 120.);
    const auto zoom = [&](Axis axis, double share) {
        const double centre = axis.from + share * (axis.to - axis.from);
        axis.from = centre + (axis.from - centre) * factor;
        axis.to = centre + (axis.to - centre) * factor;
        return axis;
    };
    const Axis x = zoom(frame.x, (at.x() - frame.area.left()) / frame.area.width());
    const Axis y = zoom(frame.y, (frame.area.bottom() - at.y()) / frame.area.height());
    // Beyond this doubles no longer tell neighbouring pixels apart.
    const auto fine = [](const Axis& axis) {
        return axis.to - axis.from > 1e-11 * std::max(std::abs(axis.from), std::abs(axis.to)) &&
               axis.to - axis.from < 1e300;
    };
    if (fine(x) && fine(y))
        setRange(panel, x, y);
    event->accept();
}

void PlotView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton && m_scene.panelAt(mapToScene(event->pos())) >= 0)
        m_press = mapToScene(event->pos());
}

void PlotView::mouseMoveEvent(QMouseEvent* event)
{
    m_hover = mapToScene(event->pos());
    m_boxing = m_press && (*m_hover - *m_press).manhattanLength() > 8;
    viewport()->update();
}

void PlotView::mouseReleaseEvent(QMouseEvent* event)
{
    if (m_press && m_boxing) {
        const int panel = m_scene.panelAt(*m_press);
        const Frame frame = m_scene.frame(panel);
        const QRectF box = QRectF(*m_press, mapToScene(event->pos())).normalized() & frame.area;
        if (box.width() > 6 && box.height() > 6) {
            Axis x = frame.x, y = frame.y;
            const double perX = (frame.x.to - frame.x.from) / frame.area.width();
            const double perY = (frame.y.to - frame.y.from) / frame.area.height();
            x.from = frame.x.from + (box.left() - frame.area.left()) * perX;
            x.to = frame.x.from + (box.right() - frame.area.left()) * perX;
            y.from = frame.y.from + (frame.area.bottom() - box.bottom()) * perY;
            y.to = frame.y.from + (frame.area.bottom() - box.top()) * perY;
            setRange(panel, x, y);
        }
    }
    m_press.reset();
    m_boxing = false;
    viewport()->update();
}

void PlotView::mouseDoubleClickEvent(QMouseEvent*)
{
    m_press.reset();
    resetView();
}

void PlotView::leaveEvent(QEvent* event)
{
    m_hover.reset();
    viewport()->update();
    QGraphicsView::leaveEvent(event);
}

void PlotView::drawForeground(QPainter* painter, const QRectF&)
{
    const theme::Theme& t = m_scene.theme();
    if (m_boxing && m_press && m_hover) {
        const QRectF area = m_scene.frame(m_scene.panelAt(*m_press)).area;
        QColor fill = t.accent;
        fill.setAlphaF(.12f);
        painter->setPen(QPen(t.accent, t.hairline()));
        painter->setBrush(fill);
        painter->drawRect(QRectF(*m_press, *m_hover).normalized() & area);
        return;
    }
    if (!m_hover)
        return;
    if (const int panel = m_scene.panelAt(*m_hover); panel >= 0)
        drawCard(painter, panel);
}

void PlotView::drawCard(QPainter* painter, int panel)
{
    const theme::Theme& t = m_scene.theme();
    const figure::Panel& panelData = m_scene.shown().panels[std::size_t(panel)];
    const Frame& frame = m_scene.frame(panel);
    const std::vector<Reading> found = readings(panelData, frame, m_scene.colors(), *m_hover);
    painter->setPen(QPen(theme::blend(t.text, t.surface, .4), t.hairline()));
    painter->drawLine(QPointF(m_hover->x(), frame.area.top()), QPointF(m_hover->x(), frame.area.bottom()));
    if (found.empty())
        return;
    constexpr std::size_t rows = 8;
    const std::size_t shown = std::min(rows, found.size());
    const QFont font = t.font(t.chartText());
    const QFontMetricsF metrics(font);
    const double line = std::ceil(metrics.height()) + 3, pad = 8, chip = 16;
    const QString head = QString::fromStdString(panelData.x.title) + QLatin1Char(' ') + number(found[0].x, 5);
    const QString more = found.size() > rows ? tr("%1 more").arg(found.size() - rows) : QString();
    double names = 0, values = 0;
    for (std::size_t i = 0; i < shown; ++i) {
        names = std::max(names, std::min(metrics.horizontalAdvance(found[i].name), 180.));
        values = std::max(values, metrics.horizontalAdvance(number(found[i].y)));
    }
    const double width = std::max(chip + names + 14 + values, metrics.horizontalAdvance(head)) + 2 * pad;
    const double height = line * double(shown + 1 + (more.isEmpty() ? 0 : 1)) + 2 * pad - 3;
    QRectF card(m_hover->x() + 14, m_hover->y() + 14, width, height);
    if (card.right() > m_scene.width() - 4)
        card.moveRight(m_hover->x() - 14);
    if (card.bottom() > m_scene.height() - 4)
        card.moveBottom(m_scene.height() - 4);
    painter->setRenderHint(QPainter::Antialiasing);
    for (std::size_t i = 0; i < shown; ++i) {
        painter->setPen(QPen(t.surface, 1.5));
        painter->setBrush(found[i].color);
        painter->drawEllipse(found[i].at, 4, 4);
    }
    QColor ground = t.surface;
    ground.setAlphaF(.96f);
    painter->setPen(QPen(t.line, 1));
    painter->setBrush(ground);
    painter->drawRoundedRect(card.adjusted(.5, .5, -.5, -.5), 6, 6);
    painter->setFont(font);
    double y = card.top() + pad + metrics.ascent();
    painter->setPen(t.text2);
    painter->drawText(QPointF(card.left() + pad, y), head);
    for (std::size_t i = 0; i < shown; ++i) {
        y += line;
        painter->setPen(QPen(found[i].color, 2.5, Qt::SolidLine, Qt::FlatCap));
        const double middle = y - metrics.ascent() + metrics.height() / 2;
        painter->drawLine(QPointF(card.left() + pad, middle), QPointF(card.left() + pad + 10, middle));
        painter->setPen(t.text);
        painter->drawText(QPointF(card.left() + pad + chip, y), metrics.elidedText(found[i].name, Qt::ElideMiddle, 180));
        const QString value = number(found[i].y);
        painter->drawText(QPointF(card.right() - pad - metrics.horizontalAdvance(value), y), value);
    }
    if (!more.isEmpty()) {
        painter->setPen(t.text2);
        painter->drawText(QPointF(card.left() + pad + chip, y + line), more);
    }
}

}

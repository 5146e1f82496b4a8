// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/plotview.h"

#include <QLabel>
#include <QPainter>
#include <QPushButton>

#include <algorithm>
#include <cmath>

namespace chart {

namespace {

constexpr int oneMovement = 600;                // milliseconds within which notches are one step of the history

double shareX(const Frame& f, double x) { return (x - f.area.left()) / f.area.width(); }
double shareY(const Frame& f, double y) { return (f.area.bottom() - y) / f.area.height(); }

}

PlotView::PlotView(const theme::Theme& t, QWidget* parent) : QWidget(parent), m_scene(t)
{
    m_scene.setForScreen(true);
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::CrossCursor);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setMinimumSize(240, 160);
    describe();
}

void PlotView::setPicture(Picture picture, bool keepView)
{
    m_scene.setPicture(std::move(picture));
    if (!keepView)
        m_views.forget();
    endDrag();
    applyView();
    describe();
}

void PlotView::setTheme(const theme::Theme& t)
{
    m_scene.setTheme(t);
    changed();
}

void PlotView::setSelected(std::vector<std::string> hashes)
{
    m_scene.setSelected(std::move(hashes));
    m_unpainted = true;
    update();
}

void PlotView::setSeen(const Seen& seen)
{
    if (seen == m_views.now())
        return;
    m_views.replace(seen);
    applyView();
}

void PlotView::setHint(const QString& sentence, const QString& action)
{
    if (!m_hint) {
        m_hint = new QWidget(this);
        m_hint->setCursor(Qt::ArrowCursor);
        m_hintText = new QLabel(m_hint);
        m_hintText->setObjectName(QStringLiteral("hint"));
        m_hintText->setWordWrap(true);
        m_hintText->setAlignment(Qt::AlignCenter);
        m_hintText->setTextFormat(Qt::PlainText);
        m_hintButton = new QPushButton(m_hint);
        m_hintButton->setObjectName(QStringLiteral("hintAction"));
        connect(m_hintButton, &QPushButton::clicked, this, &PlotView::hintAccepted);
    }
    m_hintText->setText(sentence);
    m_hintButton->setText(action);
    m_hintButton->setAccessibleDescription(sentence);
    m_hintButton->setVisible(!action.isEmpty());
    m_hint->setVisible(!sentence.isEmpty());
    placeHint();
    describe();
    update();
}

// By hand: layouts give a wrapped sentence the height it would need at another width.
void PlotView::placeHint()
{
    if (!m_hint)
        return;
    m_hint->setGeometry(rect());
    const int between = 12, wide = std::min(440, width() - 32), high = m_hintText->heightForWidth(wide);
    const QSize button = m_hintButton->isHidden() ? QSize(0, -between) : m_hintButton->sizeHint();
    const int top = std::max(0, (height() - high - between - button.height()) / 2);
    m_hintText->setGeometry((width() - wide) / 2, top, wide, high);
    m_hintButton->setGeometry((width() - button.width()) / 2, top + high + between, button.width(),
                              std::max(0, button.height()));
}

void PlotView::changed()
{
    m_stale = m_unpainted = true;
    update();
}

void PlotView::applyView()
{
    const auto& panels = m_scene.shown().panels;
    FigureScene::View view;
    if (!panels.empty())
        view.x = axisOf(m_views.now().x, panels.front().x.log);
    for (std::size_t i = 0; i < std::min(panels.size(), m_views.now().y.size()); ++i)
        view.y.push_back(axisOf(m_views.now().y[i], panels[i].y.log));
    m_scene.setView(std::move(view));
    changed();
}

FigureScene& PlotView::plot()
{
    if (m_stale && width() > 0 && height() > 0) {
        m_stale = false;
        m_scene.layOut(size(), 1 / devicePixelRatioF());
    }
    return m_scene;
}

bool PlotView::isEmpty() const
{
    return m_hint && !m_hint->isHidden();
}

Card PlotView::card() const
{
    if (!m_hover || isEmpty() || m_drag == Drag::Box || m_drag == Drag::Move)
        return {};
    const FigureScene& scene = plot();
    const int panel = scene.panelAt(*m_hover);
    if (panel < 0)
        return {};
    const Frame& frame = scene.frame(panel);
    const std::vector<Reading> found = readings(scene.picture(), panel, frame, *m_hover);
    return cardOf(scene.picture(), panel, frame, scene.colors(), found, m_pin);
}

void PlotView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    if (isEmpty()) {
        painter.fillRect(rect(), m_scene.theme().surface);
        return;
    }
    const bool otherScreen = m_canvas.devicePixelRatio() != devicePixelRatioF();
    m_stale |= otherScreen;
    if (m_unpainted || otherScreen) {
        plot();
        const QSize pixels = (QSizeF(size()) * devicePixelRatioF()).toSize();
        if (m_canvas.size() != pixels)
            m_canvas = QPixmap(pixels);
        m_canvas.setDevicePixelRatio(devicePixelRatioF());
        QPainter canvas(&m_canvas);
        canvas.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
        m_scene.render(&canvas, QRectF(rect()), m_scene.sceneRect(), Qt::IgnoreAspectRatio);
        m_unpainted = false;
        // Who listens may change what is shown, which cannot be done inside of painting.
        QMetaObject::invokeMethod(this, [this] { emit drawn(m_scene.pointsDrawn()); }, Qt::QueuedConnection);
    }
    painter.drawPixmap(0, 0, m_canvas);
    painter.setRenderHint(QPainter::Antialiasing);
    paintHover(painter);
    if (m_ring) {
        painter.setPen(QPen(m_scene.theme().accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(rect()).adjusted(.5, .5, -.5, -.5));
    }
}

void PlotView::paintHover(QPainter& painter)
{
    const theme::Theme& t = m_scene.theme();
    if (m_drag == Drag::Box && m_hover) {
        const QRectF area = m_scene.frame(m_pressPanel).area;
        QRectF box = QRectF(m_press, *m_hover).normalized();
        if (m_onlyX)
            box = {box.left(), area.top(), box.width(), area.height()};
        QColor fill = t.accent;
        fill.setAlphaF(.12f);
        painter.setPen(QPen(t.accent, t.hairline()));
        painter.setBrush(fill);
        painter.drawRect(box & area);
        return;
    }
    if (!m_hover || m_drag == Drag::Move)
        return;
    const int panel = m_scene.panelAt(*m_hover);
    if (panel < 0)
        return;
    // One hairline through all panels: they share their x axis.
    const double x = std::floor(m_hover->x()) + .5;
    painter.setPen(QPen(theme::blend(t.text, t.surface, .4), t.hairline()));
    for (int i = 0; i < m_scene.panels(); ++i) {
        const QRectF area = m_scene.frame(i).area;
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    }
    for (int i = 0; i < m_scene.panels(); ++i) {
        const Frame& frame = m_scene.frame(i);
        const std::vector<Reading> found = readings(m_scene.picture(), i, frame, *m_hover);
        for (std::size_t k = 0; k < found.size(); ++k) {
            const bool pinned = m_pin && m_pin->is(*found[k].layer);
            if (k >= 8 && !pinned)
                continue;
            painter.setPen(QPen(t.surface, 1.5));
            painter.setBrush(m_scene.colors()(*found[k].layer));
            painter.drawEllipse(found[k].at, 4, 4);
            if (pinned) {
                painter.setPen(QPen(m_scene.colors()(*found[k].layer), 1.5));
                painter.setBrush(Qt::NoBrush);
                painter.drawEllipse(found[k].at, 7, 7);
            }
        }
        if (i == panel && !found.empty())
            paintCard(painter, cardOf(m_scene.picture(), i, frame, m_scene.colors(), found, m_pin), t, *m_hover, rect());
    }
}

void PlotView::resizeEvent(QResizeEvent*)
{
    placeHint();
    changed();
}

void PlotView::describe()
{
    const auto& f = m_scene.shown();
    if (isEmpty()) {
        setAccessibleName(tr("Chart, empty"));
        setAccessibleDescription(m_hintText->text());
        return;
    }
    if (f.panels.empty()) {
        setAccessibleName(tr("Chart"));
        setAccessibleDescription({});
        return;
    }
    const auto titled = [](const figure::Axis& axis) {
        QString text = QString::fromStdString(axis.title);
        if (!axis.unit.empty())
            text += QStringLiteral(" (") + QString::fromStdString(axis.unit) + QLatin1Char(')');
        return axis.log ? tr("%1, logarithmic").arg(text) : text;
    };
    setAccessibleName(tr("Chart of %1 against %2").arg(titled(f.panels[0].y), titled(f.panels[0].x)));
    QStringList names;
    for (const auto& panel : f.panels)
        for (const auto& layer : panel.layers)
            if (const QString name = QString::fromStdString(layer.name); !name.isEmpty() && !names.contains(name))
                names << name;
    constexpr int told = 20;
    const int more = int(names.size()) - told;
    QString description = tr("%1 curves: ").arg(names.size()) + names.mid(0, told).join(QStringLiteral(", "));
    if (more > 0)
        description += tr(" and %1 more").arg(more);
    setAccessibleDescription(description);
}

void PlotView::resetView()
{
    go({}, false);
}

void PlotView::goBack()
{
    if (!canGoBack())
        return;
    m_views.back();
    applyView();
    emit seenChanged();
}

void PlotView::goForward()
{
    if (!canGoForward())
        return;
    m_views.forward();
    applyView();
    emit seenChanged();
}

void PlotView::go(Seen seen, bool merge)
{
    if (seen == m_views.now())
        return;
    m_views.go(std::move(seen), merge);
    applyView();
    emit seenChanged();
}

void PlotView::zoom(double factor)
{
    if (plot().panels() == 0)
        return;
    const QPointF middle = m_scene.frame(0).area.center();
    const bool merge = m_turned.isValid() && m_turned.elapsed() < oneMovement;
    m_turned.start();
    turn({.panel = 0, .x = true, .y = true}, middle, factor, merge);
}

PlotView::Place PlotView::placeOf(QPointF at) const
{
    const FigureScene& scene = plot();
    for (int i = 0; i < scene.panels(); ++i) {
        const QRectF area = scene.frame(i).area;
        if (area.contains(at))
            return {.panel = i, .x = true, .y = true};
        if (at.x() < area.left() && at.y() >= area.top() && at.y() <= area.bottom())
            return {.panel = i, .x = false, .y = true};
        if (i + 1 == scene.panels() && at.y() > area.bottom() && at.x() >= area.left() && at.x() <= area.right())
            return {.panel = i, .x = true, .y = false};
    }
    return {};
}

void PlotView::turn(Place place, QPointF at, double factor, bool merge)
{
    const Frame& frame = plot().frame(place.panel);
    Seen seen = m_views.now();
    if (place.x)
        seen.x = rangeOf(zoomed(frame.x, factor, shareX(frame, at.x())));
    if (place.y) {
        seen.y.resize(std::max(seen.y.size(), std::size_t(place.panel) + 1));
        seen.y[std::size_t(place.panel)] = rangeOf(zoomed(frame.y, factor, shareY(frame, at.y())));
    }
    go(std::move(seen), merge);
}

void PlotView::moveBy(Place place, QPointF pixels, const Seen& from, bool merge)
{
    const Frame& frame = plot().frame(place.panel);
    // From where the drag began, so that nothing is lost by rounding on the way.
    const auto start = [](const Range& range, const Axis& now) { return axisOf(range, now.log).value_or(now); };
    Seen seen = m_views.now();
    const auto panel = std::size_t(place.panel);
    if (pixels.x() != 0 || from.x.isSet())
        seen.x = rangeOf(moved(start(from.x, frame.x), -pixels.x() / frame.area.width()));
    if (pixels.y() != 0) {
        seen.y.resize(std::max(seen.y.size(), panel + 1));
        seen.y[panel] = rangeOf(moved(start(panel < from.y.size() ? from.y[panel] : Range{}, frame.y),
                                      pixels.y() / frame.area.height()));
    }
    go(std::move(seen), merge);
}

void PlotView::endDrag()
{
    m_drag = Drag::None;
    m_pressPanel = -1;
    setCursor(m_space ? Qt::OpenHandCursor : Qt::CrossCursor);
    update();
}

}

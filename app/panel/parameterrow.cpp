// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/parameterrow.h"

#include "app/chart/axis.h"
#include "app/model/mathtext.h"
#include "app/panel/icon.h"
#include "core/data/expression.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QMouseEvent>
#include <QPainter>
#include <QToolButton>

#include <algorithm>
#include <cmath>

RangeBar::RangeBar(QWidget* parent) : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setCursor(Qt::PointingHandCursor);
}

void RangeBar::set(const Shown& shown)
{
    if (m_dragging)
        return;         // what is being dragged stays under the finger
    m_shown = shown;
    m_shown.log = shown.log && shown.lower > 0;
    update();
}

void RangeBar::setTheme(const theme::Theme& t)
{
    m_theme = t;
    update();
}

double RangeBar::place(double value) const
{
    const auto& s = m_shown;
    const auto f = [&](double v) { return s.log ? std::log(v) : v; };
    const double at = (f(value) - f(s.lower)) / (f(s.upper) - f(s.lower));
    return std::isnan(at) ? at : std::clamp(at, 0., 1.);
}

double RangeBar::value(double place) const
{
    const auto& s = m_shown;
    place = std::clamp(place, 0., 1.);
    return s.log ? std::exp(std::lerp(std::log(s.lower), std::log(s.upper), place)) : std::lerp(s.lower, s.upper, place);
}

QRectF RangeBar::track() const
{
    return {7, height() / 2. - 1.5, width() - 14., 3};
}

void RangeBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF line = track();
    painter.setPen(Qt::NoPen);
    const QColor ground = theme::blend(m_theme.text2, m_theme.surface, .28);
    QLinearGradient fade(line.topLeft(), line.topRight());
    fade.setColorAt(0, m_shown.comesFrom ? m_theme.surface : ground);
    fade.setColorAt(.2, ground);
    fade.setColorAt(.8, ground);
    fade.setColorAt(1, m_shown.goesOn ? m_theme.surface : ground);
    painter.setBrush(fade);
    painter.drawRoundedRect(line, 1.5, 1.5);
    if (std::isfinite(m_shown.ci.lower) && std::isfinite(m_shown.ci.upper)) {
        const double from = line.left() + place(m_shown.ci.lower) * line.width();
        const double to = line.left() + place(m_shown.ci.upper) * line.width();
        painter.setBrush(theme::blend(m_theme.text2, m_theme.surface, .75));
        painter.drawRoundedRect(QRectF(from, line.top() - 1, std::max(to - from, 3.), line.height() + 2), 2, 2);
    }
    const double at = place(m_shown.value);
    if (std::isnan(at))
        return;
    const QPointF handle(line.left() + at * line.width(), line.center().y());
    const bool live = m_dragging || hasFocus();
    const QColor ink = live ? m_theme.accent : m_theme.text;
    painter.setPen(QPen(m_theme.surface, 1.5));
    painter.setBrush(ink);
    if (m_shown.held)
        painter.drawRect(QRectF(handle.x() - 4.5, handle.y() - 4.5, 9, 9));
    else
        painter.drawEllipse(handle, m_dragging ? 6.5 : 5.5, m_dragging ? 6.5 : 5.5);
}

void RangeBar::move(double place)
{
    m_at = std::clamp(place, 0., 1.);
    m_shown.value = value(m_at);
    update();
    emit dragged(m_shown.value);
}

void RangeBar::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return;
    const QRectF line = track();
    const double now = place(m_shown.value);
    const double at = (event->position().x() - line.left()) / line.width();
    m_from = now;
    m_pressX = event->position().x();
    m_dragging = true;
    m_byKey = false;
    // On the handle it is taken where it is; elsewhere it comes.
    if (std::isnan(now) || std::abs(at - now) * line.width() > 8)
        move(m_from = at);
    else
        m_at = now;
    update();
}

void RangeBar::mouseMoveEvent(QMouseEvent* event)
{
    if (!m_dragging || m_byKey)
        return;
    double by = (event->position().x() - m_pressX) / track().width();
    if (event->modifiers() & Qt::ShiftModifier)
        by /= 10;
    move(m_from + by);
}

void RangeBar::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton && !m_byKey)
        drop();
}

void RangeBar::drop()
{
    if (!std::exchange(m_dragging, false))
        return;
    update();
    emit dropped(m_shown.value);
}

void RangeBar::keyPressEvent(QKeyEvent* event)
{
    double by = 0;
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Down: by = -.01; break;
    case Qt::Key_Right:
    case Qt::Key_Up: by = .01; break;
    case Qt::Key_PageDown: by = -.1; break;
    case Qt::Key_PageUp: by = .1; break;
    case Qt::Key_Home: by = -1; break;
    case Qt::Key_End: by = 1; break;
    case Qt::Key_Escape:
        if (m_dragging) {
            m_dragging = false;
            emit givenUp();
            return;
        }
        [[fallthrough]];
    default: QWidget::keyPressEvent(event); return;
    }
    if (event->modifiers() & Qt::ShiftModifier)
        by /= 10;
    if (!m_dragging) {
        m_dragging = m_byKey = true;
        m_at = std::isnan(place(m_shown.value)) ? .5 : place(m_shown.value);
    }
    move(m_at + by);
}

void RangeBar::keyReleaseEvent(QKeyEvent* event)
{
    if (m_byKey && !event->isAutoRepeat())
        drop();
    else
        QWidget::keyReleaseEvent(event);
}

void RangeBar::focusOutEvent(QFocusEvent* event)
{
    if (m_byKey)
        drop();
    update();
    QWidget::focusOutEvent(event);
}

namespace {

QLineEdit* edit(const char* role, const QString& name, Qt::Alignment alignment)
{
    auto* e = new QLineEdit;
    e->setProperty("role", QString::fromLatin1(role));
    e->setAccessibleName(name);
    e->setAlignment(alignment);
    e->setFrame(false);
    return e;
}

QToolButton* tool(const QString& name)
{
    auto* b = new QToolButton;
    b->setProperty("role", QStringLiteral("row"));
    b->setAccessibleName(name);
    b->setToolTip(name);
    b->setFixedSize(20, 20);
    b->setIconSize({14, 14});
    b->setFocusPolicy(Qt::TabFocus);
    return b;
}

QString shortNumber(double v)
{
    return std::isfinite(v) ? chart::number(v, 3) : v > 0 ? QStringLiteral("∞") : QStringLiteral("−∞");
}

// Numbers as they are shown may come back: a true minus, a power of ten in superscripts.
std::optional<double> parsed(QString text)
{
    text = text.trimmed();
    text.replace(QChar(0x2212), QLatin1Char('-')).remove(QChar(0x2007)).remove(QLatin1Char(' '));
    if (const qsizetype at = text.indexOf(QStringLiteral("×10")); at > 0) {
        QString power = text.mid(at + 3);
        static const QString from = QStringLiteral("⁰¹²³⁴⁵⁶⁷⁸⁹⁻"), to = QStringLiteral("0123456789-");
        for (QChar& c : power)
            if (const qsizetype i = from.indexOf(c); i >= 0)
                c = to[i];
        text = text.left(at) + QLatin1Char('e') + power;
    }
    if (text == QStringLiteral("∞"))
        return std::numeric_limits<double>::infinity();
    if (text == QStringLiteral("-∞"))
        return -std::numeric_limits<double>::infinity();
    try {
        return data::parseNumber(text.toStdString());
    } catch (const std::exception&) {
        return {};
    }
}

}

ParameterRow::ParameterRow(const law::Param& param, QWidget* parent)
    : QWidget(parent), m_param(&param), m_symbol(new QLabel), m_interval(new QLabel), m_bar(new RangeBar)
{
    const QString name = QString::fromUtf8(param.id.data(), qsizetype(param.id.size()));
    const QString meaning = QString::fromUtf8(param.meaning.data(), qsizetype(param.meaning.size()));
    setObjectName(QStringLiteral("row-") + name);
    setToolTip(meaning);
    m_symbol->setTextFormat(Qt::RichText);
    m_symbol->setText(QStringLiteral("<span style=\"font-size:15px; font-family:serif\">") + richMath(param.symbol)
                      + QStringLiteral("</span>"));
    m_symbol->setMinimumWidth(18);
    m_symbol->setObjectName(QStringLiteral("symbol"));
    m_symbol->setCursor(Qt::PointingHandCursor);
    m_symbol->installEventFilter(this);
    auto* profile = new QAction(tr("Draw its profile"), this);
    connect(profile, &QAction::triggered, this, &ParameterRow::profileAsked);
    addAction(profile);
    setContextMenuPolicy(Qt::ActionsContextMenu);
    m_value = edit("value", tr("Value of %1").arg(name), Qt::AlignRight | Qt::AlignVCenter);
    m_value->setMinimumWidth(76);
    m_value->setObjectName(QStringLiteral("value"));
    m_value->setToolTip(meaning + QLatin1Char('\n') + tr("Type a value to start from it."));
    m_interval->setProperty("role", QStringLiteral("second"));
    m_interval->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_interval->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_lower = edit("bound", tr("Lower bound of %1").arg(name), Qt::AlignLeft | Qt::AlignVCenter);
    m_upper = edit("bound", tr("Upper bound of %1").arg(name), Qt::AlignRight | Qt::AlignVCenter);
    m_lower->setObjectName(QStringLiteral("lower"));
    m_upper->setObjectName(QStringLiteral("upper"));
    m_bar->setObjectName(QStringLiteral("bar"));
    m_bar->setAccessibleName(name);
    m_bar->setAccessibleDescription(meaning);
    m_bar->setToolTip(tr("Drag to hold %1 there and see the others follow; released, the fit starts from it.\n"
                         "Shift: finer. Escape: give up.").arg(name));
    m_lock = tool(tr("Fix %1 at its value").arg(name));
    m_lock->setObjectName(QStringLiteral("lock"));
    m_lock->setCheckable(true);
    m_reset = tool(tr("Free %1, with its own start and bounds").arg(name));
    m_reset->setObjectName(QStringLiteral("reset"));

    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 5, 0, 4);
    grid->setHorizontalSpacing(4);
    grid->setVerticalSpacing(0);
    grid->addWidget(m_symbol, 0, 0);
    grid->addWidget(m_value, 0, 1);
    grid->addWidget(m_interval, 0, 2);
    grid->addWidget(m_lock, 0, 3);
    auto* ends = new QHBoxLayout;
    ends->setSpacing(2);
    m_lower->setFixedWidth(48);
    m_upper->setFixedWidth(48);
    ends->addWidget(m_lower);
    ends->addWidget(m_bar, 1);
    ends->addWidget(m_upper);
    grid->addLayout(ends, 1, 0, 1, 3);
    grid->addWidget(m_reset, 1, 3);
    grid->setColumnMinimumWidth(0, 20);
    grid->setColumnMinimumWidth(1, 76);
    grid->setColumnStretch(2, 1);
    // Without anything to reset its place is kept, so that columns stay in line.
    QSizePolicy keep = m_reset->sizePolicy();
    keep.setRetainSizeWhenHidden(true);
    m_reset->setSizePolicy(keep);

    connect(m_bar, &RangeBar::dragged, this, &ParameterRow::dragged);
    connect(m_bar, &RangeBar::dropped, this, &ParameterRow::startAsked);
    connect(m_bar, &RangeBar::givenUp, this, &ParameterRow::givenUp);
    connect(m_lock, &QToolButton::clicked, this, &ParameterRow::fixAsked);
    connect(m_reset, &QToolButton::clicked, this, &ParameterRow::resetAsked);
    connect(m_value, &QLineEdit::editingFinished, this, &ParameterRow::typed);
    connect(m_lower, &QLineEdit::editingFinished, this, &ParameterRow::typedBounds);
    connect(m_upper, &QLineEdit::editingFinished, this, &ParameterRow::typedBounds);
}

namespace {

// Bounds are wide so that no fit meets them by chance; the bar shows the part of them where something happens.
RangeBar::Shown scope(const law::Param& param, const ParameterRow::State& s)
{
    RangeBar::Shown out{.lower = s.bounds.lower, .upper = s.bounds.upper, .log = param.scale == law::Scale::Log,
                        .held = s.fixed};
    out.value = s.estimate ? s.estimate->value : s.start;
    if (s.estimate && !s.preview)
        out.ci = s.estimate->ci;
    const bool log = out.log && out.lower > 0;
    const auto to = [&](double v) { return log ? std::log(v) : v; };
    const auto back = [&](double v) { return log ? std::exp(v) : v; };
    const double at = to(out.value);
    if (!std::isfinite(at))
        return out;
    double half = 0;
    for (const double end : {to(out.ci.lower), to(out.ci.upper)})
        if (std::isfinite(end))
            half = std::max(half, std::abs(end - at));
    const double reach = std::max(4 * half, log ? std::log(4.) : std::max(.6 * std::abs(at), 1e-3));
    if (at - reach > to(out.lower)) {
        out.lower = back(at - reach);
        out.comesFrom = true;
    }
    if (at + reach < to(out.upper)) {
        out.upper = back(at + reach);
        out.goesOn = true;
    }
    return out;
}

}

void ParameterRow::show(const State& s, const theme::Theme& t)
{
    m_bounds = s.bounds;
    m_fixed = s.fixed;
    if (!m_value->hasFocus() || !m_value->isModified())
        m_value->setText(s.valueText);
    m_interval->setText(s.intervalText);
    if (!m_lower->isModified())
        m_lower->setText(shortNumber(s.bounds.lower));
    if (!m_upper->isModified())
        m_upper->setText(shortNumber(s.bounds.upper));
    m_bar->set(scope(*m_param, s));
    m_bar->setTheme(t);
    const QColor faint = theme::blend(t.text2, t.surface, .45);
    m_lock->setIcon(icon(s.fixed ? "lock" : "unlock", s.fixed ? t.text : theme::blend(t.text2, t.surface, .7), faint));
    m_lock->setChecked(s.fixed);
    m_lock->setEnabled(s.fixed || s.estimate || std::isfinite(s.start));
    m_reset->setIcon(icon("reset", t));
    m_reset->setVisible(s.changed);
}

void ParameterRow::typed()
{
    if (!m_value->isModified())
        return;
    m_value->setModified(false);
    if (const auto v = parsed(m_value->text()); v && std::isfinite(*v))
        emit startAsked(*v);
    else
        emit refused(tr("“%1” is not a number; write it as 0.35, 410 or 2e3.").arg(m_value->text()));
}

void ParameterRow::typedBounds()
{
    if (!m_lower->isModified() && !m_upper->isModified())
        return;
    const auto low = m_lower->isModified() ? parsed(m_lower->text()) : m_bounds.lower;
    const auto high = m_upper->isModified() ? parsed(m_upper->text()) : m_bounds.upper;
    m_lower->setModified(false);
    m_upper->setModified(false);
    const QString name = QString::fromUtf8(m_param->id.data(), qsizetype(m_param->id.size()));
    if (!low || !high)
        emit refused(tr("A bound of %1 is a number such as 0.01 or 2e3.").arg(name));
    else if (!(*low < *high))
        emit refused(tr("The lower bound of %1 must be below the upper one.").arg(name));
    else
        emit boundsAsked(*low, *high);
}

bool ParameterRow::eventFilter(QObject* object, QEvent* event)
{
    if (object == m_symbol && event->type() == QEvent::MouseButtonRelease && static_cast<QMouseEvent*>(event)->button() == Qt::LeftButton)
        emit profileAsked();
    return QWidget::eventFilter(object, event);
}

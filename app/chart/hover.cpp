// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/hover.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <set>

namespace chart {

using figure::Layer;
using figure::Mark;
using figure::Style;

namespace {

constexpr double reach = 12;            // pixels beyond the ends of a curve where it is still read
constexpr double pointReach = 24;       // pixels around a point
constexpr std::size_t mostRows = 8;

std::optional<Reading> readCurve(const ByX& records, const Frame& frame, double x, QPointF at)
{
    const std::size_t after = records.lowerBound(x);
    std::optional<Reading> best;
    double nearest = INFINITY;
    // The neighbours of x; a few more, for those just there may be gaps.
    for (std::size_t k = after > 4 ? after - 4 : 0; k < std::min(after + 4, records.size()); ++k) {
        const std::size_t i = records.record(k);
        const QPointF place = frame.scene(records.x(k), records.layer().y[i]);
        const double away = std::abs(place.x() - at.x());
        if (!std::isfinite(place.x()) || !std::isfinite(place.y()) || !(away < nearest))
            continue;
        nearest = away;
        best = Reading{.layer = &records.layer(), .index = i, .at = place};
    }
    const bool within = after > 0 && after < records.size();      // sparse records: between two of them the nearer one
    if (best && !within && nearest > reach)
        return {};
    return best;
}

std::optional<Reading> readPoints(const ByX& records, const Frame& frame, QPointF at)
{
    const auto value = [&](double sceneX) {
        const double share = (sceneX - frame.area.left()) / frame.area.width();
        return frame.x.value(frame.x.from + share * (frame.x.to - frame.x.from));
    };
    std::optional<Reading> best;
    double nearest = pointReach;
    const double last = value(at.x() + pointReach);
    const std::size_t first = records.lowerBound(value(at.x() - pointReach));
    for (std::size_t k = first; k < records.size() && records.x(k) <= last; ++k) {
        const std::size_t i = records.record(k);
        const QPointF place = frame.scene(records.x(k), records.layer().y[i]);
        if (const double away = std::hypot(place.x() - at.x(), place.y() - at.y()); away < nearest) {
            nearest = away;
            best = Reading{.layer = &records.layer(), .index = i, .at = place};
        }
    }
    return best;
}

QString withUnit(const QString& value, const std::string& unit)
{
    return unit.empty() ? value : value + QLatin1Char(' ') + QString::fromStdString(unit);
}

// With all its decimals, so that those below one another align; as number() where suffixes or powers of ten tell more.
QString aligned(double value, int decimals, double like)
{
    const double size = std::abs(like);
    if (!std::isfinite(value) || size >= 1e6 || size < 1e-4)
        return number(value, 4);
    return QString::number(value, 'f', std::clamp(decimals, 0, 12)).replace(QLatin1Char('-'), QChar(0x2212));
}

// Decimals that leave so many digits of the value.
int decimalsOf(double value, int digits)
{
    return value == 0 || !std::isfinite(value) ? digits : digits - 1 - int(std::floor(std::log10(std::abs(value))));
}

QString nameOf(const Layer& layer)
{
    if (!layer.name.empty())
        return QString::fromStdString(layer.name);
    return layer.mark == Mark::Points ? QCoreApplication::translate("chart", "measured")
                                      : QCoreApplication::translate("chart", "curve");
}

}

bool Pin::is(const Layer& layer) const
{
    return run.empty() ? name == layer.name : run == layer.run;
}

int digitsThatMatter(const Axis& axis, double length, double value)
{
    const double perPixel = (axis.to - axis.from) / std::max(1., length);
    const double step = axis.log ? std::abs(value) * perPixel * std::log(10.) : perPixel;
    if (!(step > 0) || value == 0 || !std::isfinite(value))
        return 4;
    const double digits = std::floor(std::log10(std::abs(value))) - std::floor(std::log10(step)) + 1;
    return int(std::clamp(digits, 4., 12.));
}

std::vector<Reading> readings(const Picture& picture, int panelIndex, const Frame& frame, QPointF at)
{
    const figure::Panel& panel = picture.figure->panels[std::size_t(panelIndex)];
    const double x = frame.x.value(frame.x.from + (at.x() - frame.area.left()) / frame.area.width() *
                                                      (frame.x.to - frame.x.from));
    std::set<std::string> smoothed;     // runs whose raw records something smoothed stands for
    for (const Layer& layer : panel.layers)
        if (layer.mark == Mark::Line && layer.style == Style::Data && !layer.run.empty())
            smoothed.insert(layer.run);
    std::vector<Reading> out;
    for (std::size_t k = 0; k < panel.layers.size(); ++k) {
        const Layer& layer = panel.layers[k];
        const bool line = layer.mark == Mark::Line && layer.style != Style::Reference && layer.style != Style::Diverged;
        const std::size_t n = std::min(layer.x.size(), layer.y.size());
        if (n == 0 || (!line && layer.mark != Mark::Points))
            continue;
        if (layer.style == Style::Raw && (layer.run.empty() || smoothed.contains(layer.run)))
            continue;
        const ByX records = picture.byX(std::size_t(panelIndex), k);
        const std::optional<Reading> found = line ? readCurve(records, frame, x, at) : readPoints(records, frame, at);
        if (found && frame.area.adjusted(-1, -1, 1, 1).contains(found->at))
            out.push_back(*found);
    }
    std::ranges::stable_sort(out, {}, [&](const Reading& r) { return std::abs(r.at.y() - at.y()); });
    return out;
}

QString Card::text() const
{
    QString out = x;
    for (const Row& row : rows) {
        out += QLatin1Char('\n') + row.name + QLatin1Char('\t') + row.value;
        if (compares)
            out += QLatin1Char('\t') + row.difference;
    }
    if (more > 0)
        out += QLatin1Char('\n') + QCoreApplication::translate("chart", "%1 more").arg(more);
    return out;
}

Card cardOf(const Picture& picture, int panelIndex, const Frame& frame, const Colors& colors,
            const std::vector<Reading>& found, const std::optional<Pin>& pin)
{
    Card card;
    if (found.empty())
        return card;
    const figure::Panel& panel = picture.figure->panels[std::size_t(panelIndex)];
    const double at = found.front().x();
    card.x = QString::fromStdString(panel.x.title) + QLatin1Char(' ') +
             withUnit(number(at, digitsThatMatter(frame.x, frame.area.width(), at)), panel.x.unit);
    card.unit = QString::fromStdString(panel.y.unit);
    const auto pinned = std::ranges::find_if(found, [&](const Reading& r) { return pin && pin->is(*r.layer); });
    card.compares = pinned != found.end();
    const auto add = [&](const Reading& r) {
        const int decimals = decimalsOf(r.y(), digitsThatMatter(frame.y, frame.area.height(), r.y()));
        Card::Row row{.color = colors(*r.layer), .name = nameOf(*r.layer), .value = aligned(r.y(), decimals, r.y()),
                      .difference = {}, .pinned = card.compares && pin->is(*r.layer)};
        if (card.compares && !row.pinned) {
            const double difference = r.y() - pinned->y();
            row.difference = aligned(difference, decimals, r.y());
            if (difference > 0)
                row.difference.prepend(QLatin1Char('+'));
        }
        card.rows.push_back(std::move(row));
    };
    const std::size_t shown = found.size() > mostRows ? mostRows : found.size();
    for (std::size_t i = 0; i < shown; ++i)
        add(found[i]);
    card.more = int(found.size() - shown);
    // The run that is compared to is always there to be read.
    if (card.compares && pinned - found.begin() >= std::ptrdiff_t(shown)) {
        card.rows.pop_back();
        add(*pinned);
    }
    return card;
}

void paintCard(QPainter& painter, const Card& card, const theme::Theme& t, QPointF at, const QRectF& bounds)
{
    const QFont font = t.font(t.chartText());
    const QFontMetricsF metrics(font);
    const double line = std::ceil(metrics.height()) + 3, pad = 8, chip = 16, column = 14;
    const QString more = card.more > 0 ? QCoreApplication::translate("chart", "%1 more").arg(card.more) : QString();
    const QString delta(QChar(0x0394));
    const bool head = card.compares || !card.unit.isEmpty();
    double names = 0, values = metrics.horizontalAdvance(card.unit), differences = 0;
    for (const Card::Row& row : card.rows) {
        names = std::max(names, std::min(metrics.horizontalAdvance(row.name), 180.));
        values = std::max(values, metrics.horizontalAdvance(row.value));
        differences = std::max(differences, metrics.horizontalAdvance(row.difference));
    }
    if (card.compares)
        differences = std::max(differences, metrics.horizontalAdvance(delta)) + column;
    const double heading = metrics.horizontalAdvance(card.x) + (head ? column + values + differences : 0);
    const double width = std::max(chip + names + column + values + differences, heading) + 2 * pad;
    const double height = line * double(card.rows.size() + 1 + (more.isEmpty() ? 0 : 1)) + 2 * pad - 3;
    QRectF box(at.x() + 14, at.y() + 14, width, height);
    if (box.right() > bounds.right() - 4)
        box.moveRight(at.x() - 14);
    box.moveLeft(std::max(box.left(), bounds.left() + 4));
    if (box.bottom() > bounds.bottom() - 4)
        box.moveBottom(bounds.bottom() - 4);
    box.moveTopLeft({std::round(box.left()), std::round(box.top())});

    painter.setRenderHint(QPainter::Antialiasing);
    QColor ground = t.surface;
    ground.setAlphaF(.96f);
    painter.setPen(QPen(t.line, 1));
    painter.setBrush(ground);
    painter.drawRoundedRect(box.adjusted(.5, .5, -.5, -.5), 6, 6);
    painter.setFont(font);
    double y = box.top() + pad + metrics.ascent();
    const double right = box.right() - pad;
    const auto rightAligned = [&](double x, const QString& text) {
        painter.drawText(QPointF(x - metrics.horizontalAdvance(text), y), text);
    };
    painter.setPen(t.text2);
    painter.drawText(QPointF(box.left() + pad, y), card.x);
    if (head)
        rightAligned(right - differences, card.unit);
    if (card.compares)
        rightAligned(right, delta);
    for (const Card::Row& row : card.rows) {
        y += line;
        const double middle = std::round(y - metrics.ascent() + metrics.height() / 2);
        painter.setPen(QPen(row.color, 2.5, Qt::SolidLine, Qt::FlatCap));
        painter.drawLine(QPointF(box.left() + pad, middle), QPointF(box.left() + pad + 10, middle));
        if (row.pinned) {
            painter.setBrush(row.color);
            painter.setPen(Qt::NoPen);
            painter.drawEllipse(QPointF(box.left() + pad + 5, middle), 4, 4);
        }
        painter.setPen(t.text);
        painter.drawText(QPointF(box.left() + pad + chip, y), metrics.elidedText(row.name, Qt::ElideMiddle, 180));
        rightAligned(right - differences, row.value);
        painter.setPen(t.text2);
        rightAligned(right, row.difference);
    }
    if (!more.isEmpty()) {
        y += line;
        painter.setPen(t.text2);
        painter.drawText(QPointF(box.left() + pad + chip, y), more);
    }
}

}

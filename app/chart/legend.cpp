// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/legend.h"

#include "core/figure/format.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace chart {

using figure::Layer;
using figure::Mark;
using figure::Style;

Names namesOf(const figure::Figure& f)
{
    constexpr std::size_t namedAtTheirEnd = 8;
    const bool shaded = f.shading.from != f.shading.to;    // those on the colour bar need no name
    Names out;
    std::set<std::string> curves;
    for (const auto& panel : f.panels)
        for (const Layer& layer : panel.layers)
            if (layer.mark == Mark::Line && !layer.name.empty() && !(shaded && std::isfinite(layer.shade)))
                curves.insert(layer.name);
    std::set<std::string> seen;     // a name that several layers or panels share is told once
    for (const auto& panel : f.panels) {
        auto& ends = out.ends.emplace_back();
        for (const Layer& layer : panel.layers) {
            const bool note = layer.mark == Mark::Rule || layer.style == Style::Extrapolated;
            if (layer.name.empty() || layer.mark == Mark::Text || note || seen.contains(layer.name) || (shaded && std::isfinite(layer.shade)))
                continue;
            seen.insert(layer.name);
            const bool direct = layer.mark == Mark::Line && curves.size() <= namedAtTheirEnd;
            (direct ? ends : out.legend).push_back(&layer);
        }
    }
    return out;
}

namespace {

// Sizes and counts with a suffix, rates and the like as they are.
QString endText(double v)
{
    return v >= 1000 && v < 1e15 ? QString::fromStdString(figure::si(v)) : number(v, 3);
}

}

Legend::Legend(std::vector<const Layer*> layers, const figure::Shading& shading, const Colors& colors,
               const theme::Theme& t, double width)
    : m_theme(t), m_width(width)
{
    const double u = t.unit;
    const QFontMetricsF metrics(t.font(t.chartText()));
    const double line = metrics.height() + 4 * u, sample = 18 * u, space = 14 * u;
    double x = 0, y = 0;
    const auto barEnds = [&] {
        const double title = m_bar->title.isEmpty() ? 0 : metrics.horizontalAdvance(m_bar->title + m_bar->unit) + 10 * u;
        m_bar->start = title + metrics.horizontalAdvance(m_bar->first) + 6 * u;
        x = m_bar->start + m_bar->width + 6 * u + metrics.horizontalAdvance(m_bar->last) + space;
    };
    if (colors.isShaded()) {
        m_bar = Bar{.width = std::min(160 * u, width / 3), .title = QString::fromStdString(shading.title), .unit = {},
                    .first = endText(shading.from), .last = endText(shading.to), .colors = {}};
        if (!shading.unit.empty())
            m_bar->unit = QStringLiteral(" (") + QString::fromStdString(shading.unit) + QLatin1Char(')');
        constexpr int steps = 64;
        for (int i = 0; i < steps; ++i)
            m_bar->colors.push_back(theme::ramp(t, (i + .5) / steps));
        barEnds();
    } else if (colors.isRamp()) {
        std::vector<const Layer*> curves;
        std::ranges::copy_if(layers, std::back_inserter(curves),
                             [](const Layer* l) { return l->color >= 0 && l->style != Style::Excluded; });
        std::erase_if(layers, [](const Layer* l) { return l->color >= 0 && l->style != Style::Excluded; });
        std::ranges::stable_sort(curves, {}, [](const Layer* l) { return l->color; });
        if (!curves.empty()) {
            const auto shorten = [&](const Layer* l) {
                return metrics.elidedText(QString::fromStdString(l->name), Qt::ElideMiddle, width / 3 - 24 * u);
            };
            m_bar = Bar{.width = std::min(160 * u, width / 3), .title = {}, .unit = {}, .first = shorten(curves.front()),
                        .last = shorten(curves.back()), .colors = {}};
            for (const Layer* curve : curves)
                m_bar->colors.push_back(colors(*curve));
            barEnds();
        }
    }
    constexpr int rows = 3;
    int row = 0;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const Layer& layer = *layers[i];
        const QString text = metrics.elidedText(QString::fromStdString(layer.name), Qt::ElideMiddle, width * .4);
        const double wide = sample + 5 * u + metrics.horizontalAdvance(text);
        const QString more = QString::number(layers.size() - i) + QStringLiteral(" more");
        const bool lastRow = row == rows - 1 && i + 1 < layers.size();
        const double room = width - (lastRow ? metrics.horizontalAdvance(more) + space : 0);
        if (x > 0 && x + wide > room) {
            if (row == rows - 1) {
                m_entries.push_back({.at = {x, y}, .text = more, .ink = {}, .sample = false});
                break;
            }
            ++row;
            x = 0;
            y += line;
        }
        m_entries.push_back({.at = {x, y}, .text = text, .ink = ink(layer, colors, t), .mark = layer.mark,
                             .style = layer.style});
        x += wide + space;
    }
    m_height = m_entries.empty() && !m_bar ? 0 : y + line;
}

void Legend::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*)
{
    const double u = m_theme.unit;
    const QFont font = m_theme.font(m_theme.chartText());
    const QFontMetricsF metrics(font);
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setFont(font);
    const double middle = metrics.height() / 2;
    const auto text = [&](double x, double y, const QString& s) {
        painter->setPen(m_theme.text);
        painter->drawText(QPointF(x, y + metrics.ascent()), s);
    };
    if (m_bar) {
        text(0, 0, m_bar->title);
        const double title = metrics.horizontalAdvance(m_bar->title);
        painter->setPen(m_theme.text2);
        painter->drawText(QPointF(title, metrics.ascent()), m_bar->unit);
        text(m_bar->start - 6 * u - metrics.horizontalAdvance(m_bar->first), 0, m_bar->first);
        // Neighbouring colours meet without a seam: whole pixels, no smoothing.
        const auto n = double(m_bar->colors.size());
        painter->setRenderHint(QPainter::Antialiasing, false);
        for (std::size_t i = 0; i < m_bar->colors.size(); ++i) {
            const double from = std::round(double(i) / n * m_bar->width);
            const double to = std::round(double(i + 1) / n * m_bar->width);
            painter->fillRect(QRectF(std::round(m_bar->start) + from, std::round(middle) - 4 * u, to - from, 8 * u),
                              m_bar->colors[i]);
        }
        painter->setRenderHint(QPainter::Antialiasing);
        text(m_bar->start + m_bar->width + 6 * u, 0, m_bar->last);
    }
    for (const Entry& e : m_entries) {
        const QPointF centre = e.at + QPointF(9 * u, middle);
        painter->setPen(e.ink.pen);
        painter->setBrush(e.ink.fill);
        const double r = e.ink.radius;
        if (e.sample && e.mark == Mark::Band) {
            painter->setPen(Qt::NoPen);
            painter->drawRect(QRectF(centre - QPointF(8 * u, 4 * u), QSizeF(16 * u, 8 * u)));
        } else if (e.sample && e.mark == Mark::Points) {
            if (e.style == Style::Excluded) {
                painter->drawLine(centre + QPointF(-r, -r), centre + QPointF(r, r));
                painter->drawLine(centre + QPointF(-r, r), centre + QPointF(r, -r));
            } else {
                painter->setPen(e.style == Style::HeldOut ? QPen(e.ink.pen.color(), m_theme.curveWidth() * .8)
                                                          : QPen(Qt::NoPen));
                painter->drawEllipse(centre, r, r);
            }
        } else if (e.sample) {
            painter->drawLine(centre - QPointF(8 * u, 0), centre + QPointF(8 * u, 0));
        }
        text(e.at.x() + (e.sample ? 23 * u : 0), e.at.y(), e.text);
    }
}

std::vector<double> pushApart(std::span<const double> wanted, double height, double top, double bottom)
{
    std::vector<std::size_t> order(wanted.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return wanted[i]; });
    // Pool neighbours that touch and centre each pool on the mean of what its members want.
    struct Pool {
        double sum = 0;
        std::size_t count = 0;
        double start(double h, double lo, double hi) const
        {
            const double all = h * double(count);
            return std::clamp(sum / double(count) - all / 2, lo, std::max(lo, hi - all));
        }
    };
    std::vector<Pool> pools;
    for (const std::size_t i : order) {
        pools.push_back({wanted[i], 1});
        while (pools.size() > 1) {
            const Pool last = pools.back();
            Pool& before = pools[pools.size() - 2];
            if (before.start(height, top, bottom) + height * double(before.count) <= last.start(height, top, bottom))
                break;
            before.sum += last.sum;
            before.count += last.count;
            pools.pop_back();
        }
    }
    std::vector<double> out(wanted.size());
    std::size_t k = 0;
    for (const Pool& pool : pools) {
        const double start = pool.start(height, top, bottom);
        for (std::size_t j = 0; j < pool.count; ++j)
            out[order[k++]] = start + height * double(j);
    }
    return out;
}

}

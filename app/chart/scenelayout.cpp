// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/legend.h"
#include "app/chart/panelitems.h"

#include <QFontMetricsF>
#include <QGraphicsLayout>
#include <QGraphicsTextItem>
#include <QTextDocument>

#include <algorithm>
#include <cmath>
#include <set>

// Where everything of a figure goes: titles, legend, axes, names at the ends of curves.
namespace chart {

using figure::Layer;
using figure::Mark;
using figure::Style;

namespace {

// Names where places have them, else numbers.
std::vector<Tick> ticksOf(const figure::Axis& axis, const Axis& seen, int count)
{
    if (axis.names.empty())
        return seen.ticks(count);
    std::vector<Tick> out;
    for (std::size_t i = 0; i < axis.names.size(); ++i)
        if (const double at = double(i + 1); at >= seen.from && at <= seen.to)
            out.push_back({at, QString::fromStdString(axis.names[i]).toHtmlEscaped()});
    return out;
}

// Rotated text costs the reader a turn of the head: the title of the vertical axis stands above it.
QString axisTitle(const figure::Axis& axis, const theme::Theme& t)
{
    QString html = QString::fromStdString(axis.title).toHtmlEscaped();
    if (!axis.unit.empty())
        html += QStringLiteral(" <span style=\"color:%1\">(%2)</span>")
                    .arg(t.text2.name(), QString::fromStdString(axis.unit).toHtmlEscaped());
    return html;
}

double widthOf(const QString& rich, const QFont& font)
{
    QTextDocument document;
    document.setDocumentMargin(0);
    document.setDefaultFont(font);
    document.setHtml(rich);
    return document.idealWidth();
}

// The chart draws grid lines along all four sides of the plot area, tick or none: a box.
void hideRim(QChart* chart, const QRectF& area)
{
    const auto visit = [&](const auto& self, QGraphicsItem* item) -> void {
        if (const auto* lineItem = qgraphicsitem_cast<QGraphicsLineItem*>(item)) {
            const QLineF line = lineItem->line();
            const auto along = [](double a, double b, double c) { return std::abs(a - c) + std::abs(b - c) < .01; };
            const bool grid = line.length() > std::min(area.width(), area.height()) * .99;
            const bool rim = along(line.x1(), line.x2(), area.left()) || along(line.x1(), line.x2(), area.right()) ||
                             along(line.y1(), line.y2(), area.top());
            if (grid && rim)
                item->hide();
        }
        for (QGraphicsItem* child : item->childItems())
            self(self, child);
    };
    visit(visit, chart);
}

}

QGraphicsItem* FigureScene::addLabel(const QString& html, const QFont& font, const QColor& color)
{
    auto* item = new QGraphicsTextItem;
    item->document()->setDocumentMargin(0);
    item->setFont(font);
    item->setDefaultTextColor(color);
    item->setHtml(html);
    item->setZValue(10);
    addItem(item);
    m_texts.push_back(item);
    return item;
}

double FigureScene::labelWidth() const
{
    const Names names = namesOf(shown());
    const QFontMetricsF metrics(m_theme.font(m_theme.chartText()));
    double width = 0;
    for (const auto& panel : names.ends)
        for (const Layer* layer : panel)
            width = std::max(width, metrics.horizontalAdvance(QString::fromStdString(layer->name)));
    return std::min(width, m_size.width() * .24);
}

void FigureScene::layOut(QSizeF size, double column)
{
    m_size = size;
    m_column = column;
    clearItems();
    setSceneRect({{0, 0}, size});
    if (m_panels.empty())
        return;
    const theme::Theme& t = m_theme;
    const double u = t.unit;
    const QFont small = t.font(t.chartText());
    const double line = std::ceil(QFontMetricsF(small).height());
    const double pad = t.scheme == theme::Scheme::Print ? 3 * u : 10 * u;

    double top = t.scheme == theme::Scheme::Print ? 2 * u : 8 * u;
    double bottom = size.height() - (t.scheme == theme::Scheme::Print ? 2 * u : 6 * u);
    if (!shown().title.empty()) {
        const QFont font = t.font(t.chartTitle(), QFont::DemiBold);
        auto* title = addLabel(QString::fromStdString(shown().title).toHtmlEscaped(), font, t.text);
        title->setPos(pad, top);
        top += std::ceil(QFontMetricsF(font).height()) + 4 * u;
    }
    // On paper nothing else says what a reader must know; the window has its own place for it.
    QStringList smallPrint;
    if (!shown().note.empty())
        smallPrint << QString::fromStdString(shown().note).toHtmlEscaped();
    for (const std::string& warning : shown().warnings)
        if (!m_screen)
            smallPrint << QString::fromStdString(warning).toHtmlEscaped();
    if (!smallPrint.isEmpty()) {
        const QFont font = t.font(t.chartText() - (t.scheme == theme::Scheme::Print ? 1 : 0));
        auto* note = static_cast<QGraphicsTextItem*>(addLabel(smallPrint.join(QStringLiteral("<br>")), font, t.text2));
        note->setTextWidth(size.width() - 2 * pad);
        const double height = std::ceil(note->boundingRect().height());
        note->setPos(pad, bottom - height);
        bottom -= height + 4 * u;
    }
    top += layOutLegend(pad, top, size.width() - 2 * pad);

    // Ranges, then heights, then widths: labels of the vertical axes decide the common left edge.
    double shares = 0;
    for (const auto& panel : shown().panels)
        shares += std::max(.05, panel.height);
    const double titles = line + 6 * u;     // the topmost tick label stands beside, half below
    const double between = 8 * u;
    const double axisHeight = 2 * line + 7 * u;
    const auto n = double(m_panels.size());
    const double room = bottom - top - axisHeight - n * titles - (n - 1) * between;
    Axis x = m_picture.extents[0].x;
    for (std::size_t i = 0; i < m_panels.size(); ++i) {
        const auto& panel = shown().panels[i];
        const Axis other = m_picture.extents[i].x;
        if (panel.layers.empty() || other.log != x.log || panel.x.from != panel.x.to)
            continue;
        x.from = std::min(x.from, other.from);
        x.to = std::max(x.to, other.to);
    }
    const double crisp = m_screen ? .5 : 0;     // a hairline along the rim fills one row of pixels
    double y = top, left = 0;
    for (std::size_t i = 0; i < m_panels.size(); ++i) {
        PanelItems& items = *m_panels[i];
        const auto& panel = shown().panels[i];
        items.frame.x = m_view.x && m_view.x->log == x.log ? *m_view.x : x;
        items.frame.y = m_picture.extents[i].y;
        // Room for whole marks at the rim, however low the panel.
        if (panel.y.from == panel.y.to) {
            const double share = std::max(20 * u, room * std::max(.05, panel.height) / shares);
            const double air = std::max(0., 7 * u / share - .03) * (items.frame.y.to - items.frame.y.from);
            items.frame.y.from -= air;
            items.frame.y.to += air;
        }
        if (i < m_view.y.size() && m_view.y[i] && m_view.y[i]->log == panel.y.log)
            items.frame.y = *m_view.y[i];
        y += titles;
        const double height = std::max(20 * u, std::floor(room * std::max(.05, panel.height) / shares));
        items.frame.area = QRectF(0, std::round(y) + crisp, 100, std::round(height));
        y += height + between;
        items.yTicks = ticksOf(panel.y, items.frame.y, int(height / (3.2 * t.chartText() * u)));
        for (const Tick& tick : items.yTicks)
            left = std::max(left, widthOf(tick.label, small));
    }
    // On screen the plot does not move while labels change width under the wheel.
    if (m_screen)
        left = m_labels = std::max(left, m_labels);
    left = std::round(pad + left + 8 * u) + crisp;
    const double ends = labelWidth();
    const double right = std::round(size.width() - pad - (ends > 0 ? ends + 8 * u : 6 * u)) + crisp;
    for (std::size_t i = 0; i < m_panels.size(); ++i) {
        PanelItems& items = *m_panels[i];
        const auto& panel = shown().panels[i];
        QRectF& area = items.frame.area;
        area.setLeft(left);
        area.setRight(std::max(left + 40 * u, right));
        items.xTicks = ticksOf(panel.x, items.frame.x, int(area.width() / (6 * t.chartText() * u)));
        layOutAxes(items, i + 1 == m_panels.size());
        layOutLabels(items, panel, size.width() - pad);
        auto* title = static_cast<QGraphicsTextItem*>(addLabel(axisTitle(panel.y, t), small, t.text));
        title->setPos(pad, area.top() - titles);
        if (i + 1 == m_panels.size()) {
            auto* below = static_cast<QGraphicsTextItem*>(addLabel(axisTitle(panel.x, t), small, t.text));
            below->setPos(std::round(area.center().x() - below->boundingRect().width() / 2),
                          area.bottom() + line + 5 * u);
        }
    }
    fillLayers();
}

void FigureScene::layOutAxes(PanelItems& items, bool bottom)
{
    const Frame& f = items.frame;
    items.chart->setGeometry(QRectF({0, 0}, m_size));
    items.chart->setPlotArea(f.area);
    const QFont font = m_theme.font(m_theme.chartText());
    const auto fill = [&](QCategoryAxis* axis, const Axis& model, const std::vector<Tick>& ticks) {
        for (const QString& label : axis->categoriesLabels())
            axis->remove(label);
        axis->setLabelsFont(font);
        axis->setLabelsColor(m_theme.text2);
        axis->setGridLinePen(QPen(m_theme.grid(), m_theme.hairline()));
        axis->setRange(model.from, model.to);
        axis->setStartValue(model.from - 1e3 * (model.to - model.from));
        for (const Tick& tick : ticks)
            axis->append(tick.label, tick.at);
    };
    fill(items.x, f.x, items.xTicks);
    fill(items.y, f.y, items.yTicks);
    const QPen axisLine(theme::blend(m_theme.text, m_theme.surface, .35), m_theme.hairline());
    items.x->setLinePen(axisLine);
    items.x->setLineVisible(bottom);
    items.x->setLabelsVisible(bottom);
    items.y->setLineVisible(false);
    // Axes are laid out by a posted event, which a picture drawn at once would never see.
    items.chart->layout()->activate();
    hideRim(items.chart, f.area);
}

double FigureScene::layOutLegend(double left, double top, double width)
{
    const Names names = namesOf(shown());
    if (names.legend.empty() && !m_colors->isShaded())
        return 0;
    auto* legend = new Legend(names.legend, shown().shading, *m_colors, m_theme, width);
    legend->setPos(left, top);
    legend->setZValue(10);
    addItem(legend);
    m_texts.push_back(legend);
    return legend->height() + 2 * m_theme.unit;
}

void FigureScene::layOutLabels(PanelItems& items, const figure::Panel& panel, double right)
{
    const Names names = namesOf(shown());
    const auto panelIndex = std::size_t(&panel - shown().panels.data());
    const auto& ends = names.ends[panelIndex];
    if (ends.empty())
        return;
    const theme::Theme& t = m_theme;
    const double u = t.unit;
    const QFont font = t.font(t.chartText());
    const QFontMetricsF metrics(font);
    const QRectF area = items.frame.area;
    std::vector<double> wanted;
    std::vector<const Layer*> labelled;
    std::vector<QPointF> anchors;
    for (const Layer* layer : ends) {
        // Where the curve leaves the view: its last record inside.
        QPointF end(std::nan(""), 0);
        const ByX records = m_picture.byX(panelIndex, std::size_t(layer - panel.layers.data()));
        for (std::size_t k = records.lowerBound(items.frame.x.value(items.frame.x.to)) + 1; k-- > 0;) {
            if (k >= records.size())
                continue;
            const QPointF p = items.frame.scene(records.x(k), layer->y[records.record(k)]);
            if (p.x() < area.left())
                break;
            if (p.x() <= area.right() + 1e-6 && std::isfinite(p.y())) {
                end = p;
                break;
            }
        }
        // A curve that goes on beyond the data is named where it ends, not where the data do.
        for (const Layer& more : panel.layers)
            if (more.mark == Mark::Line && more.style == Style::Extrapolated && more.color == layer->color &&
                layer->style == Style::Fit && !more.x.empty()) {
                const QPointF p = items.frame.scene(more.x.back(), more.y.back());
                if (std::isfinite(p.y()) && p.x() > end.x() && p.x() <= area.right())
                    end = p;
            }
        if (!std::isfinite(end.x()))
            continue;
        anchors.push_back({end.x(), std::clamp(end.y(), area.top(), area.bottom())});
        wanted.push_back(anchors.back().y());
        labelled.push_back(layer);
    }
    const double height = std::ceil(metrics.height());
    const std::vector<double> tops = pushApart(wanted, height, area.top() - height / 2, area.bottom() + height / 2);
    for (std::size_t i = 0; i < labelled.size(); ++i) {
        const QColor color = (*m_colors)(*labelled[i]);
        const double x = area.right() + 8 * u, middle = tops[i] + height / 2;
        const QString name =
            metrics.elidedText(QString::fromStdString(labelled[i]->name), Qt::ElideMiddle, right - x + u);
        auto* text = addLabel(name.toHtmlEscaped(), font, theme::blend(color, t.text, .72));
        text->setPos(x, tops[i]);
        if (std::abs(middle - anchors[i].y()) < 3 * u && area.right() - anchors[i].x() < 14 * u)
            continue;
        QColor faint = color;
        faint.setAlphaF(.4f);
        const QPointF knee(area.right(), anchors[i].y());
        for (const QLineF& leader : {QLineF(anchors[i], knee), QLineF(knee, {x - 2 * u, middle})}) {
            auto* item = addLine(leader, QPen(faint, t.hairline() * .8));
            item->setZValue(4);
            m_texts.push_back(item);
        }
    }
}

}

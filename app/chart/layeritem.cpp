// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/layeritem.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace chart {

using figure::Layer;
using figure::Mark;
using figure::Style;

namespace {

// Bottom to top: bands, raw, bars and rules, curves, fits, points; within each those that are selected above the rest,
// then the figure's own order.
int height(const Layer& layer, const Colors& colors)
{
    const auto rank = [&] {
        if (layer.mark == Mark::Band)
            return 0;
        if (layer.style == Style::Raw)
            return 1;
        if (layer.mark == Mark::Rule || layer.mark == Mark::Bars)
            return 2;
        if (layer.mark == Mark::Text)
            return 7;
        if (layer.mark == Mark::Points)
            return layer.x.size() > 400 ? 3 : 6;
        return layer.style == Style::Fit || layer.style == Style::Extrapolated ? 5 : 4;
    };
    return 2 * rank() + (colors.isSelected(layer) ? 1 : 0);
}

// Curves this short are drawn by the painter where there are few of them: in every style, and exactly.
constexpr std::size_t shortCurve = 250, fewCurves = 24;

}

void LayerItem::set(const Picture& picture, std::size_t panel, const Frame& frame, const Colors& colors,
                    const theme::Theme& t, double column, bool screen)
{
    prepareGeometryChange();
    m_frame = frame;
    m_theme = &t;
    m_column = column;
    m_bounds = frame.area.adjusted(-4 * t.unit, -4 * t.unit, 4 * t.unit, 4 * t.unit);
    m_pieces.clear();
    m_texts.clear();
    m_drawn = m_rastersUsed = 0;
    const std::vector<Layer>& layers = picture.figure->panels[panel].layers;
    std::vector<std::size_t> order(layers.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::stable_sort(order, {}, [&](std::size_t k) { return height(layers[k], colors); });
    const auto lines = std::ranges::count(layers, Mark::Line, &Layer::mark);
    std::vector<Stroke> strokes;        // neighbours in the order, drawn together
    for (const std::size_t k : order) {
        const Layer& layer = layers[k];
        const Ink style = ink(layer, colors, t);
        const std::size_t n = std::min(layer.x.size(), layer.y.size());
        const bool dashed = style.pen.style() != Qt::SolidLine;
        if (screen && layer.mark == Mark::Line && layer.style != Style::Diverged && !picture.order[panel][k] &&
            (n > shortCurve || (std::size_t(lines) > fewCurves && !dashed))) {
            strokes.push_back({.x = std::span(layer.x).first(n), .y = std::span(layer.y).first(n),
                               .pyramid = picture.pyramids[panel][k].get(), .color = style.pen.color(),
                               .width = style.pen.widthF() / column});
            if (dashed) {
                // Longer than a painter's dashes: along noise those would look like hatching.
                const bool dots = style.pen.style() == Qt::DotLine;
                strokes.back().on = (dots ? 4 : 12) * style.pen.widthF() / column;
                strokes.back().off = (dots ? 2.5 : 3.5) * style.pen.widthF() / column;
            }
            continue;
        }
        addStrokes(strokes);
        switch (layer.mark) {
        case Mark::Line: addLine(layer, style, picture.pyramids[panel][k].get()); break;
        case Mark::Points: addPoints(layer, style); break;
        case Mark::Band: addBand(layer, style); break;
        case Mark::Bars: addBars(layer, style); break;
        case Mark::Rule: addRule(layer, style); break;
        case Mark::Text: addLabels(layer, style); break;
        }
    }
    addStrokes(strokes);
    update();
}

void LayerItem::addLabels(const Layer& layer, const Ink& style)
{
    const QFont font = m_theme->font(m_theme->chartText() * .9);
    const QFontMetricsF metrics(font);
    const QString text = QString::fromStdString(layer.name);
    const QRectF box = metrics.tightBoundingRect(text);
    for (std::size_t i = 0; i < std::min(layer.x.size(), layer.y.size()); ++i) {
        const QPointF p = m_frame.scene(layer.x[i], layer.y[i]);
        const QPointF at(p.x() - metrics.horizontalAdvance(text) / 2, p.y() + box.height() / 2);
        if (!m_frame.area.contains(p))
            continue;
        if (layer.style == Style::Reference) {      // stands on a line, which it interrupts
            const QRectF ground = box.translated(at).adjusted(-2 * m_theme->unit, -1.5 * m_theme->unit, 2 * m_theme->unit, 1.5 * m_theme->unit);
            m_pieces.push_back({.kind = Piece::Kind::Polygon, .lines = {}, .points = QPolygonF(ground & m_frame.area), .pen = Qt::NoPen,
                                .fill = m_theme->surface, .text = {}, .font = {}});
        }
        m_pieces.push_back({.kind = Piece::Kind::Text, .lines = {}, .points = QPolygonF({at}), .pen = QPen(style.pen.color()), .fill = {},
                            .text = text, .font = font});
    }
}

void LayerItem::addStrokes(std::vector<Stroke>& strokes)
{
    if (strokes.empty())
        return;
    if (m_rastersUsed == m_rasters.size())
        m_rasters.emplace_back();
    Raster& raster = m_rasters[m_rastersUsed];
    drawStrokes(raster, m_frame, strokes, m_column);
    m_drawn += raster.points;
    m_pieces.push_back({.kind = Piece::Kind::Pixels, .lines = {}, .points = {}, .pen = {}, .fill = {}, .text = {},
                        .font = {}, .raster = m_rastersUsed++});
    strokes.clear();
}

void LayerItem::addLines(std::vector<QPolygonF> lines, const QPen& pen)
{
    std::vector<QPolygonF> inside;
    for (const QPolygonF& line : lines)
        for (QPolygonF& piece : clipLine(line, m_frame.area)) {
            m_drawn += std::size_t(piece.size());
            inside.push_back(std::move(piece));
        }
    if (!inside.empty())
        m_pieces.push_back({.kind = Piece::Kind::Lines, .lines = std::move(inside), .points = {}, .pen = pen, .fill = {},
                            .text = {}, .font = {}});
}

void LayerItem::addLine(const Layer& layer, const Ink& style, const Pyramid* pyramid)
{
    addLines(polylines(m_frame, layer.x, layer.y, m_column, pyramid), style.pen);
    if (layer.style != Style::Diverged || layer.x.empty())
        return;
    Layer end;      // the rim mark of a run that diverged, at its last step
    end.mark = Mark::Points;
    end.style = Style::Diverged;
    end.x = {layer.x.back()};
    end.y = {std::numeric_limits<double>::quiet_NaN()};
    addPoints(end, style);
}

void LayerItem::addPoints(const Layer& layer, const Ink& style)
{
    const QRectF area = m_frame.area;
    const double r = style.radius;
    std::vector<QPolygonF> strokes, bars;
    QPolygonF discs;
    for (std::size_t i = 0; i < std::min(layer.x.size(), layer.y.size()); ++i) {
        QPointF p = m_frame.scene(layer.x[i], layer.y[i]);
        if (layer.style == Style::Diverged && !(p.y() > area.top() + r))
            p.setY(area.top() + 1.5 * r);
        if (!std::isfinite(p.x()) || !std::isfinite(p.y()))
            continue;
        if (i < layer.low.size() && i < layer.high.size() && p.x() >= area.left() && p.x() <= area.right()) {
            // On a log axis a bar may reach below everything; it then ends at the rim.
            const double low = m_frame.sceneY(layer.low[i]), high = m_frame.sceneY(layer.high[i]);
            bars.push_back({{p.x(), std::isnan(low) ? area.bottom() : low}, {p.x(), std::isnan(high) ? p.y() : high}});
        }
        if (!area.contains(p))
            continue;
        if (layer.style == Style::Excluded) {
            strokes.push_back({p + QPointF(-r, -r), p + QPointF(r, r)});
            strokes.push_back({p + QPointF(-r, r), p + QPointF(r, -r)});
        } else if (layer.style == Style::Diverged) {
            const double w = 2 * r;
            strokes.push_back({p + QPointF(-w, w), p + QPointF(0, -.6 * w), p + QPointF(w, w), p + QPointF(-w, w)});
            if (layer.x.size() <= 8)
                addText(number(layer.x[i]), p + QPointF(w * 1.6, w), style.pen.color());
        } else {
            discs << p;
        }
    }
    m_drawn += std::size_t(discs.size());
    QPen barPen = style.pen;
    barPen.setStyle(Qt::SolidLine);
    barPen.setWidthF(m_theme->hairline());
    addLines(std::move(bars), barPen);
    QPen solid = style.pen;
    solid.setStyle(Qt::SolidLine);
    addLines(std::move(strokes), solid);
    if (discs.isEmpty())
        return;
    QPen pen = Qt::NoPen;
    if (layer.style == Style::HeldOut)
        pen = QPen(style.pen.color(), m_theme->curveWidth() * .8);
    else if (layer.x.size() <= 400 && layer.style == Style::Data)
        pen = QPen(m_theme->surface, m_theme->hairline() * .8);     // keeps touching points apart
    m_pieces.push_back({.kind = Piece::Kind::Discs, .lines = {}, .points = discs, .pen = pen, .fill = style.fill,
                        .radius = r, .text = {}, .font = {}});
}

void LayerItem::addBand(const Layer& layer, const Ink& style)
{
    Layer edge;
    const QRectF area = m_frame.area;
    // Each stretch without gaps is a polygon: along the high edge and back along the low one.
    const std::size_t n = std::min({layer.x.size(), layer.low.size(), layer.high.size()});
    for (std::size_t i = 0; i < n;) {
        QPolygonF low, high;
        for (; i < n; ++i) {
            const double x = m_frame.sceneX(layer.x[i]);
            double l = m_frame.sceneY(layer.low[i]), h = m_frame.sceneY(layer.high[i]);
            if (!std::isnan(h) && std::isnan(l) && !std::isnan(layer.low[i]))
                l = area.bottom() + area.height();      // reaches 0 on a log axis
            if (!std::isfinite(x) || std::isnan(l) || std::isnan(h))
                break;
            const double y0 = area.top() - 1e5, y1 = area.bottom() + 1e5;
            low << QPointF(x, std::clamp(l, y0, y1));
            high << QPointF(x, std::clamp(h, y0, y1));
        }
        ++i;
        if (low.size() < 2)
            continue;
        QPolygonF outline = high;
        for (auto p = low.crbegin(); p != low.crend(); ++p)
            outline << *p;
        const QPolygonF inside = clipPolygon(outline, area);
        if (inside.size() < 3)
            continue;
        m_pieces.push_back({.kind = Piece::Kind::Polygon, .lines = {}, .points = inside, .pen = Qt::NoPen,
                            .fill = style.fill, .text = {}, .font = {}});
        if (layer.style == Style::Extrapolated) {
            QColor hatch = style.pen.color();
            hatch.setAlphaF(.3f);
            addHatch(low, high, QPen(hatch, m_theme->hairline() * .8));
        }
    }
    if (layer.style == Style::Extrapolated && !layer.name.empty() && n > 0) {
        const auto [from, to] = std::minmax_element(layer.x.begin(), layer.x.begin() + std::ptrdiff_t(n));
        // The end of the data is the side of the band nearer the middle of what is shown.
        const double left = m_frame.sceneX(*from), right = m_frame.sceneX(*to);
        const bool beyond = std::abs(right - area.right()) <= std::abs(left - area.left());
        addText(QString::fromStdString(layer.name),
                {beyond ? left + 5 * m_theme->unit : right - 5 * m_theme->unit, area.top() + 3 * m_theme->unit},
                m_theme->text2);
    }
}

void LayerItem::addHatch(const QPolygonF& low, const QPolygonF& high, const QPen& pen)
{
    // Lines y = c - x at equal distances, cut to the trapezium between each pair of neighbours of the band.
    const QRectF area = m_frame.area;
    const double distance = 6 * m_theme->unit;
    std::vector<QPolygonF> lines;
    const double x0 = std::max(low.front().x(), area.left()), x1 = std::min(low.back().x(), area.right());
    for (double c = std::ceil((x0 + area.top()) / distance) * distance; c < x1 + area.bottom(); c += distance) {
        double begin = 0, end = -1;     // the stretch being grown
        for (qsizetype i = 0; i + 1 < low.size(); ++i) {
            const double a = low[i].x(), b = low[i + 1].x();
            if (!(b > a))
                continue;
            double t0 = 0, t1 = 1;
            // Inside: high <= c - x <= low, each edge linear in t along the trapezium.
            const auto need = [&](double atA, double atB) {     // atA + t (atB - atA) >= 0
                const double slope = atB - atA;
                if (slope > 0)
                    t0 = std::max(t0, -atA / slope);
                else if (slope < 0)
                    t1 = std::min(t1, -atA / slope);
                else if (atA < 0)
                    t1 = -1;
            };
            need(c - a - high[i].y(), c - b - high[i + 1].y());
            need(low[i].y() - (c - a), low[i + 1].y() - (c - b));
            if (t0 > t1)
                continue;
            const double from = a + t0 * (b - a), to = a + t1 * (b - a);
            if (end >= begin && from <= end + 1e-6) {
                end = to;
                continue;
            }
            if (end > begin)
                lines.push_back({{begin, c - begin}, {end, c - end}});
            begin = from;
            end = to;
        }
        if (end > begin)
            lines.push_back({{begin, c - begin}, {end, c - end}});
    }
    addLines(std::move(lines), pen);
}

void LayerItem::addBars(const Layer& layer, const Ink& style)
{
    double gap = m_frame.area.width() / 10;
    for (std::size_t i = 1; i < layer.x.size(); ++i)
        if (const double d = std::abs(m_frame.sceneX(layer.x[i]) - m_frame.sceneX(layer.x[i - 1])); d > 0)
            gap = std::min(gap, d);
    const double half = gap * .45, base = m_frame.sceneY(0);
    for (std::size_t i = 0; i < std::min(layer.x.size(), layer.y.size()); ++i) {
        const QPointF top = m_frame.scene(layer.x[i], layer.y[i]);
        const double bottom = std::isfinite(base) ? base : m_frame.area.bottom();
        if (!std::isfinite(top.x()) || !std::isfinite(top.y()))
            continue;
        const QRectF bar = QRectF(QPointF(top.x() - half, top.y()), QPointF(top.x() + half, bottom)).normalized();
        const QRectF inside = bar & m_frame.area;
        if (!inside.isEmpty())
            m_pieces.push_back({.kind = Piece::Kind::Polygon, .lines = {}, .points = QPolygonF(inside),
                                .pen = Qt::NoPen, .fill = style.fill, .text = {}, .font = {}});
    }
}

void LayerItem::addRule(const Layer& layer, const Ink& style)
{
    const QRectF area = m_frame.area;
    std::vector<QPolygonF> lines;
    const bool both = !layer.x.empty() && !layer.y.empty();
    const QString name = QString::fromStdString(layer.name);
    for (const double v : layer.x)
        if (const double x = m_frame.sceneX(v); !both && x >= area.left() && x <= area.right()) {
            lines.push_back({{x, area.top()}, {x, area.bottom()}});
            addText(name, {x + 4 * m_theme->unit, area.top() + 3 * m_theme->unit}, m_theme->text2);
        }
    for (const double v : layer.y)
        if (const double y = m_frame.sceneY(v); !both && y >= area.top() && y <= area.bottom()) {
            lines.push_back({{area.left(), y}, {area.right(), y}});
            const double height = QFontMetricsF(m_theme->font(m_theme->chartText())).height();
            const double above = y - height - m_theme->unit;
            addText(name, {area.left() + 4 * m_theme->unit, above < area.top() ? y + m_theme->unit : above}, m_theme->text2);
        }
    if (both)       // a line through the given points, rim to rim where the ends are infinite
        lines = polylines(m_frame, layer.x, layer.y, m_column);
    addLines(std::move(lines), style.pen);
}

void LayerItem::addText(const QString& text, QPointF at, const QColor& color)
{
    if (text.isEmpty())
        return;
    const QFont font = m_theme->font(m_theme->chartText());
    const QFontMetricsF metrics(font);
    QRectF box(at, QSizeF(metrics.horizontalAdvance(text), metrics.height()));
    if (box.right() > m_frame.area.right())
        box.moveRight(std::min(at.x(), m_frame.area.right()) - 4 * m_theme->unit);
    if (box.left() < m_frame.area.left())
        return;
    // One note may be asked for by several layers; another at the same place goes a line lower.
    for (const Piece& piece : m_pieces)
        if (piece.kind == Piece::Kind::Text && piece.text == text && text.size() > 6)
            return;
    for (int lower = 0; lower < 4 && std::ranges::any_of(m_texts, [&](const QRectF& r) { return r.intersects(box); });
         ++lower)
        box.translate(0, metrics.height());
    box.moveTop(std::clamp(box.top(), m_frame.area.top(), m_frame.area.bottom() - box.height()));
    m_texts.push_back(box);
    m_pieces.push_back({.kind = Piece::Kind::Text, .lines = {}, .points = {{box.left(), box.top() + metrics.ascent()}},
                        .pen = color, .fill = {}, .text = text, .font = font});
}

void LayerItem::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*)
{
    painter->setRenderHint(QPainter::Antialiasing);
    for (const Piece& piece : m_pieces) {
        painter->setPen(piece.pen);
        painter->setBrush(piece.fill);
        switch (piece.kind) {
        case Piece::Kind::Lines:
            painter->setBrush(Qt::NoBrush);
            for (const QPolygonF& line : piece.lines)
                line.size() == 1 ? painter->drawPoint(line[0]) : painter->drawPolyline(line);
            break;
        case Piece::Kind::Polygon: painter->drawPolygon(piece.points); break;
        case Piece::Kind::Discs:
            for (const QPointF& p : piece.points) {
                const QRectF disc(p.x() - piece.radius, p.y() - piece.radius, 2 * piece.radius, 2 * piece.radius);
                if (m_frame.area.contains(disc)) {
                    painter->drawEllipse(disc);
                    continue;
                }
                QPainterPath path, area;
                path.addEllipse(disc);
                area.addRect(m_frame.area);
                painter->drawPath(path & area);
            }
            break;
        case Piece::Kind::Pixels: {
            // Pixel for pixel, whatever the scale of the screen.
            const Raster& raster = m_rasters[piece.raster];
            const QTransform before = painter->transform();
            painter->setTransform(QTransform::fromScale(m_column, m_column));
            painter->drawImage(raster.at, raster.image);
            painter->setTransform(before);
            break;
        }
        case Piece::Kind::Text:
            painter->setFont(piece.font);
            painter->drawText(piece.points[0], piece.text);
            break;
        }
    }
}

}

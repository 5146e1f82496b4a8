// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/decimate.h"
#include "app/theme/theme.h"
#include "core/figure/figure.h"

#include <QGraphicsItem>

namespace chart {

// The colour of each layer of a figure: the palette, or from 13 curves on a ramp in the order of their indices.
class Colors {
public:
    Colors(const theme::Theme&, const figure::Figure&);
    QColor operator()(const figure::Layer&) const;
    Qt::PenStyle dash(const figure::Layer&) const;
    bool isRamp() const { return !m_ranked.empty(); }
    double rank(const figure::Layer&) const;      // 0 to 1 on the ramp

private:
    theme::Theme m_theme;
    std::vector<int> m_ranked;
};

// What a layer looks like in a legend and in the plot.
struct Ink {
    QPen pen;
    QBrush fill;
    double radius = 0;      // of points
};
Ink ink(const figure::Layer&, const Colors&, const theme::Theme&);

// All layers of one panel as one item: curves decimated to the pixels, bands, points, bars and rules, every piece of
// geometry cut to the plot area before it is painted because SVG knows no clipping.
class LayerItem : public QGraphicsItem {
public:
    explicit LayerItem(QGraphicsItem* parent = nullptr) : QGraphicsItem(parent) {}

    // `column`: width of a pixel in scene units, for decimation.
    void set(const figure::Panel&, const Frame&, const Colors&, const theme::Theme&, double column);
    std::size_t pointsDrawn() const { return m_drawn; }

    QRectF boundingRect() const override { return m_bounds; }
    void paint(QPainter*, const QStyleOptionGraphicsItem*, QWidget*) override;

private:
    struct Piece {
        enum class Kind { Lines, Polygon, Discs, Text } kind = Kind::Lines;
        std::vector<QPolygonF> lines;
        QPolygonF points;
        QPen pen;
        QBrush fill;
        double radius = 0;
        QString text;
        QFont font;
    };
    void addLine(const figure::Layer&, const Ink&);
    void addPoints(const figure::Layer&, const Ink&);
    void addBand(const figure::Layer&, const Ink&);
    void addHatch(const QPolygonF& low, const QPolygonF& high, const QPen&);
    void addBars(const figure::Layer&, const Ink&);
    void addRule(const figure::Layer&, const Ink&);
    void addText(const QString&, QPointF at, const QColor&);
    void addLines(std::vector<QPolygonF>, const QPen&);

    Frame m_frame;
    const theme::Theme* m_theme = nullptr;
    double m_column = 1;
    QRectF m_bounds;
    std::vector<Piece> m_pieces;
    std::vector<QRectF> m_texts;    // taken by notes already
    std::size_t m_drawn = 0;
};

}

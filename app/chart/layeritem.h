// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/decimate.h"
#include "app/chart/ink.h"
#include "app/chart/picture.h"
#include "app/chart/raster.h"

#include <QGraphicsItem>

#include <memory>

namespace chart {

// All layers of one panel as one item: curves decimated to the pixels, bands, points, bars and rules, every piece of
// geometry cut to the plot area before it is painted because SVG knows no clipping.
class LayerItem : public QGraphicsItem {
public:
    explicit LayerItem(QGraphicsItem* parent = nullptr) : QGraphicsItem(parent) {}

    // `column`: width of a device pixel in scene units, for decimation. `screen`: long curves become pixels at once,
    // which is fast; else everything stays geometry.
    void set(const Picture&, std::size_t panel, const Frame&, const Colors&, const theme::Theme&, double column,
             bool screen);
    std::size_t pointsDrawn() const { return m_drawn; }

    QRectF boundingRect() const override { return m_bounds; }
    void paint(QPainter*, const QStyleOptionGraphicsItem*, QWidget*) override;

private:
    struct Piece {
        enum class Kind { Lines, Polygon, Discs, Text, Pixels } kind = Kind::Lines;
        std::vector<QPolygonF> lines;
        QPolygonF points;
        QPen pen;
        QBrush fill;
        double radius = 0;
        QString text;
        QFont font;
        std::size_t raster = 0;
    };
    void addLine(const figure::Layer&, const Ink&, const Pyramid*);
    void addPoints(const figure::Layer&, const Ink&);
    void addBand(const figure::Layer&, const Ink&);
    void addHatch(const QPolygonF& low, const QPolygonF& high, const QPen&);
    void addBars(const figure::Layer&, const Ink&);
    void addStrokes(std::vector<Stroke>&);
    void addRule(const figure::Layer&, const Ink&);
    void addLabels(const figure::Layer&, const Ink&);
    void addText(const QString&, QPointF at, const QColor&);
    void addLines(std::vector<QPolygonF>, const QPen&);

    Frame m_frame;
    const theme::Theme* m_theme = nullptr;
    double m_column = 1;
    QRectF m_bounds;
    std::vector<Piece> m_pieces;
    std::vector<Raster> m_rasters;  // kept: their memory is used again
    std::size_t m_rastersUsed = 0;
    std::vector<QRectF> m_texts;    // taken by notes already
    std::size_t m_drawn = 0;
};

}

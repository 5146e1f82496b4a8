// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/layeritem.h"

#include <QGraphicsItem>

#include <optional>

namespace chart {

// What the figure names and where: up to eight curves at their right end, everything else in a row above the plot.
struct Names {
    std::vector<std::vector<const figure::Layer*>> ends;    // per panel
    std::vector<const figure::Layer*> legend;
};
Names namesOf(const figure::Figure&);

// One row or several of sample and name; where colour tells a value a colour bar with its title and ends, from 13 curves
// on one with the first and the last name.
class Legend : public QGraphicsItem {
public:
    Legend(std::vector<const figure::Layer*>, const figure::Shading&, const Colors&, const theme::Theme&, double width);
    double height() const { return m_height; }

    QRectF boundingRect() const override { return {0, 0, m_width, m_height}; }
    void paint(QPainter*, const QStyleOptionGraphicsItem*, QWidget*) override;

private:
    struct Entry {
        QPointF at;
        QString text;
        Ink ink;
        figure::Mark mark = figure::Mark::Line;
        figure::Style style = figure::Style::Data;
        bool sample = true;
    };
    struct Bar {
        double width = 0;
        QString title, unit, first, last;
        std::vector<QColor> colors;
        double start = 0;           // of the coloured part
    };
    theme::Theme m_theme;
    std::vector<Entry> m_entries;
    std::optional<Bar> m_bar;
    double m_width = 0, m_height = 0;
};

// Tops of labels of height `height` that want to be centred at `wanted`, moved as little as keeps them apart and
// between top and bottom. In the order of `wanted`.
std::vector<double> pushApart(std::span<const double> wanted, double height, double top, double bottom);

}

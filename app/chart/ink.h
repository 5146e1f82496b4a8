// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/theme/theme.h"
#include "core/figure/figure.h"

#include <QBrush>
#include <QPen>

#include <set>
#include <string>
#include <vector>

namespace chart {

// The colour of each layer of a figure: its place on the figure's shading, or the palette, or from 13 curves on a ramp
// in the order of their indices.
class Colors {
public:
    Colors(const theme::Theme&, const figure::Figure&);
    QColor operator()(const figure::Layer&) const;
    Qt::PenStyle dash(const figure::Layer&) const;
    bool isRamp() const { return !m_ranked.empty(); }
    bool isShaded() const { return m_shading.from != m_shading.to; }
    double rank(const figure::Layer&) const;            // 0 to 1 on the ramp
    double place(double shade) const;                   // 0 to 1 on the shading; NaN: not on it

    // Runs that stand out, by hash; empty: none, and none recedes.
    void select(std::vector<std::string> hashes);
    bool isSelected(const figure::Layer& layer) const { return m_selected.contains(layer.run); }
    bool recedes(const figure::Layer& layer) const
    {
        return !m_selected.empty() && !layer.run.empty() && !isSelected(layer);
    }

private:
    theme::Theme m_theme;
    figure::Shading m_shading;
    std::vector<int> m_ranked;
    std::set<std::string> m_selected;
};

// What a layer looks like in a legend and in the plot.
struct Ink {
    QPen pen;
    QBrush fill;
    double radius = 0;      // of points
};
Ink ink(const figure::Layer&, const Colors&, const theme::Theme&);

}

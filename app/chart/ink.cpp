// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/ink.h"

#include <algorithm>
#include <cmath>

namespace chart {

using figure::Layer;
using figure::Mark;
using figure::Style;

Colors::Colors(const theme::Theme& t, const figure::Figure& f) : m_theme(t), m_shading(f.shading)
{
    if (isShaded())
        return;
    for (const auto& panel : f.panels)
        for (const Layer& layer : panel.layers)
            if (layer.color >= 0)
                m_ranked.push_back(layer.color);
    std::ranges::sort(m_ranked);
    m_ranked.erase(std::unique(m_ranked.begin(), m_ranked.end()), m_ranked.end());
    constexpr std::size_t toldApart = 12;
    if (m_ranked.size() <= toldApart)
        m_ranked.clear();
}

void Colors::select(std::vector<std::string> hashes)
{
    m_selected = {hashes.begin(), hashes.end()};
}

double Colors::rank(const Layer& layer) const
{
    const auto at = std::ranges::lower_bound(m_ranked, layer.color) - m_ranked.begin();
    return double(at) / double(std::max<std::size_t>(1, m_ranked.size() - 1));
}

double Colors::place(double shade) const
{
    if (!isShaded())
        return std::nan("");
    const auto at = [&](double v) { return m_shading.log ? std::log(v) : v; };
    return (at(shade) - at(m_shading.from)) / (at(m_shading.to) - at(m_shading.from));
}

QColor Colors::operator()(const Layer& layer) const
{
    if (layer.style == Style::Excluded)
        return m_theme.text2;
    if (const double at = place(layer.shade); std::isfinite(at))
        return theme::ramp(m_theme, at);
    if (isRamp() && layer.color >= 0)
        return theme::ramp(m_theme, rank(layer));
    // On a ramp nothing else may look like a value of it.
    if (isShaded() && !layer.run.empty())
        return m_theme.text2;
    return theme::seriesColor(m_theme, layer.color);
}

Qt::PenStyle Colors::dash(const Layer& layer) const
{
    if (layer.style == Style::Fit || layer.style == Style::Extrapolated)
        return Qt::DashLine;
    return isRamp() || isShaded() ? Qt::SolidLine : theme::seriesDash(layer.color);
}

Ink ink(const Layer& layer, const Colors& colors, const theme::Theme& t)
{
    // Receding curves keep their hue, so that they are still found in the list of runs.
    const double presence = colors.recedes(layer) ? .35 : 1;
    QColor color = colors(layer);
    color.setAlphaF(float(presence));
    Ink out;
    const auto faded = [&](double alpha) {
        QColor c = color;
        c.setAlphaF(float(alpha * presence));
        return c;
    };
    const bool many = layer.x.size() > 400;
    out.radius = t.curveWidth() * (many ? 1.2 : 2.1);
    out.fill = color;
    double width = colors.isSelected(layer) ? t.curveWidth() * 4 / 3 : t.curveWidth();
    switch (layer.style) {
    case Style::Raw:
        color = faded(.25);
        width = t.hairline();
        out.fill = color;
        break;
    case Style::Interval: out.fill = faded(.16); break;
    case Style::Extrapolated:
        out.fill = faded(.07);
        color = faded(.7);
        break;
    case Style::HeldOut:
        out.fill = t.surface;
        break;
    case Style::Excluded: width = t.hairline(); break;
    case Style::Reference:
        if (layer.color < 0)
            color = t.text2;
        width = t.hairline();
        out.fill = color;
        break;
    case Style::Data:
        if (layer.mark == Mark::Band)
            out.fill = faded(.16);
        else if (layer.mark == Mark::Bars || (layer.mark == Mark::Points && many))
            out.fill = faded(.7);
        break;
    case Style::Fit:
    case Style::Diverged: break;
    }
    out.pen = QPen(color, width, colors.dash(layer), Qt::FlatCap, Qt::RoundJoin);
    if (out.pen.style() == Qt::SolidLine)
        out.pen.setCapStyle(Qt::RoundCap);
    else if (out.pen.style() == Qt::DashLine)
        out.pen.setDashPattern({5, 2.6});
    return out;
}

}

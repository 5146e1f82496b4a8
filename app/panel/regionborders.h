// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/plotview.h"

#include <QWidget>

#include <array>
#include <optional>
#include <utility>

// One border of the region that is fitted: a line over the plot with a grip, dragged by the mouse or moved by the arrow keys.
class BorderHandle : public QWidget {
    Q_OBJECT
public:
    BorderHandle(chart::PlotView&, bool upper);
    void setTheme(const theme::Theme&);
    // Infinite: at the rim.
    void setValue(double);
    double value() const { return m_value; }
    void place();

signals:
    void moved();
    void dropped();

protected:
    void paintEvent(QPaintEvent*) override;
    void mousePressEvent(QMouseEvent*) override;
    void mouseMoveEvent(QMouseEvent*) override;
    void mouseReleaseEvent(QMouseEvent*) override;
    void keyPressEvent(QKeyEvent*) override;
    void keyReleaseEvent(QKeyEvent*) override;
    void focusOutEvent(QFocusEvent*) override;

private:
    void moveTo(double sceneX);
    void drop();

    chart::PlotView& m_view;
    theme::Theme m_theme = theme::light();
    bool m_upper;
    double m_value;
    bool m_dragging = false, m_byKey = false;
};

// Both borders of a fit of one input, shown over its chart.
class RegionBorders : public QObject {
    Q_OBJECT
public:
    explicit RegionBorders(chart::PlotView&);
    void setTheme(const theme::Theme&);
    // Nothing: no borders are shown.
    void set(std::optional<std::pair<double, double>> region);
    BorderHandle& handle(bool upper) { return *m_handles[upper]; }

signals:
    void moved(double from, double to);     // dropped there; infinite: open

private:
    void place();

    chart::PlotView& m_view;
    std::array<BorderHandle*, 2> m_handles;
    bool m_shown = false;
};

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/figurescene.h"

#include <QGraphicsView>

namespace chart {

// A figure in the window: wheel zooms at the cursor, dragging a box zooms into it, a double click shows everything
// again, hovering reads values off the curves.
class PlotView : public QGraphicsView {
    Q_OBJECT
public:
    explicit PlotView(const theme::Theme&, QWidget* parent = nullptr);

    void setFigure(figure::Figure, bool keepView);
    void setTheme(const theme::Theme&);
    void resetView();
    FigureScene& plot() { return m_scene; }
    const FigureScene& plot() const { return m_scene; }

signals:
    void drawn(std::size_t points);

protected:
    void resizeEvent(QResizeEvent*) override;
    void wheelEvent(QWheelEvent*) override;
    void mousePressEvent(QMouseEvent*) override;
    void mouseMoveEvent(QMouseEvent*) override;
    void mouseReleaseEvent(QMouseEvent*) override;
    void mouseDoubleClickEvent(QMouseEvent*) override;
    void leaveEvent(QEvent*) override;
    void drawForeground(QPainter*, const QRectF&) override;

private:
    void layOut();
    void setRange(int panel, const Axis& x, const Axis& y);
    void drawCard(QPainter*, int panel);

    FigureScene m_scene;
    std::optional<QPointF> m_hover, m_press;
    bool m_boxing = false;
};

// What the hover card says: the records nearest to a place, nearest curve first.
struct Reading {
    QString name;
    QColor color;
    double x = 0, y = 0;
    QPointF at;
};
std::vector<Reading> readings(const figure::Panel&, const Frame&, const Colors&, QPointF at);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/layeritem.h"
#include "app/chart/picture.h"

#include <QGraphicsScene>

#include <memory>
#include <optional>

QT_BEGIN_NAMESPACE
class QChart;
class QCategoryAxis;
QT_END_NAMESPACE

namespace chart {

// A figure laid out on a scene: one QChart per panel draws the grid, axes and tick labels, one LayerItem what was
// measured and fitted; plot areas of all panels share left and right edge to the unit.
class FigureScene : public QGraphicsScene {
    Q_OBJECT
public:
    explicit FigureScene(const theme::Theme&, QObject* parent = nullptr);
    ~FigureScene() override;

    // What these change shows after the next layOut.
    void setTheme(const theme::Theme&);
    void setPicture(Picture);
    void setFigure(figure::Figure f) { setPicture(prepare(std::move(f))); }
    const figure::Figure& shown() const { return *m_picture.figure; }
    const Picture& picture() const { return m_picture; }
    // Runs that stand out; nothing is laid out anew.
    void setSelected(std::vector<std::string> hashes);
    // For the screen long curves are drawn as pixels; for paper everything is geometry.
    void setForScreen(bool screen) { m_screen = screen; }
    // Size in scene units; `column` is the width of a device pixel there.
    void layOut(QSizeF size, double column = 1);

    // What part the next layOut shows; nothing: everything. x is shared by all panels.
    struct View {
        std::optional<Axis> x;
        std::vector<std::optional<Axis>> y;     // per panel, may be shorter
    };
    void setView(View);
    const View& view() const { return m_view; }

    int panelAt(QPointF) const;             // -1: none
    const Frame& frame(int panel) const;
    int panels() const { return int(m_panels.size()); }
    std::size_t pointsDrawn() const;
    const Colors& colors() const { return *m_colors; }
    const theme::Theme& theme() const { return m_theme; }

private:
    struct PanelItems;
    struct Margins;
    void clearItems();
    void fillLayers();
    void layOutAxes(PanelItems&, bool bottom);
    double layOutLegend(double left, double top, double width);
    void layOutLabels(PanelItems&, const figure::Panel&, double right);
    double labelWidth() const;
    QGraphicsItem* addLabel(const QString&, const QFont&, const QColor&);

    theme::Theme m_theme;
    Picture m_picture;
    std::unique_ptr<Colors> m_colors;
    std::vector<std::string> m_selected;
    View m_view;
    QSizeF m_size{640, 400};
    double m_column = 1;
    bool m_screen = false;
    double m_labels = 0;        // width of the widest label of a vertical axis so far
    std::vector<std::unique_ptr<PanelItems>> m_panels;
    std::vector<QGraphicsItem*> m_texts;
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/panelitems.h"

#include <QChart>
#include <QGraphicsLayout>
#include <QLegend>

namespace chart {

FigureScene::FigureScene(const theme::Theme& t, QObject* parent) : QGraphicsScene(parent), m_theme(t)
{
    setItemIndexMethod(NoIndex);
}

FigureScene::~FigureScene() = default;

void FigureScene::setTheme(const theme::Theme& t)
{
    m_theme = t;
    setPicture(std::move(m_picture));
}

void FigureScene::clearItems()
{
    for (QGraphicsItem* item : m_texts)
        delete item;
    m_texts.clear();
}

void FigureScene::setPicture(Picture picture)
{
    m_picture = std::move(picture);
    m_labels = 0;
    m_colors = std::make_unique<Colors>(m_theme, shown());
    m_colors->select(m_selected);
    clearItems();
    while (m_panels.size() > shown().panels.size()) {
        delete m_panels.back()->layers;
        delete m_panels.back()->chart;
        m_panels.pop_back();
    }
    while (m_panels.size() < shown().panels.size()) {
        auto items = std::make_unique<PanelItems>();
        items->chart = new QChart;
        items->chart->setBackgroundVisible(false);
        items->chart->setMargins({});
        items->chart->legend()->hide();
        items->chart->layout()->setContentsMargins(0, 0, 0, 0);
        for (QCategoryAxis** axis : {&items->x, &items->y}) {
            *axis = new QCategoryAxis;
            (*axis)->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
            (*axis)->setTruncateLabels(false);
        }
        items->chart->addAxis(items->x, Qt::AlignBottom);
        items->chart->addAxis(items->y, Qt::AlignLeft);
        addItem(items->chart);
        items->layers = new LayerItem;
        items->layers->setZValue(5);
        addItem(items->layers);
        m_panels.push_back(std::move(items));
    }
    setBackgroundBrush(m_theme.surface);
}

void FigureScene::setSelected(std::vector<std::string> hashes)
{
    m_selected = std::move(hashes);
    if (!m_colors)
        return;
    m_colors->select(m_selected);
    if (m_panels.empty() || m_panels.front()->frame.area.isEmpty())
        return;     // nothing is laid out yet
    fillLayers();
}

void FigureScene::setView(View view)
{
    m_view = std::move(view);
}

int FigureScene::panelAt(QPointF p) const
{
    for (std::size_t i = 0; i < m_panels.size(); ++i)
        if (m_panels[i]->frame.area.contains(p))
            return int(i);
    return -1;
}

const Frame& FigureScene::frame(int panel) const
{
    return m_panels[std::size_t(panel)]->frame;
}

std::size_t FigureScene::pointsDrawn() const
{
    std::size_t n = 0;
    for (const auto& items : m_panels)
        n += items->layers->pointsDrawn();
    return n;
}

void FigureScene::fillLayers()
{
    for (std::size_t i = 0; i < m_panels.size(); ++i)
        m_panels[i]->layers->set(m_picture, i, m_panels[i]->frame, *m_colors, m_theme, m_column, m_screen);
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/figurescene.h"

#include <QCategoryAxis>
#include <QChart>

namespace chart {

// What stands on the scene for one panel.
struct FigureScene::PanelItems {
    Frame frame;
    QChart* chart = nullptr;
    QCategoryAxis* x = nullptr;
    QCategoryAxis* y = nullptr;
    LayerItem* layers = nullptr;
    std::vector<Tick> xTicks, yTicks;
};

}

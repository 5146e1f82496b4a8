// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/exporters.h"
#include "core/figure/json.h"

namespace exporter {

const FigureExporter figureJson{
    .id = "json",
    .name = "Figure as data (JSON)",
    .figure = [](const figure::Figure& f) { return figure::toJson(f).dump(1) + "\n"; },
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/csv.h"
#include "core/export/exporters.h"

#include <algorithm>

namespace exporter {

namespace {

constexpr std::array<std::string_view, 5> marks{"line", "points", "band", "bars", "rule"};
constexpr std::array<std::string_view, 9> styles{"data", "raw", "fit", "interval", "extrapolated",
                                                 "held-out", "excluded", "diverged", "reference"};

}

const FigureExporter figureCsv{
    .id = "csv",
    .name = "Values, a row each (CSV)",
    .figure = [](const figure::Figure& f) {
        std::string out = "panel,layer,mark,style,name,x,y,low,high\n";
        for (std::size_t p = 0; p < f.panels.size(); ++p)
            for (std::size_t k = 0; k < f.panels[p].layers.size(); ++k) {
                const figure::Layer& layer = f.panels[p].layers[k];
                const auto at = [](const std::vector<double>& values, std::size_t i) {
                    return i < values.size() ? cell(values[i]) : std::string();
                };
                const std::size_t n = std::max({layer.x.size(), layer.y.size(), layer.low.size()});
                for (std::size_t i = 0; i < n; ++i)
                    out += line({std::to_string(p + 1), std::to_string(k + 1),
                        std::string(marks[std::size_t(layer.mark)]), std::string(styles[std::size_t(layer.style)]),
                        cell(layer.name), at(layer.x, i), at(layer.y, i), at(layer.low, i), at(layer.high, i)});
            }
        return out;
    },
};

}

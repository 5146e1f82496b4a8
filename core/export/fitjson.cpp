// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/exporters.h"
#include "core/fit/json.h"

namespace exporter {

const FitExporter fitJson{
    .id = "json",
    .name = "Fit file (JSON)",
    .fit = [](const fit::Fit& fit) { return fit::toJson(fit).dump(1) + "\n"; },
    .chain = [](const fit::Chain& chain) { return fit::toJson(chain).dump(1) + "\n"; },
};

}

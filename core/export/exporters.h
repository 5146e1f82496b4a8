// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/export/exporter.h"

namespace exporter {

extern const FitExporter fitCsv, fitJson, fitTex, fitMarkdown;
extern const FigureExporter figureCsv, figureJson, figureTex, figureVegaLite, figurePython;

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/figure/figure.h"
#include "core/fit/fit.h"

#include <span>
#include <string>
#include <string_view>

// Results as text for other programs. Adding a format is one file, its line in exporters.h and one in exporters.cpp.
namespace exporter {

// Writes a fit or a chain. Every format holds the same facts; csv and json hold every digit, tables for people as many
// as the interval allows.
struct FitExporter {
    std::string_view id;        // the file name's extension, without the dot
    std::string_view name;
    std::string (*fit)(const fit::Fit&);
    std::string (*chain)(const fit::Chain&);
};

struct FigureExporter {
    std::string_view id, name;
    std::string (*figure)(const figure::Figure&);
};

std::span<const FitExporter> fits();
std::span<const FigureExporter> figures();

// By the name of the file to write (or the extension alone); null where none matches. vl.json wins over json.
const FigureExporter* findFigure(std::string_view file);
const FitExporter& forFit(std::string_view file);       // throws UsageError naming the extensions there are

}

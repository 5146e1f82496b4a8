// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/exporters.h"

#include "core/error.h"
#include "core/text.h"

namespace exporter {

std::span<const FitExporter> fits()
{
    static const std::array list{
        fitCsv,
        fitJson,
        fitTex,
        fitMarkdown,
    };
    return list;
}

std::span<const FigureExporter> figures()
{
    static const std::array list{
        figureVegaLite,
        figureCsv,
        figureJson,
        figureTex,
        figurePython,
    };
    return list;
}

namespace {

template <class E>
const E* find(std::span<const E> list, std::string_view file)
{
    const std::string name = text::lower(file);
    const E* best = nullptr;
    for (const E& e : list)
        if ((name == e.id || name.ends_with("." + std::string(e.id))) && (!best || e.id.size() > best->id.size()))
            best = &e;
    return best;
}

}

const FigureExporter* findFigure(std::string_view file)
{
    return find(figures(), file);
}

const FitExporter& forFit(std::string_view file)
{
    if (const FitExporter* found = find(fits(), file))
        return *found;
    std::vector<std::string> known;
    for (const FitExporter& e : fits())
        known.push_back("." + std::string(e.id));
    throw UsageError("A fit cannot be written as '" + std::string(file) + "'; the file's name must end in "
                     + text::join(known, ", ") + ".");
}

}

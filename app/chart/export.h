// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/theme/theme.h"
#include "core/figure/figure.h"

#include <QString>

namespace chart {

struct Paper {
    double widthMm = 140, heightMm = 95;
    double dpi = 300;                       // PNG only
    theme::Scheme scheme = theme::Scheme::Print;
};

// Draws the figure on a scene of its own and writes SVG, PDF or PNG by the ending of the name. Vector formats hold no
// pixels; the figure's recipe travels in the file (SVG <desc>, PDF attachment recipe.json, PNG text "Recipe"). The
// same figure gives the same bytes. Throws Error: unknown ending, nonsensical size, not writable.
void writePicture(const figure::Figure&, const QString& file, const Paper& = {});

}

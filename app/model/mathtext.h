// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <string_view>

// A formula in LaTeX as rich text: Greek letters, italic symbols, sub- and superscripts, fractions on one line. Knows
// what the catalogue's laws use; anything else is shown as written.
QString richMath(std::string_view latex);

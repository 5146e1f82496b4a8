// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace exporter {

// Words as LaTeX text: special characters escaped, signs and letters that 8-bit fonts lack as commands, line breaks as
// spaces, control characters left out. Characters of other scripts stay as they are and are added to `others`.
std::string latex(std::string_view utf8, std::set<char32_t>& others);

// Definitions with which pdflatex sets such characters as a question mark; Unicode engines set them as they are.
// Empty where there are none.
std::string latexDeclarations(const std::set<char32_t>& others);

}

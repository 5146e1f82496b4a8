// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/latex.h"

#include "core/export/utf8.h"

#include <cstdio>
#include <map>

namespace exporter {

namespace {

const std::map<char32_t, std::string_view>& commands()
{
    static const std::map<char32_t, std::string_view> table{
        {U'\\', "\\textbackslash{}"}, {U'{', "\\{"}, {U'}', "\\}"}, {U'$', "\\$"}, {U'&', "\\&"}, {U'#', "\\#"},
        {U'%', "\\%"}, {U'_', "\\_"}, {U'^', "\\textasciicircum{}"}, {U'~', "\\textasciitilde{}"},
        {U'<', "\\textless{}"}, {U'>', "\\textgreater{}"}, {U'|', "\\textbar{}"}, {U'"', "\\textquotedbl{}"},
        {U'\n', " "}, {U'\r', " "}, {U'\t', " "}, {0xa0, "~"},
        {0x2212, "$-$"}, {0xd7, "$\\times$"}, {0xb7, "$\\cdot$"}, {0x221e, "$\\infty$"}, {0x2264, "$\\le$"},
        {0x2265, "$\\ge$"}, {0xb1, "$\\pm$"}, {0x2013, "--"}, {0x2014, "---"}, {0x2026, "\\ldots{}"},
        {0x207b, "\\textsuperscript{$-$}"}, {0x2070, "\\textsuperscript{0}"}, {0xb9, "\\textsuperscript{1}"},
        {0xb2, "\\textsuperscript{2}"}, {0xb3, "\\textsuperscript{3}"}, {0x2074, "\\textsuperscript{4}"},
        {0x2075, "\\textsuperscript{5}"}, {0x2076, "\\textsuperscript{6}"}, {0x2077, "\\textsuperscript{7}"},
        {0x2078, "\\textsuperscript{8}"}, {0x2079, "\\textsuperscript{9}"},
        {0x3b1, "$\\alpha$"}, {0x3b2, "$\\beta$"}, {0x3b3, "$\\gamma$"}, {0x3b4, "$\\delta$"}, {0x394, "$\\Delta$"},
        {0x3b5, "$\\varepsilon$"}, {0x3b7, "$\\eta$"}, {0x3b8, "$\\theta$"}, {0x3ba, "$\\kappa$"},
        {0x3bb, "$\\lambda$"}, {0x3bc, "$\\mu$"}, {0xb5, "$\\mu$"}, {0x3bd, "$\\nu$"}, {0x3c0, "$\\pi$"},
        {0x3c1, "$\\rho$"}, {0x3c3, "$\\sigma$"}, {0x3a3, "$\\Sigma$"}, {0x3c4, "$\\tau$"}, {0x3c6, "$\\varphi$"},
        {0x3c9, "$\\omega$"},
    };
    return table;
}

}

std::string latex(std::string_view words, std::set<char32_t>& others)
{
    std::string out;
    for (const char32_t c : decode(words)) {
        if (const auto it = commands().find(c); it != commands().end()) {
            out += it->second;
        } else if (c >= 0x20 && c != 0x7f) {
            // Letters of Latin-1 and Latin Extended-A are in every T1 font.
            if (c > 0x17f || (c > 0x7f && c < 0xc0))
                others.insert(c);
            out += encode(c);
        }
    }
    // Digits of one power belong under one command.
    static constexpr std::string_view seam = "}\\textsuperscript{";
    for (std::size_t at = out.find("\\textsuperscript{"); (at = out.find(seam, at)) != std::string::npos;)
        out.erase(at, seam.size());
    return out;
}

std::string latexDeclarations(const std::set<char32_t>& others)
{
    if (others.empty())
        return {};
    std::string out = "\\usepackage{iftex}\n\\ifPDFTeX\n";
    for (const char32_t c : others) {
        char line[64];
        std::snprintf(line, sizeof line, "  \\DeclareUnicodeCharacter{%04X}{?}\n", unsigned(c));
        out += line;
    }
    return out + "\\fi\n";
}

}

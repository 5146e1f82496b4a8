// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/exporters.h"
#include "core/export/facts.h"
#include "core/export/latex.h"
#include "core/figure/format.h"
#include "core/text.h"
#include "core/version.h"

#include <cmath>

namespace exporter {

namespace {

std::string num(double v, int exponent, int decimals)
{
    if (!std::isfinite(v))
        return std::isnan(v) ? "NaN" : v > 0 ? "$\\infty$" : "$-\\infty$";
    return "\\num{" + figure::fixed(v / std::pow(10, exponent), decimals)
        + (exponent ? "e" + std::to_string(exponent) : "") + "}";
}

std::string table(const fit::Fit& fit, std::set<char32_t>& others)
{
    const law::Law& law = law::get(fit.spec.law);
    const auto escaped = [&](std::string_view words) { return latex(words, others); };
    std::string out = "\\begin{table}\n  \\centering\n  \\caption{" + escaped(law.info.name) + ": $"
        + std::string(law.info.latex) + "$, $n = " + std::to_string(fit.n) + "$.}\n"
        + "  \\label{tab:" + (law::get(fit.spec.law).custom ? std::string("formula") : fit.spec.law) + "}\n"
        + "  \\begin{tabular}{llrr}\n    \\toprule\n    & Meaning & Value & "
        + escaped(fit.interval == "none" ? "Interval" : figure::significant(100 * fit.spec.level) + " % interval")
        + " \\\\\n    \\midrule\n";
    for (const fit::Estimate& e : fit.parameters) {
        const int index = law.index(e.name);
        const figure::Rounding cut = figure::rounding(e.value, e.ci);
        std::string interval = "--";
        if (e.fixed)
            interval = "fixed";
        else if (cut.hasInterval || std::isinf(e.ci.lower) || std::isinf(e.ci.upper))
            interval = num(e.ci.lower, cut.exponent, cut.intervalDecimals) + " to "
                + num(e.ci.upper, cut.exponent, cut.intervalDecimals);
        out += "    " + (index < 0 ? escaped(e.name) : "$" + std::string(law.params[std::size_t(index)].symbol) + "$")
            + " & " + (index < 0 ? "" : escaped(law.params[std::size_t(index)].meaning)) + " & "
            + (e.fixed ? "\\num{" + text::number(e.value) + "}" : num(e.value, cut.exponent, cut.valueDecimals)) + " & "
            + interval + (e.atBound ? " (at its bound)" : "") + " \\\\\n";
    }
    out += "    \\bottomrule\n  \\end{tabular}\n  \\par\\smallskip\n  \\begin{minipage}{\\linewidth}\\footnotesize\n";
    for (const auto& [heading, words] : factsOf(fit))
        if (heading != "Formula" && heading != "Points")
            out += "    " + escaped(heading) + ": " + escaped(words) + (words.ends_with('.') ? "" : ".") + "\\\\\n";
    out.erase(out.size() - 3, 2);
    return out + "  \\end{minipage}\n\\end{table}\n";
}

std::string document(const std::vector<const fit::Fit*>& fits)
{
    std::set<char32_t> others;
    std::string body;
    for (const fit::Fit* fit : fits)
        body += (body.empty() ? "" : "\n") + table(*fit, others);
    std::string declarations = latexDeclarations(others), commented;
    for (const std::string& line : text::split(declarations, '\n'))
        if (!line.empty())
            commented += "%   " + line + "\n";
    return "% Isoloss " + std::string(version) + ". The preamble needs\n"
           "%   \\usepackage[T1]{fontenc}\n%   \\usepackage{amsmath, booktabs, siunitx}\n" + commented + body;
}

}

const FitExporter fitTex{
    .id = "tex",
    .name = "Table (LaTeX, booktabs and siunitx)",
    .fit = [](const fit::Fit& fit) { return document({&fit}); },
    .chain = [](const fit::Chain& chain) { return document({&chain.first, &chain.second}); },
};

}

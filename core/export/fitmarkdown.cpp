// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/exporters.h"
#include "core/export/facts.h"
#include "core/figure/format.h"

namespace exporter {

namespace {

// Cells cannot hold a bar or a line break.
std::string escaped(std::string_view words)
{
    std::string out;
    for (const char c : words)
        if (c == '|' || c == '*' || c == '_' || c == '`' || c == '<' || c == '\\')
            out += {'\\', c};
        else
            out += c == '\n' || c == '\r' ? ' ' : c;
    return out;
}

std::string section(const fit::Fit& fit)
{
    const law::Law& law = law::get(fit.spec.law);
    std::string out = "## " + escaped(law.info.name) + "\n\n$$" + std::string(law.info.latex) + "$$\n\n| Parameter | Meaning | "
        + (fit.interval == "none" ? "Value" : "Value (" + figure::significant(100 * fit.spec.level) + " % interval)")
        + " |\n|---|---|---|\n";
    for (const fit::Estimate& e : fit.parameters) {
        const int index = law.index(e.name);
        out += "| " + escaped(e.name) + " | "
            + (index < 0 ? "" : escaped(law.params[std::size_t(index)].meaning)) + " | "
            + (e.fixed ? figure::significant(e.value, 6) + " (fixed)" : figure::withInterval(e.value, e.ci))
            + (e.atBound ? ", at its bound" : "") + " |\n";
    }
    out += "\n";
    for (const auto& [heading, words] : factsOf(fit))
        out += "- **" + escaped(heading) + "**: " + (heading == "Formula" ? "`" + words + "`" : escaped(words)) + "\n";
    return out;
}

}

const FitExporter fitMarkdown{
    .id = "md",
    .name = "Report (Markdown)",
    .fit = [](const fit::Fit& fit) { return section(fit); },
    .chain = [](const fit::Chain& chain) { return section(chain.first) + "\n" + section(chain.second); },
};

}

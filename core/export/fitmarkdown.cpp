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
    std::string out = "## " + escaped(law.info.name) + "\n\n$$" + std::string(law.info.latex)
        + "$$\n\n| Parameter | Meaning | "
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
    // What a reader needs to repeat the fit and a fit file cannot know (the checklist of (Mis)fitting, arXiv:2502.18969).
    out += "\nLeft to state by hand:\n\n";
    for (const char* item : {"how N was counted (with or without embeddings) and D (unique or repeated tokens), and which FLOPs formula C follows",
                             "model family, shapes, tokenizer and context length", "optimizer, batch size, learning-rate schedule and how each was tuned",
                             "which loss (training or validation, on what data, averaged how)", "runs that were made and are not among the points, and why"})
        out += "- [ ] " + std::string(item) + "\n";
    if (!fit.excluded.empty()) {
        constexpr std::size_t most = 500;
        out += "\n### Excluded points\n\n| Row | Why |\n|---|---|\n";
        for (std::size_t i = 0; i < std::min(most, fit.excluded.size()); ++i)
            out += "| " + std::to_string(fit.excluded[i].row + 1) + " | " + escaped(fit.excluded[i].why) + " |\n";
        if (fit.excluded.size() > most)
            out += "\nand " + std::to_string(fit.excluded.size() - most) + " more; the fit file lists all.\n";
    }
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

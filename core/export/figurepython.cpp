// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/exporters.h"
#include "core/export/ink.h"
#include "core/export/ticks.h"
#include "core/figure/format.h"
#include "core/text.h"
#include "core/version.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <set>

namespace exporter {

namespace {

using figure::Layer;
using figure::Mark;
using figure::Style;

// A JSON string is a Python one; bytes that are no UTF-8 are replaced.
std::string literal(const std::string& words)
{
    return nlohmann::json(words).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Words for matplotlib, which would read dollars as formulas and hide labels that begin with an underscore.
std::string words(const std::string& s)
{
    std::string out = s.starts_with('_') ? "\u200a" : "";
    for (const char c : s)
        out += c == '$' ? std::string("\\$") : std::string(1, c);
    return literal(out);
}

std::string number(double v)
{
    if (!std::isfinite(v))
        return std::isnan(v) ? "nan" : v > 0 ? "inf" : "-inf";
    const std::string out = text::number(v);
    // A whole number beyond 64 bits would be one that numpy cannot hold.
    return out.size() > 15 && out.find_first_of(".e") == std::string::npos ? out + ".0" : out;
}

std::string list(const std::vector<double>& values)
{
    std::string out = "[", line;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::string one = number(values[i]);
        if (line.size() + one.size() > 100) {
            out += line + "\n     ";
            line.clear();
        }
        line += one + (i + 1 < values.size() ? ", " : "");
    }
    return out + line + "]";
}

std::string draw(const figure::Figure& f, const Layer& layer)
{
    static constexpr std::array<std::string_view, 4> dashes{
        "\"-\"", "(0, (5, 2.6))", "(0, (2, 2))", "(0, (6, 2, 1, 2))"};
    const Ink look = ink(f, layer);
    const std::string color = "color=\"" + look.color + "\"";
    const std::string alpha = look.opacity < 1 ? ", alpha=" + text::number(look.opacity) : "";
    const std::string label = !isNamed(f, layer) ? "" : ", label=" + words(layer.name);
    const std::string stroke = color + ", linestyle=" + std::string(dashes[std::size_t(look.dash)]) + ", linewidth="
        + text::number(look.width) + alpha + label;
    const std::string x = list(layer.x), y = list(layer.y);
    switch (layer.mark) {
    case Mark::Line: return "ax.plot(\n    " + x + ",\n    " + y + ",\n    " + stroke + ")\n";
    case Mark::Band:
        return "ax.fill_between(\n    " + x + ",\n    " + list(layer.low) + ",\n    " + list(layer.high) + ",\n    "
            + color + ", linewidth=0" + alpha + label + ")\n";
    case Mark::Bars: return "ax.bar(\n    " + x + ",\n    " + y + ",\n    " + color + alpha + label + ")\n";
    case Mark::Rule: {
        std::string out;
        const std::string thin = color + ", linewidth=" + text::number(look.width) + ", zorder=1";
        if (!layer.x.empty() && !layer.y.empty())
            return "ax.plot(\n    " + x + ",\n    " + y + ",\n    " + thin + ")\n";
        for (const double v : layer.x) {
            out += "ax.axvline(" + list({v}).substr(1);
            out.back() = ',';
            out += " " + thin + ")\n";
        }
        for (const double v : layer.y) {
            out += "ax.axhline(" + list({v}).substr(1);
            out.back() = ',';
            out += " " + thin + ")\n";
        }
        return out;
    }
    case Mark::Text: {
        std::string out;
        for (std::size_t i = 0; i < std::min(layer.x.size(), layer.y.size()); ++i)
            out += "ax.text(" + text::number(layer.x[i]) + ", " + text::number(layer.y[i]) + ", " + words(layer.name) + ", " + color
                + ", fontsize=7, ha=\"center\", va=\"center\")\n";
        return out;
    }
    case Mark::Points: break;
    }
    const std::string face = look.hollow ? "\"none\"" : "\"" + look.color + "\"";
    const std::string disc = "linestyle=\"\", marker=\"" + std::string(1, look.mark) + "\", markersize=4, " + color
        + ", markerfacecolor=" + face + alpha + label;
    if (layer.style == Style::Diverged)
        return "ax.plot(\n    " + x + ",\n    [0.98] * " + std::to_string(layer.x.size())
            + ",\n    transform=ax.get_xaxis_transform(), " + disc + ")\n";
    if (layer.low.empty())
        return "ax.plot(\n    " + x + ",\n    " + y + ",\n    " + disc + ")\n";
    std::vector<double> down, up;
    for (std::size_t i = 0; i < layer.y.size(); ++i)
        down.push_back(layer.y[i] - layer.low[i]), up.push_back(layer.high[i] - layer.y[i]);
    return "ax.errorbar(\n    " + x + ",\n    " + y + ",\n    yerr=[" + list(down) + ", " + list(up) + "],\n    " + disc
        + ")\n";
}

std::string colorBar(const figure::Shading& shading)
{
    const std::string norm = shading.log ? "LogNorm" : "Normalize";
    std::string colors;
    for (const std::string& color : rampColors())
        colors += (colors.empty() ? "" : ", ") + literal(color);
    return "\nfrom matplotlib.colors import LinearSegmentedColormap, " + norm + "\nramp = LinearSegmentedColormap.from_list(\"ramp\", ["
        + colors + "])\nfig.colorbar(plt.cm.ScalarMappable(" + norm + "(" + number(shading.from) + ", " + number(shading.to)
        + "), ramp), ax=axes.ravel().tolist(),\n             label=" + words(label({.title = shading.title, .unit = shading.unit})) + ")\n";
}

std::string python(const figure::Figure& f)
{
    std::string heights;
    for (const figure::Panel& panel : f.panels)
        heights += (heights.empty() ? "" : ", ") + text::number(panel.height);
    std::string out = "#!/usr/bin/env python3\n# Written by Isoloss " + std::string(version)
        + ". With a file name: writes the picture; without: shows it.\nimport sys\n\nimport matplotlib\n\n"
          "if len(sys.argv) > 1:\n    matplotlib.use(\"Agg\")\nimport matplotlib.pyplot as plt\n\n"
          "nan, inf = float(\"nan\"), float(\"inf\")\nRECIPE = "
        + literal(f.recipe)
        + "\n\nplt.rcParams.update({\"font.size\": 9, \"axes.spines.top\": False, \"axes.spines.right\": False,\n"
          "                     \"axes.grid\": True, \"grid.color\": \"#ECEEF1\", \"axes.axisbelow\": True})\n"
          "fig, axes = plt.subplots("
        + std::to_string(f.panels.size())
        + ", 1, sharex=True, squeeze=False, figsize=(7, 5), layout=\"constrained\",\n"
          "                         gridspec_kw={\"height_ratios\": ["
        + heights + "]})\n";
    std::set<std::string> named;
    for (std::size_t i = 0; i < f.panels.size(); ++i) {
        const figure::Panel& panel = f.panels[i];
        out += "\nax = axes[" + std::to_string(i) + ", 0]\n";
        for (const Layer& layer : panel.layers)
            out += draw(f, layer);
        if (panel.x.log)
            out += "ax.set_xscale(\"log\")\n";
        if (panel.y.log)
            out += "ax.set_yscale(\"log\")\n";
        if (panel.x.from != panel.x.to)
            out += "ax.set_xlim(" + number(panel.x.from) + ", " + number(panel.x.to) + ")\n";
        if (panel.y.from != panel.y.to)
            out += "ax.set_ylim(" + number(panel.y.from) + ", " + number(panel.y.to) + ")\n";
        for (const bool horizontal : {true, false}) {
            const std::vector<double> ticks = ticksWithinADecade(panel, horizontal);
            const std::string axis = horizontal ? "x" : "y";
            std::string names;
            for (const double v : ticks)
                names += (names.empty() ? "" : ", ") + literal(horizontal ? figure::si(v) : figure::significant(v));
            if (const auto& places = (horizontal ? panel.x : panel.y).names; !places.empty()) {
                std::vector<double> at;
                for (const std::string& name : places)
                    at.push_back(double(at.size() + 1)), names += (names.empty() ? "" : ", ") + literal(name);
                out += "ax.set_" + axis + "ticks(" + list(at) + ", [" + names + "])\n";
            }
            if (!ticks.empty())
                out += "ax.set_" + axis + "ticks(" + list(ticks) + ", [" + names + "])\nax.set_" + axis
                    + "ticks([], minor=True)\n";
        }
        out += "ax.set_ylabel(" + words(label(panel.y)) + ")\n";
        if (i + 1 == f.panels.size())
            out += "ax.set_xlabel(" + words(label(panel.x)) + ")\n";
        if (i == 0)
            out += "ax.set_title(" + words(f.title) + ", loc=\"left\", fontsize=9, fontweight=\"bold\")\n";
        bool news = false;      // a name that an earlier panel's legend has not told
        for (const Layer& layer : panel.layers)
            if (isNamed(f, layer))
                news |= named.insert(layer.name).second;
        if (news)
            out += "ax.legend(frameon=False, fontsize=7, ncols=2)\n";
    }
    if (f.shading.from != f.shading.to)
        out += colorBar(f.shading);
    return out + "\nfig.supxlabel(" + words(f.note) + ", fontsize=6, color=\"" + std::string(mutedColor)
        + "\", wrap=True)\nif len(sys.argv) > 1:\n    fig.savefig(sys.argv[1], dpi=200)\nelse:\n    plt.show()\n";
}

}

const FigureExporter figurePython{.id = "py", .name = "Python script (matplotlib)", .figure = python};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/exporters.h"
#include "core/export/ink.h"
#include "core/export/latex.h"
#include "core/export/ticks.h"
#include "core/figure/format.h"
#include "core/text.h"
#include "core/version.h"

#include <cmath>
#include <cstdio>

namespace exporter {

namespace {

using figure::Layer;
using figure::Mark;
using figure::Panel;
using figure::Style;

// TeX keeps about seven digits anyway.
std::string number(double v)
{
    if (!std::isfinite(v))
        return std::isnan(v) ? "nan" : v > 0 ? "inf" : "-inf";
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.9g", v);
    return buffer;
}

class Writer {
public:
    std::string figure(const figure::Figure&);

private:
    std::string words(std::string_view s) { return latex(s, m_others); }
    std::string colorBar(const figure::Shading&);
    std::string panel(const figure::Figure&, std::size_t index);
    std::string draw(const figure::Figure&, const Layer&, const Panel&);
    std::string band(const Layer&, const Panel&, const std::string& options, bool named);

    std::set<char32_t> m_others;
};

std::string coordinates(const std::vector<double>& x, const std::vector<double>& y)
{
    std::string out = "coordinates {";
    for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i)
        out += (i % 4 ? " (" : "\n  (") + number(x[i]) + "," + number(y[i]) + ")";
    return out + "\n}";
}

std::string colorName(std::string hex)
{
    hex.front() = 'c';
    return hex;
}

// Each stretch without gaps is a closed path: along the upper edge and back along the lower one.
std::string Writer::band(const Layer& layer, const Panel& panel, const std::string& options, bool named)
{
    std::string out;
    const std::size_t n = std::min({layer.x.size(), layer.low.size(), layer.high.size()});
    const auto drawn = [&](std::size_t i) {
        const double least = panel.y.log ? std::min(layer.low[i], layer.high[i]) : 1;
        return std::isfinite(layer.x[i]) && std::isfinite(layer.low[i]) && std::isfinite(layer.high[i]) && least > 0;
    };
    for (std::size_t begin = 0; begin < n; ++begin) {
        std::vector<double> x, y;
        std::size_t end = begin;
        for (; end < n && drawn(end); ++end)
            x.push_back(layer.x[end]), y.push_back(layer.high[end]);
        for (std::size_t i = end; i-- > begin;)
            x.push_back(layer.x[i]), y.push_back(layer.low[i]);
        if (end >= begin + 2)
            out += "\\addplot[" + options + (named && out.empty() ? "" : ", forget plot") + "] " + coordinates(x, y)
                + " -- cycle;\n";
        begin = std::max(begin, end);
    }
    return out;
}

std::string Writer::draw(const figure::Figure& f, const Layer& layer, const Panel& panel)
{
    static constexpr std::array<std::string_view, 4> dashes{"solid", "dashed", "densely dotted", "dash dot"};
    const Ink look = ink(f, layer);
    const bool named = isNamed(f, layer);
    const std::string color = colorName(look.color), forget = named ? "" : ", forget plot";
    const std::string opacity = look.opacity < 1 ? ", opacity=" + number(look.opacity) : "";
    std::string out;
    switch (layer.mark) {
    case Mark::Line:
        out = "\\addplot[" + color + ", " + std::string(dashes[std::size_t(look.dash)]) + ", line width="
            + number(look.width / 1.5) + "pt" + opacity + forget + "] " + coordinates(layer.x, layer.y) + ";\n";
        break;
    case Mark::Band:
        out = band(layer, panel,
            "draw=none, fill=" + color + ", fill opacity=" + number(look.opacity) + ", area legend", named);
        break;
    case Mark::Bars:
        out = "\\addplot[ybar, draw=none, fill=" + color + opacity + forget + "] " + coordinates(layer.x, layer.y)
            + ";\n";
        break;
    case Mark::Rule: {
        const std::string pen = "\\draw[" + color + ", line width=" + number(look.width) + "pt] ";
        if (!layer.x.empty() && !layer.y.empty())
            return "\\addplot[" + color + ", line width=" + number(look.width) + "pt, forget plot] "
                + coordinates(layer.x, layer.y) + ";\n";
        for (const double v : layer.x)
            out += pen + "({axis cs:" + number(v) + ",\\pgfkeysvalueof{/pgfplots/ymin}}) -- ({axis cs:" + number(v)
                + ",\\pgfkeysvalueof{/pgfplots/ymax}});\n";
        for (const double v : layer.y)
            out += pen + "({axis cs:\\pgfkeysvalueof{/pgfplots/xmin}," + number(v)
                + "}) -- ({axis cs:\\pgfkeysvalueof{/pgfplots/xmax}," + number(v) + "});\n";
        return out;
    }
    case Mark::Text:
        for (std::size_t i = 0; i < std::min(layer.x.size(), layer.y.size()); ++i)
            out += "\\node[" + color + ", font=\\tiny] at ({axis cs:" + number(layer.x[i]) + "," + number(layer.y[i]) + "}) {"
                + words(layer.name) + "};\n";
        return out;
    case Mark::Points: {
        const std::string mark = look.mark == 'x' ? "x" : look.mark == '^' ? "triangle*" : look.hollow ? "o" : "*";
        const std::string options = "only marks, mark=" + mark + ", mark size=1.3pt, " + color + opacity + forget;
        if (layer.style == Style::Diverged) {
            for (const double v : layer.x)
                out += "\\node[" + color + ", font=\\tiny] at ({axis cs:" + number(v)
                    + ",\\pgfkeysvalueof{/pgfplots/ymax}}) {$\\blacktriangle$};\n";
            return out;
        }
        if (layer.low.empty()) {
            out = "\\addplot[" + options + "] " + coordinates(layer.x, layer.y) + ";\n";
            break;
        }
        out = "\\addplot[" + options + ", error bars/.cd, y dir=both, y explicit] coordinates {";
        for (std::size_t i = 0; i < layer.x.size(); ++i)
            out += "\n  (" + number(layer.x[i]) + "," + number(layer.y[i]) + ") += (0,"
                + number(layer.high[i] - layer.y[i]) + ") -= (0," + number(layer.y[i] - layer.low[i]) + ")";
        out += "\n};\n";
    }
    }
    return named && !out.empty() ? out + "\\addlegendentry{" + words(layer.name) + "}\n" : out;
}

// The bar's own axis runs from 0 to 1; its ends and middle are named by their values.
std::string Writer::colorBar(const figure::Shading& shading)
{
    std::string colors, names;
    for (const std::string& color : rampColors())
        colors += " color=(" + colorName(color) + ")";
    const double middle = shading.log ? std::sqrt(shading.from * shading.to) : (shading.from + shading.to) / 2;
    for (const double v : {shading.from, middle, shading.to})
        names += (names.empty() ? "{" : ", {") + words(std::abs(v) >= 1 ? figure::si(v) : figure::significant(v, 3)) + "}";
    return ", colormap={cividis}{" + colors + "}, colorbar, point meta min=0, point meta max=1, colorbar style={axis lines=box, "
           "yticklabel pos=right, ylabel near ticks, ytick={0, 0.5, 1}, yticklabels={" + names + "}, ylabel={"
        + words(label({.title = shading.title, .unit = shading.unit})) + "}}";
}

std::string Writer::panel(const figure::Figure& f, std::size_t index)
{
    const Panel& panel = f.panels[index];
    std::string options = "height=" + number(8 * panel.height + .8) + "cm, ylabel={" + words(label(panel.y)) + "}";
    if (index == 0)
        options += ", title={" + words(f.title) + "}";
    if (index + 1 == f.panels.size())
        options += ", xlabel={" + words(label(panel.x)) + "}";
    for (const auto& [axis, letter] : {std::pair(&panel.x, 'x'), std::pair(&panel.y, 'y')}) {
        if (axis->log)
            options += std::string(", ") + letter + "mode=log";
        if (axis->from != axis->to)
            options +=
                std::string(", ") + letter + "min=" + number(axis->from) + ", " + letter + "max=" + number(axis->to);
    }
    for (const bool horizontal : {true, false}) {
        const std::vector<double> ticks = ticksWithinADecade(panel, horizontal);
        std::string places, names;
        for (const double v : ticks) {
            places += (places.empty() ? "" : ", ") + number(v);
            names += (names.empty() ? "" : ", ") + words(horizontal ? figure::si(v) : figure::significant(v));
        }
        const std::string axis = horizontal ? ", x" : ", y";
        const auto& named = (horizontal ? panel.x : panel.y).names;
        for (std::size_t i = 0; i < named.size(); ++i) {
            places += (i ? ", " : "") + std::to_string(i + 1);
            names += (i ? ", {" : "{") + words(named[i]) + "}";
        }
        if (!ticks.empty() || !named.empty())
            options += axis + "tick={" + places + "}" + axis + "ticklabels={" + names + "}";
    }
    if (f.shading.from != f.shading.to && index == 0)
        options += colorBar(f.shading);
    std::string out = "\\nextgroupplot[" + options + "]\n";
    for (const Layer& layer : panel.layers)
        out += draw(f, layer, panel);
    return out;
}

std::string Writer::figure(const figure::Figure& f)
{
    // Panels share their x axis: where no limits are given, those of all that is drawn.
    figure::Figure shared = f;
    double from = std::numeric_limits<double>::infinity(), to = -from;
    for (const Panel& panel : f.panels)
        for (const Layer& layer : panel.layers)
            for (const double v : layer.x)
                if (std::isfinite(v) && (!panel.x.log || v > 0))
                    from = std::min(from, v), to = std::max(to, v);
    for (Panel& panel : shared.panels)
        if (panel.x.from == panel.x.to && from < to) {
            const double margin = panel.x.log ? std::pow(to / from, .02) : .02 * (to - from);
            panel.x.from = panel.x.log ? from / margin : from - margin;
            panel.x.to = panel.x.log ? to * margin : to + margin;
        }

    std::set<std::string> colors;
    for (const Panel& panel : f.panels)
        for (const Layer& layer : panel.layers)
            colors.insert(ink(f, layer).color);
    if (f.shading.from != f.shading.to)
        for (std::string& color : rampColors())
            colors.insert(std::move(color));
    std::string body;
    for (std::size_t i = 0; i < shared.panels.size(); ++i)
        body += panel(shared, i);
    const std::string note = words(f.note);

    std::string out = "% Written by Isoloss " + std::string(version) + ".\n";
    // Bytes of a comment need no escape but line breaks.
    for (const std::string& line : text::split(f.recipe, '\n'))
        if (!line.empty())
            out += "% " + line + "\n";
    out += "\\documentclass[border=4pt]{standalone}\n\\usepackage[T1]{fontenc}\n\\usepackage{amssymb}\n\\usepackage{"
           "pgfplots}\n"
           "\\pgfplotsset{compat=1.16}\n\\usepgfplotslibrary{groupplots}\n"
        + latexDeclarations(m_others);
    for (const std::string& color : colors)
        out += "\\definecolor{" + colorName(color) + "}{HTML}{" + color.substr(1) + "}\n";
    out += "\\begin{document}\n\\begin{tikzpicture}\n\\begin{groupplot}[\n  group style={group size=1 by "
        + std::to_string(f.panels.size())
        + ", vertical sep=8mm, x descriptions at=edge bottom},\n"
          "  width=13cm, axis lines=left, axis line style={-}, grid=major, grid style={black!8}, unbounded "
          "coords=jump, enlarge y limits=.05,\n"
          "  scaled ticks=false, /pgf/number format/1000 sep={\\,},\n"
          "  title style={align=left, font=\\bfseries\\small}, label style={font=\\small}, tick label "
          "style={font=\\footnotesize},\n"
          "  legend style={draw=none, fill=none, font=\\scriptsize, cells={anchor=west}}, legend pos=outer north "
          "east,\n]\n"
        + body + "\\end{groupplot}\n\\node[below right, align=left, text width=12cm, font=\\tiny] at (group c1r"
        + std::to_string(f.panels.size()) + ".outer south west) {" + note + "};\n\\end{tikzpicture}\n\\end{document}\n";
    return out;
}

}

const FigureExporter figureTex{
    .id = "tex",
    .name = "Stand-alone picture (LaTeX, pgfplots)",
    .figure = [](const figure::Figure& f) { return Writer().figure(f); },
};

}

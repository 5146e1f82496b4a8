// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>
#include <string>
#include <vector>

// A picture as data: what to draw, not how. core builds it from runs and fits, app draws it (window, SVG, PDF, PNG),
// core/export writes it as text for other programs.
namespace figure {

// Rule: vertical at each x, horizontal at each y, or a line through points where both are given. Text: the name, written
// at each point.
enum class Mark { Line, Points, Band, Bars, Rule, Text };
enum class Style { Data, Raw, Fit, Interval, Extrapolated, HeldOut, Excluded, Diverged, Reference };

struct Layer {
    Mark mark = Mark::Line;
    Style style = Style::Data;
    std::string name;                   // in the legend or at the curve's right end; empty: neither
    int color = 0;                      // index into the palette; a run keeps its colour for life; -1: text colour
    std::vector<double> x, y;           // data units; NaN breaks a line
    std::vector<double> low, high;      // Band: same length as x; Points: error bars or empty
    std::string run = {};               // hash of the run it shows; empty: no single run
    double shade = std::numeric_limits<double>::quiet_NaN();    // its place on the figure's shading; NaN: `color` decides
};

struct Axis {
    std::string title, unit;
    bool log = false;
    double from = 0, to = 0;            // equal: from the data
    std::vector<std::string> names = {};    // what stands at 1, 2, ...; empty: numbers
};

struct Panel {
    Axis x, y;
    std::vector<Layer> layers;
    double height = 1;                  // share of the figure's height; panels below one another share their x axis
};

// Colour tells a value: layers with a shade are drawn on a ramp from `from` to `to` with a colour bar.
struct Shading {
    std::string title, unit;
    bool log = false;
    double from = 0, to = 0;            // equal: no shading
};

struct Figure {
    std::string id, title, note;        // note: one line of small print (law, n, interval, what is extrapolated)
    std::vector<Panel> panels;
    std::string recipe;                 // JSON that makes the figure again, kept in the file's metadata
    Shading shading = {};
    std::vector<std::string> warnings = {};     // what a reader must know, a sentence each: other tokenizers, no such series
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/figure/figure.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace exporter {

// How a layer looks on white paper, the same in every program that draws it.
struct Ink {
    std::string color;          // #RRGGBB
    double width = 1.5;         // points
    double opacity = 1;
    int dash = 0;               // 0 solid, then as the names of dashes() say
    bool hollow = false;
    char mark = 'o';            // o disc, x cross, ^ triangle
};

inline constexpr std::string_view textColor = "#1A1E26", mutedColor = "#5A6372";

// Of a shaded figure: where a value stands between the ends of the ramp, 0 to 1.
inline double place(const figure::Shading& shading, double value)
{
    const auto scaled = [&](double v) { return shading.log ? std::log(v) : v; };
    return std::clamp((scaled(value) - scaled(shading.from)) / (scaled(shading.to) - scaled(shading.from)), 0., 1.);
}

inline bool isShaded(const figure::Figure& figure, const figure::Layer& layer)
{
    return figure.shading.from != figure.shading.to && !std::isnan(layer.shade);
}

// The ramp cividis (Nunez, Anderton, Renslow 2018, doi:10.1371/journal.pone.0199239) between nine of its colours, without
// the lightest, which are lost on paper.
inline constexpr std::array<unsigned, 9> ramp{0x00224E, 0x123570, 0x3B496C, 0x575D6D, 0x707173,
                                              0x8A8678, 0xA59C74, 0xC3B369, 0xFEE838};
inline std::string rampColor(double at)
{
    const double where = .86 * at * double(ramp.size() - 1);
    const auto from = std::min(std::size_t(where), ramp.size() - 2);
    std::string out = "#";
    for (const int shift : {16, 8, 0}) {
        const double a = double(ramp[from] >> shift & 255), b = double(ramp[from + 1] >> shift & 255);
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02X", unsigned(std::lround(a + (b - a) * (where - double(from)))));
        out += digits;
    }
    return out;
}

// That many of its colours, evenly.
inline std::vector<std::string> rampColors(int n = 9)
{
    std::vector<std::string> out;
    for (int i = 0; i < n; ++i)
        out.push_back(rampColor(double(i) / (n - 1)));
    return out;
}

inline Ink ink(const figure::Figure& figure, const figure::Layer& layer)
{
    using figure::Style;
    static constexpr std::array<std::string_view, 7> palette{"#0072B2", "#D55E00", "#009E73", "#B5588A",
                                                             "#C98600", "#2E93C9", "#4D4D4D"};
    Ink out{.color = std::string(layer.color < 0 ? textColor : palette[std::size_t(layer.color) % palette.size()])};
    // After seven colours the same ones come again with the next dash; fits are dashed in any case.
    out.dash = layer.color < 0 ? 0 : int(std::size_t(layer.color) / palette.size()) % 4;
    if (isShaded(figure, layer))
        out.color = rampColor(place(figure.shading, layer.shade)), out.dash = 0;
    switch (layer.style) {
    case Style::Data: break;
    case Style::Raw: out.opacity = .25; break;
    case Style::Fit: out.dash = 1; break;
    case Style::Interval: out.opacity = .16; break;
    case Style::Extrapolated: out.dash = 2, out.opacity = layer.mark == figure::Mark::Band ? .08 : .6; break;
    case Style::HeldOut: out.hollow = true; break;
    case Style::Excluded: out.color = std::string(mutedColor), out.mark = 'x'; break;
    case Style::Diverged: out.mark = '^'; break;
    case Style::Reference: out.color = std::string(mutedColor), out.width = .5, out.dash = 0; break;
    }
    return out;
}

// A shaded layer is told by the colour bar, not by its name.
inline bool isNamed(const figure::Figure& figure, const figure::Layer& layer)
{
    return !layer.name.empty() && layer.mark != figure::Mark::Rule && layer.style != figure::Style::Extrapolated
        && !isShaded(figure, layer);
}

// "title (unit)"
inline std::string label(const figure::Axis& axis)
{
    return axis.unit.empty() ? axis.title : axis.title + " (" + axis.unit + ")";
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/figure/figure.h"

#include <array>
#include <string_view>

namespace exporter {

// How a layer looks on white paper, the same in every program that draws it.
struct Ink {
    std::string_view color;     // #RRGGBB
    double width = 1.5;         // points
    double opacity = 1;
    int dash = 0;               // 0 solid, then as the names of dashes() say
    bool hollow = false;
    char mark = 'o';            // o disc, x cross, ^ triangle
};

inline constexpr std::string_view textColor = "#1A1E26", mutedColor = "#5A6372";

inline Ink ink(const figure::Layer& layer)
{
    using figure::Style;
    static constexpr std::array<std::string_view, 7> palette{"#0072B2", "#D55E00", "#009E73", "#B5588A",
                                                             "#C98600", "#2E93C9", "#4D4D4D"};
    Ink out{.color = layer.color < 0 ? textColor : palette[std::size_t(layer.color) % palette.size()]};
    // After seven colours the same ones come again with the next dash; fits are dashed in any case.
    out.dash = layer.color < 0 ? 0 : int(std::size_t(layer.color) / palette.size()) % 4;
    switch (layer.style) {
    case Style::Data: break;
    case Style::Raw: out.opacity = .25; break;
    case Style::Fit: out.dash = 1; break;
    case Style::Interval: out.opacity = .16; break;
    case Style::Extrapolated: out.dash = 2, out.opacity = layer.mark == figure::Mark::Band ? .08 : .6; break;
    case Style::HeldOut: out.hollow = true; break;
    case Style::Excluded: out.color = mutedColor, out.mark = 'x'; break;
    case Style::Diverged: out.mark = '^'; break;
    case Style::Reference: out.color = mutedColor, out.width = .5, out.dash = 0; break;
    }
    return out;
}

// "title (unit)"
inline std::string label(const figure::Axis& axis)
{
    return axis.unit.empty() ? axis.title : axis.title + " (" + axis.unit + ")";
}

}

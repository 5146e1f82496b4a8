// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/figure/figure.h"

#include <limits>

namespace figures {

// Every mark and style, gaps, infinities and names that are hard to write down.
inline figure::Figure hard()
{
    using figure::Mark;
    using figure::Style;
    constexpr double gap = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
    figure::Figure f{.id = "hard",
        .title = "50 % of {A} & B_1, \u03b1 \u2212 3.1 \u00d7 10\u00b2\u00b9",
        .note = "n = 3 \u00b7 \u4e2d\u6587 \u00b7 delta 0.001",
        .panels = {},
        .recipe = "{\"isoloss\":\"1\"}"};
    figure::Panel top{.x = {.title = "training compute", .unit = "FLOPs", .log = true},
                      .y = {.title = "loss", .unit = "nats/token"}, .layers = {}, .height = .7};
    const auto add = [](figure::Panel& panel, Mark mark, Style style, std::string name, int color,
                         std::vector<double> x, std::vector<double> y, std::vector<double> low = {},
                         std::vector<double> high = {}) {
        panel.layers.push_back({.mark = mark,
            .style = style,
            .name = std::move(name),
            .color = color,
            .x = std::move(x),
            .y = std::move(y),
            .low = std::move(low),
            .high = std::move(high)});
    };
    const std::vector<double> x{1e18, 1e19, 1e20};
    add(top, Mark::Band, Style::Interval, "", 0, x, {}, {2.5, 2.25, gap}, {3.5, 2.75, gap});
    // Whole in every digit, so that programs might take it for an integer.
    add(top, Mark::Band, Style::Extrapolated, "extrapolated \u00d73", 0, {123456789012345683968., 3e20}, {}, {1.9, 1.7},
        {2.2, 2.1});
    add(top, Mark::Line, Style::Fit, "a \"quoted\" fit, $x^2$", 0, x, {3, 2.5, 2.125});
    add(top, Mark::Line, Style::Raw, "", 8, x, {3.125, gap, 2});
    add(top, Mark::Line, Style::Data, "_run\\two", 8, x, {3.125, inf, 2});
    add(top, Mark::Points, Style::Data, "observed", 1, x, {3, 2.5, 2}, {2.9, 2.4, 1.9}, {3.2, 2.7, 2.2});
    add(top, Mark::Points, Style::HeldOut, "held out", 1, {3e20}, {1.9});
    add(top, Mark::Points, Style::Excluded, "", -1, {2e18}, {3.4});
    add(top, Mark::Points, Style::Diverged, "", 2, {5e19}, {gap});
    add(top, Mark::Rule, Style::Reference, "plan", -1, {1e20}, {});
    figure::Panel below{.x = top.x, .y = {.title = "residual", .unit = "%"}, .layers = {}, .height = .3};
    add(below, Mark::Rule, Style::Reference, "", -1, {}, {0});
    add(below, Mark::Rule, Style::Reference, "", -1, {1e18, 1e20}, {-1, 1});
    add(below, Mark::Bars, Style::Data, "", 3, x, {1, -.5, .25});
    f.panels = {std::move(top), std::move(below)};
    return f;
}

// Curves coloured by a value, one of them without it.
inline figure::Figure shaded()
{
    figure::Figure f{.id = "shaded", .title = "loss against step", .note = "3 runs", .panels = {}, .recipe = "{\"isoloss\":\"1\"}",
                     .shading = {.title = "parameters", .unit = {}, .log = true, .from = 1e6, .to = 1e9},
                     .warnings = {"One of them says nothing of its size."}};
    figure::Panel panel{.x = {.title = "step", .unit = {}}, .y = {.title = "loss", .unit = "bits/byte"}, .layers = {}};
    const double sizes[] = {1e6, 1e9, std::numeric_limits<double>::quiet_NaN()};
    for (int i = 0; i < 3; ++i)
        panel.layers.push_back({.mark = figure::Mark::Line, .style = figure::Style::Data, .name = "run_" + std::to_string(i),
                                .color = i < 2 ? i : -1, .x = {0, 1, 2}, .y = {4. - i, 3. - i / 2., 2}, .low = {}, .high = {},
                                .run = "abc" + std::to_string(i), .shade = sizes[i]});
    f.panels.push_back(std::move(panel));
    return f;
}

}

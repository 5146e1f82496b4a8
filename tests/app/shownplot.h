// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/plotview.h"

#include <QApplication>
#include <QMouseEvent>
#include <QTest>
#include <QWheelEvent>

#include <cmath>
#include <limits>

namespace plot {

using chart::PlotView;
using figure::Layer;
using figure::Mark;
using figure::Style;

constexpr double none = std::numeric_limits<double>::quiet_NaN();

// Three runs that fall from 6, 5 and 4 over 1000 steps, and residuals of the first below them.
inline figure::Figure example(bool log = false)
{
    figure::Panel top{.x = {.title = "step", .unit = "steps", .log = log},
                      .y = {.title = "loss", .unit = "nats/token", .log = log}, .layers = {}, .height = 3};
    figure::Panel below{.x = top.x, .y = {.title = "residual", .unit = {}}, .layers = {}, .height = 1};
    for (int run = 0; run < 3; ++run) {
        Layer line{.mark = Mark::Line, .style = Style::Data, .name = "run " + std::to_string(run), .color = run, .x = {},
                   .y = {}, .low = {}, .high = {}, .run = "hash" + std::to_string(run)};
        for (int i = 1; i <= 1000; ++i) {
            line.x.push_back(i);
            line.y.push_back(6 - run - i * .001);
        }
        top.layers.push_back(std::move(line));
    }
    Layer residual = top.layers[0];
    residual.name.clear();
    for (double& y : residual.y)
        y = std::sin(y * 50);
    below.layers.push_back(std::move(residual));
    return {.id = "example", .title = {}, .note = {}, .panels = {top, below}, .recipe = {}};
}

// A plot of the example in a window of its own.
struct Shown {
    PlotView view{theme::light()};

    Shown()
    {
        view.resize(800, 600);
        view.setPicture(chart::prepare(example()), false);
        view.show();
    }
    void wheel(QPointF place, int notches, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
    {
        QWheelEvent event(place, view.mapToGlobal(place), {}, {0, 120 * notches}, Qt::NoButton, modifiers,
                          Qt::NoScrollPhase, false);
        QApplication::sendEvent(&view, &event);
    }
    void hover(QPointF place)
    {
        QMouseEvent event(QEvent::MouseMove, place, view.mapToGlobal(place), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
        QApplication::sendEvent(&view, &event);
    }
    chart::Frame frame(int panel = 0) { return view.plot().frame(panel); }
    // The place of a value of the upper panel.
    QPointF at(double x, double y) { return frame().scene(x, y); }
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QPen>

class QApplication;

// Every colour, size and width the program draws with. Nothing else names a colour.
namespace theme {

enum class Scheme { Light, Dark, Print };

struct Theme {
    Scheme scheme = Scheme::Light;
    QColor window, surface, line, text, text2, accent, good, warn, bad;
    double unit = 1;            // scene units per pixel (window) or per point (export)
    QString family;             // of all text; empty: the desktop's

    // Text of a chart at `size` pixels (window) or points (export).
    QFont font(double size, QFont::Weight = QFont::Normal) const;
    double chartText() const { return scheme == Scheme::Print ? 8 : 11; }
    double chartTitle() const { return scheme == Scheme::Print ? 9.5 : 15; }
    double curveWidth() const { return (scheme == Scheme::Print ? 1.1 : 1.5) * unit; }
    double hairline() const { return (scheme == Scheme::Print ? .5 : 1) * unit; }
    QColor grid() const;
};

const Theme& light();
const Theme& dark();
const Theme& print();

// The colour and dash of a run. Up to seven colours after Okabe and Ito (2008), told apart by colour-blind readers;
// further runs repeat them with the next dash.
QColor seriesColor(const Theme&, int index);
Qt::PenStyle seriesDash(int index);
// Cividis (Nunez, Anderton and Renslow 2018), at 0 to 1; the dark end is lifted on dark ground and the light end
// lowered on light ground, so that either end stands out 3 : 1.
QColor ramp(const Theme&, double at);

QColor blend(const QColor& over, const QColor& under, double alpha);

// Fusion, palette and style sheet of the whole program. Print counts as light.
void apply(QApplication&, const Theme&);
// The desktop's own scheme, from its palette (Qt 6.4 has no other way to ask).
bool desktopIsDark();

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/decimate.h"
#include "app/chart/ink.h"
#include "app/chart/picture.h"

#include <QString>

#include <optional>
#include <vector>

QT_BEGIN_NAMESPACE
class QPainter;
QT_END_NAMESPACE

namespace chart {

// A record of a curve near the cursor.
struct Reading {
    const figure::Layer* layer = nullptr;
    std::size_t index = 0;
    QPointF at;                     // on the scene
    double x() const { return layer->x[index]; }
    double y() const { return layer->y[index]; }
};

// What each curve and group of points of a panel reads at a place of the scene, nearest first. Curves are read at the
// record whose x is nearest, by binary search; raw ones only where nothing smoothed stands for them.
std::vector<Reading> readings(const Picture&, int panel, const Frame&, QPointF at);

// Which run or curve differences are taken to.
struct Pin {
    std::string run, name;
    bool is(const figure::Layer&) const;
};

// The readings as a table of text: what the card shows and Ctrl+C copies.
struct Card {
    struct Row {
        QColor color;
        QString name, value, difference;
        bool pinned = false;
    };
    QString x;                      // title, value and unit
    QString unit;                   // of the values
    std::vector<Row> rows;
    int more = 0;
    bool compares = false;          // to a pinned run
    QString text() const;           // tab separated
    bool isEmpty() const { return rows.empty(); }
};
Card cardOf(const Picture&, int panel, const Frame&, const Colors&, const std::vector<Reading>&,
            const std::optional<Pin>&);

// Paints the card beside `at`, inside `bounds`.
void paintCard(QPainter&, const Card&, const theme::Theme&, QPointF at, const QRectF& bounds);

// As many digits as neighbouring pixels of an axis `length` long tell apart, at least four.
int digitsThatMatter(const Axis&, double length, double value);

}

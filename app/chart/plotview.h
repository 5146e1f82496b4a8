// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/figurescene.h"
#include "app/chart/picture.h"
#include "core/workspace.h"

#include <QPixmap>
#include <QWidget>

namespace chart {

// A figure in the window. The wheel zooms at the cursor, over an axis along that axis alone; dragging a box zooms into
// it, with Space or the middle button the plot is moved; a double click shows everything again; hovering reads values
// off the curves, a click pins a run or picks it. What was seen before can be gone back to. The curves are painted once
// into a pixmap, so that hovering paints only what hovers.
class PlotView : public QWidget {
    Q_OBJECT
public:
    explicit PlotView(const theme::Theme&, QWidget* parent = nullptr);

    // With keepView what is zoomed into stays, and so does the history of views.
    void setPicture(Picture, bool keepView);
    void setTheme(const theme::Theme&);

    // What is zoomed into, in data units; not set: everything. Setting it leaves the history alone and says nothing.
    struct Seen {
        Range x;
        std::vector<Range> y;       // per panel, may be shorter
        bool operator==(const Seen&) const = default;
    };
    Seen seen() const;
    void setSeen(const Seen&);

    void resetView();
    bool canGoBack() const;
    bool canGoForward() const;
    void goBack();
    void goForward();
    void zoom(double factor);                                   // about the middle; < 1: closer

    // Runs that stand out; the others recede. Empty: none does.
    void setSelected(std::vector<std::string> hashes);
    // A sentence in the middle of a plot that has nothing to show, and a button that mends it.
    void setHint(const QString& sentence, const QString& action = {});

    FigureScene& plot() { return m_scene; }
    const FigureScene& plot() const { return m_scene; }

signals:
    void drawn(std::size_t points);
    void seenChanged();                                         // by the user
    void runPicked(const std::string& hash, bool add);          // clicked; empty: beside everything
    void hintAccepted();
};

}

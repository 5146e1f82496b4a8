// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/figurescene.h"
#include "app/chart/hover.h"
#include "app/chart/picture.h"
#include "app/chart/views.h"

#include <QElapsedTimer>
#include <QPixmap>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
QT_END_NAMESPACE

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
    using Seen = chart::Seen;
    Seen seen() const { return m_views.now(); }
    void setSeen(const Seen&);

    void resetView();
    bool canGoBack() const { return m_views.canGoBack(); }
    bool canGoForward() const { return m_views.canGoForward(); }
    void goBack();
    void goForward();
    void zoom(double factor);                                   // about the middle; < 1: closer

    // Runs that stand out; the others recede. Empty: none does.
    void setSelected(std::vector<std::string> hashes);
    // A sentence in the middle of a plot that has nothing to show, and a button that mends it.
    void setHint(const QString& sentence, const QString& action = {});

    // Laid out for the size and view of now.
    FigureScene& plot();
    const FigureScene& plot() const { return const_cast<PlotView*>(this)->plot(); }
    Card card() const;                                          // what hovering reads; empty: nothing

signals:
    void drawn(std::size_t points);
    void seenChanged();                                         // by the user
    void runPicked(const std::string& hash, bool add);          // clicked; empty: beside everything
    void hintAccepted();

protected:
    bool event(QEvent*) override;
    void paintEvent(QPaintEvent*) override;
    void resizeEvent(QResizeEvent*) override;
    void wheelEvent(QWheelEvent*) override;
    void mousePressEvent(QMouseEvent*) override;
    void mouseMoveEvent(QMouseEvent*) override;
    void mouseReleaseEvent(QMouseEvent*) override;
    void mouseDoubleClickEvent(QMouseEvent*) override;
    void leaveEvent(QEvent*) override;
    void keyPressEvent(QKeyEvent*) override;
    void keyReleaseEvent(QKeyEvent*) override;
    void focusInEvent(QFocusEvent*) override;
    void focusOutEvent(QFocusEvent*) override;

private:
    enum class Drag { None, Press, Box, Move };
    // A place of the widget in terms of the scene: over a panel, or over one of its axes.
    struct Place {
        int panel = -1;
        bool x = false, y = false;      // which axes a wheel there turns
    };
    Place placeOf(QPointF) const;
    void changed();                                             // the picture, size, theme or view
    void applyView();
    void go(Seen, bool merge);
    void turn(Place, QPointF at, double factor, bool merge);
    void moveBy(Place, QPointF pixels, const Seen& from, bool merge);
    void endBox(QPointF at);
    void click(QPointF at, bool add);
    void moveCrosshair(int direction);
    void endDrag();
    bool isEmpty() const;                                       // a hint stands in its place
    void describe();
    void placeHint();
    void paintHover(QPainter&);

    FigureScene m_scene;
    Views m_views;
    QPixmap m_canvas;                   // the scene
    bool m_stale = true;                // the scene is to be laid out
    bool m_unpainted = true;            // the canvas is to be painted
    std::optional<QPointF> m_hover;
    std::optional<Pin> m_pin, m_pinBefore;
    Drag m_drag = Drag::None;
    QPointF m_press;
    int m_pressPanel = -1;
    bool m_onlyX = false, m_space = false, m_moved = false;
    bool m_ring = false;                // the focus came by a key, and is shown
    Seen m_pressSeen;
    QElapsedTimer m_turned;             // since the wheel or a key moved the view
    QWidget* m_hint = nullptr;
    QLabel* m_hintText = nullptr;
    QPushButton* m_hintButton = nullptr;
};

}

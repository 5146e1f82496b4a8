// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/session.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QComboBox;
class QLabel;
class QMenu;
class QSlider;
class QToolButton;
QT_END_NAMESPACE

// The choices about a chart of curves: what is drawn against what, in which unit, logarithms, smoothing, what colour
// tells. Shows the entry it is given and asks for changed ones.
class ChartBar : public QWidget {
    Q_OBJECT
public:
    explicit ChartBar(QWidget* parent = nullptr);

    void show(const ChartEntry&, const Session&);
    // What may be drawn, worked out when runs come or go.
    void setRuns(const Session&);
    void cycleX();

signals:
    void asked(const QString& label, const ChartEntry&);

private:
    template <class F>
    void change(const QString& label, F&&);

    ChartEntry m_entry;
    QComboBox* m_y;
    QComboBox* m_x;
    QComboBox* m_unit;
    QToolButton* m_color;
    QMenu* m_colors;
    QToolButton* m_logX;
    QToolButton* m_logY;
    QSlider* m_smooth;
    QLabel* m_smoothText;
};

// A button of the bars above the chart.
QToolButton* barButton(const QString& text, const char* name, const QString& tip, bool checkable = true);

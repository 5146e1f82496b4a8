// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/plotview.h"
#include "app/session/session.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QButtonGroup;
class QComboBox;
class QLabel;
class QSlider;
class QToolButton;
QT_END_NAMESPACE

// The chart and the choices about it in a bar above: what is drawn against what, logarithms, smoothing, curves or fit.
// Shows the workspace's first chart; every choice is an edit of it.
class ChartPanel : public QWidget {
    Q_OBJECT
public:
    explicit ChartPanel(Session&, const theme::Theme&, QWidget* parent = nullptr);

    void setTheme(const theme::Theme&);
    chart::PlotView& view() { return *m_view; }
    const chart::PlotView& view() const { return *m_view; }
    bool isDrawing() const { return m_build.isRunning(); }
    const figure::Figure& figure() const { return m_figure; }    // with title and small print, for export
    // The chart as the workspace has it, or the first one a project starts with.
    ChartEntry entry() const;
    void edit(const QString& label, ChartEntry);
    void toggleLog(bool vertical);
    QToolButton* fitButton() { return m_fitPanel; }

signals:
    void drawn();
    void failed(const QString& sentence);

private:
    void refresh();
    void refreshChoices();
    void draw();

    Session& m_session;
    chart::PlotView* m_view;
    QWidget* m_choices;
    QComboBox* m_y;
    QComboBox* m_x;
    QToolButton* m_logX;
    QToolButton* m_logY;
    QSlider* m_smooth;
    QLabel* m_smoothText;
    QToolButton* m_curves;
    QToolButton* m_fit;
    QToolButton* m_fitPanel;
    Job<figure::Figure> m_build;
    figure::Figure m_figure;
    std::string m_shown;        // what the view's range belongs to
};

// The workspace with this chart in its place.
Workspace withChart(Workspace, ChartEntry);

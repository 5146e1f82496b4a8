// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/panel/bars.h"
#include "app/panel/chartpanel.h"
#include "app/panel/fitpanel.h"
#include "app/panel/runpanel.h"

#include <QMainWindow>

QT_BEGIN_NAMESPACE
class QAction;
class QLabel;
class QMenu;
class QSplitter;
class QStackedWidget;
QT_END_NAMESPACE

// The window: runs on the left, the chart in the middle, the fit on the right when asked for.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    enum class Look { Desktop, Light, Dark };

    explicit MainWindow(QWidget* parent = nullptr);
    ~MainWindow() override;

    void openProject(const QString& file);
    // Files and folders: a project is opened, anything else imported, into a new project where none is open.
    void openPaths(const QStringList&);
    void openSample();
    void setLook(Look);
    Session& session() { return m_session; }
    bool isBusy() const;        // something is being read, fitted or drawn
    void showFitPanel(bool);
    void askFit(const QString& law);        // as the Fit button does

protected:
    void closeEvent(QCloseEvent*) override;
    void dragEnterEvent(QDragEnterEvent*) override;
    void dropEvent(QDropEvent*) override;

private:
    void makeMenus();
    void askForFiles();
    void askForFolder();
    void askForProject(bool create);
    void exportPicture();
    void remember(const QString& file);
    void fillRecent();
    void refresh();
    void refreshStatus();
    void say(const QString& sentence);

    Session m_session;
    theme::Theme m_theme;
    ChartPanel* m_chart;
    RunPanel* m_runs;
    FitPanel* m_fit;
    MessageBar* m_message;
    ProgressStrip* m_progress;
    QStackedWidget* m_stack;
    QSplitter* m_splitter;
    QLabel* m_status;
    QMenu* m_recent = nullptr;
    QAction* m_undo = nullptr;
    QAction* m_redo = nullptr;
    QAction* m_export = nullptr;
    std::size_t m_drawn = 0;
};

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/mainwindow.h"

#include "app/chart/axis.h"
#include "app/panel/samples.h"
#include "core/law/law.h"

#include <QApplication>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QLabel>
#include <QMimeData>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QStatusBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace {

QString ending()
{
    return QStringLiteral(".isoloss");
}

const theme::Theme& themeOf(MainWindow::Look look)
{
    const bool dark = look == MainWindow::Look::Dark || (look == MainWindow::Look::Desktop && theme::desktopIsDark());
    return dark ? theme::dark() : theme::light();
}

}

MainWindow::MainWindow(QWidget* parent)
    : QMainWindow(parent), m_theme(themeOf(Look::Desktop)), m_chart(new ChartPanel(m_session, m_theme)),
      m_runs(new RunPanel(m_session)), m_fit(new FitPanel), m_message(new MessageBar), m_progress(new ProgressStrip),
      m_stack(new QStackedWidget), m_splitter(new QSplitter(Qt::Horizontal)), m_status(new QLabel)
{
    setAcceptDrops(true);
    auto* empty = new EmptyPanel;
    m_splitter->setHandleWidth(1);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(m_runs);
    m_splitter->addWidget(m_chart);
    m_splitter->addWidget(m_fit);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({236, 800, 256});
    m_fit->hide();
    m_stack->addWidget(empty);
    m_stack->addWidget(m_splitter);
    auto* central = new QWidget;
    auto* column = new QVBoxLayout(central);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_message);
    column->addWidget(m_progress);
    column->addWidget(m_stack, 1);
    setCentralWidget(central);
    statusBar()->setSizeGripEnabled(false);
    statusBar()->setContentsMargins(8, 0, 8, 0);
    statusBar()->addWidget(m_status, 1);
    makeMenus();

    connect(empty, &EmptyPanel::folderAsked, this, &MainWindow::askForFolder);
    connect(empty, &EmptyPanel::fileAsked, this, &MainWindow::askForFiles);
    connect(empty, &EmptyPanel::sampleAsked, this, &MainWindow::openSample);
    connect(m_chart->fitButton(), &QToolButton::clicked, this, &MainWindow::showFitPanel);
    connect(m_fit, &FitPanel::fitAsked, this, &MainWindow::askFit);
    connect(m_progress, &ProgressStrip::cancelAsked, &m_session, &Session::cancel);
    connect(&m_session, &Session::progress, m_progress, &ProgressStrip::report);
    connect(&m_session, &Session::failed, this, &MainWindow::say);
    connect(&m_session, &Session::noticed, this, &MainWindow::say);
    connect(m_chart, &ChartPanel::failed, this, &MainWindow::say);
    connect(&m_session, &Session::workspaceChanged, this, &MainWindow::refresh);
    connect(&m_session, &Session::runsLoaded, this, &MainWindow::refresh);
    connect(&m_session, &Session::fitted, this, [this] {
        m_message->hide();
        refresh();
    });
    connect(&m_session, &Session::opened, this, [this] {
        m_message->hide();
        remember(m_session.path());
        showFitPanel(!m_session.workspace().fits.empty());
    });
    connect(&m_chart->view(), &chart::PlotView::drawn, this, [this](std::size_t points) {
        m_drawn = points;
        refreshStatus();
    });

    QSettings settings;
    resize(1280, 800);
    restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
    m_splitter->restoreState(settings.value(QStringLiteral("window/splitter")).toByteArray());
    setLook(Look(std::clamp(settings.value(QStringLiteral("window/look"), 0).toInt(), 0, 2)));
    refresh();
}

MainWindow::~MainWindow() = default;

void MainWindow::setLook(Look look)
{
    m_theme = themeOf(look);
    theme::apply(*qApp, m_theme);
    m_chart->setTheme(m_theme);
    m_runs->setTheme(m_theme);
    refresh();
}

bool MainWindow::isBusy() const
{
    return m_session.isBusy() || m_chart->isDrawing();
}

void MainWindow::say(const QString& sentence)
{
    m_message->say(sentence);
}

void MainWindow::openProject(const QString& file)
{
    if (m_session.open(file))
        refresh();
}

void MainWindow::openPaths(const QStringList& paths)
{
    QStringList logs;
    for (const QString& path : paths)
        if (path.endsWith(ending()))
            openProject(path);
        else
            logs << path;
    if (logs.isEmpty())
        return;
    if (!m_session.isOpen())
        openProject(newProjectFile(QFileInfo(logs.front()).completeBaseName()));
    m_message->hide();
    m_session.importFiles(logs);
}

void MainWindow::openSample()
{
    const QString folder = samplesFolder();
    if (folder.isEmpty()) {
        say(tr("The sample runs are not installed; open a folder of your own logs instead."));
        return;
    }
    openProject(newProjectFile(QStringLiteral("Sample")));
    m_session.importFiles({folder});
}

void MainWindow::askFit(const QString& law)
{
    Workspace next = m_session.workspace();
    if (next.runs.empty())
        return;
    if (next.fits.empty())
        next.fits.push_back({.id = "fit1", .title = {}, .spec = {}});
    FitEntry& entry = next.fits.front();
    const law::Law* known = law::find(law.toStdString());
    if (!known) {
        say(tr("There is no law called %1.").arg(law));
        return;
    }
    showFitPanel(true);
    entry.title = std::string(known->info.name);
    entry.spec = fit::Spec{};
    entry.spec.law = law.toStdString();
    ChartEntry chart = m_chart->entry();
    chart.kind = "fit";
    chart.fit = entry.id;
    next = withChart(std::move(next), std::move(chart));
    m_message->hide();
    if (next == m_session.workspace())
        m_session.fit("fit1");
    else
        m_session.edit(tr("Fit %1").arg(QString::fromStdString(std::string(known->info.name))), next);
    refresh();
}

void MainWindow::showFitPanel(bool shown)
{
    m_fit->setVisible(shown);
    m_chart->fitButton()->setChecked(shown);
    if (shown && m_splitter->sizes().value(2) < 200)
        m_splitter->setSizes({m_splitter->sizes().value(0), width() - m_splitter->sizes().value(0) - 256, 256});
}

void MainWindow::refresh()
{
    const Workspace& w = m_session.workspace();
    m_stack->setCurrentIndex(w.runs.empty() ? 0 : 1);
    const fit::Fit* result = w.fits.empty() ? nullptr : m_session.result(w.fits.front().id);
    if (result || w.fits.empty() || !m_session.isFitting())
        m_fit->show(result, m_theme);
    else
        m_fit->setStale(true);
    if (!w.fits.empty())
        m_fit->setLaw(w.fits.front().spec.law);
    m_fit->setReady(std::ranges::any_of(w.runs, &RunEntry::visible));
    const QString undo = m_session.undoLabel(), redo = m_session.redoLabel();
    m_undo->setEnabled(!undo.isEmpty());
    m_undo->setText(undo.isEmpty() ? tr("Undo") : tr("Undo: %1").arg(undo));
    m_redo->setEnabled(!redo.isEmpty());
    m_redo->setText(redo.isEmpty() ? tr("Redo") : tr("Redo: %1").arg(redo));
    m_export->setEnabled(!w.runs.empty());
    const QString name = QFileInfo(m_session.path()).completeBaseName();
    setWindowTitle(name.isEmpty() ? QStringLiteral("Isoloss") : name + QStringLiteral(" – Isoloss"));
    refreshStatus();
}

void MainWindow::refreshStatus()
{
    const Workspace& w = m_session.workspace();
    if (w.runs.empty()) {
        m_status->setText(m_session.isOpen() ? tr("No runs yet") : tr("No project open"));
        return;
    }
    const ChartEntry chart = m_chart->entry();
    std::size_t shown = 0, points = 0;
    for (const RunEntry& entry : w.runs) {
        const data::Run* run = m_session.run(entry.hash);
        if (!entry.visible || !run)
            continue;
        ++shown;
        if (const data::Series* series = run->find(chart.y); series && series->value)
            points += series->value->size();
    }
    QStringList parts;
    parts << (shown == w.runs.size() ? (shown == 1 ? tr("1 run") : tr("%1 runs").arg(shown)) : tr("%1 of %2 runs").arg(shown).arg(w.runs.size()));
    if (chart.kind == "curves") {
        parts << tr("%L1 points of %2, %L3 drawn (smallest and largest per pixel)")
                     .arg(points).arg(QString::fromStdString(chart.y)).arg(m_drawn);
        if (chart.smoothing > 0)
            parts << tr("smoothed %1, in the view only").arg(chart.smoothing, 0, 'f', 2);
    }
    if (!w.fits.empty()) {
        const FitEntry& entry = w.fits.front();
        const QString title = QString::fromStdString(entry.title);
        if (const fit::Fit* fit = m_session.result(entry.id))
            parts << tr("fitted: %1 on %L2 points").arg(title).arg(fit->n);
        else
            parts << (m_session.isFitting() ? tr("fitting %1").arg(title) : tr("%1 not fitted").arg(title));
    }
    m_status->setText(parts.join(QStringLiteral("  ·  ")));
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    QSettings settings;
    settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    settings.setValue(QStringLiteral("window/splitter"), m_splitter->saveState());
    QMainWindow::closeEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    QStringList paths;
    for (const QUrl& url : event->mimeData()->urls())
        if (url.isLocalFile())
            paths << url.toLocalFile();
    event->acceptProposedAction();
    openPaths(paths);
}

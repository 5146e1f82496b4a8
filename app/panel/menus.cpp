// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/export.h"
#include "app/panel/mainwindow.h"
#include "app/panel/samples.h"

#include <QActionGroup>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenuBar>
#include <QSettings>
#include <QToolButton>

// The menus of the window and the file dialogs they open; none of them blocks.

void MainWindow::makeMenus()
{
    QMenu* file = menuBar()->addMenu(tr("&File"));
    file->addAction(tr("New project…"), QKeySequence::New, this, [this] { askForProject(true); });
    file->addAction(tr("Open project…"), QKeySequence::Open, this, [this] { askForProject(false); });
    m_recent = file->addMenu(tr("Recent projects"));
    connect(m_recent, &QMenu::aboutToShow, this, &MainWindow::fillRecent);
    file->addSeparator();
    file->addAction(tr("Import files…"), QKeySequence(Qt::CTRL | Qt::Key_I), this, &MainWindow::askForFiles);
    file->addAction(tr("Import folder…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_I), this,
                    &MainWindow::askForFolder);
    file->addAction(tr("Sample project"), this, &MainWindow::openSample);
    file->addSeparator();
    m_export = file->addAction(tr("Export picture…"), QKeySequence(Qt::CTRL | Qt::Key_E), this,
                               &MainWindow::exportPicture);
    file->addSeparator();
    file->addAction(tr("Quit"), QKeySequence::Quit, this, &QWidget::close);

    QMenu* edit = menuBar()->addMenu(tr("&Edit"));
    m_undo = edit->addAction(tr("Undo"), QKeySequence::Undo, &m_session, &Session::undo);
    m_redo = edit->addAction(tr("Redo"), QKeySequence::Redo, &m_session, &Session::redo);
    m_undo->setObjectName(QStringLiteral("undo"));
    m_redo->setObjectName(QStringLiteral("redo"));

    QMenu* view = menuBar()->addMenu(tr("&View"));
    view->addAction(tr("Show everything"), QKeySequence(Qt::Key_R), this, [this] { m_chart->view().resetView(); });
    view->addAction(tr("Logarithmic y"), QKeySequence(Qt::Key_L), this, [this] { m_chart->toggleLog(true); });
    view->addAction(tr("Logarithmic x"), QKeySequence(Qt::SHIFT | Qt::Key_L), this,
                    [this] { m_chart->toggleLog(false); });
    view->addAction(tr("Fit panel"), QKeySequence(Qt::Key_F), this, [this] { showFitPanel(m_fit->isHidden()); });
    view->addSeparator();
    auto* looks = new QActionGroup(this);
    const int chosen = QSettings().value(QStringLiteral("window/look"), 0).toInt();
    for (const auto& [look, name] : {std::pair{Look::Desktop, tr("As the desktop")}, {Look::Light, tr("Light")},
                                     {Look::Dark, tr("Dark")}}) {
        QAction* action = view->addAction(name, this, [this, look = look] {
            QSettings().setValue(QStringLiteral("window/look"), int(look));
            setLook(look);
        });
        action->setCheckable(true);
        action->setChecked(int(look) == chosen);
        looks->addAction(action);
    }
}

namespace {

// A dialog that calls back instead of holding the program up.
template <class F>
void ask(QWidget* parent, const QString& title, QFileDialog::FileMode mode, QFileDialog::AcceptMode accept,
         const QString& filter, F&& chosen)
{
    auto* dialog = new QFileDialog(parent, title, {}, filter);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(mode);
    dialog->setAcceptMode(accept);
    QObject::connect(dialog, &QFileDialog::filesSelected, parent, std::forward<F>(chosen));
    dialog->open();
}

}

void MainWindow::askForFiles()
{
    ask(this, tr("Import logs and tables"), QFileDialog::ExistingFiles, QFileDialog::AcceptOpen, {},
        [this](const QStringList& files) { openPaths(files); });
}

void MainWindow::askForFolder()
{
    ask(this, tr("Import a folder of logs"), QFileDialog::Directory, QFileDialog::AcceptOpen, {},
        [this](const QStringList& folders) { openPaths(folders); });
}

void MainWindow::askForProject(bool create)
{
    ask(this, create ? tr("New project") : tr("Open project"),
        create ? QFileDialog::AnyFile : QFileDialog::ExistingFile,
        create ? QFileDialog::AcceptSave : QFileDialog::AcceptOpen, tr("Isoloss projects (*.isoloss)"),
        [this](const QStringList& files) {
            for (QString file : files) {
                if (!file.endsWith(QLatin1String(".isoloss")))
                    file += QStringLiteral(".isoloss");
                openProject(file);
            }
        });
}

void MainWindow::exportPicture()
{
    ask(this, tr("Export picture"), QFileDialog::AnyFile, QFileDialog::AcceptSave,
        tr("Pictures (*.svg *.pdf *.png)"), [this](const QStringList& files) {
            for (QString file : files) {
                if (QFileInfo(file).suffix().isEmpty())
                    file += QStringLiteral(".svg");
                try {
                    chart::writePicture(m_chart->figure(), file);
                } catch (const std::exception& e) {
                    say(QString::fromUtf8(e.what()));
                }
            }
        });
}

void MainWindow::remember(const QString& file)
{
    QSettings settings;
    QStringList recent = settings.value(QStringLiteral("recent")).toStringList();
    const QString whole = QFileInfo(file).absoluteFilePath();
    recent.removeAll(whole);
    recent.prepend(whole);
    settings.setValue(QStringLiteral("recent"), recent.mid(0, 10));
}

void MainWindow::fillRecent()
{
    m_recent->clear();
    for (const QString& file : QSettings().value(QStringLiteral("recent")).toStringList())
        if (QFileInfo::exists(file))
            m_recent->addAction(QFileInfo(file).completeBaseName(), this, [this, file] { openProject(file); })
                ->setToolTip(file);
    if (m_recent->isEmpty())
        m_recent->addAction(tr("None yet"))->setEnabled(false);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/mainwindow.h"
#include "core/export/exporter.h"
#include "core/figure/json.h"

#include <nlohmann/json.hpp>

#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QProcess>
#include <QSaveFile>
#include <QStatusBar>
#include <QTemporaryFile>

// Files out of the window, and the dialogs that ask for names. None of them blocks: text is written by a job, pictures
// are drawn by another process of this program, since Qt draws scenes on the main thread only.

namespace {

// A dialog that calls back instead of holding the program up.
template <class F>
void ask(QWidget* parent, const QString& title, QFileDialog::FileMode mode, QFileDialog::AcceptMode accept,
         const QStringList& filters, const QString& name, F&& chosen)
{
    auto* dialog = new QFileDialog(parent, title);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(mode);
    dialog->setAcceptMode(accept);
    if (!filters.isEmpty())
        dialog->setNameFilters(filters);
    if (!name.isEmpty())
        dialog->selectFile(name);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, [dialog, accept, chosen](QString file) {
        // A name without an ending takes that of the chosen kind.
        if (accept == QFileDialog::AcceptSave && QFileInfo(file).suffix().isEmpty()) {
            const QString filter = dialog->selectedNameFilter();
            const qsizetype star = filter.indexOf(QLatin1Char('*'));
            if (star >= 0)
                file += filter.mid(star + 1, filter.indexOf(QLatin1Char(')')) - star - 1).section(QLatin1Char(' '), 0, 0);
        }
        chosen(file);
    });
    dialog->open();
}

template <class Exporters>
QStringList filtersOf(const Exporters& all)
{
    QStringList out;
    for (const auto& one : all)
        out << QStringLiteral("%1 (*.%2)").arg(QString::fromUtf8(one.name.data(), qsizetype(one.name.size())),
                                               QString::fromUtf8(one.id.data(), qsizetype(one.id.size())));
    return out;
}

void write(const QString& file, const std::string& text)
{
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly) || out.write(text.data(), qint64(text.size())) != qint64(text.size()) || !out.commit())
        throw Error("Cannot write " + file.toStdString() + ": " + out.errorString().toStdString()
                    + "; choose another folder or make room there.");
}

// This program: beside the running one, or where a build puts it relative to its tests.
QString program()
{
    const QDir here(QCoreApplication::applicationDirPath());
    for (const QString& place : {QStringLiteral("isoloss"), QStringLiteral("../bin/isoloss")})
        if (QFileInfo(here.filePath(place)).isExecutable())
            return QDir::cleanPath(here.filePath(place));
    return {};
}

}

void MainWindow::askForFiles()
{
    auto* dialog = new QFileDialog(this, tr("Import logs and tables"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, this, &MainWindow::openPaths);
    dialog->open();
}

void MainWindow::askForFolder()
{
    ask(this, tr("Import a folder of logs"), QFileDialog::Directory, QFileDialog::AcceptOpen, {}, {},
        [this](const QString& folder) { openPaths({folder}); });
}

void MainWindow::askForProject(bool create)
{
    ask(this, create ? tr("New project") : tr("Open project"), create ? QFileDialog::AnyFile : QFileDialog::ExistingFile,
        create ? QFileDialog::AcceptSave : QFileDialog::AcceptOpen, {tr("Isoloss projects (*.isoloss)")}, {},
        [this](const QString& file) { openProject(file); });
}

QString MainWindow::fileStem() const
{
    const ChartEntry chart = m_chart->entry();
    QString stem = QFileInfo(m_session.path()).completeBaseName() + QLatin1Char('-')
        + QString::fromStdString(chart.kind == "curves" ? chart.y : chart.kind);
    for (QChar& c : stem)
        if (c == QLatin1Char('/') || c == QLatin1Char('\\') || c.isSpace())
            c = QLatin1Char('-');
    return stem;
}

void MainWindow::askForPicture()
{
    const QStringList pictures{tr("Vector picture (*.svg)"), tr("PDF for papers (*.pdf)"), tr("Bitmap (*.png)")};
    ask(this, tr("Export chart"), QFileDialog::AnyFile, QFileDialog::AcceptSave, pictures + filtersOf(exporter::figures()),
        fileStem(), [this](const QString& file) { exportChart(file); });
}

void MainWindow::askForFitFile()
{
    if (!m_session.result(m_fit->fit())) {
        say(tr("There are no parameters to export yet: fit a law first (F)."));
        return;
    }
    ask(this, tr("Export parameters"), QFileDialog::AnyFile, QFileDialog::AcceptSave, filtersOf(exporter::fits()), fileStem(),
        [this](const QString& file) { exportFit(file); });
}

void MainWindow::exportChart(const QString& file)
{
    const std::function<figure::Figure()> work = m_chart->forPaper();
    if (!work) {
        say(tr("There is nothing to export yet: the chart in front is empty."));
        return;
    }
    const QString ending = QFileInfo(file).suffix().toLower();
    const bool isPicture = ending == QLatin1String("svg") || ending == QLatin1String("pdf") || ending == QLatin1String("png");
    const exporter::FigureExporter* format = exporter::findFigure(file.toStdString());
    if (!isPicture && !format) {
        say(tr("%1 has no ending that says its format; use .svg, .pdf, .png, .tex, .csv or .json.").arg(QFileInfo(file).fileName()));
        return;
    }
    const auto done = [this, file] { statusBar()->showMessage(tr("Wrote %1").arg(QDir::toNativeSeparators(file)), 8000); };
    if (!isPicture) {
        m_write.start([work, format, file](const Tick&) {
            write(file, format->figure(work()));
            return file;
        }, {.done = [done](QString) { done(); }, .failed = [this](QString why) { say(why); }, .progress = {}});
        return;
    }
    m_write.start(
        [work](const Tick&) {
            QTemporaryFile json(QDir::tempPath() + QStringLiteral("/isoloss-XXXXXX.json"));
            json.setAutoRemove(false);
            if (!json.open())
                throw Error("Cannot write into " + QDir::tempPath().toStdString() + ": " + json.errorString().toStdString());
            const QString name = json.fileName();
            json.close();
            write(name, figure::toJson(work()).dump());
            return name;
        },
        {.done =
             [this, file, done](QString json) {
                 auto* drawing = new QProcess(this);
                 ++m_writing;
                 const auto finish = [this, drawing, json] {
                     --m_writing;
                     QFile::remove(json);
                     drawing->deleteLater();
                 };
                 connect(drawing, &QProcess::errorOccurred, this, [this, finish](QProcess::ProcessError e) {
                     if (e != QProcess::FailedToStart)
                         return;
                     finish();
                     say(tr("The picture could not be drawn: the program isoloss is not beside this one."));
                 });
                 connect(drawing, &QProcess::finished, this, [this, drawing, file, finish, done](int code, QProcess::ExitStatus status) {
                     const QString why = QString::fromUtf8(drawing->readAllStandardError()).trimmed();
                     finish();
                     if (status == QProcess::NormalExit && code == 0)
                         done();
                     else
                         say(why.isEmpty() ? tr("%1 was not written: drawing it was interrupted.").arg(file)
                                           : why.section(QStringLiteral("isoloss: "), -1));
                 });
                 QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
                 environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
                 environment.remove(QStringLiteral("QT_SCALE_FACTOR"));
                 drawing->setProcessEnvironment(environment);
                 drawing->start(program(), {QStringLiteral("--figure"), json, QStringLiteral("--out"), file});
             },
         .failed = [this](QString why) { say(why); },
         .progress = {}});
}

void MainWindow::exportFit(const QString& file)
{
    const fit::Fit* fit = m_session.result(m_fit->fit());
    if (!fit) {
        say(tr("There are no parameters to export yet: fit a law first (F)."));
        return;
    }
    m_write.start(
        [fit = *fit, file](const Tick&) {
            write(file, exporter::forFit(file.toStdString()).fit(fit));
            return file;
        },
        {.done = [this](QString written) { statusBar()->showMessage(tr("Wrote %1").arg(QDir::toNativeSeparators(written)), 8000); },
         .failed = [this](QString why) { say(why); },
         .progress = {}});
}

void MainWindow::copyFit(const QString& format)
{
    const fit::Fit* fit = m_session.result(m_fit->fit());
    if (!fit)
        return;
    QApplication::clipboard()->setText(QString::fromStdString(exporter::forFit(format.toStdString()).fit(*fit)));
    statusBar()->showMessage(tr("Copied the parameters as %1").arg(format), 5000);
}

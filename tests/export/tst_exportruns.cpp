// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/export/figures.h"
#include "tests/figure/fits.h"

#include "core/export/exporter.h"
#include "core/figure/build.h"

#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

// What is written runs in the programs it is for; each test is skipped where the program is not installed.
class TestExportRuns : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    QString write(const QString& name, const std::string& text)
    {
        QFile file(m_folder.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(text.data(), qint64(text.size())) != qint64(text.size()))
            qFatal("cannot write into the temporary folder");
        return file.fileName();
    }

    // Runs a program; its output where it fails, else nothing.
    QByteArray failure(const QString& program, const QStringList& arguments)
    {
        QProcess process;
        process.setWorkingDirectory(m_folder.path());
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(program, arguments);
        if (!process.waitForFinished(60'000))
            return "did not finish";
        const QByteArray said = process.readAll();
        return process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0 ? QByteArray()
                                                                                       : said.right(2000) + "!";
    }

    static void rows()
    {
        QTest::addColumn<int>("which");
        QTest::newRow("every mark and style") << 0;
        QTest::newRow("a fit") << 1;
        QTest::newRow("shaded curves") << 2;
    }
    static figure::Figure chosen(int which)
    {
        return which == 1 ? figure::ofFit(fits::grid()) : which == 2 ? figures::shaded() : figures::hard();
    }

private slots:
    void matplotlibDraws_data() { rows(); }
    void matplotlibDraws()
    {
        QFETCH(const int, which);
        const QString python = qEnvironmentVariable("ISOLOSS_PYTHON", QStringLiteral("python3"));
        if (!failure(python, {QStringLiteral("-c"), QStringLiteral("import matplotlib")}).isEmpty())
            QSKIP("python3 with matplotlib is not installed");
        const QString script = write(QStringLiteral("figure.py"), exporter::findFigure("py")->figure(chosen(which)));
        const QString picture = m_folder.filePath(QStringLiteral("figure-%1.png").arg(which));
        QCOMPARE(failure(python, {QStringLiteral("-W"), QStringLiteral("error::SyntaxWarning"), script, picture}),
            QByteArray());
        QVERIFY(QFile(picture).size() > 5000);
    }

    void pgfplotsCompiles_data() { rows(); }
    void pgfplotsCompiles()
    {
        QFETCH(const int, which);
        if (QStandardPaths::findExecutable(QStringLiteral("pdflatex")).isEmpty()
            || !failure(QStringLiteral("kpsewhich"), {QStringLiteral("pgfplots.sty")}).isEmpty()
            || !failure(QStringLiteral("kpsewhich"), {QStringLiteral("standalone.cls")}).isEmpty())
            QSKIP("pdflatex with pgfplots and standalone is not installed");
        const QString file = write(QStringLiteral("figure.tex"), exporter::findFigure("tex")->figure(chosen(which)));
        QCOMPARE(failure(QStringLiteral("pdflatex"), {QStringLiteral("-interaction=nonstopmode"),
                                                      QStringLiteral("-halt-on-error"), file}), QByteArray());
        QVERIFY(QFile(m_folder.filePath(QStringLiteral("figure.pdf"))).size() > 5000);
    }

    void tableCompiles()
    {
        if (QStandardPaths::findExecutable(QStringLiteral("pdflatex")).isEmpty()
            || !failure(QStringLiteral("kpsewhich"), {QStringLiteral("siunitx.sty")}).isEmpty())
            QSKIP("pdflatex with siunitx is not installed");
        fit::Fit fit = fits::grid();
        fit.sources[0].name = "50%_of{runs}.csv";
        const std::string table = exporter::forFit("tex").fit(fit);
        const QString file = write(QStringLiteral("table.tex"),
            "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage{amsmath, booktabs, "
            "siunitx}\\begin{document}\n"
                + table + "\\end{document}\n");
        QCOMPARE(failure(QStringLiteral("pdflatex"), {QStringLiteral("-interaction=nonstopmode"),
                                                      QStringLiteral("-halt-on-error"), file}), QByteArray());
    }
};

QTEST_GUILESS_MAIN(TestExportRuns)
#include "tst_exportruns.moc"

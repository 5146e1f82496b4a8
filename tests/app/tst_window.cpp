// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/mainwindow.h"
#include "app/panel/samples.h"

#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QStandardPaths>
#include <QStatusBar>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include <cmath>

namespace {

// Final losses on a grid of sizes and tokens, as a law of the catalogue gives them.
void writeTable(const QString& file)
{
    QFile out(file);
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write("params,tokens,loss\n");
    for (const double n : {1e8, 3e8, 1e9, 3e9})
        for (const double d : {2e9, 8e9, 3e10, 1e11, 4e11})
            out.write(QByteArray::number(n) + ',' + QByteArray::number(d) + ',' +
                      QByteArray::number(1.7 + 400 / std::pow(n, .34) + 410 / std::pow(d, .28), 'g', 12) + '\n');
}

void writeLog(const QString& file, double scale)
{
    QFile out(file);
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write("step,tokens,loss,lr\n");
    for (int step = 1; step <= 200; ++step)
        out.write(QByteArray::number(step) + ',' + QByteArray::number(step * 4096.) + ',' +
                  QByteArray::number(2 + scale / std::pow(step, .3)) + ",0.001\n");
}

}

class TestWindow : public QObject {
    Q_OBJECT
private slots:
    void init();
    void emptyWindowOffersThreeWaysToBegin();
    void importFitUndoRedoCloseAndReopen();
    void choicesOfTheChartAreUndoable();
    void hidingARunTakesItOffTheChart();
    void errorsAppearInPlace();
    void sampleProjectLoads();

private:
    std::unique_ptr<QTemporaryDir> m_dir;
    QString path(const char* name) const { return m_dir->filePath(QString::fromLatin1(name)); }
};

void TestWindow::init()
{
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("isoloss-test"));
    QCoreApplication::setApplicationName(QStringLiteral("isoloss-test"));
    QSettings().clear();
    m_dir = std::make_unique<QTemporaryDir>();
}

void TestWindow::emptyWindowOffersThreeWaysToBegin()
{
    MainWindow window;
    window.show();
    for (const char* name : {"openFolder", "openFile", "sample"}) {
        const auto* button = window.findChild<QPushButton*>(QString::fromLatin1(name));
        QVERIFY(button && button->isVisible() && button->isEnabled());
    }
    QVERIFY(!window.findChild<QAction*>(QStringLiteral("undo"))->isEnabled());
}

void TestWindow::importFitUndoRedoCloseAndReopen()
{
    writeTable(path("grid.csv"));
    const QString project = path("work.isoloss");
    double alpha = 0;
    {
        MainWindow window;
        window.resize(1200, 700);
        window.show();
        window.openProject(project);
        window.openPaths({path("grid.csv")});
        QTRY_COMPARE(window.session().workspace().runs.size(), std::size_t(1));
        QTRY_VERIFY(!window.isBusy());

        window.showFitPanel(true);
        auto* laws = window.findChild<QComboBox*>(QStringLiteral("law"));
        laws->setCurrentIndex(laws->findData(QStringLiteral("chinchilla")));
        auto* button = window.findChild<QPushButton*>(QStringLiteral("fit"));
        QVERIFY(button->isVisible() && button->isEnabled());
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(window.session().result("fit1") && !window.isBusy(), 60000);
        alpha = window.session().result("fit1")->value("alpha");
        QVERIFY2(std::abs(alpha - .34) < 1e-3, QByteArray::number(alpha));
        auto* fitPanel = window.findChild<FitPanel*>();
        QVERIFY(fitPanel->row(QStringLiteral("alpha"))->isVisible());
        QVERIFY(std::abs(fitPanel->row(QStringLiteral("alpha"))->value() - alpha) < 1e-12);

        auto* undo = window.findChild<QAction*>(QStringLiteral("undo"));
        auto* redo = window.findChild<QAction*>(QStringLiteral("redo"));
        QVERIFY(undo->text().contains(QLatin1String("Fit")));
        undo->trigger();
        QVERIFY(window.session().workspace().fits.empty());
        QVERIFY(std::isnan(fitPanel->row(QStringLiteral("alpha"))->value()));
        QVERIFY(redo->isEnabled());
        redo->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(window.session().result("fit1"), 60000);
        QCOMPARE(window.session().result("fit1")->value("alpha"), alpha);
        undo->trigger();
        undo->trigger();        // the import
        QVERIFY(window.session().workspace().runs.empty());
        redo->trigger();
        redo->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(window.session().result("fit1") && !window.isBusy(), 60000);
        window.close();
    }
    MainWindow again;
    again.show();
    again.openProject(project);
    QTRY_VERIFY_WITH_TIMEOUT(again.session().result("fit1"), 60000);
    QCOMPARE(again.session().result("fit1")->value("alpha"), alpha);
    QCOMPARE(again.findChild<QTableView*>(QStringLiteral("runs"))->model()->rowCount(), 1);
    QTRY_VERIFY(!again.isBusy());
    QCOMPARE(again.findChild<FitPanel*>()->row(QStringLiteral("alpha"))->value(), alpha);
}

void TestWindow::choicesOfTheChartAreUndoable()
{
    writeLog(path("a.csv"), 4);
    writeLog(path("b.csv"), 5);
    MainWindow window;
    window.resize(1200, 700);
    window.show();
    window.openProject(path("p.isoloss"));
    window.openPaths({path("a.csv"), path("b.csv")});
    QTRY_COMPARE(window.session().workspace().runs.size(), std::size_t(2));
    QTRY_VERIFY(!window.isBusy());
    auto* panel = window.findChild<ChartPanel*>();
    QCOMPARE(panel->entry().y, std::string("loss"));
    QTRY_COMPARE(panel->view().plot().shown().panels.at(0).layers.size(), std::size_t(2));
    QVERIFY(panel->view().plot().shown().panels.at(0).y.log);

    QTest::keyClick(&window, Qt::Key_L);
    QTRY_VERIFY(!panel->entry().logY);
    QTRY_VERIFY(!panel->view().plot().shown().panels.at(0).y.log);
    auto* x = window.findChild<QComboBox*>(QStringLiteral("x"));
    QVERIFY(x->findData(QStringLiteral("tokens")) >= 0);
    x->setCurrentIndex(x->findData(QStringLiteral("tokens")));
    emit x->activated(x->currentIndex());
    QTRY_COMPARE(panel->view().plot().shown().panels.at(0).layers.at(0).x.back(), 200 * 4096.);
    auto* undo = window.findChild<QAction*>(QStringLiteral("undo"));
    QCOMPARE(undo->text(), QStringLiteral("Undo: Draw against training tokens"));
    undo->trigger();
    undo->trigger();
    QVERIFY(panel->entry().logY);
    QCOMPARE(panel->entry().x, std::string("step"));
}

void TestWindow::hidingARunTakesItOffTheChart()
{
    writeLog(path("a.csv"), 4);
    writeLog(path("b.csv"), 5);
    MainWindow window;
    window.show();
    window.openProject(path("p.isoloss"));
    window.openPaths({path("a.csv"), path("b.csv")});
    QTRY_COMPARE(window.session().workspace().runs.size(), std::size_t(2));
    QTRY_VERIFY(!window.isBusy());
    auto* table = window.findChild<QTableView*>(QStringLiteral("runs"));
    QVERIFY(table->model()->setData(table->model()->index(0, 0), Qt::Unchecked, Qt::CheckStateRole));
    QVERIFY(!window.session().workspace().runs.at(0).visible);
    auto* panel = window.findChild<ChartPanel*>();
    QTRY_COMPARE(panel->view().plot().shown().panels.at(0).layers.size(), std::size_t(1));
    QVERIFY(window.statusBar()->findChild<QLabel*>()->text().startsWith(QLatin1String("1 of 2 runs")));
}

void TestWindow::errorsAppearInPlace()
{
    QFile broken(path("not.isoloss"));
    QVERIFY(broken.open(QIODevice::WriteOnly));
    broken.write(QByteArray(5000, 'x'));
    broken.close();
    MainWindow window;
    window.show();
    window.openProject(broken.fileName());
    auto* bar = window.findChild<MessageBar*>();
    QVERIFY(bar->isVisible());
    QVERIFY2(bar->sentence().contains(QLatin1String("not.isoloss")), qPrintable(bar->sentence()));
    QVERIFY(!window.session().isOpen());

    window.openProject(path("fine.isoloss"));
    QVERIFY(!bar->isVisible());
    window.openPaths({path("absent.csv")});
    QTRY_VERIFY(bar->isVisible());
    QVERIFY2(bar->sentence().contains(QLatin1String("absent.csv")), qPrintable(bar->sentence()));
    QVERIFY(window.session().workspace().runs.empty());
}

void TestWindow::sampleProjectLoads()
{
    if (samplesFolder().isEmpty())
        QSKIP("resources/samples/runs is not there");
    MainWindow window;
    window.show();
    QTest::mouseClick(window.findChild<QPushButton*>(QStringLiteral("sample")), Qt::LeftButton);
    QTRY_VERIFY(!window.session().workspace().runs.empty());
    QTRY_VERIFY(!window.isBusy());
    QFile::remove(window.session().path());
}

QTEST_MAIN(TestWindow)
#include "tst_window.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/helpwindow.h"
#include "tests/app/gridwindow.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QStandardPaths>
#include <QTabBar>
#include <QTableWidget>
#include <QTest>
#include <QTextBlock>
#include <QToolButton>

#include <cmath>

// Fits as a user meets them beyond the first: formulas typed, other views, other intervals, groups.

using grid::choose, grid::find, grid::fitLaw;

class TestFitPanels : public QObject {
    Q_OBJECT
private slots:
    void init();
    void aFormulaIsTypedFittedAndKept();
    void aWrongFormulaIsToldByItsColumn();
    void everyViewOfAFitIsReachedByKeysAndKept();
    void aParametersSymbolDrawsItsProfile();
    void intervalsWeightsAndRegionsAreChosen();
    void groupsAreFittedSideBySide();
    void warningsAreExplained();

private:
    std::unique_ptr<QTemporaryDir> m_dir;
    QString path(const char* name) const { return m_dir->filePath(QString::fromLatin1(name)); }
};

void TestFitPanels::init()
{
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("isoloss-test"));
    QCoreApplication::setApplicationName(QStringLiteral("isoloss-test-fitpanels"));
    QSettings().clear();
    m_dir = std::make_unique<QTemporaryDir>();
}

void TestFitPanels::aFormulaIsTypedFittedAndKept()
{
    const std::string formula = "L = E + A/N^a + B/D^b";
    double alpha = 0;
    {
        MainWindow window;
        grid::open(window, *m_dir);
        window.showFitPanel(true);
        choose(find<QComboBox>(window, "law"), QStringLiteral("="));
        auto* field = find<QLineEdit>(window, "formula");
        QVERIFY(field->isVisible());
        field->setFocus();
        field->selectAll();
        QTest::keyClicks(field, QString::fromStdString(formula));
        auto* panel = window.findChild<FitPanel*>();
        QTRY_VERIFY(panel->row(QStringLiteral("b")) && panel->row(QStringLiteral("b"))->isVisible());
        QCOMPARE(panel->spec().law, formula);
        QTest::mouseClick(find<QPushButton>(window, "fit"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(window.session().result("fit1") && !window.isBusy(), 60000);
        alpha = window.session().result("fit1")->value("a");
        QVERIFY2(alpha > .05 && alpha < 2, QByteArray::number(alpha));
        find<QAction>(window, "undo")->trigger();
        QVERIFY(window.session().workspace().fits.empty());
        find<QAction>(window, "redo")->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(window.session().result("fit1") && !window.isBusy(), 60000);
        window.close();
    }
    MainWindow again;
    again.show();
    again.openProject(path("p.isoloss"));
    QTRY_VERIFY_WITH_TIMEOUT(again.session().result("fit1") && !again.isBusy(), 60000);
    QCOMPARE(again.session().workspace().fits.at(0).spec.law, formula);
    QCOMPARE(again.session().result("fit1")->value("a"), alpha);
    again.showFitPanel(true);
    QCOMPARE(find<QLineEdit>(again, "formula")->text().toStdString(), formula);
    // It is offered again.
    auto* menu = find<QToolButton>(again, "recentFormulas")->menu();
    emit menu->aboutToShow();
    QCOMPARE(menu->actions().at(0)->text().toStdString(), formula);
}

void TestFitPanels::aWrongFormulaIsToldByItsColumn()
{
    MainWindow window;
    grid::open(window, *m_dir);
    window.showFitPanel(true);
    choose(find<QComboBox>(window, "law"), QStringLiteral("="));
    auto* field = find<QLineEdit>(window, "formula");
    auto* problem = find<QLabel>(window, "formulaProblem");
    auto* panel = window.findChild<FitPanel*>();
    const std::string before = panel->spec().law;
    field->setFocus();
    field->selectAll();
    QTest::keyClicks(field, QStringLiteral("L = E + A/(N^a"));
    QTRY_VERIFY(problem->isVisible());
    QVERIFY2(problem->text().contains(QLatin1String("column")), qPrintable(problem->text()));
    QCOMPARE(panel->spec().law, before);                    // the last that made sense stays
    QTest::keyClicks(field, QStringLiteral(")"));
    QTRY_VERIFY(!problem->isVisible());
    QTRY_COMPARE(panel->spec().law, std::string("L = E + A/(N^a)"));
}

void TestFitPanels::everyViewOfAFitIsReachedByKeysAndKept()
{
    MainWindow window;
    grid::open(window, *m_dir);
    fitLaw(window, QStringLiteral("chinchilla"));
    auto* charts = window.findChild<ChartPanel*>();
    for (const char* view : {"profile", "map", "correlation", "residuals", "contours"}) {
        QTest::keyClick(&charts->view(), Qt::Key_V);
        QCOMPARE(charts->entry().view, std::string(view));
        QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy(), 60000);
        QCOMPARE(charts->view().plot().shown().id, std::string(view));
        QVERIFY(charts->forPaper()().panels.size() == 1);
        QVERIFY(find<QComboBox>(window, "fitView")->isVisible());
    }
    choose(find<QComboBox>(window, "fitView"), QStringLiteral("residuals"));
    QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy(), 60000);
    auto* of = find<QComboBox>(window, "viewOf");
    QVERIFY(of->isVisible() && of->findData(QStringLiteral("se")) >= 0);
    choose(of, QStringLiteral("order"));
    QTRY_COMPARE(charts->view().plot().shown().panels.at(0).x.title, std::string("order of the rows"));
    choose(find<QComboBox>(window, "fitView"), QStringLiteral("map"));
    QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy(), 60000);
    choose(find<QComboBox>(window, "viewAnd"), QStringLiteral("beta"));
    QCOMPARE(charts->entry().of.at(1), std::string("beta"));
    const Workspace kept = window.session().workspace();
    find<QAction>(window, "undo")->trigger();
    QVERIFY(window.session().workspace() != kept);
    find<QAction>(window, "redo")->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy(), 60000);
    window.close();
    MainWindow again;
    again.show();
    again.openProject(path("p.isoloss"));
    QTRY_VERIFY_WITH_TIMEOUT(again.session().result("fit1") && !again.isBusy(), 60000);
    QVERIFY(again.session().workspace() == kept);
    QCOMPARE(again.findChild<ChartPanel*>()->view().plot().shown().id, std::string("map"));
}

void TestFitPanels::aParametersSymbolDrawsItsProfile()
{
    MainWindow window;
    grid::open(window, *m_dir);
    fitLaw(window, QStringLiteral("chinchilla"));
    ParameterRow* row = window.findChild<FitPanel*>()->row(QStringLiteral("beta"));
    QTest::mouseClick(find<QLabel>(*row, "symbol"), Qt::LeftButton);
    auto* charts = window.findChild<ChartPanel*>();
    QCOMPARE(charts->entry().view, std::string("profile"));
    QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy(), 60000);
    QVERIFY(charts->view().plot().shown().panels.at(0).x.title.starts_with("β"));
    QCOMPARE(find<QComboBox>(window, "viewOf")->currentData().toString(), QStringLiteral("beta"));
}

void TestFitPanels::intervalsWeightsAndRegionsAreChosen()
{
    MainWindow window;
    grid::open(window, *m_dir);
    fitLaw(window, QStringLiteral("chinchilla"));
    QTest::mouseClick(find<QToolButton>(window, "options"), Qt::LeftButton);
    const auto spec = [&] { return window.session().workspace().fits.at(0).spec; };
    const auto settle = [&] { QTRY_VERIFY_WITH_TIMEOUT(window.session().result("fit1") && !window.isBusy(), 60000); };
    auto* interval = find<QComboBox>(window, "interval");
    choose(interval, QStringLiteral("profile:0"));
    QTRY_COMPARE(spec().interval, std::string("profile"));
    settle();
    QCOMPARE(window.session().result("fit1")->interval, std::string("profile"));
    QVERIFY(find<QLabel>(window, "quality")->text().contains(QLatin1String("profile")));
    choose(interval, QStringLiteral(":200"));
    QTRY_COMPARE(spec().bootstrap, 200);
    settle();
    QCOMPARE(window.session().result("fit1")->interval, std::string("bootstrap"));
    choose(interval, QStringLiteral(":0"));
    settle();
    // Rows weighted by a column.
    auto* weight = find<QComboBox>(window, "weight");
    choose(weight, QStringLiteral("="));
    auto* by = find<QLineEdit>(window, "weightBy");
    QVERIFY(by->isVisible());
    by->setFocus();
    QTest::keyClicks(by, QStringLiteral("1/se^2"));
    QTest::keyClick(by, Qt::Key_Return);
    QTRY_COMPARE(spec().set["weight"], std::string("1/se^2"));
    settle();
    // A region is for laws of one input.
    QVERIFY(!find<QLineEdit>(window, "regionFrom")->isVisible());
}

void TestFitPanels::groupsAreFittedSideBySide()
{
    MainWindow window;
    grid::open(window, *m_dir);
    fitLaw(window, QStringLiteral("chinchilla"));
    auto* charts = window.findChild<ChartPanel*>();
    QTest::keyClick(&charts->view(), Qt::Key_G, Qt::ControlModifier);
    QCOMPARE(charts->entry().kind, std::string("groups"));
    choose(find<QComboBox>(window, "groupBy"), QStringLiteral("arm"));
    QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy(), 60000);
    auto* table = find<QTableWidget>(window, "groupTable");
    QVERIFY(table->isVisible());
    QCOMPARE(table->columnCount(), 2);
    QVERIFY(table->item(3, 0)->text() != table->item(3, 1)->text());
    // One exponent for both.
    QTest::mouseClick(find<QCheckBox>(window, "shared-alpha"), Qt::LeftButton, {}, QPoint(8, find<QCheckBox>(window, "shared-alpha")->height() / 2));
    QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy() && charts->entry().of == std::vector<std::string>{"alpha"}, 60000);
    QTRY_COMPARE(table->item(3, 0)->text(), table->item(3, 1)->text());
    QVERIFY(table->item(0, 0)->text() != table->item(0, 1)->text());
    QCOMPARE(charts->view().plot().shown().id, std::string("groups"));
    find<QAction>(window, "undo")->trigger();
    QVERIFY(charts->entry().of.empty());
    QVERIFY(!find<QCheckBox>(window, "shared-alpha")->isChecked());
}

void TestFitPanels::warningsAreExplained()
{
    MainWindow window;
    grid::open(window, *m_dir);
    fitLaw(window, QStringLiteral("chinchilla"));
    const auto& warnings = window.session().result("fit1")->warnings;
    QVERIFY(!warnings.empty());
    auto* label = find<QLabel>(window, "fitWarnings");
    QVERIFY2(label->text().contains(QStringLiteral("href=\"%1\"").arg(QString::fromStdString(warnings[0].id))), qPrintable(label->text()));
    emit label->linkActivated(QStringLiteral("few-resamples"));
    HelpWindow* help = nullptr;
    for (QWidget* top : QApplication::topLevelWidgets())
        if (auto* found = qobject_cast<HelpWindow*>(top))
            help = found;
    QVERIFY(help && help->isVisible());
    QCOMPARE(help->topic(), QStringLiteral("fits#few-resamples"));
    QTest::qWait(1);
    const QString top = help->text().cursorForPosition({40, 20}).block().text();
    QVERIFY2(help->text().toPlainText().contains(QLatin1String("few-resamples")), qPrintable(top));
    help->close();
}

QTEST_MAIN(TestFitPanels)
#include "tst_fitpanels.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/helpwindow.h"
#include "app/panel/mainwindow.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSettings>
#include <QStandardPaths>
#include <QTabBar>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBlock>
#include <QToolButton>
#include <QTreeWidget>

#include <cmath>
#include <random>

// Fits as a user meets them beyond the first: laws compared, formulas typed, other views, other intervals, groups.

namespace {

template <class T>
T* find(QWidget& in, const char* name)
{
    T* found = in.findChild<T*>(QString::fromLatin1(name));
    if (!found)
        qWarning("no widget is called %s", name);
    return found;
}

// Chooses an entry of a box as a hand does: with the keys.
void choose(QComboBox* box, const QVariant& data)
{
    const int to = box->findData(data);
    QVERIFY2(to >= 0, qPrintable(data.toString()));
    box->setFocus();
    while (box->currentIndex() != to)
        QTest::keyClick(box, box->currentIndex() < to ? Qt::Key_Down : Qt::Key_Up);
}

QTreeWidgetItem* rowOf(QTreeWidget* table, const QString& law)
{
    for (int i = 0; i < table->topLevelItemCount(); ++i)
        if (table->topLevelItem(i)->text(0) == law)
            return table->topLevelItem(i);
    return nullptr;
}

}

class TestFitPanels : public QObject {
    Q_OBJECT
private slots:
    void init();
    void lawsAreComparedAndTheBestIsUsed();
    void aLawThatCannotBeFittedSaysWhyInItsRow();
    void aFormulaIsTypedFittedAndKept();
    void aWrongFormulaIsToldByItsColumn();
    void everyViewOfAFitIsReachedByKeysAndKept();
    void aParametersSymbolDrawsItsProfile();
    void intervalsWeightsAndRegionsAreChosen();
    void groupsAreFittedSideBySide();
    void warningsAreExplained();

private:
    void openGrid(MainWindow&);
    void fit(MainWindow&, const QString& law);

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

// Final losses of two arms that differ in what they end at, on a grid of sizes and tokens.
void TestFitPanels::openGrid(MainWindow& window)
{
    QFile out(path("grid.csv"));
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write("params,tokens,loss,arm,se\n");
    std::mt19937_64 random(11);
    std::normal_distribution<double> noise(0, .003);
    for (const auto& [arm, floor] : {std::pair("web", 1.7), {"code", 1.2}})
        for (const double n : {1e7, 1e8, 3e8, 1e9, 3e9})
            for (const double d : {2e8, 2e9, 8e9, 3e10, 4e11})
                out.write(QByteArray::number(n) + ',' + QByteArray::number(d) + ',' +
                          QByteArray::number((floor + 400 / std::pow(n, .34) + 410 / std::pow(d, .28)) * std::exp(noise(random)), 'g', 12) + ',' + arm + ",0.01\n");
    out.close();
    window.resize(1280, 800);
    window.show();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    window.openProject(path("p.isoloss"));
    window.openPaths({path("grid.csv")});
    QTRY_VERIFY(!window.session().workspace().runs.empty() && !window.isBusy());
}

void TestFitPanels::fit(MainWindow& window, const QString& law)
{
    window.showFitPanel(true);
    choose(find<QComboBox>(window, "law"), law);
    QTRY_VERIFY(find<QPushButton>(window, "fit")->isEnabled());
    QTest::mouseClick(find<QPushButton>(window, "fit"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!window.session().workspace().fits.empty() && window.session().result(window.session().workspace().fits.back().id) && !window.isBusy(), 60000);
}

void TestFitPanels::lawsAreComparedAndTheBestIsUsed()
{
    MainWindow window;
    openGrid(window);
    fit(window, QStringLiteral("chinchilla"));
    auto* charts = window.findChild<ChartPanel*>();
    QTest::keyClick(&charts->view(), Qt::Key_L, Qt::ControlModifier);
    QCOMPARE(charts->entry().kind, std::string("compare"));
    auto* table = find<QTreeWidget>(window, "laws");
    QVERIFY(table->isVisible());
    // A formula that lacks the tokens is worse, and says so by its error on larger rows.
    auto* field = find<QLineEdit>(window, "compareFormula");
    field->setFocus();
    QTest::keyClicks(field, QStringLiteral("L = E + A/N^a"));
    QTest::keyClick(field, Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy() && rowOf(table, QStringLiteral("L = E + A/N^a")) && !rowOf(table, QStringLiteral("L = E + A/N^a"))->text(1).isEmpty(), 60000);
    QTreeWidgetItem *good = rowOf(table, QStringLiteral("Chinchilla")), *bad = rowOf(table, QStringLiteral("L = E + A/N^a"));
    QVERIFY(good && bad);
    const int mae = Qt::UserRole + 1;
    QVERIFY(good->data(1, mae).toDouble() < bad->data(1, mae).toDouble());
    QVERIFY(table->indexOfTopLevelItem(good) < table->indexOfTopLevelItem(bad));
    QCOMPARE(good->text(4), QStringLiteral("0"));           // the best of ΔAICc
    QVERIFY(good->childCount() >= 3);                       // its folds
    // Both are drawn over the data.
    const auto& layers = charts->view().plot().shown().panels.at(0).layers;
    QVERIFY(std::ranges::any_of(layers, [](const auto& l) { return l.name == "Chinchilla"; }));
    // Sorted the other way round the worst is on top, unticked laws stay below.
    table->sortByColumn(1, Qt::DescendingOrder);
    QCOMPARE(table->topLevelItem(0), bad);
    table->sortByColumn(1, Qt::AscendingOrder);
    // Judged otherwise: an edit, and undone.
    choose(find<QComboBox>(window, "validation"), QStringLiteral("rolling"));
    QCOMPARE(charts->entry().by, std::string("rolling"));
    QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy(), 60000);
    find<QAction>(window, "undo")->trigger();
    find<QAction>(window, "undo")->trigger();               // the arrow passed another entry
    QVERIFY(charts->entry().by.empty());
    QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy(), 60000);
    // Unticked it is compared no more.
    bad = rowOf(table, QStringLiteral("L = E + A/N^a"));
    bad->setCheckState(0, Qt::Unchecked);
    const auto compared = [&](const std::string& law) {
        const ChartEntry now = charts->entry();
        return std::ranges::find(now.of, law) != now.of.end();
    };
    QTRY_VERIFY(!compared("L = E + A/N^a") && compared("chinchilla"));
    find<QAction>(window, "undo")->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy() && rowOf(table, QStringLiteral("L = E + A/N^a")), 60000);
    // Use it: it stands in the fit panel, and Fit makes a chart of it.
    table->setCurrentItem(rowOf(table, QStringLiteral("L = E + A/N^a")));
    QTest::mouseClick(find<QPushButton>(window, "useLaw"), Qt::LeftButton);
    auto* panel = window.findChild<FitPanel*>();
    QCOMPARE(panel->spec().law, std::string("L = E + A/N^a"));
    QVERIFY(find<QLineEdit>(window, "formula")->isVisible());
    QTest::mouseClick(find<QPushButton>(window, "fit"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(window.session().workspace().fits.size() == 2 && window.session().result("fit2") && !window.isBusy(), 60000);
    QCOMPARE(charts->entry().kind, std::string("fit"));
}

void TestFitPanels::aLawThatCannotBeFittedSaysWhyInItsRow()
{
    MainWindow window;
    openGrid(window);
    window.compareLaws();
    auto* charts = window.findChild<ChartPanel*>();
    ChartEntry entry = charts->entry();
    entry.of = {"chinchilla", "L = E + A/width^a; inputs width"};
    charts->edit(QStringLiteral("Compare"), entry);
    auto* table = find<QTreeWidget>(window, "laws");
    QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy(), 60000);
    QString told;
    for (int i = 0; i < table->topLevelItemCount(); ++i)
        if (table->topLevelItem(i)->text(0).startsWith(QLatin1String("L = E + A/width^a")))
            told = table->topLevelItem(i)->text(0);
    QVERIFY2(told.contains(QLatin1String("width")) && told.contains(QLatin1String(": ")), qPrintable(told));
    // Nothing ticked is said where one looks.
    entry.of.clear();
    charts->edit(QStringLiteral("None"), entry);
    QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy(), 60000);
    bool said = false;
    for (const QLabel* label : charts->view().findChildren<QLabel*>())
        said = said || (label->isVisible() && label->text().contains(QLatin1String("tick")));
    QVERIFY(said);
}

void TestFitPanels::aFormulaIsTypedFittedAndKept()
{
    const std::string formula = "L = E + A/N^a + B/D^b";
    double alpha = 0;
    {
        MainWindow window;
        openGrid(window);
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
    openGrid(window);
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
    openGrid(window);
    fit(window, QStringLiteral("chinchilla"));
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
    openGrid(window);
    fit(window, QStringLiteral("chinchilla"));
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
    openGrid(window);
    fit(window, QStringLiteral("chinchilla"));
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
    openGrid(window);
    fit(window, QStringLiteral("chinchilla"));
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
    openGrid(window);
    fit(window, QStringLiteral("chinchilla"));
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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/gridwindow.h"

#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <QTreeWidget>

// Laws side by side.

using grid::choose, grid::find, grid::fitLaw;

namespace {

QTreeWidgetItem* rowOf(QTreeWidget* table, const QString& law)
{
    for (int i = 0; i < table->topLevelItemCount(); ++i)
        if (table->topLevelItem(i)->text(0) == law)
            return table->topLevelItem(i);
    return nullptr;
}

}

class TestCompare : public QObject {
    Q_OBJECT
private slots:
    void init();
    void lawsAreComparedAndTheBestIsUsed();
    void aLawThatCannotBeFittedSaysWhyInItsRow();
    void aComparisonIsCancelledAndMadeAgain();
    void aComparisonIsKeptInTheProject();

private:
    std::unique_ptr<QTemporaryDir> m_dir;
};

void TestCompare::init()
{
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("isoloss-test"));
    QCoreApplication::setApplicationName(QStringLiteral("isoloss-test-compare"));
    QSettings().clear();
    m_dir = std::make_unique<QTemporaryDir>();
}

void TestCompare::lawsAreComparedAndTheBestIsUsed()
{
    MainWindow window;
    grid::open(window, *m_dir);
    fitLaw(window, QStringLiteral("chinchilla"));
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

void TestCompare::aLawThatCannotBeFittedSaysWhyInItsRow()
{
    MainWindow window;
    grid::open(window, *m_dir);
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

void TestCompare::aComparisonIsCancelledAndMadeAgain()
{
    MainWindow window;
    grid::open(window, *m_dir);
    window.compareLaws();
    auto* table = find<QTreeWidget>(window, "laws");
    auto* cancel = find<QToolButton>(window, "cancelCompare");
    QTRY_VERIFY(cancel->isVisible());
    QTest::mouseClick(cancel, Qt::LeftButton);
    QVERIFY(!cancel->isVisible());
    QTRY_VERIFY(!window.isBusy());
    QVERIFY(rowOf(table, QStringLiteral("Chinchilla"))->text(1).isEmpty());
    bool said = false;
    for (const QLabel* label : window.charts().view().findChildren<QLabel*>())
        said = said || (label->isVisible() && label->text().contains(QLatin1String("cancelled")));
    QVERIFY(said);
    QTest::mouseClick(find<QPushButton>(window, "compareAgain"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy() && !rowOf(table, QStringLiteral("Chinchilla"))->text(1).isEmpty(), 60000);
}

void TestCompare::aComparisonIsKeptInTheProject()
{
    Workspace kept;
    {
        MainWindow window;
        grid::open(window, *m_dir);
        fit::Spec rows;
        rows.holdout = "params>1e9";
        window.charts().compareLaws(rows);
        ChartEntry entry = window.charts().entry();
        entry.of = {"chinchilla", "L = E + A/N^a"};
        entry.by = "holdout";
        window.charts().edit(QStringLiteral("Choose"), entry);
        QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy(), 60000);
        kept = window.session().workspace();
        // Asked for again it is the same chart.
        window.charts().compareLaws(rows);
        QCOMPARE(window.session().workspace().charts.size(), kept.charts.size());
        window.close();
    }
    MainWindow again;
    again.resize(1280, 800);
    again.show();
    again.openProject(m_dir->filePath(QStringLiteral("p.isoloss")));
    auto* table = find<QTreeWidget>(again, "laws");
    QTRY_VERIFY_WITH_TIMEOUT(!again.isBusy() && rowOf(table, QStringLiteral("Chinchilla")) && !rowOf(table, QStringLiteral("Chinchilla"))->text(1).isEmpty(), 60000);
    QVERIFY(again.session().workspace() == kept);
    std::size_t held = 0;
    for (const figure::Layer& layer : again.charts().view().plot().shown().panels.at(0).layers)
        if (layer.style == figure::Style::HeldOut)
            held += layer.x.size();
    QCOMPARE(held, std::size_t(10));
}

QTEST_MAIN(TestCompare)
#include "tst_compare.moc"

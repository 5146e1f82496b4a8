// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/bars.h"
#include "app/panel/icon.h"
#include "app/panel/runpanel.h"
#include "app/panel/runtable.h"
#include "app/session/session.h"

#include <QCheckBox>
#include <QClipboard>
#include <QCompleter>
#include <QDoubleSpinBox>
#include <QElapsedTimer>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include <cmath>
#include <random>

// The list of runs and the bars, as a user meets them: with the mouse and the keyboard.
class TestRuns : public QObject {
    Q_OBJECT
private slots:
    void init();
    void cleanup();
    void filterListsWhatMatchesAndUndoBringsTheTextBack();
    void filterThatDoesNotParseSaysWhyAndTheLastStays();
    void escapeClearsTheFilter();
    void keysAreCompletedAsTheyAreTyped();
    void checkBoxHidesOneRunAndSelectsNothing();
    void spaceTogglesAllSelectedAsOneEdit();
    void oneClickShowsOrHidesAllListed();
    void showOnlyHideAndRemoveAreOneStepEach();
    void colourIsChosenFromTheMenu();
    void runIsRenamedInPlace();
    void bytesPerTokenAreTypedBelow();
    void selectedRowsAreCopiedAsATable();
    void selectionOutlivesEveryChange();
    void selectionAndChartAgree();
    void differencesAppearForTwoRuns();
    void columnsAndSortingAreRemembered();
    void newestMessageIsInFrontAndOthersWait();
    void messageOffersAnAction();
    void timeLeftIsSaidWhenItIsLong();
    void emptyWindowListsRecentProjects();
    void iconsAreTinted();

private:
    QStringList names() const;
    void select(const QStringList&);
    const RunEntry& entry(const char* name) const;
    void click(const char* action);
    void type(const char* text);
    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<RunPanel> m_panel;
};

void TestRuns::init()
{
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("isoloss-test"));
    QCoreApplication::setApplicationName(QStringLiteral("isoloss-test-runs"));
    QSettings().clear();
    m_dir = std::make_unique<QTemporaryDir>();
    // Five small runs, the last of which diverges.
    QStringList files;
    for (int k = 0; k < 5; ++k) {
        files << m_dir->filePath(QStringLiteral("run-%1.jsonl").arg(k + 1));
        QFile out(files.back());
        QVERIFY(out.open(QIODevice::WriteOnly));
        for (int step = 0; step <= 20; ++step)
            out.write(QStringLiteral("{\"step\": %1, \"loss\": %2, \"width\": %3, \"schedule\": \"%4\"}\n")
                          .arg(step * 10)
                          .arg(k == 4 && step > 12 ? QStringLiteral("NaN") : QString::number(2 + k + 3. / (1 + step)))
                          .arg(64 << k)
                          .arg(k % 2 ? QStringLiteral("wsd") : QStringLiteral("cosine"))
                          .toUtf8());
    }
    m_session = std::make_unique<Session>();
    m_panel = std::make_unique<RunPanel>(*m_session);
    m_panel->setTheme(theme::light());
    m_panel->resize(420, 600);
    m_panel->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
    QVERIFY(m_session->open(m_dir->filePath(QStringLiteral("p.isoloss"))));
    m_session->importFiles(files);
    QTRY_COMPARE(m_session->workspace().runs.size(), std::size_t(5));
    QTRY_VERIFY(!m_session->isBusy());
    QTRY_VERIFY(m_panel->model().columnCount() > RunModel::FirstConfig);
}

void TestRuns::cleanup()
{
    m_panel.reset();
    m_session.reset();
}

QStringList TestRuns::names() const
{
    QStringList out;
    for (int r = 0; r < m_panel->table().model()->rowCount(); ++r)
        out << m_panel->table().model()->index(r, 0).data().toString();
    return out;
}

const RunEntry& TestRuns::entry(const char* name) const
{
    const auto& runs = m_session->workspace().runs;
    return *std::ranges::find(runs, std::string(name), &RunEntry::name);
}

void TestRuns::select(const QStringList& wanted)
{
    RunTable& table = m_panel->table();
    bool first = true;
    for (int r = 0; r < table.model()->rowCount(); ++r) {
        const QModelIndex at = table.model()->index(r, RunModel::Last);
        if (!wanted.contains(at.siblingAtColumn(0).data().toString()))
            continue;
        QTest::mouseClick(table.viewport(), Qt::LeftButton, first ? Qt::NoModifier : Qt::ControlModifier,
                          table.visualRect(at).center());
        first = false;
    }
    QCOMPARE(m_panel->selected().size(), std::size_t(wanted.size()));
}

void TestRuns::click(const char* name)
{
    const std::unique_ptr<QMenu> menu(m_panel->contextMenu());
    auto* action = menu->findChild<QAction*>(QString::fromLatin1(name));
    QVERIFY2(action && action->isEnabled(), name);
    menu->popup(QPoint(10, 10));
    QTest::mouseClick(menu.get(), Qt::LeftButton, {}, menu->actionGeometry(action).center());
}

void TestRuns::type(const char* text)
{
    m_panel->focusFilter();
    auto* edit = m_panel->findChild<QLineEdit*>(QStringLiteral("filter"));
    QTest::keyClicks(edit, QString::fromLatin1(text));
}

void TestRuns::filterListsWhatMatchesAndUndoBringsTheTextBack()
{
    auto* edit = m_panel->findChild<QLineEdit*>(QStringLiteral("filter"));
    type("width>=128 and schedule=='wsd'");
    QTRY_COMPARE(names(), (QStringList{QStringLiteral("run-2"), QStringLiteral("run-4")}));
    QCOMPARE(m_session->workspace().filter, std::string("width>=128 and schedule=='wsd'"));
    QCOMPARE(m_session->undoLabel(), QStringLiteral("Filter runs"));
    QCOMPARE(m_panel->findChild<QCheckBox*>(QStringLiteral("allRuns"))->text(), QStringLiteral("2 of 2 runs shown"));
    m_session->undo();
    QCOMPARE(names().size(), 5);
    QCOMPARE(edit->text(), QString());
    m_session->redo();
    QCOMPARE(names().size(), 2);
    QCOMPARE(edit->text(), QStringLiteral("width>=128 and schedule=='wsd'"));
    edit->selectAll();
    QTest::keyClicks(edit, QStringLiteral("COSINE"));
    QTRY_COMPARE(names(), (QStringList{QStringLiteral("run-1"), QStringLiteral("run-3"), QStringLiteral("run-5")}));
}

void TestRuns::filterThatDoesNotParseSaysWhyAndTheLastStays()
{
    auto* warning = m_panel->findChild<QLabel*>(QStringLiteral("filterWarning"));
    type("width>100");
    QTRY_COMPARE(names().size(), 4);
    QVERIFY(!warning->isVisible());
    QTest::keyClicks(m_panel->findChild<QLineEdit*>(QStringLiteral("filter")), QStringLiteral(" and widht<300"));
    QTRY_VERIFY(warning->isVisible());
    QVERIFY2(warning->text().contains(QLatin1String("width")), qPrintable(warning->text()));
    QVERIFY(warning->text()[0].isUpper());
    QCOMPARE(m_session->workspace().filter, std::string("width>100"));
    QCOMPARE(names().size(), 4);
}

void TestRuns::escapeClearsTheFilter()
{
    auto* edit = m_panel->findChild<QLineEdit*>(QStringLiteral("filter"));
    type("width>100");
    QTRY_COMPARE(names().size(), 4);
    QTest::keyClick(edit, Qt::Key_Escape);
    QCOMPARE(names().size(), 5);
    QCOMPARE(m_session->workspace().filter, std::string());
    QTest::keyClick(edit, Qt::Key_Escape);
    QCOMPARE(m_panel->focusWidget(), &m_panel->table());
}

void TestRuns::keysAreCompletedAsTheyAreTyped()
{
    auto* edit = m_panel->findChild<QLineEdit*>(QStringLiteral("filter"));
    auto* completer = m_panel->findChild<QCompleter*>();
    type("width>1 and SCH");
    QCOMPARE(completer->completionPrefix(), QStringLiteral("SCH"));
    QCOMPARE(completer->currentCompletion(), QStringLiteral("schedule"));
    emit completer->activated(completer->currentCompletion());
    QCOMPARE(edit->text(), QStringLiteral("width>1 and schedule"));
    QTest::keyClicks(edit, QStringLiteral("=='wi"));
    QCOMPARE(completer->completionPrefix(), QString());     // words between quotes are no keys
}

void TestRuns::checkBoxHidesOneRunAndSelectsNothing()
{
    select({QStringLiteral("run-1"), QStringLiteral("run-2")});
    RunTable& table = m_panel->table();
    QStyleOptionViewItem option;
    option.rect = table.visualRect(table.model()->index(3, 0));
    option.features = QStyleOptionViewItem::HasCheckIndicator;
    const QRect box = table.style()->subElementRect(QStyle::SE_ItemViewItemCheckIndicator, &option, &table);
    QTest::mouseClick(table.viewport(), Qt::LeftButton, {}, box.center());
    QVERIFY(!entry("run-4").visible);
    QCOMPARE(m_session->undoLabel(), QStringLiteral("Hide run-4"));
    QCOMPARE(m_panel->selected().size(), std::size_t(2));
    QTest::mouseClick(table.viewport(), Qt::LeftButton, {}, box.center());
    QVERIFY(entry("run-4").visible);
}

void TestRuns::spaceTogglesAllSelectedAsOneEdit()
{
    select({QStringLiteral("run-1"), QStringLiteral("run-3")});
    QTest::keyClick(&m_panel->table(), Qt::Key_Space);
    QVERIFY(!entry("run-1").visible && !entry("run-3").visible && entry("run-2").visible);
    QCOMPARE(m_panel->findChild<QCheckBox*>(QStringLiteral("allRuns"))->text(), QStringLiteral("3 of 5 runs shown"));
    QTest::keyClick(&m_panel->table(), Qt::Key_Space);
    QVERIFY(entry("run-1").visible && entry("run-3").visible);
    m_session->undo();
    QVERIFY(!entry("run-1").visible && !entry("run-3").visible);
    m_session->undo();
    QVERIFY(entry("run-1").visible && entry("run-3").visible);
}

void TestRuns::oneClickShowsOrHidesAllListed()
{
    auto* all = m_panel->findChild<QCheckBox*>(QStringLiteral("allRuns"));
    auto* text = m_panel->findChild<QToolButton*>(QStringLiteral("showAll"));
    QCOMPARE(all->checkState(), Qt::Checked);
    QCOMPARE(text->text(), QStringLiteral("Hide all"));
    type("schedule=='wsd'");
    QTRY_COMPARE(names().size(), 2);
    QTest::mouseClick(text, Qt::LeftButton);
    QVERIFY(!entry("run-2").visible && !entry("run-4").visible && entry("run-1").visible);
    QCOMPARE(all->checkState(), Qt::Unchecked);
    QTest::keyClick(m_panel->findChild<QLineEdit*>(QStringLiteral("filter")), Qt::Key_Escape);
    QCOMPARE(all->checkState(), Qt::PartiallyChecked);
    QCOMPARE(text->text(), QStringLiteral("Show all"));
    QTest::mouseClick(all, Qt::LeftButton, {}, QPoint(8, all->height() / 2));
    QVERIFY(entry("run-2").visible && entry("run-4").visible);
    QCOMPARE(all->checkState(), Qt::Checked);
    QCOMPARE(m_session->undoLabel(), QStringLiteral("Show all runs"));
}

void TestRuns::showOnlyHideAndRemoveAreOneStepEach()
{
    select({QStringLiteral("run-2"), QStringLiteral("run-3")});
    click("showOnly");
    QVERIFY(!entry("run-1").visible && entry("run-2").visible && entry("run-3").visible && !entry("run-5").visible);
    m_session->undo();
    QVERIFY(entry("run-1").visible && entry("run-5").visible);
    click("hide");
    QVERIFY(!entry("run-2").visible && !entry("run-3").visible && entry("run-1").visible);
    click("remove");
    QCOMPARE(names(), (QStringList{QStringLiteral("run-1"), QStringLiteral("run-4"), QStringLiteral("run-5")}));
    QCOMPARE(m_session->undoLabel(), QStringLiteral("Remove 2 runs"));
    m_session->undo();
    QCOMPARE(names().size(), 5);
    QCOMPARE(m_panel->selected().size(), std::size_t(2));
}

void TestRuns::colourIsChosenFromTheMenu()
{
    select({QStringLiteral("run-1"), QStringLiteral("run-2")});
    const std::unique_ptr<QMenu> menu(m_panel->contextMenu());
    auto* colours = menu->findChild<QMenu*>(QStringLiteral("colour"));
    QCOMPARE(colours->actions().size(), 7 + 1 + 5);
    QVERIFY(colours->actions()[0]->isChecked());
    colours->popup(QPoint(10, 10));
    QTest::mouseClick(colours, Qt::LeftButton, {}, colours->actionGeometry(colours->actions()[4]).center());
    QCOMPARE(entry("run-1").color, 4);
    QCOMPARE(entry("run-2").color, 4);
    colours->actions()[8 + 1]->trigger();       // dashed: the same colour
    QCOMPARE(entry("run-1").color, 11);
    QCOMPARE(theme::seriesColor(theme::light(), 11), theme::seriesColor(theme::light(), 4));
    QTest::qWait(510);      // sooner it would be one step
    click("toggle");
    m_session->undo();
    m_session->undo();
    QCOMPARE(entry("run-1").color, 0);
    QCOMPARE(entry("run-2").color, 1);
}

void TestRuns::runIsRenamedInPlace()
{
    select({QStringLiteral("run-3")});
    QTest::keyClick(&m_panel->table(), Qt::Key_F2);
    auto* editor = m_panel->table().viewport()->findChild<QLineEdit*>();
    QVERIFY(editor && editor->isVisible());
    editor->selectAll();
    QTest::keyClicks(editor, QStringLiteral("widest"));
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE(names()[2], QStringLiteral("widest"));
    QCOMPARE(m_session->undoLabel(), QStringLiteral("Rename to widest"));
    QCOMPARE(m_panel->selected().size(), std::size_t(1));
}

void TestRuns::bytesPerTokenAreTypedBelow()
{
    auto* row = m_panel->findChild<QWidget*>(QStringLiteral("bytesRow"));
    select({QStringLiteral("run-1"), QStringLiteral("run-2")});
    QVERIFY(!row->isVisible());
    click("bytes");
    QVERIFY(row->isVisible());
    auto* value = m_panel->findChild<QDoubleSpinBox*>(QStringLiteral("bytesPerToken"));
    value->selectAll();
    QTest::keyClicks(value, QStringLiteral("4.2"));
    QTest::keyClick(value, Qt::Key_Return);
    QTRY_COMPARE(entry("run-1").bytesPerToken, 4.2);
    QCOMPARE(entry("run-2").bytesPerToken, 4.2);
    QCOMPARE(entry("run-3").bytesPerToken, 0.);
    QCOMPARE(m_session->undoLabel(), QStringLiteral("Bytes per token of 2 runs"));
}

void TestRuns::selectedRowsAreCopiedAsATable()
{
    select({QStringLiteral("run-2"), QStringLiteral("run-5")});
    QTest::keyClick(&m_panel->table(), Qt::Key_C, Qt::ControlModifier);
    const QStringList lines = QApplication::clipboard()->text().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 3);
    const QStringList head = lines[0].split(QLatin1Char('\t')), first = lines[1].split(QLatin1Char('\t'));
    QCOMPARE(head[0], QStringLiteral("Run"));
    QCOMPARE(first.size(), head.size());
    QCOMPARE(first[0], QStringLiteral("run-2"));
    QCOMPARE(first[int(head.indexOf(QLatin1String("width")))], QStringLiteral("128"));
    QCOMPARE(first[int(head.indexOf(QLatin1String("Loss")))].toDouble(), QString::number(3 + 3. / 21).toDouble());   // all digits logged
    QVERIFY(lines[2].contains(QLatin1String("diverged at 130")));
}

void TestRuns::selectionOutlivesEveryChange()
{
    select({QStringLiteral("run-2"), QStringLiteral("run-5")});
    const auto chosen = m_panel->selected();
    QSignalSpy picked(m_panel.get(), &RunPanel::selectionPicked);
    const auto highlighted = [&] {
        std::vector<std::string> out;
        RunTable& table = m_panel->table();
        for (int r = 0; r < table.model()->rowCount(); ++r)
            if (table.selectionModel()->isRowSelected(r, {}))
                out.push_back(m_panel->model().hash(static_cast<QAbstractProxyModel*>(table.model())
                                                        ->mapToSource(table.model()->index(r, 0)).row()));
        std::ranges::sort(out);
        return out;
    };
    auto sorted = chosen;
    std::ranges::sort(sorted);
    std::mt19937_64 random(11);
    for (int edit = 0; edit < 120; ++edit) {
        Workspace next = m_session->workspace();
        switch (random() % 5) {
        case 0: next.runs[random() % next.runs.size()].visible ^= true; break;
        case 1: std::ranges::shuffle(next.runs, random); break;
        case 2: next.runs[random() % next.runs.size()].name = "n" + std::to_string(edit); break;
        case 3: m_panel->table().sortByColumn(int(random() % 6), random() % 2 ? Qt::AscendingOrder : Qt::DescendingOrder); break;
        default: next.runs[random() % next.runs.size()].color = int(random() % 9); break;
        }
        m_session->edit(QStringLiteral("Edit %1").arg(edit), next);
        QCOMPARE(highlighted(), sorted);
    }
    // What a filter hides comes back selected.
    Workspace next = m_session->workspace();
    next.filter = "width>100";
    m_session->edit(QStringLiteral("Filter"), next);
    QCOMPARE(highlighted().size(), std::size_t(2));
    next.filter = "width<100";
    m_session->edit(QStringLiteral("Filter more"), next);
    QCOMPARE(highlighted().size(), std::size_t(0));
    next.filter.clear();
    m_session->edit(QStringLiteral("No filter"), next);
    QCOMPARE(highlighted(), sorted);
    QCOMPARE(picked.size(), 0);
}

void TestRuns::selectionAndChartAgree()
{
    QSignalSpy picked(m_panel.get(), &RunPanel::selectionPicked);
    select({QStringLiteral("run-2"), QStringLiteral("run-4")});
    QVERIFY(!picked.empty());
    QCOMPARE(picked.back()[0].value<std::vector<std::string>>(), (std::vector<std::string>{entry("run-2").hash, entry("run-4").hash}));
    picked.clear();
    m_panel->setSelected({entry("run-5").hash});
    QCOMPARE(m_panel->selected(), std::vector<std::string>{entry("run-5").hash});
    QCOMPARE(picked.size(), 0);
    QTest::keyClick(&m_panel->table(), Qt::Key_A, Qt::ControlModifier);
    QCOMPARE(m_panel->selected().size(), std::size_t(5));
    QCOMPARE(picked.size(), 1);
}

void TestRuns::differencesAppearForTwoRuns()
{
    auto* table = m_panel->findChild<QTableView*>(QStringLiteral("differences"));
    select({QStringLiteral("run-1")});
    QVERIFY(!table->isVisible());
    select({QStringLiteral("run-1"), QStringLiteral("run-3")});
    QVERIFY(table->isVisible());
    QCOMPARE(table->model()->rowCount(), 1);        // the same schedule, another width
    QCOMPARE(table->model()->index(0, 0).data().toString(), QStringLiteral("width"));
    QTest::qWait(1);        // laid out
    QTest::mouseClick(m_panel->findChild<QToolButton*>(QStringLiteral("differencesToggle")), Qt::LeftButton);
    QVERIFY(!table->isVisible());
    select({QStringLiteral("run-1")});
    select({QStringLiteral("run-1"), QStringLiteral("run-2")});
    QVERIFY(!table->isVisible());                   // stays folded
}

void TestRuns::columnsAndSortingAreRemembered()
{
    RunTable& table = m_panel->table();
    QHeaderView* header = table.horizontalHeader();
    const auto columnOf = [](RunPanel& panel, const char* id) {
        for (int c = 0; c < panel.model().columnCount(); ++c)
            if (panel.model().columnId(c) == QLatin1String(id))
                return c;
        return -1;
    };
    const int width = columnOf(*m_panel, "config:width");
    QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, QPoint(header->sectionViewportPosition(RunModel::Last) + 12, 8));
    QCOMPARE(header->sortIndicatorSection(), int(RunModel::Last));
    table.setColumnWidth(RunModel::Last, 93);
    header->moveSection(header->visualIndex(width), 1);
    const std::unique_ptr<QMenu> menu(table.headerMenu(RunModel::Steps));
    menu->actions()[2]->trigger();
    QVERIFY(table.isColumnHidden(RunModel::Steps));
    QVERIFY(!table.isColumnHidden(RunModel::Status));       // one run has diverged

    RunPanel again(*m_session);
    again.resize(420, 600);
    again.show();
    QTRY_VERIFY(again.model().columnCount() > RunModel::FirstConfig);
    QHeaderView* head = again.table().horizontalHeader();
    QCOMPARE(again.table().columnWidth(RunModel::Last), 93);
    QVERIFY(again.table().isColumnHidden(RunModel::Steps));
    QCOMPARE(head->visualIndex(columnOf(again, "config:width")), 1);
    QCOMPARE(head->sortIndicatorSection(), int(RunModel::Last));
    const std::unique_ptr<QMenu> reset(again.table().headerMenu(-1));
    reset->actions().back()->trigger();
    QVERIFY(!again.table().isColumnHidden(RunModel::Steps));
    QCOMPARE(head->visualIndex(columnOf(again, "config:width")), columnOf(again, "config:width"));
}

void TestRuns::newestMessageIsInFrontAndOthersWait()
{
    QWidget window;
    window.resize(600, 80);
    MessageBar bar(&window);
    bar.resize(600, 40);
    window.show();
    bar.say(QStringLiteral("First of one import."));
    bar.say(QStringLiteral("Second of one import."));
    QCOMPARE(bar.sentence(), QStringLiteral("First of one import."));
    QTest::qWait(1);
    bar.say(QStringLiteral("What was tried next failed."));
    QCOMPARE(bar.sentence(), QStringLiteral("What was tried next failed."));
    QCOMPARE(bar.findChild<QLabel*>(QStringLiteral("messagePlace"))->text(), QStringLiteral("1 of 3"));
    QTest::mouseClick(bar.findChild<QToolButton*>(QStringLiteral("messageNext")), Qt::LeftButton);
    QCOMPARE(bar.sentence(), QStringLiteral("First of one import."));
    QTest::mouseClick(bar.findChild<QToolButton*>(QStringLiteral("messageClose")), Qt::LeftButton);
    QCOMPARE(bar.count(), 2);
    QTest::qWait(1);
    bar.say(QStringLiteral("What was tried next failed."));        // said twice, waits once
    QCOMPARE(bar.count(), 2);
    QCOMPARE(bar.accessibleName(), bar.sentence());
    bar.hide();
    QCOMPARE(bar.count(), 0);
    QCOMPARE(bar.sentence(), QString());
}

void TestRuns::messageOffersAnAction()
{
    MessageBar bar;
    QSignalSpy asked(&bar, &MessageBar::actionAsked);
    bar.say(QStringLiteral("No run is checked."), QStringLiteral("Show all runs"));
    auto* action = bar.findChild<QPushButton*>(QStringLiteral("messageAction"));
    QVERIFY(action->isVisible());
    QTest::mouseClick(action, Qt::LeftButton);
    QCOMPARE(asked.size(), 1);
    QCOMPARE(asked[0][0].toString(), QStringLiteral("Show all runs"));
    QVERIFY(bar.isHidden());
    bar.say(QStringLiteral("Plain."));
    QVERIFY(!action->isVisible());
}

void TestRuns::timeLeftIsSaidWhenItIsLong()
{
    QCOMPARE(timeLeft(.5, .1), QString());      // too early to say
    QCOMPARE(timeLeft(10, .9), QString());      // no more than two seconds
    QCOMPARE(timeLeft(10, .5), QStringLiteral("about 10 s left"));
    QCOMPARE(timeLeft(60, .1), QStringLiteral("about 9 min left"));
    QCOMPARE(timeLeft(10, 0), QString());
    QCOMPARE(timeLeft(10, std::nan("")), QString());
    ProgressStrip strip;
    strip.report(QStringLiteral("Reading"), .02);
    QVERIFY(strip.isHidden());
    QTRY_VERIFY(strip.isVisible());
    QTest::qWait(800);
    strip.report(QStringLiteral("Reading"), .1);
    QVERIFY(strip.findChild<QLabel*>(QStringLiteral("timeLeft"))->text().endsWith(QLatin1String("s left")));
    strip.report({}, -1);
    QVERIFY(strip.isHidden());
}

void TestRuns::emptyWindowListsRecentProjects()
{
    EmptyPanel panel;
    panel.resize(700, 500);
    panel.show();
    QSignalSpy asked(&panel, &EmptyPanel::recentAsked);
    panel.setRecent({QStringLiteral("/a/one.isoloss"), QStringLiteral("/b/two.isoloss"), QStringLiteral("/c/two.isoloss"),
                     QStringLiteral("/d/4.isoloss"), QStringLiteral("/e/5.isoloss"), QStringLiteral("/f/6.isoloss")});
    QTest::qWait(1);
    const auto buttons = panel.findChildren<QToolButton*>(QStringLiteral("recent"));
    QCOMPARE(buttons.size(), 5);
    QCOMPARE(buttons[0]->text(), QStringLiteral("one"));
    QCOMPARE(buttons[1]->text(), QStringLiteral("b/two"));
    QTest::mouseClick(buttons[1], Qt::LeftButton);
    QCOMPARE(asked[0][0].toString(), QStringLiteral("/b/two.isoloss"));
    panel.setRecent({});
    QVERIFY(!buttons[0]->isVisible());
}

void TestRuns::iconsAreTinted()
{
    for (const char* name : {"lock", "unlock", "reset", "plus", "close", "warning", "search", "export", "curves", "fit", "plan"})
        for (const theme::Theme* t : {&theme::light(), &theme::dark()}) {
            const QImage image = icon(name, *t).pixmap(48, 48).toImage().convertToFormat(QImage::Format_ARGB32);
            bool painted = false;
            for (int y = 0; y < image.height(); ++y)
                for (int x = 0; x < image.width(); ++x)
                    if (qAlpha(image.pixel(x, y)) == 255) {
                        painted = true;
                        QCOMPARE(image.pixel(x, y), t->text2.rgb());
                    }
            QVERIFY2(painted, name);
        }
    QVERIFY(icon("absent", theme::light()).isNull());
}

QTEST_MAIN(TestRuns)
#include "tst_runs.moc"

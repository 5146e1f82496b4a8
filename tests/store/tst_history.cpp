// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/store/history.h"
#include "core/store/merge.h"
#include "core/store/open.h"
#include "tests/store/folder.h"
#include "tests/store/sample.h"

#include <QTest>

using store::Project;

class TestHistory : public QObject {
    Q_OBJECT
    Folder m_folder;
    std::filesystem::path fresh() { return m_folder.fresh(); }

private slots:
    void undoGoesToTheStartAndRedoBack();
    void historyOutlivesTheProgram();
    void editAfterUndoDropsWhatCouldBeRedone();
    void noChangeMakesNoStep();
    void nanIsNoChange();
    void sameLabelInAMomentIsOneStep();
    void importIsAStepOfItsOwn();
    void sliderDraggedBackLeavesNoStep();
    void thousandStepsAreKept();
    void largeHistoryIsBounded();
    void otherProgramsChangeIsKept();
    void bothChangesInOnePlaceIsAnError();
    void undoOfWhatWasNotSeenIsAnError();
    void importJoinsWhatAnotherProgramLeft();
    void sameLabelOfAnotherProgramIsNotReplaced();
    void mergeKeepsBoth_data();
    void mergeKeepsBoth();
    void mergeKnowsEveryField();
    void amendMakesNoStep();
    void amendKeepsWhatCanBeRedone();
    void amendOutlivesTheProgram();
    void amendMergesWithAnotherProgram();
    void amendOfAProjectOpenedForReadingIsForgotten();
    void lockedFileIsAnError();
    void fullDiskIsAnErrorAndLosesNothing();
};

void TestHistory::undoGoesToTheStartAndRedoBack()
{
    Project project = Project::inMemory();
    QVERIFY(project.undoLabel().empty() && project.redoLabel().empty());
    QVERIFY(!project.undo() && !project.redo());
    std::vector<Workspace> states = {project.workspace()};
    for (int i = 1; i <= 20; ++i) {
        if (i % 5 == 0) {
            const data::Run run = sample::log("run", 5, std::uint64_t(i));
            project.add(std::span(&run, 1), QString("step %1").arg(i).toStdString());
        } else {
            project.edit(QString("step %1").arg(i).toStdString(), sample::filtered(project.workspace(), std::to_string(i)));
        }
        states.push_back(project.workspace());
    }
    for (int i = 20; i > 0; --i) {
        QCOMPARE(project.undoLabel(), QString("step %1").arg(i).toStdString());
        QVERIFY(project.undo());
        QVERIFY(project.workspace() == states[std::size_t(i - 1)]);
    }
    QVERIFY(!project.undo());
    QVERIFY(project.undoLabel().empty());
    for (int i = 1; i <= 20; ++i) {
        QCOMPARE(project.redoLabel(), QString("step %1").arg(i).toStdString());
        QVERIFY(project.redo());
        QVERIFY(project.workspace() == states[std::size_t(i)]);
    }
    QVERIFY(!project.redo());
    QCOMPARE(project.runs().size(), 4u);
}

void TestHistory::historyOutlivesTheProgram()
{
    const auto path = fresh();
    for (int i = 1; i <= 5; ++i) {
        Project project = Project::open(path);
        QCOMPARE(project.workspace().filter, i == 1 ? std::string() : std::to_string(i - 1));
        project.edit("Filter", sample::filtered(project.workspace(), std::to_string(i)));
    }
    for (int i = 4; i >= 2; --i) {
        Project project = Project::open(path);
        QVERIFY(project.undo());
        QCOMPARE(project.workspace().filter, std::to_string(i));
    }
    Project project = Project::open(path);
    QCOMPARE(project.workspace().filter, std::string("2"));
    QCOMPARE(project.redoLabel(), std::string("Filter"));
    QVERIFY(project.redo() && project.redo() && project.redo() && !project.redo());
    QCOMPARE(project.workspace().filter, std::string("5"));
}

void TestHistory::editAfterUndoDropsWhatCouldBeRedone()
{
    Project project = Project::inMemory();
    for (const char* filter : {"a", "b", "c"})
        project.edit(filter, sample::filtered({}, filter));
    project.undo();
    project.undo();
    project.edit("d", sample::filtered({}, "d"));
    QVERIFY(project.redoLabel().empty() && !project.redo());
    project.undo();
    QCOMPARE(project.workspace().filter, std::string("a"));
    QCOMPARE(project.redoLabel(), std::string("d"));
}

void TestHistory::noChangeMakesNoStep()
{
    Project project = Project::inMemory();
    project.edit("a", sample::filtered({}, "a"));
    project.undo();
    project.edit("nothing", project.workspace());
    QCOMPARE(project.redoLabel(), std::string("a"));     // not even what can be redone is dropped
    QVERIFY(project.undoLabel().empty());
}

void TestHistory::nanIsNoChange()
{
    Project project = Project::inMemory();
    Workspace workspace;
    workspace.fits.push_back({"fit1", "", {}});
    workspace.fits[0].spec.delta = std::numeric_limits<double>::quiet_NaN();
    project.edit("a", workspace);
    project.edit("b", workspace);
    QCOMPARE(project.undoLabel(), std::string("a"));
}

void TestHistory::sameLabelInAMomentIsOneStep()
{
    Project project = Project::inMemory();
    for (int i = 0; i < 30; ++i)
        project.edit("Drag", sample::filtered({}, std::to_string(i)));
    project.edit("Other", sample::filtered({}, "x"));
    project.edit("Drag", sample::filtered({}, "y"));
    QTest::qWait(550);
    project.edit("Drag", sample::filtered({}, "z"));
    for (const char* before : {"y", "x", "29", ""}) {
        QVERIFY(project.undo());
        QCOMPARE(project.workspace().filter, std::string(before));
    }
    QVERIFY(!project.undo());
    project.redo();
    project.edit("Drag", sample::filtered({}, "after a redo"));
    project.undo();
    QCOMPARE(project.workspace().filter, std::string("29"));
}

void TestHistory::importIsAStepOfItsOwn()
{
    Project project = Project::inMemory();
    for (std::uint64_t i = 0; i < 3; ++i) {
        const data::Run run = sample::log("run", 5, i);
        project.add(std::span(&run, 1));
    }
    project.edit("Import", sample::filtered(project.workspace(), "x"));
    QVERIFY(project.undo() && project.undo());
    QCOMPARE(project.workspace().runs.size(), 2u);
}

void TestHistory::sliderDraggedBackLeavesNoStep()
{
    Project project = Project::inMemory();
    project.edit("a", sample::filtered({}, "a"));
    for (const char* filter : {"b", "c", "a"})
        project.edit("Drag", sample::filtered({}, filter));
    QCOMPARE(project.undoLabel(), std::string("a"));
    QVERIFY(project.redoLabel().empty());
    project.edit("Drag", sample::filtered({}, "d"));
    QVERIFY(project.undo());
    QCOMPARE(project.workspace().filter, std::string("a"));
}

void TestHistory::thousandStepsAreKept()
{
    const auto path = fresh();
    Project project = Project::open(path);
    for (int i = 1; i <= 1100; ++i)
        project.edit(i % 2 ? "odd" : "even", sample::filtered({}, std::to_string(i)));
    int steps = 0;
    while (project.undo())
        ++steps;
    QCOMPARE(steps, 1000);
    QCOMPARE(project.workspace().filter, std::string("100"));
    while (project.redo())
        --steps;
    QCOMPARE(steps, 0);
    QCOMPARE(project.workspace().filter, std::string("1100"));
}

void TestHistory::largeHistoryIsBounded()
{
    Project project = Project::inMemory();
    std::mt19937_64 random(1);
    std::string noise(std::size_t(1) << 20, ' ');
    for (int i = 1; i <= 110; ++i) {
        for (std::size_t at = 0; at + 8 <= noise.size(); at += 8) {
            std::uint64_t bits = random();
            for (std::size_t b = 0; b < 8; ++b, bits >>= 6)
                noise[at + b] = char('0' + bits % 64 + (bits % 64 >= 44));     // no backslash
        }
        project.edit(std::to_string(i), sample::filtered({}, noise));
    }
    int steps = 0;
    while (project.undo())
        ++steps;
    // 64 MB of 0.75 MB each, checked every 32 steps.
    QVERIFY2(steps >= 80 && steps < 105, qPrintable(QString::number(steps)));
}

void TestHistory::otherProgramsChangeIsKept()
{
    const auto path = fresh();
    Project here = Project::open(path), there = Project::open(path);
    there.edit("Filter", sample::filtered(there.workspace(), "theirs"));
    Workspace workspace = here.workspace();
    workspace.charts.push_back({.id = "chart1", .title = "ours"});
    here.edit("Chart", workspace);
    QCOMPARE(here.workspace().filter, std::string("theirs"));
    QCOMPARE(here.workspace().charts.size(), 1u);
    QVERIFY(there.reload());
    QVERIFY(!there.reload());
    QVERIFY(there.workspace() == here.workspace());
    QVERIFY(there.undo());
    QCOMPARE(there.workspace().filter, std::string("theirs"));
    QVERIFY(there.workspace().charts.empty());
}

void TestHistory::bothChangesInOnePlaceIsAnError()
{
    const auto path = fresh();
    Project here = Project::open(path), there = Project::open(path);
    there.edit("Filter", sample::filtered({}, "theirs"));
    try {
        here.edit("Filter", sample::filtered({}, "ours"));
        QFAIL("one of the two was lost");
    } catch (const Error& e) {
        QVERIFY2(QString(e.what()).contains("another program"), e.what());
    }
    QCOMPARE(here.workspace().filter, std::string("theirs"));
    here.edit("Filter", sample::filtered({}, "ours"));      // made again, having seen it
    QVERIFY(there.reload());
    QCOMPARE(there.workspace().filter, std::string("ours"));
}

void TestHistory::undoOfWhatWasNotSeenIsAnError()
{
    const auto path = fresh();
    Project here = Project::open(path);
    here.edit("a", sample::filtered({}, "a"));
    Project there = Project::open(path);
    there.edit("b", sample::filtered({}, "b"));
    QVERIFY_EXCEPTION_THROWN(here.undo(), Error);
    QCOMPARE(here.workspace().filter, std::string("b"));
    QVERIFY(here.undo());
    QCOMPARE(here.workspace().filter, std::string("a"));
}

void TestHistory::importJoinsWhatAnotherProgramLeft()
{
    const auto path = fresh();
    Project here = Project::open(path), there = Project::open(path);
    const data::Run a = sample::log("a", 5, 1), b = sample::log("b", 5, 2);
    there.add(std::span(&a, 1));
    QCOMPARE(here.add(std::span(&b, 1)), 1);
    QCOMPARE(here.add(std::span(&a, 1)), 0);
    QCOMPARE(here.workspace().runs.size(), 2u);
    QCOMPARE(here.workspace().runs[1].color, 1);
    QVERIFY(sample::same(here.runs().at(0), a));
}

void TestHistory::sameLabelOfAnotherProgramIsNotReplaced()
{
    const auto path = fresh();
    Project here = Project::open(path), there = Project::open(path);
    here.edit("Drag", sample::filtered({}, "ours"));
    QVERIFY(there.reload());
    there.edit("Drag", sample::filtered({}, "theirs"));
    QVERIFY(there.undo());
    QCOMPARE(there.workspace().filter, std::string("ours"));
    there.redo();
    here.reload();
    here.edit("Drag", sample::filtered({}, "ours again"));
    here.undo();
    QCOMPARE(here.workspace().filter, std::string("theirs"));
}

namespace {

// Runs by their hashes, with a colour: "a0 b1".
std::vector<RunEntry> entries(const QString& text)
{
    std::vector<RunEntry> out;
    for (const QString& word : text.split(' ', Qt::SkipEmptyParts))
        out.push_back({.hash = word.left(1).toStdString(), .name = "", .color = word.mid(1).toInt()});
    return out;
}

}

void TestHistory::mergeKeepsBoth_data()
{
    QTest::addColumn<QString>("base");
    QTest::addColumn<QString>("ours");
    QTest::addColumn<QString>("theirs");
    QTest::addColumn<QString>("both");      // "!" where they cannot be
    QTest::newRow("nothing") << "a0" << "a0" << "a0" << "a0";
    QTest::newRow("only ours") << "a0 b0" << "b0 a1" << "a0 b0" << "b0 a1";
    QTest::newRow("only theirs") << "a0 b0" << "a0 b0" << "b1" << "b1";
    QTest::newRow("both add") << "a0" << "a0 b0" << "a0 c0" << "a0 c0 b0";
    QTest::newRow("both add the same") << "a0" << "a0 b0" << "a0 c0 b0" << "a0 c0 b0";
    QTest::newRow("both add it otherwise") << "a0" << "a0 b0" << "a0 b1" << "!";
    QTest::newRow("we remove, they change another") << "a0 b0" << "b0" << "a0 b1" << "b1";
    QTest::newRow("we remove what they change") << "a0 b0" << "b0" << "a1 b0" << "!";
    QTest::newRow("we change what they remove") << "a0 b0" << "a1 b0" << "b0" << "!";
    QTest::newRow("both remove") << "a0 b0 c0" << "b0 c0" << "b0" << "b0";
    QTest::newRow("both change alike") << "a0 b0" << "a1 b0" << "a1 b2" << "a1 b2";
    QTest::newRow("both change otherwise") << "a0 b0" << "a1 b0" << "a2 b0" << "!";
    QTest::newRow("different ones") << "a0 b0" << "a1 b0" << "a0 b2" << "a1 b2";
}

void TestHistory::mergeKeepsBoth()
{
    QFETCH(QString, base);
    QFETCH(QString, ours);
    QFETCH(QString, theirs);
    QFETCH(QString, both);
    const auto merged = store::merge({.runs = entries(base), .fits = {}, .charts = {}, .filter = ""},
                                     {.runs = entries(ours), .fits = {}, .charts = {}, .filter = ""},
                                     {.runs = entries(theirs), .fits = {}, .charts = {}, .filter = ""});
    QCOMPARE(merged.has_value(), both != "!");
    if (merged)
        QVERIFY(merged->runs == entries(both));
}

void TestHistory::mergeKnowsEveryField()
{
    const Workspace base{.charts = {{.id = "c", .title = ""}}, .filter = "f", .current = "c"};
    Workspace ours = base, theirs = base;
    ours.charts[0].title = "ours";
    ours.plan = {.fit = "fit1", .by = "loss", .amount = 2};
    theirs.charts[0].viewX = {1, 2};
    theirs.current = "d";
    Workspace wanted = ours;
    wanted.charts[0].viewX = {1, 2};
    wanted.current = "d";
    QVERIFY(store::merge(base, ours, theirs) == wanted);
    QVERIFY(store::merge(base, theirs, ours) == wanted);

    // Both looked elsewhere: no conflict, ours stays. Both asked the planner something else: a conflict.
    ours.current = "e";
    ours.charts[0].viewX = {3, 4};
    ours.charts[0].viewY = {{0, 1}};
    wanted = ours;
    QVERIFY(store::merge(base, ours, theirs) == wanted);
    theirs.plan.amount = 1e20;
    QVERIFY(!store::merge(base, ours, theirs));
}

void TestHistory::amendMakesNoStep()
{
    Project project = Project::inMemory();
    Workspace seen;
    seen.current = "chart1";
    project.amend(seen);
    QVERIFY(project.undoLabel().empty());
    QVERIFY(!project.undo());
    project.edit("a", sample::filtered(seen, "a"));
    seen = project.workspace();
    seen.current = "chart2";
    project.amend(seen);
    QCOMPARE(project.undoLabel(), std::string("a"));
    QVERIFY(project.undo());
    QCOMPARE(project.workspace().current, std::string("chart1"));
    QVERIFY(project.redo());
    QCOMPARE(project.workspace().current, std::string("chart2"));

    // A slider that is dragged while something else is zoomed stays one step.
    for (int i = 0; i < 3; ++i) {
        project.edit("Drag", sample::filtered(project.workspace(), std::to_string(i)));
        seen = project.workspace();
        seen.current = std::to_string(i);
        project.amend(seen);
    }
    QVERIFY(project.undo());
    QCOMPARE(project.workspace().filter, std::string("a"));
}

void TestHistory::amendKeepsWhatCanBeRedone()
{
    Project project = Project::inMemory();
    project.edit("a", sample::filtered({}, "a"));
    project.edit("b", sample::filtered({}, "b"));
    project.undo();
    Workspace seen = project.workspace();
    seen.current = "chart1";
    project.amend(seen);
    QCOMPARE(project.redoLabel(), std::string("b"));
    QVERIFY(project.redo());
    QCOMPARE(project.workspace().filter, std::string("b"));
    QVERIFY(project.undo());
    QVERIFY(project.workspace() == seen);
}

void TestHistory::amendOutlivesTheProgram()
{
    const auto path = fresh();
    Workspace seen;
    {
        Project project = Project::open(path);
        project.edit("a", sample::filtered({.charts = {{.id = "chart1", .title = ""}}, .filter = "", .current = ""}, "a"));
        seen = project.workspace();
        seen.charts[0].viewX = {1, 1e9};
        seen.charts[0].viewY = {{2, 3}};
        project.amend(seen);
    }
    Project project = Project::open(path);
    QVERIFY(project.workspace() == seen);
    QCOMPARE(project.undoLabel(), std::string("a"));
}

void TestHistory::amendMergesWithAnotherProgram()
{
    const auto path = fresh();
    Project here = Project::open(path), there = Project::open(path);
    there.edit("Filter", sample::filtered({}, "theirs"));
    Workspace seen = here.workspace();
    seen.current = "chart1";
    here.amend(seen);
    QCOMPARE(here.workspace().filter, std::string("theirs"));
    QCOMPARE(here.undoLabel(), std::string("Filter"));
    QVERIFY(there.reload());
    QVERIFY(there.workspace() == here.workspace());

    there.edit("Filter", sample::filtered(there.workspace(), "again"));
    QVERIFY_EXCEPTION_THROWN(here.amend(sample::filtered(here.workspace(), "ours")), Error);
    QCOMPARE(here.workspace().filter, std::string("again"));
}

void TestHistory::amendOfAProjectOpenedForReadingIsForgotten()
{
    const auto path = fresh();
    Project::open(path).edit("a", sample::filtered({}, "a"));
    {
        Project project = Project::open(path, Project::Mode::ReadOnly);
        Workspace seen = project.workspace();
        seen.current = "chart1";
        project.amend(seen);
        QVERIFY(project.workspace() == seen);
    }
    QVERIFY(Project::open(path).workspace().current.empty());
}

void TestHistory::lockedFileIsAnError()
{
    const auto path = fresh();
    store::Database one = store::openToWrite(path), two = store::openToWrite(path);
    two.exec("PRAGMA busy_timeout=20");
    store::Transaction held(one);
    try {
        store::Transaction waits(two);
        QFAIL("two write at once");
    } catch (const Error& e) {
        QVERIFY2(QString(e.what()).contains("locked by another program"), e.what());
        QVERIFY2(QString(e.what()).contains(QString::fromStdString(path.string())), e.what());
    }
    Project reader = Project::open(path, Project::Mode::ReadOnly);      // readers do not wait
    QVERIFY(reader.workspace() == Workspace{});
}

void TestHistory::fullDiskIsAnErrorAndLosesNothing()
{
    const auto path = fresh();
    store::Database db = store::openToWrite(path);
    db.exec("PRAGMA max_page_count=40");
    store::History history(db);
    store::History::State state = history.load();
    std::mt19937_64 random(3);
    try {
        for (;;) {
            std::string noise(3000, ' ');
            for (char& c : noise)
                c = char('a' + random() % 26);
            store::Transaction transaction(db);
            store::History::State next = history.append(state, "noise", store::History::state(sample::filtered({}, noise)), false);
            transaction.commit();
            state = std::move(next);
        }
    } catch (const Error& e) {
        QVERIFY2(QString(e.what()).contains("disk is full"), e.what());
    }
    QVERIFY(state.seq > 10);
    QCOMPARE(history.load().json, state.json);
    db.exec("PRAGMA max_page_count=1000");
    store::Transaction transaction(db);
    history.append(state, "after", store::History::state(sample::filtered({}, "after")), false);
    transaction.commit();
    QCOMPARE(history.load().workspace.filter, std::string("after"));
}

QTEST_GUILESS_MAIN(TestHistory)
#include "tst_history.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/mainwindow.h"
#include "app/panel/samples.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDockWidget>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QSettings>
#include <QStandardPaths>
#include <QTabBar>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>

#include <cmath>

// The whole way of a user, by clicks and keys: from the empty window to exported figures and back by undo.

class TestJourney : public QObject {
    Q_OBJECT
private slots:
    void init();
    void fromSampleToFiguresAndBack();
    void aPastedTableBecomesData();
    void importsWaitForOneAnother();
    void whatIsInTheWayIsSaidWhereOneLooks();
    void layoutIsRememberedAndReset();
    void tokenizersAreNotMixedInSilence();
    void aLogWithoutStepsSaysSo();

private:
    template <class T>
    T* find(MainWindow& window, const char* name)
    {
        auto* found = window.findChild<T*>(QString::fromLatin1(name));
        if (!found)
            qFatal("no %s", name);
        return found;
    }
    void click(MainWindow& window, const char* name) { QTest::mouseClick(find<QWidget>(window, name), Qt::LeftButton); }
    // Answers the file dialog that is open by typing a name.
    void save(MainWindow& window, const QString& file);
    std::unique_ptr<QTemporaryDir> m_dir;
    QString path(const char* name) const { return m_dir->filePath(QString::fromLatin1(name)); }
};

void TestJourney::init()
{
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("isoloss-test"));
    QCoreApplication::setApplicationName(QStringLiteral("isoloss-journey"));
    QSettings().clear();
    m_dir = std::make_unique<QTemporaryDir>();
}

void TestJourney::save(MainWindow& window, const QString& file)
{
    QFileDialog* dialog = nullptr;
    QTRY_VERIFY((dialog = window.findChild<QFileDialog*>()) && dialog->isVisible());
    auto* name = dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
    QVERIFY(name);
    name->setCompleter(nullptr);        // its list of files would take the next click
    name->selectAll();
    dialog->setDirectory(QFileInfo(file).path());
    QTest::keyClicks(name, QFileInfo(file).fileName());
    auto* accept = dialog->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Save);
    QTRY_VERIFY(accept->isEnabled() && accept->text() == QStringLiteral("&Save"));
    QTest::mouseClick(accept, Qt::LeftButton);
    QTRY_VERIFY(!window.findChild<QFileDialog*>());
    QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy(), 30000);
    window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&window));
}

void TestJourney::fromSampleToFiguresAndBack()
{
    if (samplesFolder().isEmpty())
        QSKIP("resources/samples/runs is not there");
    QString project;
    Workspace final;
    double alpha = 0;
    chart::PlotView::Seen seen;
    {
        MainWindow window;
        window.resize(1280, 720);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));

        // Open the sample.
        click(window, "sample");
        QTRY_VERIFY_WITH_TIMEOUT(!window.session().workspace().runs.empty() && !window.isBusy(), 30000);
        project = window.session().path();
        const std::size_t all = window.session().workspace().runs.size();
        auto* table = find<QTableView>(window, "runs");
        QCOMPARE(std::size_t(table->model()->rowCount()), all);

        // Filter: a slash goes to the field, the list and the chart follow the words typed.
        QTest::keyClick(&window, Qt::Key_Slash);
        auto* filter = find<QLineEdit>(window, "filter");
        QVERIFY(filter->hasFocus());
        QTest::keyClicks(filter, QStringLiteral("sweep=='ladder'"));
        QTRY_COMPARE(window.session().workspace().filter, std::string("sweep=='ladder'"));
        // Offscreen there is no window manager that makes the window active again when a list of completions closes.
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QTRY_COMPARE(table->model()->rowCount(), 25);
        auto* panel = window.findChild<ChartPanel*>();
        QTRY_VERIFY(!window.isBusy());
        const auto curves = [&] {
            std::set<std::string> runs;
            for (const figure::Layer& layer : panel->view().plot().shown().panels.at(0).layers)
                runs.insert(layer.run);
            return runs.size();
        };
        QTRY_COMPARE(curves(), std::size_t(25));

        // Select two runs, then take the others off by the keyboard and undo that.
        table->setFocus();
        const QModelIndex first = table->model()->index(0, 0), second = table->model()->index(1, 0);
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(first).center() + QPoint(20, 0));
        QTest::mouseClick(table->viewport(), Qt::LeftButton, Qt::ShiftModifier, table->visualRect(second).center() + QPoint(20, 0));
        QCOMPARE(table->selectionModel()->selectedRows().size(), 2);
        QTest::keyClick(table, Qt::Key_Space);
        QTRY_COMPARE(curves(), std::size_t(23));
        find<QAction>(window, "undo")->trigger();
        QTRY_COMPARE(curves(), std::size_t(25));
        QTRY_VERIFY(!window.isBusy());

        // Axes: x against tokens, then FLOPs; both axes linear and logarithmic again.
        QVERIFY(panel->entry().logY);
        QTest::keyClick(&panel->view(), Qt::Key_L);
        QVERIFY(!panel->entry().logY);
        QTRY_VERIFY(!panel->view().plot().shown().panels.at(0).y.log);
        QTest::keyClick(&panel->view(), Qt::Key_L);
        QTest::keyClick(&panel->view(), Qt::Key_L, Qt::ShiftModifier);
        QVERIFY(!panel->entry().logX);
        QTRY_VERIFY(!window.isBusy());
        QTest::keyClick(&panel->view(), Qt::Key_X);
        QCOMPARE(panel->entry().x, std::string("tokens"));
        QTRY_COMPARE(panel->view().plot().shown().panels.at(0).x.title, std::string("training tokens"));
        auto* x = find<QComboBox>(window, "x");
        QTest::keyClick(x, Qt::Key_Down);
        QTRY_COMPARE(panel->entry().x, std::string("flops"));

        // Zoom: the wheel, a box, back and forward.
        QTRY_VERIFY(!window.isBusy());
        chart::PlotView& view = panel->view();
        const QPointF middle = view.plot().frame(0).area.center();
        QWheelEvent wheel(middle, view.mapToGlobal(middle), {}, {0, 240}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(&view, &wheel);
        QVERIFY(view.seen().x.isSet());
        const auto wheeled = view.seen();
        QTest::mousePress(&view, Qt::LeftButton, {}, (middle - QPointF(120, 80)).toPoint());
        QTest::mouseMove(&view, middle.toPoint());
        QTest::mouseMove(&view, (middle + QPointF(100, 60)).toPoint());
        QTest::mouseRelease(&view, Qt::LeftButton, {}, (middle + QPointF(100, 60)).toPoint());
        QVERIFY(view.seen() != wheeled);
        const auto boxed = view.seen();
        QVERIFY(find<QAction>(window, "viewBack")->isEnabled());
        QTest::keyClick(&view, Qt::Key_Left, Qt::AltModifier);
        QCOMPARE(view.seen(), wheeled);
        QTest::keyClick(&view, Qt::Key_Right, Qt::AltModifier);
        QCOMPARE(view.seen(), boxed);
        QTRY_VERIFY(window.session().workspace().charts.at(0).viewX.isSet());
        QTest::keyClick(&view, Qt::Key_R);
        QVERIFY(!view.seen().x.isSet());
        QTest::keyClick(&view, Qt::Key_Left, Qt::AltModifier);
        QCOMPARE(view.seen(), boxed);

        // Fit Chinchilla beside the curves.
        QTest::keyClick(&window, Qt::Key_F);
        auto* laws = find<QComboBox>(window, "law");
        QVERIFY(laws->isVisible());
        laws->setFocus();
        QTest::keyClicks(laws, QStringLiteral("Chin"));
        QCOMPARE(laws->currentData().toString(), QStringLiteral("chinchilla"));
        QTRY_VERIFY(find<QPushButton>(window, "fit")->isEnabled());
        click(window, "fit");
        QTRY_VERIFY_WITH_TIMEOUT(window.session().result("fit1") && !window.isBusy(), 60000);
        alpha = window.session().result("fit1")->value("alpha");
        QVERIFY2(alpha > .2 && alpha < .6, QByteArray::number(alpha));
        QCOMPARE(find<QTabBar>(window, "charts")->count(), 2);
        QCOMPARE(panel->entry().kind, std::string("fit"));

        // Drag a start value: the curves follow while the mouse is down, the fit is made anew when it is up.
        auto* fitPanel = window.findChild<FitPanel*>();
        ParameterRow* row = fitPanel->row(QStringLiteral("alpha"));
        QVERIFY(row);
        RangeBar& bar = row->bar();
        const double at = bar.place(alpha) * (bar.width() - 14) + 7;
        const int y = bar.height() / 2;
        const auto lineOf = [&] {
            for (const figure::Layer& layer : view.plot().shown().panels.at(0).layers)
                if (layer.mark == figure::Mark::Line)
                    return layer.y;
            return std::vector<double>();
        };
        const std::vector<double> settled = lineOf();
        QVERIFY(!settled.empty());
        QTest::mousePress(&bar, Qt::LeftButton, {}, QPoint(int(at), y));
        for (int step = 1; step <= 5; ++step) {
            QTest::mouseMove(&bar, QPoint(int(at) + 8 * step, y));
            QTRY_VERIFY(window.session().previewed("fit1"));
        }
        QTRY_VERIFY(std::abs(window.session().previewed("fit1")->value("alpha") - row->value()) < 1e-9);
        QVERIFY(row->value() > alpha);
        QTRY_VERIFY(lineOf() != settled);
        QVERIFY(find<QLabel>(window, "live")->isVisible());
        QTest::mouseRelease(&bar, Qt::LeftButton, {}, QPoint(int(at) + 40, y));
        QTRY_VERIFY_WITH_TIMEOUT(window.session().result("fit1") && !window.isBusy(), 60000);
        QVERIFY(!window.session().previewed("fit1"));
        QCOMPARE(window.session().workspace().fits.at(0).spec.start.size(), std::size_t(1));
        QVERIFY(std::abs(window.session().result("fit1")->value("alpha") / alpha - 1) < 1e-3);

        // Fix it.
        QTest::mouseClick(row->findChild<QToolButton*>(QStringLiteral("lock")), Qt::LeftButton);
        QTRY_VERIFY(window.session().workspace().fits.at(0).spec.fixed.contains("alpha"));
        QTRY_VERIFY_WITH_TIMEOUT(window.session().result("fit1") && !window.isBusy(), 60000);
        QVERIFY(window.session().result("fit1")->parameters.at(3).fixed);

        // Plan.
        QTest::keyClick(&view, Qt::Key_P);
        auto* amount = find<QLineEdit>(window, "amount");
        QTRY_VERIFY(amount->hasFocus());
        QTest::keyClicks(amount, QStringLiteral("5e13"));
        QTest::keyClick(amount, Qt::Key_Return);
        QTRY_VERIFY(window.findChild<PlanPanel*>()->plan().has_value());
        const plan::Plan planned = *window.findChild<PlanPanel*>()->plan();
        QVERIFY(std::abs(6 * planned.params.value * planned.tokens.value / 5e13 - 1) < 1e-6);
        QVERIFY(planned.extrapolation > 1 && std::isfinite(planned.loss.ci.lower));
        auto* answer = find<QLabel>(window, "planReach");
        QVERIFY2(answer->text().contains(QStringLiteral("extrapolated")), qPrintable(answer->text()));
        click(window, "planPicture");
        QTRY_COMPARE(panel->entry().kind, std::string("plan"));
        QTRY_VERIFY(!window.isBusy());
        QVERIFY(view.plot().shown().panels.size() >= 1 && !view.plot().shown().panels[0].layers.empty());

        // Export the chart as SVG, PDF, PNG and for LaTeX, and the parameters as a LaTeX table.
        QTest::keyClick(&window, Qt::Key_PageUp, Qt::ControlModifier);
        QTRY_COMPARE(panel->entry().kind, std::string("fit"));
        QTRY_VERIFY(!window.isBusy());
        const std::pair<const char*, QByteArray> pictures[] = {
            {"fit.svg", "<svg"}, {"fit.pdf", "%PDF"}, {"fit.png", "\x89PNG"}, {"fit.tex", "tikzpicture"}};
        for (const auto& [name, mark] : pictures) {
            QTest::keyClick(&window, Qt::Key_E, Qt::ControlModifier);
            save(window, path(name));
            QFile file(path(name));
            QTRY_VERIFY_WITH_TIMEOUT(file.exists(), 20000);
            QVERIFY(file.open(QIODevice::ReadOnly));
            QVERIFY2(file.readAll().contains(mark), name);
        }
        QTest::keyClick(&window, Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
        save(window, path("parameters.tex"));
        QFile parameters(path("parameters.tex"));
        QVERIFY(parameters.open(QIODevice::ReadOnly));
        QVERIFY(parameters.readAll().contains("tabular"));

        // Undo to the start, and all of it again.
        final = window.session().workspace();
        seen = view.seen();
        auto* undo = find<QAction>(window, "undo");
        auto* redo = find<QAction>(window, "redo");
        int steps = 0;
        for (; undo->isEnabled() && steps < 100; ++steps)
            QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier);
        QVERIFY2(steps >= 8 && steps < 100, QByteArray::number(steps));
        QVERIFY(window.session().workspace().runs.empty());
        QVERIFY(find<QPushButton>(window, "sample")->isVisible());
        for (int i = 0; redo->isEnabled() && i < 100; ++i)
            redo->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(window.session().result("fit1") && !window.isBusy(), 60000);
        QVERIFY(window.session().workspace() == final);
        window.close();
    }
    MainWindow again;
    again.resize(1280, 720);
    again.show();
    again.openProject(project);
    QTRY_VERIFY_WITH_TIMEOUT(again.session().result("fit1") && !again.isBusy(), 60000);
    QVERIFY(again.session().workspace() == final);
    auto* panel = again.findChild<ChartPanel*>();
    QCOMPARE(panel->entry().kind, std::string("fit"));
    QCOMPARE(find<QTabBar>(again, "charts")->count(), 3);
    QVERIFY(panel->view().seen() == seen);
    QCOMPARE(find<QLineEdit>(again, "filter")->text(), QStringLiteral("sweep=='ladder'"));
    QVERIFY(find<QDockWidget>(again, "fitDock")->isVisible());
    QTRY_VERIFY(again.findChild<PlanPanel*>()->plan().has_value());
    // The zoom of the chart behind is there too.
    find<QTabBar>(again, "charts")->setCurrentIndex(0);
    QTRY_VERIFY(!again.isBusy() && panel->view().seen().x.isSet());
    again.close();
    QFile::remove(project);
}

void TestJourney::aPastedTableBecomesData()
{
    MainWindow window;
    window.show();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    QApplication::clipboard()->setText(QStringLiteral("params\ttokens\tloss\n1e8\t2e9\t3.1\n2e8\t4e9\t2.9\n4e8\t8e9\t2.75\n"));
    QTest::keyClick(&window, Qt::Key_V, Qt::ControlModifier);
    QTRY_COMPARE(window.session().workspace().runs.size(), std::size_t(1));
    QTRY_VERIFY(!window.isBusy());
    const data::Run* run = window.session().run(window.session().workspace().runs[0].hash);
    QVERIFY(run);
    QCOMPARE(run->kind, data::Kind::Table);
    QCOMPARE(run->find("tokens")->value->at(2), 8e9);
    find<QAction>(window, "undo")->trigger();
    QVERIFY(window.session().workspace().runs.empty());
    // Words are no table.
    QApplication::clipboard()->setText(QStringLiteral("hello"));
    QTest::keyClick(&window, Qt::Key_V, Qt::ControlModifier);
    QVERIFY(window.findChild<MessageBar*>()->sentence().contains(QLatin1String("clipboard")));
    QFile::remove(window.session().path());
}

void TestJourney::importsWaitForOneAnother()
{
    for (const char* name : {"a.csv", "b.csv", "c.csv"}) {
        QFile out(path(name));
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write("step,loss\n");
        for (int step = 1; step < 2000; ++step)
            out.write(QByteArray::number(step) + ',' + QByteArray::number(2 + std::pow(step, -.3) + name[0] * .01) + '\n');
    }
    MainWindow window;
    window.show();
    window.openProject(path("p.isoloss"));
    for (const char* name : {"a.csv", "b.csv", "c.csv"})
        window.openPaths({path(name)});
    QTRY_VERIFY(!window.isBusy());
    QCOMPARE(window.session().workspace().runs.size(), std::size_t(3));
}

void TestJourney::whatIsInTheWayIsSaidWhereOneLooks()
{
    QFile out(path("log.csv"));
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write("step,loss\n");
    for (int step = 1; step < 50; ++step)
        out.write(QByteArray::number(step) + ',' + QByteArray::number(2 + std::pow(step, -.3)) + '\n');
    out.close();
    MainWindow window;
    window.resize(1280, 720);
    window.show();
    window.openProject(path("p.isoloss"));
    window.openPaths({path("log.csv")});
    QTRY_VERIFY(!window.session().workspace().runs.empty() && !window.isBusy());
    window.showFitPanel(true);

    // A law whose inputs are missing: beside the button that cannot be pressed, and the way out in the same place.
    auto* panel = window.findChild<FitPanel*>();
    // Until someone chooses, the law is one whose inputs are there: loss against step.
    QCOMPARE(panel->spec().law, std::string("power_law"));
    panel->setLaw("chinchilla");
    auto* problem = find<QLabel>(window, "fitProblem");
    QTRY_VERIFY(problem->isVisible());
    QVERIFY2(problem->text().contains(QLatin1String("token")), qPrintable(problem->text()));
    QVERIFY(!find<QPushButton>(window, "fit")->isEnabled());
    auto* column = find<QComboBox>(window, "column-D");
    QTRY_VERIFY(column->isVisible());

    // A fit that fails, three parameters from the last record of one run, and the way out: every step of it.
    panel->setLaw("power_law");
    QTRY_VERIFY(find<QPushButton>(window, "fit")->isEnabled());
    click(window, "fit");
    QTRY_VERIFY(!window.session().workspace().fits.empty() && !window.isBusy());
    QVERIFY(!window.session().result("fit1"));
    QVERIFY(problem->isVisible() && !problem->text().isEmpty());
    click(window, "options");
    auto* rows = find<QComboBox>(window, "rowsOf");
    QVERIFY(rows->isVisible());
    rows->setFocus();
    QTest::keyClick(rows, Qt::Key_Down);
    QTRY_VERIFY_WITH_TIMEOUT(window.session().result("fit1") && !window.isBusy(), 30000);
    QVERIFY(!problem->isVisible());

    // An empty selection: in the plot, with a button that mends it.
    Workspace none = window.session().workspace();
    for (RunEntry& run : none.runs)
        run.visible = false;
    window.session().edit(QStringLiteral("Hide all"), none);
    auto* charts = find<QTabBar>(window, "charts");
    charts->setCurrentIndex(0);
    QTRY_VERIFY(!window.isBusy());
    auto* mend = window.findChild<ChartPanel*>()->view().findChild<QPushButton*>();
    QVERIFY(mend && mend->isVisible());
    QTest::mouseClick(mend, Qt::LeftButton);
    QVERIFY(window.session().workspace().runs[0].visible);
    QTRY_VERIFY(!window.isBusy() && !mend->isVisible());

    // A planner without a fit of N and D.
    window.showPlanPanel(true);
    auto* planProblem = find<QLabel>(window, "planProblem");
    QVERIFY(planProblem->isVisible());
    QVERIFY(planProblem->text().contains(QLatin1String("Chinchilla")));
}

void TestJourney::layoutIsRememberedAndReset()
{
    const QString project = path("p.isoloss");
    QFile out(path("log.csv"));
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write("step,loss\n1,3\n2,2.5\n3,2.2\n");
    out.close();
    {
        MainWindow window;
        window.show();
        window.openProject(project);
        window.openPaths({path("log.csv")});
        QTRY_VERIFY(!window.session().workspace().runs.empty() && !window.isBusy());
        window.showPlanPanel(true);
        QTest::keyClick(&window, Qt::Key_B);
        QVERIFY(find<QDockWidget>(window, "runsDock")->isHidden());
        window.close();
    }
    MainWindow again;
    again.show();
    again.openProject(project);
    QTRY_VERIFY(!again.session().workspace().runs.empty() && !again.isBusy());
    QVERIFY(find<QDockWidget>(again, "planDock")->isVisible());
    QVERIFY(find<QDockWidget>(again, "runsDock")->isHidden());
    find<QAction>(again, "resetLayout")->trigger();
    QVERIFY(find<QDockWidget>(again, "planDock")->isHidden());
    QVERIFY(find<QDockWidget>(again, "runsDock")->isVisible());
}

void TestJourney::tokenizersAreNotMixedInSilence()
{
    for (const auto& [name, tokenizer, bytes] : {std::tuple{"a.jsonl", "gpt2", 4.2}, {"b.jsonl", "llama", 3.8}}) {
        QFile out(path(name));
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write("{\"t\":\"cfg\",\"id\":\"" + QByteArray(tokenizer) + "\",\"name\":\"" + tokenizer + "\",\"tokenizer\":\"" + tokenizer
                  + "\",\"bytes_per_token\":" + QByteArray::number(bytes) + "}\n");
        for (int step = 1; step < 60; ++step)
            out.write("{\"t\":\"s\",\"step\":" + QByteArray::number(step) + ",\"loss\":" + QByteArray::number(2 + bytes * std::pow(step, -.3)) + "}\n");
    }
    MainWindow window;
    window.resize(1280, 720);
    window.show();
    window.openProject(path("p.isoloss"));
    window.openPaths({path("a.jsonl"), path("b.jsonl")});
    QTRY_VERIFY(window.session().workspace().runs.size() == 2 && !window.isBusy());
    auto* note = find<QLabel>(window, "chartNote");
    QTRY_VERIFY(note->isVisible());
    QVERIFY2(note->text().contains(QLatin1String("tokenizers")), qPrintable(note->text()));
    auto* action = find<QToolButton>(window, "chartNoteAction");
    QVERIFY(action->isVisible());
    QTest::mouseClick(action, Qt::LeftButton);
    QTRY_VERIFY(!window.isBusy() && !note->isVisible());
    const figure::Panel& panel = window.findChild<ChartPanel*>()->view().plot().shown().panels.at(0);
    QCOMPARE(panel.y.unit, std::string("bits/byte"));
    // The first loss of each: nats per token over ln 2 and bytes per token.
    const double first = panel.layers.front().y.front();
    QVERIFY(std::abs(first - 6.2 / std::log(2.) / 4.2) < 1e-4 || std::abs(first - 5.8 / std::log(2.) / 3.8) < 1e-4);
}

void TestJourney::aLogWithoutStepsSaysSo()
{
    QFile out(path("losses.csv"));
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write("loss,grad\n3.1,.2\n2.8,.3\n2.6,.1\n2.5,.1\n");
    out.close();
    MainWindow window;
    window.show();
    window.openProject(path("p.isoloss"));
    window.openPaths({path("losses.csv")});
    QTRY_VERIFY(!window.session().workspace().runs.empty() && !window.isBusy());
    auto* note = find<QLabel>(window, "chartNote");
    QTRY_VERIFY(note->isVisible());
    QVERIFY2(note->text().contains(QLatin1String("no steps")), qPrintable(note->text()));
}

QTEST_MAIN(TestJourney)
#include "tst_journey.moc"

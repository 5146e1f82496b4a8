// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/stabilitypanel.h"
#include "tests/app/gridwindow.h"

#include <QAction>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QTableWidget>

#include <fstream>

// A sweep as a user studies it: menu, views, settings, undo.

using grid::choose, grid::find;

class TestStabilityPanel : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void aSweepIsStudied();
    void runsWithoutRatesSayWhatIsMissing();

private:
    // Three sizes, four rates, two seeds, with and without qk-norm: high rates are worse, more so for larger models.
    static QStringList sweep(const QTemporaryDir& dir, bool rates)
    {
        QStringList out;
        for (const int N : {10000, 40000, 160000})
            for (const double lr : {1e-3, 1e-2, 1e-1, 1.})
                for (const int seed : {1, 2})
                    for (const bool norm : {false, true}) {
                        out << dir.filePath(QStringLiteral("m%1.jsonl").arg(out.size()));
                        std::ofstream file(out.back().toStdString());
                        const double logit = lr * N / 10 * (norm ? .01 : 10);
                        const double end = 2 + .05 * std::abs(std::log10(lr) + 2) + (logit > 1e4 ? .5 : 0) + .01 * seed;
                        // The kind comes first, as the trainer writes it.
                        const auto line = [&](const char* kind, const QJsonObject& o) {
                            file << "{\"t\":\"" << kind << "\"," << QJsonDocument(o).toJson(QJsonDocument::Compact).mid(1).toStdString() << "\n";
                        };
                        QJsonObject config{{QStringLiteral("N"), N}, {QStringLiteral("seed"), seed}, {QStringLiteral("steps"), 100}, {QStringLiteral("qk_norm"), norm ? QStringLiteral("head") : QStringLiteral("off")}};
                        if (rates)
                            config[QStringLiteral("lr")] = lr;
                        line("cfg", config);
                        for (int step = 0; step < 100; ++step)
                            line("s", {{QStringLiteral("step"), step}, {QStringLiteral("loss"), end + (3 - end) * std::exp(-step / 8.)}, {QStringLiteral("mal"), logit * (step + 1) / 100}});
                        line("val", {{QStringLiteral("step"), 100}, {QStringLiteral("loss"), end}});
                        line("end", {{QStringLiteral("status"), QStringLiteral("done")}, {QStringLiteral("step"), 100}, {QStringLiteral("val"), end}, {QStringLiteral("l0"), 3.}});
                    }
        return out;
    }
    static void open(MainWindow& window, const QTemporaryDir& dir, bool rates)
    {
        window.resize(1280, 800);
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        window.openProject(dir.filePath(QStringLiteral("p.isoloss")));
        window.openPaths(sweep(dir, rates));
        QTRY_VERIFY_WITH_TIMEOUT(window.session().workspace().runs.size() == 48 && !window.isBusy(), 30000);
    }
};

void TestStabilityPanel::initTestCase()
{
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("isoloss-test"));
    QCoreApplication::setApplicationName(QStringLiteral("isoloss-test-stability"));
    QSettings().clear();
}

void TestStabilityPanel::aSweepIsStudied()
{
    QTemporaryDir dir;
    MainWindow window;
    open(window, dir, true);
    auto* action = find<QAction>(window, "studyStability");
    QVERIFY(action && action->isEnabled());
    action->trigger();
    auto* panel = find<StabilityPanel>(window, "stability");
    QTRY_VERIFY_WITH_TIMEOUT(panel->result() && panel->isVisible(), 10000);
    auto* table = find<QTableWidget>(window, "stabilityTable");
    QCOMPARE(table->rowCount(), 6);
    const QString found = find<QLabel>(window, "stabilityFound")->text();
    QVERIFY2(found.contains(QStringLiteral("qk_norm from off to head")), qPrintable(found));

    auto* view = find<QComboBox>(window, "stabilityView");
    choose(view, QStringLiteral("runs"));
    QTRY_COMPARE(table->rowCount(), 48);
    QCOMPARE(table->item(0, 6)->text(), QStringLiteral("attention logits"));
    choose(view, QStringLiteral("logits"));
    QTRY_COMPARE(table->rowCount(), 8);
    const auto before = panel->result();
    choose(find<QComboBox>(window, "stabilityAt"), QStringLiteral("at=1"));
    QTRY_VERIFY_WITH_TIMEOUT(panel->result() != before && !panel->isStudying(), 10000);
    QVERIFY(panel->result()->logitGrowth.front().value.front() > before->logitGrowth.front().value.front());
    QCOMPARE(window.charts().entry().of, std::vector<std::string>{"at=1"});
    choose(view, QStringLiteral("gradients"));      // these logs hold none
    QTRY_VERIFY(!table->isVisible());

    // Every choice is a step of undo; the menu finds the chart that is there.
    find<QAction>(window, "undo")->trigger();
    QTRY_COMPARE(window.charts().entry().view, std::string("logits"));
    const std::size_t charts = window.session().workspace().charts.size();
    action->trigger();
    QCOMPARE(window.session().workspace().charts.size(), charts);
}

void TestStabilityPanel::runsWithoutRatesSayWhatIsMissing()
{
    QTemporaryDir dir;
    MainWindow window;
    open(window, dir, false);
    find<QAction>(window, "studyStability")->trigger();
    auto* panel = find<StabilityPanel>(window, "stability");
    QTRY_VERIFY_WITH_TIMEOUT(!panel->failure().isEmpty(), 10000);
    QVERIFY2(panel->failure().contains(QStringLiteral("learning rate")), qPrintable(panel->failure()));
}

QTEST_MAIN(TestStabilityPanel)
#include "tst_stabilitypanel.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/axis.h"
#include "app/model/mathtext.h"
#include "app/model/runmodel.h"
#include "core/law/law.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QMimeData>
#include <QSignalSpy>
#include <QTest>

#include <cmath>
#include <random>

namespace {

data::Run run(std::string name, std::vector<double> loss, data::Config config)
{
    std::vector<double> step;
    for (std::size_t i = 0; i < loss.size(); ++i)
        step.push_back(10. * double(i));
    return {.name = std::move(name), .format = {}, .source = {}, .config = std::move(config),
            .series = {{.name = "loss", .step = std::make_shared<const std::vector<double>>(std::move(step)),
                        .value = std::make_shared<const std::vector<double>>(std::move(loss)), .wall = {}}},
            .text = {}};
}

RunModel::Row row(const char* name, std::vector<double> loss, data::Config config)
{
    return {.entry = {.hash = name, .name = name}, .facts = factsOf(run(name, std::move(loss), std::move(config)))};
}

QStringList headers(const QAbstractItemModel& model)
{
    QStringList out;
    for (int c = 0; c < model.columnCount(); ++c)
        out << model.headerData(c, Qt::Horizontal).toString();
    return out;
}

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

}

class TestModels : public QObject {
    Q_OBJECT
private slots:
    void runModelKeepsItsContractUnderRandomEdits();
    void rowsThatStayAreNotTouched();
    void configurationThatTellsRunsApartComesFirst();
    void filterMovesNoColumn();
    void runsSortByNumberAndWhatIsMissingComesLast();
    void namesSortByTheNumbersInThem();
    void checkBoxAndNameAskInsteadOfChanging();
    void statusSaysWhereARunDiverged();
    void numbersHaveSensibleUnitsAndStandRight();
    void shadesColourTheChips();
    void draggedRunsAreTheirHashes();
    void twoThousandRunsRefreshWithinAFrame();
    void differencesAreTheKeysThatDiffer();
    void everyLawsFormulaReadsAsRichText();
    void lossIsFoundByItsBestName();
};

void TestModels::runModelKeepsItsContractUnderRandomEdits()
{
    RunModel model;
    RunOrder order(model);
    DifferenceModel differences;
    QAbstractItemModelTester tests[]{{&model, QAbstractItemModelTester::FailureReportingMode::Fatal},
                                     {&order, QAbstractItemModelTester::FailureReportingMode::Fatal},
                                     {&differences, QAbstractItemModelTester::FailureReportingMode::Fatal}};
    std::mt19937_64 random(3);
    const auto upTo = [&](int n) { return int(random() % std::uint64_t(n)); };
    std::vector<RunModel::Row> runs;
    int made = 0;
    for (int edit = 0; edit < 400; ++edit) {
        switch (upTo(7)) {
        case 0:
        case 1: {
            data::Config config;
            if (upTo(3) > 0)
                config.emplace("lr", 1e-3 * upTo(4));
            if (upTo(8) == 0)
                config.emplace("key" + std::to_string(upTo(5)), std::string("word"));
            runs.insert(runs.begin() + upTo(int(runs.size()) + 1),
                        row(std::to_string(++made).c_str(), {3. + upTo(5), upTo(6) ? 2. + upTo(3) : missing}, config));
            break;
        }
        case 2:
            if (!runs.empty())
                runs.erase(runs.begin() + upTo(int(runs.size())));
            break;
        case 3:
            if (!runs.empty())
                runs[std::size_t(upTo(int(runs.size())))].entry.visible = upTo(2);
            break;
        case 4: std::ranges::shuffle(runs, random); break;
        case 5:
            order.sort(upTo(model.columnCount() + 1) - 1, upTo(2) ? Qt::AscendingOrder : Qt::DescendingOrder);
            break;
        default: model.setShades({{std::to_string(upTo(made + 1)), .5}}); break;
        }
        std::vector<bool> listed(runs.size());
        for (std::size_t i = 0; i < runs.size(); ++i)
            listed[i] = upTo(4) > 0;
        model.set(runs, listed);
        QCOMPARE(model.rowCount(), int(std::ranges::count(listed, true)));
        int at = 0;
        for (std::size_t i = 0; i < runs.size(); ++i)
            if (listed[i]) {
                QCOMPARE(model.hash(at), runs[i].entry.hash);
                const auto lr = runs[i].facts->cells.find("lr");
                const int column = int(headers(model).indexOf(QLatin1String("lr")));
                if (column >= 0)
                    QCOMPARE(model.index(at, column).data().toString(),
                             lr == runs[i].facts->cells.end() ? QString() : lr->second.text);
                ++at;
            }
        QCOMPARE(order.rowCount(), model.rowCount());
        differences.set({runs.begin(), runs.begin() + std::min<std::ptrdiff_t>(std::ssize(runs), 3)});
    }
}

void TestModels::rowsThatStayAreNotTouched()
{
    RunModel model;
    std::vector<RunModel::Row> runs{row("a", {3}, {}), row("b", {3}, {}), row("c", {3}, {})};
    model.set(runs);
    const QPersistentModelIndex first = model.index(0, 0), last = model.index(2, 0);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset), changed(&model, &QAbstractItemModel::dataChanged);
    model.set(runs);
    QCOMPARE(changed.size(), 0);
    runs[1].entry.visible = false;
    model.set(runs);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed[0][0].toModelIndex().row(), 1);
    QCOMPARE(changed[0][1].toModelIndex().row(), 1);
    model.set(runs, {true, false, true});
    QCOMPARE(model.rowCount(), 2);
    QVERIFY(first.isValid() && last.isValid());
    QCOMPARE(last.row(), 1);
    QCOMPARE(reset.size(), 0);
}

void TestModels::configurationThatTellsRunsApartComesFirst()
{
    RunModel model;
    model.set({row("a", {3}, {{"batch", 32.}, {"width", 256.}}), row("b", {3}, {{"batch", 32.}, {"width", 512.}})});
    QCOMPARE(headers(model).mid(RunModel::FirstConfig), (QStringList{QStringLiteral("width"), QStringLiteral("batch")}));
}

void TestModels::filterMovesNoColumn()
{
    RunModel model;
    const std::vector<RunModel::Row> runs{row("a", {3}, {{"a", 1.}, {"z", 1.}}), row("b", {3}, {{"a", 1.}, {"z", 2.}})};
    model.set(runs);
    const QStringList before = headers(model);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    model.set(runs, {true, false});
    QCOMPARE(headers(model), before);
    QCOMPARE(reset.size(), 0);
}

void TestModels::runsSortByNumberAndWhatIsMissingComesLast()
{
    RunModel model;
    std::vector<RunModel::Row> runs{row("ten", {10}, {}), row("bad", {3, missing}, {}), row("nine", {9}, {}), row("two", {2.5}, {})};
    runs.push_back({.entry = {.hash = "new", .name = "new"}, .facts = nullptr});
    model.set(runs);
    RunOrder order(model);
    const auto names = [&] {
        QStringList out;
        for (int r = 0; r < order.rowCount(); ++r)
            out << order.index(r, 0).data().toString();
        return out.join(QLatin1Char(' '));
    };
    order.sort(RunModel::Last);
    QCOMPARE(names(), QStringLiteral("two nine ten bad new"));
    order.sort(RunModel::Last, Qt::DescendingOrder);
    QCOMPARE(names(), QStringLiteral("ten nine two bad new"));
    order.sort(-1);
    QCOMPARE(names(), QStringLiteral("ten bad nine two new"));
}

void TestModels::namesSortByTheNumbersInThem()
{
    RunModel model;
    model.set({row("run-10", {3}, {}), row("Run-9", {3}, {}), row("run-1", {3}, {}), row("a", {3}, {})});
    RunOrder order(model);
    order.sort(RunModel::Name);
    QCOMPARE(order.index(0, 0).data().toString(), QStringLiteral("a"));
    QCOMPARE(order.index(2, 0).data().toString(), QStringLiteral("Run-9"));
    QCOMPARE(order.index(3, 0).data().toString(), QStringLiteral("run-10"));
}

void TestModels::checkBoxAndNameAskInsteadOfChanging()
{
    RunModel model;
    model.set({row("a", {3}, {})});
    QSignalSpy visible(&model, &RunModel::visibleAsked), name(&model, &RunModel::nameAsked);
    const QModelIndex at = model.index(0, RunModel::Name);
    QVERIFY(model.setData(at, Qt::Unchecked, Qt::CheckStateRole));
    QCOMPARE(visible.size(), 1);
    QCOMPARE(visible[0][1].toBool(), false);
    QCOMPARE(at.data(Qt::CheckStateRole).toInt(), int(Qt::Checked));    // until the workspace says so
    QVERIFY(model.setData(at, QStringLiteral(" new "), Qt::EditRole));
    QCOMPARE(name[0][1].toString(), QStringLiteral("new"));
    QVERIFY(!model.setData(at, QStringLiteral("  "), Qt::EditRole));
    QVERIFY(model.setData(at, QStringLiteral("a"), Qt::EditRole));
    QCOMPARE(name.size(), 1);       // the name it has is no edit
}

void TestModels::statusSaysWhereARunDiverged()
{
    RunModel model;
    model.set({row("a", {3, 2, missing, missing}, {}), row("b", {3, missing, 2.5}, {}), row("c", {3, 2, INFINITY}, {}), row("d", {3, 2}, {})});
    const auto text = [&](int r, int c) { return model.index(r, c).data().toString(); };
    QCOMPARE(text(0, RunModel::Status), QStringLiteral("diverged at 20"));
    QCOMPARE(text(0, RunModel::Last), QStringLiteral("NaN"));
    QCOMPARE(text(0, RunModel::Least), QStringLiteral("2"));
    QCOMPARE(model.index(0, RunModel::Status).data(Qt::ForegroundRole).value<QColor>(), theme::light().bad);
    QCOMPARE(text(1, RunModel::Status), QStringLiteral("1 NaN"));
    QCOMPARE(text(2, RunModel::Status), QStringLiteral("diverged at 20"));
    QCOMPARE(text(3, RunModel::Status), QString());
    QCOMPARE(text(3, RunModel::Steps), QStringLiteral("10"));
}

void TestModels::numbersHaveSensibleUnitsAndStandRight()
{
    RunModel model;
    model.set({row("a", {3}, {{"N", 6.7e9}, {"schedule", std::string("wsd")}})});
    const QModelIndex n = model.index(0, RunModel::FirstConfig), word = model.index(0, RunModel::FirstConfig + 1);
    QCOMPARE(n.data().toString(), QStringLiteral("6.7B"));
    QVERIFY(n.data(Qt::TextAlignmentRole).toInt() & Qt::AlignRight);
    QVERIFY(word.data(Qt::TextAlignmentRole).toInt() & Qt::AlignLeft);
    QVERIFY(model.headerData(RunModel::FirstConfig, Qt::Horizontal, Qt::TextAlignmentRole).toInt() & Qt::AlignRight);
}

void TestModels::shadesColourTheChips()
{
    RunModel model;
    model.set({row("a", {3}, {}), row("b", {3}, {})});
    QCOMPARE(model.color(model.rows()[0].entry), theme::seriesColor(theme::light(), 0));
    model.setShades({{"a", .25}});
    QCOMPARE(model.color(model.rows()[0].entry), theme::ramp(theme::light(), .25));
    QCOMPARE(model.color(model.rows()[1].entry), theme::seriesColor(theme::light(), 0));
    const QImage chip = model.index(0, 0).data(Qt::DecorationRole).value<QIcon>().pixmap(16, 16).toImage();
    QCOMPARE(chip.pixelColor(chip.width() / 2, chip.height() / 2).rgb(), theme::ramp(theme::light(), .25).rgb());
}

void TestModels::draggedRunsAreTheirHashes()
{
    RunModel model;
    model.set({row("a", {3}, {{"N", 1.}}), row("b", {3}, {{"N", 1.}}), row("c", {3}, {{"N", 1.}})});
    const std::unique_ptr<QMimeData> data(
        model.mimeData({model.index(2, 0), model.index(0, 0), model.index(0, 1), model.index(2, 1)}));
    QCOMPARE(draggedRuns(*data), (std::vector<std::string>{"a", "c"}));
    QVERIFY(model.flags(model.index(1, 2)) & Qt::ItemIsDragEnabled);
}

void TestModels::twoThousandRunsRefreshWithinAFrame()
{
    std::vector<RunModel::Row> runs;
    for (int i = 0; i < 2000; ++i) {
        data::Config config;
        for (int k = 0; k < 30; ++k)
            config.emplace("key" + std::to_string(k), double(i * k % 97));
        runs.push_back(row(("run " + std::to_string(i)).c_str(), {3., 2. + i * .001}, config));
    }
    RunModel model;
    RunOrder order(model);
    order.sort(RunModel::Last);
    model.set(runs);
    double slowest = 0;
    std::vector<double> times;
    for (int i = 0; i < 9; ++i) {
        for (auto& run : runs)
            run.entry.visible = !run.entry.visible;
        std::vector<RunModel::Row> next = runs;
        QElapsedTimer clock;
        clock.start();
        model.set(std::move(next));
        times.push_back(double(clock.nsecsElapsed()) / 1e6);
        slowest = std::max(slowest, times.back());
    }
    std::ranges::sort(times);
    qInfo("all of 2,000 rows changed: median %.2f ms, slowest %.2f ms", times[4], slowest);
#ifdef __SANITIZE_ADDRESS__
    QSKIP("sanitizers take their time");
#endif
    QVERIFY2(times[4] < 16, QByteArray::number(times[4]));
}

void TestModels::differencesAreTheKeysThatDiffer()
{
    DifferenceModel model;
    model.set({row("a", {3}, {{"batch", 32.}, {"lr", 1e-3}}), row("b", {3}, {{"batch", 32.}, {"lr", 3e-3}, {"seed", 2.}})});
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(headers(model), (QStringList{QStringLiteral("Key"), QStringLiteral("a"), QStringLiteral("b")}));
    QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("lr"));
    QCOMPARE(model.index(0, 2).data().toString(), QStringLiteral("0.003"));
    QCOMPARE(model.index(1, 0).data().toString(), QStringLiteral("seed"));
    QCOMPARE(model.index(1, 1).data().toString(), QStringLiteral("–"));
}

void TestModels::everyLawsFormulaReadsAsRichText()
{
    QCOMPARE(chart::plain(richMath(R"(L = E + \frac{A}{N^{\alpha}})")), QStringLiteral("L = E + A / Nα"));
    for (const law::Law& law : law::all()) {
        const QString rich = richMath(law.info.latex);
        QVERIFY2(!rich.contains(QLatin1Char('\\')) && !rich.contains(QLatin1Char('{')), law.info.id.data());
        QCOMPARE(rich.count(QLatin1String("<sup>")), rich.count(QLatin1String("</sup>")));
        QCOMPARE(rich.count(QLatin1String("<i>")), rich.count(QLatin1String("</i>")));
    }
}

void TestModels::lossIsFoundByItsBestName()
{
    data::Run r = run("r", {3, 2.5}, {});
    r.series.push_back(r.series[0]);
    r.series[0].name = "train_loss";
    r.series[1].name = "Val_Loss";
    QCOMPARE(seriesOf(r, law::quantity::L)->name, std::string("Val_Loss"));
    r.series.clear();
    QCOMPARE(seriesOf(r, law::quantity::L), nullptr);
    QCOMPARE(factsOf(r)->last.text, QStringLiteral("–"));
}

QTEST_MAIN(TestModels)
#include "tst_models.moc"

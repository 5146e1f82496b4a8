// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/model/mathtext.h"
#include "app/model/parametermodel.h"
#include "app/model/runmodel.h"
#include "app/chart/axis.h"
#include "core/law/law.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QSortFilterProxyModel>
#include <QTest>

#include <cmath>

namespace {

RunModel::Row row(const char* name, double loss, data::Config config)
{
    return {.entry = {.hash = name, .name = name}, .last = chart::number(loss), .lastValue = loss,
            .config = std::move(config)};
}

}

class TestModels : public QObject {
    Q_OBJECT
private slots:
    void runModelKeepsItsContract();
    void configurationThatTellsRunsApartComesFirst();
    void runsSortByNumber();
    void checkBoxAndNameAskInsteadOfChanging();
    void parameterModelKeepsItsContract();
    void parametersSayWhereTheyStand();
    void everyLawsFormulaReadsAsRichText();
    void lossIsFoundByItsBestName();
};

void TestModels::runModelKeepsItsContract()
{
    RunModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.set({row("a", 3.1, {{"lr", 1e-3}}), row("b", 2.9, {{"lr", 3e-3}, {"schedule", std::string("wsd")}})});
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.columnCount(), 4);
    model.set({row("a", 3.0, {{"lr", 1e-3}}), row("b", 2.9, {{"lr", 3e-3}, {"schedule", std::string("wsd")}})});
    QCOMPARE(model.data(model.index(0, RunModel::Last)).toString(), QStringLiteral("3"));
    model.set({});
    QCOMPARE(model.rowCount(), 0);
}

void TestModels::configurationThatTellsRunsApartComesFirst()
{
    RunModel model;
    model.set({row("a", 3, {{"batch", 32.}, {"width", 256.}}), row("b", 3, {{"batch", 32.}, {"width", 512.}})});
    QCOMPARE(model.headerData(RunModel::FirstConfig, Qt::Horizontal).toString(), QStringLiteral("width"));
    QCOMPARE(model.headerData(RunModel::FirstConfig + 1, Qt::Horizontal).toString(), QStringLiteral("batch"));
}

void TestModels::runsSortByNumber()
{
    RunModel model;
    model.set({row("a", 10, {}), row("b", 9, {}), row("c", 2.5, {})});
    QSortFilterProxyModel sorted;
    sorted.setSourceModel(&model);
    sorted.setSortRole(RunModel::SortRole);
    sorted.sort(RunModel::Last);
    QCOMPARE(sorted.data(sorted.index(0, 0)).toString(), QStringLiteral("c"));
    QCOMPARE(sorted.data(sorted.index(2, 0)).toString(), QStringLiteral("a"));
}

void TestModels::checkBoxAndNameAskInsteadOfChanging()
{
    RunModel model;
    model.set({row("a", 3, {})});
    QSignalSpy visible(&model, &RunModel::visibleAsked), name(&model, &RunModel::nameAsked);
    const QModelIndex at = model.index(0, RunModel::Name);
    QVERIFY(model.setData(at, Qt::Unchecked, Qt::CheckStateRole));
    QCOMPARE(visible.size(), 1);
    QCOMPARE(visible[0][1].toBool(), false);
    QCOMPARE(at.data(Qt::CheckStateRole).toInt(), int(Qt::Checked));    // until the workspace says so
    QVERIFY(model.setData(at, QStringLiteral(" new "), Qt::EditRole));
    QCOMPARE(name[0][1].toString(), QStringLiteral("new"));
    QVERIFY(!model.setData(at, QStringLiteral("  "), Qt::EditRole));
}

void TestModels::parameterModelKeepsItsContract()
{
    ParameterModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    fit::Fit fit;
    fit.parameters = {{.name = "E", .value = 1.8172, .se = .02, .ci = {1.77, 1.86}}};
    model.set(&fit, theme::light());
    QCOMPARE(model.rowCount(), 1);
    model.set(nullptr, theme::dark());
    QCOMPARE(model.rowCount(), 0);
}

void TestModels::parametersSayWhereTheyStand()
{
    ParameterModel model;
    fit::Fit fit;
    fit.spec.law = "chinchilla";
    fit.parameters = {{.name = "E", .value = 1.8172, .se = .02, .ci = {1.77, 1.86}},
                      {.name = "alpha", .value = 2, .atBound = true},
                      {.name = "beta", .value = .5, .fixed = true},
                      {.name = "A", .value = 400, .ci = {std::nan(""), std::nan("")}}};
    model.set(&fit, theme::light());
    const auto text = [&](int r, int c) { return model.index(r, c).data().toString(); };
    QCOMPARE(text(0, ParameterModel::Value), QStringLiteral("1.817"));
    QCOMPARE(text(0, ParameterModel::IntervalText), QStringLiteral("1.77 to 1.86"));
    QCOMPARE(text(1, ParameterModel::Symbol), QStringLiteral("α"));
    QCOMPARE(text(1, ParameterModel::IntervalText), QStringLiteral("at its bound"));
    QCOMPARE(text(2, ParameterModel::IntervalText), QStringLiteral("fixed"));
    QCOMPARE(text(3, ParameterModel::IntervalText), QStringLiteral("unknown"));
    QVERIFY(!model.index(0, 0).data(Qt::ToolTipRole).toString().isEmpty());
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
    const auto column = std::make_shared<const std::vector<double>>(std::vector<double>{3, 2.5, std::nan("")});
    data::Run run{.name = "r", .format = {}, .source = {}, .config = {}, .series = {}, .text = {}};
    run.series = {{.name = "train_loss", .step = column, .value = column, .wall = {}},
                  {.name = "Val_Loss", .step = column, .value = column, .wall = {}}};
    QCOMPARE(seriesOf(run, law::quantity::L)->name, std::string("Val_Loss"));
    QCOMPARE(lastLoss(run).text, QStringLiteral("NaN"));    // a run that diverged says so
    run.series.clear();
    QCOMPARE(seriesOf(run, law::quantity::L), nullptr);
}

QTEST_MAIN(TestModels)
#include "tst_models.moc"

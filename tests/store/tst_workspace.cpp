// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/workspace.h"

#include <QTest>

#include <limits>
#include <nlohmann/json.hpp>

using Json = nlohmann::json;

namespace {

fit::Spec fullSpec()
{
    const double inf = std::numeric_limits<double>::infinity();
    fit::Spec spec;
    spec.law = "power_law";
    spec.map = {{"N", "params"}, {"L", "loss + 0.1"}};
    spec.where = "N > 1e8 and schedule == 'wsd'";
    spec.holdout = "D >= 2e10";
    spec.fixed = {{"E", 1.69}, {"zero", -0.0}};
    spec.freed = {{"lambda", true}, {"mu", false}};
    spec.bounds = {{"alpha", {0.1, inf}}, {"beta", {-inf, 0.30000000000000004}}};
    spec.start = {{"A", 5e-324}};
    spec.set = {{"warmup", "none"}, {"last", "5"}};
    spec.objective = fit::Objective::LogLs;
    spec.delta = 0.1 + 0.2;
    spec.starts = -1;
    spec.bootstrap = 4000;
    spec.level = 0.9;
    spec.seed = std::numeric_limits<std::uint64_t>::max();
    return spec;
}

Workspace fullWorkspace()
{
    const double inf = std::numeric_limits<double>::infinity();
    return {.runs = {{"aa", "one", 3, false, 4.25}, {"bb", "d\xc3\xa9j\xc3\xa0 \"x\"\n", 0, true}},
            .fits = {{"fit1", "First", fullSpec()}, {"fit2", "", {}}},
            .charts = {{.id = "chart1", .title = "Loss", .kind = "fit", .x = "C", .y = "loss / 2", .unit = "bits/byte",
                        .colorBy = "lr", .fit = "fit1", .where = "N>1", .logX = true, .logY = true, .smoothing = 0.99,
                        .viewX = {-0.1, 1e300}, .viewY = {{2, 3}, {}, {-inf, inf}}}, {.id = "", .title = ""}},
            .plan = {"fit2", "loss", 2.5}, .filter = "lr<1e-3", .current = "chart1"};
}

}

class TestWorkspace : public QObject {
    Q_OBJECT
private slots:
    void workspaceComesBack();
    void everyFieldMatters();
    void everyFieldOfASpecComesBack();
    void usualFieldsAreLeftOut();
    void nanComesBackAsNan();
    void unknownKeysAreToleratedAndMissingOnesUsual();
    void wrongTypesAreNamed_data();
    void wrongTypesAreNamed();
    void wrongSpecIsWrongUsage();
    void objectivesHaveNames();
};

void TestWorkspace::workspaceComesBack()
{
    const Workspace workspace = fullWorkspace();
    QVERIFY(Json::parse(Json(workspace).dump()).get<Workspace>() == workspace);
    QVERIFY(Json::parse(Json(Workspace{}).dump()).get<Workspace>() == Workspace{});
}

// Without any one field something else comes back, so each is written and read.
void TestWorkspace::everyFieldMatters()
{
    const Json json = fullWorkspace();
    QCOMPARE(json.size(), 6u);
    const auto matters = [&](const Json::json_pointer& object) {
        for (const auto& [key, value] : json.at(object).items()) {
            Json less = json;
            less.at(object).erase(key);
            QVERIFY2(!(less.get<Workspace>() == json.get<Workspace>()), key.c_str());
        }
    };
    for (const char* object : {"", "/runs/0", "/fits/0", "/charts/0", "/plan"})
        matters(Json::json_pointer(object));
    QCOMPARE(json["/runs/0"_json_pointer].size(), 5u);
    QCOMPARE(json["/charts/0"_json_pointer].size(), 14u);
    QCOMPARE(json["/plan"_json_pointer].size(), 3u);
}

void TestWorkspace::everyFieldOfASpecComesBack()
{
    const fit::Spec spec = fullSpec();
    const Json json = spec;
    QVERIFY(Json::parse(json.dump()).get<fit::Spec>() == spec);
    // Each written field matters: without it something else comes back.
    for (const auto& [key, value] : json.items()) {
        Json less = json;
        less.erase(key);
        QVERIFY2(!(less.get<fit::Spec>() == spec), key.c_str());
    }
    QCOMPARE(json.size(), 15u);
    QVERIFY(std::signbit(Json::parse(json.dump()).get<fit::Spec>().fixed.at("zero")));
}

void TestWorkspace::usualFieldsAreLeftOut()
{
    QCOMPARE(Json(fit::Spec{}).dump(), std::string(R"({"law":"chinchilla"})"));
    QVERIFY(Json::object().get<fit::Spec>() == fit::Spec{});
}

void TestWorkspace::nanComesBackAsNan()
{
    fit::Spec spec;
    spec.fixed["E"] = std::numeric_limits<double>::quiet_NaN();
    const auto back = Json::parse(Json(spec).dump()).get<fit::Spec>();
    QVERIFY(std::isnan(back.fixed.at("E")));
}

void TestWorkspace::unknownKeysAreToleratedAndMissingOnesUsual()
{
    const auto workspace = Json::parse(R"({"later":[1],"runs":[{"hash":"h","later":{}}],"fits":[{"id":"f","spec":{"later":0}}],
        "charts":[{"y":"acc"}]})").get<Workspace>();
    QVERIFY(workspace == (Workspace{.runs = {{"h", "", 0, true}}, .fits = {{"f", "", {}}},
                                    .charts = {{.id = "", .title = "", .y = "acc"}}, .filter = "", .current = ""}));
    QVERIFY(!Json(workspace).contains("later"));
}

void TestWorkspace::wrongTypesAreNamed_data()
{
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("field");
    QTest::newRow("document") << "[]" << "document";
    QTest::newRow("runs") << R"({"runs":{}})" << "'runs'";
    QTest::newRow("run") << R"({"runs":[{},3]})" << "'runs[1]'";
    QTest::newRow("hash") << R"({"runs":[{"hash":1}]})" << "'runs[0].hash'";
    QTest::newRow("null") << R"({"runs":[{"hash":null}]})" << "'runs[0].hash'";
    QTest::newRow("color") << R"({"runs":[{"color":1.5}]})" << "'runs[0].color'";
    QTest::newRow("color beyond int") << R"({"runs":[{"color":1e300}]})" << "'runs[0].color'";
    QTest::newRow("visible") << R"({"runs":[{"visible":1}]})" << "'runs[0].visible'";
    QTest::newRow("smoothing") << R"({"charts":[{},{},{"smoothing":"much"}]})" << "'charts[2].smoothing'";
    QTest::newRow("bytes per token") << R"({"runs":[{"bytesPerToken":"4"}]})" << "'runs[0].bytesPerToken'";
    QTest::newRow("view") << R"({"charts":[{"viewX":[1]}]})" << "'charts[0].viewX'";
    QTest::newRow("view of a panel") << R"({"charts":[{"viewY":[[0,1],[0,"x"]]}]})" << "'charts[0].viewY[1][1]'";
    QTest::newRow("plan") << R"({"plan":[]})" << "'plan'";
    QTest::newRow("amount") << R"({"plan":{"amount":"much"}})" << "'plan.amount'";
    QTest::newRow("current") << R"({"current":1})" << "'current'";
    QTest::newRow("filter") << R"({"filter":["a"]})" << "'filter'";
    QTest::newRow("spec") << R"({"fits":[{"spec":7}]})" << "fits[0].spec";
    QTest::newRow("spec delta") << R"({"fits":[{"spec":{"delta":true}}]})" << "'delta'";
    QTest::newRow("spec bound") << R"({"fits":[{"spec":{"bounds":{"E":[1]}}}]})" << "'bounds.E'";
    QTest::newRow("spec bound end") << R"({"fits":[{"spec":{"bounds":{"E":[1,"x"]}}}]})" << "'bounds.E[1]'";
    QTest::newRow("spec map") << R"({"fits":[{"spec":{"map":{"N":3}}}]})" << "'map.N'";
    QTest::newRow("spec objective") << R"({"fits":[{"spec":{"objective":"hubber"}}]})" << "hubber";
    QTest::newRow("spec seed") << R"({"fits":[{"spec":{"seed":-1}}]})" << "'seed'";
}

void TestWorkspace::wrongTypesAreNamed()
{
    QFETCH(QString, json);
    QFETCH(QString, field);
    try {
        Json::parse(json.toStdString()).get<Workspace>();
        QFAIL("it was taken");
    } catch (const UsageError& e) {
        QFAIL(e.what());    // nobody typed it
    } catch (const Error& e) {
        QVERIFY2(QString(e.what()).contains(field), e.what());
    }
}

void TestWorkspace::wrongSpecIsWrongUsage()
{
    QVERIFY_EXCEPTION_THROWN(Json::parse(R"({"starts":"many"})").get<fit::Spec>(), UsageError);
    QVERIFY_EXCEPTION_THROWN(Json(3).get<fit::Spec>(), UsageError);
}

void TestWorkspace::objectivesHaveNames()
{
    for (const auto objective : {fit::Objective::HuberLog, fit::Objective::LogLs, fit::Objective::Ls, fit::Objective::Huber})
        QCOMPARE(fit::objective(fit::name(objective)), objective);
    QCOMPARE(fit::name(fit::Objective::HuberLog), std::string_view("huber-log"));
    try {
        fit::objective("huberlog");
        QFAIL("it was taken");
    } catch (const UsageError& e) {
        QVERIFY2(QString(e.what()).contains("did you mean 'huber"), e.what());
    }
}

QTEST_GUILESS_MAIN(TestWorkspace)
#include "tst_workspace.moc"

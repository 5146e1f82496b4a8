// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/figure/build.h"
#include "core/fit/json.h"
#include "core/fit/problem.h"
#include "core/fit/solve.h"

#include <QTest>

namespace {

data::Column column(std::vector<double> values) { return std::make_shared<const std::vector<double>>(std::move(values)); }

// Final losses of twelve sizes at 2 bytes a token: nats are 2 ln 2 times the bits.
std::vector<data::Run> ladder(const std::string& series = "loss")
{
    std::vector<data::Run> runs;
    for (int i = 0; i < 12; ++i) {
        const double n = 1e6 * std::pow(2, i), loss = 1.8 + 40 * std::pow(n, -.3) + (i % 2 ? .002 : -.002);
        data::Run run{.name = "r" + std::to_string(i), .format = {}, .source = {}, .kind = data::Kind::Log,
                      .config = {{"params", n}, {"bytes_per_token", 2.}, {"tokenizer", std::string("gpt2")}}, .series = {}, .text = {}};
        run.series.push_back({series, column({0, 100}), column({9, loss}), nullptr});
        runs.push_back(std::move(run));
    }
    return runs;
}

fit::Spec spec(std::map<std::string, std::string> set = {}, std::map<std::string, std::string> map = {})
{
    fit::Spec out;
    out.law = "power_law";
    out.set = std::move(set);
    out.map = std::move(map);
    out.map.try_emplace("x", "params");
    out.map.try_emplace("L", "loss");
    return out;
}

fit::Problem problem(const std::vector<data::Run>& runs, const fit::Spec& s) { return fit::makeProblem(s, data::tabulate(runs)); }

bool warns(const std::vector<fit::Warning>& warnings, std::string_view id)
{
    return std::ranges::find(warnings, id, &fit::Warning::id) != warnings.end();
}

std::string outputOf(const fit::Problem& p) { return std::string(p.law->output.id); }

}

class TestColumns : public QObject {
    Q_OBJECT

private slots:
    void outputIsConverted_data()
    {
        QTest::addColumn<QString>("unit");
        QTest::newRow("nats") << "nats/token";
        QTest::newRow("bits") << "bits/byte";
        QTest::newRow("perplexity") << "perplexity";
    }
    void outputIsConverted()
    {
        QFETCH(QString, unit);
        const fit::Problem plain = problem(ladder(), spec()), p = problem(ladder(), spec({{"unit", unit.toStdString()}}));
        QCOMPARE(p.train.y.size(), std::size_t(12));
        for (std::size_t i = 0; i < 12; ++i) {
            const double y = plain.train.y[i];
            const double wanted = unit == "bits/byte" ? y / (2 * std::log(2.)) : unit == "perplexity" ? std::exp(y) : y;
            QVERIFY(std::abs(p.train.y[i] / wanted - 1) < 1e-14);
        }
        QVERIFY(plain.units.empty());
        QCOMPARE(p.units.count(outputOf(p)), std::size_t(unit == "nats/token" ? 0 : 1));
    }

    void fitSaysItsUnit()
    {
        const fit::Fit fit = fit::solve(problem(ladder(), spec({{"unit", "bits/byte"}})), 1);
        const law::Law& law = law::get(fit.spec.law);
        QCOMPARE(fit.unitOf(law.output), std::string("bits/byte"));
        const auto back = std::get<fit::Fit>(fit::fromJson(fit::toJson(fit)));
        QCOMPARE(back.units, fit.units);
        const figure::Figure f = figure::ofFit(fit);
        QCOMPARE(f.panels[0].y.unit, std::string("bits/byte"));
        QVERIFY(f.note.find("bits/byte") != std::string::npos);
        const fit::Fit plain = fit::solve(problem(ladder(), spec()), 1);
        QCOMPARE(figure::ofFit(plain).panels[0].y.unit, std::string("nats/token"));
        QVERIFY(!fit::toJson(plain)["data"].contains("units"));
    }

    void unitOfTheColumnIsKept()
    {
        const fit::Problem p = problem(ladder("val_bpb"), spec({}, {{"L", "val_bpb"}}));
        QCOMPARE(p.units.at(outputOf(p)), std::string("bits/byte"));
        const fit::Problem nats = problem(ladder("val_bpb"), spec({{"unit", "nats/token"}}, {{"L", "val_bpb"}}));
        QVERIFY(nats.units.empty());
        QVERIFY(std::abs(nats.train.y[3] / (p.train.y[3] * 2 * std::log(2.)) - 1) < 1e-14);
    }

    void runsOfOtherUnitsAreConvertedOrLeftOut()
    {
        auto runs = ladder();
        runs[4].config["loss_unit"] = std::string("bits/byte");
        runs[5].config["loss_unit"] = std::string("bits/byte");
        runs[5].config.erase("bytes_per_token");
        const fit::Problem plain = problem(ladder(), spec()), p = problem(runs, spec());
        QCOMPARE(p.train.y.size(), std::size_t(11));
        QVERIFY(std::abs(p.train.y[4] / (plain.train.y[4] * 2 * std::log(2.)) - 1) < 1e-14);
        QCOMPARE(p.excluded.size(), std::size_t(1));
        QVERIFY2(p.excluded[0].why.find("bytes per token are not known") != std::string::npos, p.excluded[0].why.c_str());
        for (auto& run : runs)
            run.config.erase("bytes_per_token");
        QVERIFY_EXCEPTION_THROWN(problem(runs, spec({{"unit", "perplexity"}, {"rows", "some"}})), UsageError);
        runs[4].config.erase("loss_unit"), runs[5].config.erase("loss_unit");
        try {
            problem(runs, spec({{"unit", "bits/byte"}}));
            QFAIL("it was fitted");
        } catch (const UsageError& e) {
            QFAIL(e.what());
        } catch (const Error& e) {
            QVERIFY2(QString(e.what()).contains("bytes per token are not known"), e.what());
        }
    }

    void unitNeedsALoss()
    {
        fit::Spec s;
        s.law = "loss_to_score";
        s.set = {{"unit", "bits/byte"}};
        s.map = {{"L", "x"}, {"score", "y"}};
        const data::Table table{.numbers = {{"x", {1, 2}}, {"y", {.1, .2}}}, .text = {}, .group = {0, 0}, .groups = {""},
                                .curve = {false}, .rows = 2};
        try {
            fit::makeProblem(s, table);
            QFAIL("it was fitted");
        } catch (const UsageError& e) {
            QVERIFY2(QString(e.what()).contains("unit=bits/byte"), e.what());
        }
        QVERIFY_EXCEPTION_THROWN(problem(ladder(), spec({{"unit", "furlongs"}})), UsageError);
    }

    void mixedTokenizersAreWarnedOf()
    {
        auto runs = ladder();
        QVERIFY(!warns(problem(runs, spec()).warnings, "mixed-tokenizers"));
        runs[7].config["tokenizer"] = std::string("llama");
        const fit::Problem p = problem(runs, spec());
        QVERIFY(warns(p.warnings, "mixed-tokenizers"));
        QVERIFY(p.warnings[0].message.find("gpt2, llama") != std::string::npos);
        QVERIFY(warns(fit::solve(p, 1).warnings, "mixed-tokenizers"));
        QVERIFY(!warns(problem(runs, spec({{"unit", "bits/byte"}})).warnings, "mixed-tokenizers"));
        fit::Spec without = spec();
        without.where = "tokenizer=='gpt2'";
        QVERIFY(!warns(problem(runs, without).warnings, "mixed-tokenizers"));
        without = spec();
        without.holdout = "tokenizer=='llama'";
        QVERIFY(!warns(problem(runs, without).warnings, "mixed-tokenizers"));
        QVERIFY(fit::key(p) != fit::key(problem(ladder(), spec())));
    }

    void readinessSaysWhatIsMissing()
    {
        const auto runs = ladder();
        const data::Table table = data::tabulate(runs);
        fit::Spec s;
        s.law = "chinchilla";
        fit::Readiness r = fit::ready(s, table);
        QVERIFY(!r.isReady());
        QCOMPARE(r.columns.size(), std::size_t(3));
        QCOMPARE(r.columns[0].column, std::string("params"));
        QVERIFY(r.columns[0].why.empty());
        QCOMPARE(r.columns[1].id, std::string("D"));
        QCOMPARE(r.columns[1].why, std::string("needs training tokens: no column is called tokens, train_tokens, num_tokens, ..."));
        QVERIFY(r.columns[2].output && r.columns[2].column == "loss");
        QVERIFY_EXCEPTION_THROWN(fit::makeProblem(s, table), UsageError);      // what it says is true

        s.map = {{"D", "20 * params"}};
        QVERIFY(fit::ready(s, table).isReady());
        fit::makeProblem(s, table);
        s.map = {{"D", "20 * parms"}};
        QVERIFY(!fit::ready(s, table).isReady());
        QVERIFY(fit::ready(s, table).columns[1].why.find("params") != std::string::npos);     // the nearest
        s.law = "no such";
        QVERIFY_EXCEPTION_THROWN(fit::ready(s, table), UsageError);
    }

    void curvesNeedStepsAndARate()
    {
        fit::Spec s;
        s.law = "annealing_momentum";
        auto runs = ladder();
        const fit::Readiness r = fit::ready(s, data::tabulate(runs));
        QCOMPARE(r.columns.back().id, std::string("lr"));
        QVERIFY(!r.columns.back().why.empty() && r.why.empty());
        for (auto& run : runs) {
            run.series.push_back({"lr", column({0, 100}), column({1e-3, 1e-4}), nullptr});
            run.config.erase("params");
        }
        QVERIFY(fit::ready(s, data::tabulate(runs)).isReady());
        for (auto& run : runs)
            run.kind = data::Kind::Table;
        QVERIFY(!fit::ready(s, data::tabulate(runs)).why.empty());
        QVERIFY(!fit::ready(s, {}).isReady());
    }
};

QTEST_APPLESS_MAIN(TestColumns)
#include "tst_columns.moc"

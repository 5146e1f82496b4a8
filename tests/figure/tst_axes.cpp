// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/figure/axes.h"
#include "core/io/reader.h"

#include <QTest>

#include <limits>

namespace {

using Values = std::vector<double>;
data::Column column(Values values) { return std::make_shared<const Values>(std::move(values)); }

data::Run run(data::Config config, std::vector<data::Series> more = {})
{
    data::Run out{.name = "r", .format = {}, .source = {}, .kind = data::Kind::Log, .config = std::move(config), .series = {}, .text = {}};
    out.series.push_back({"loss", column({0, 10, 20, 30}), column({4, 3, 2, 1}), nullptr});
    for (auto& s : more)
        out.series.push_back(std::move(s));
    return out;
}

figure::Along along(const data::Run& r, std::string_view x) { return figure::along(r, r.series[0], x); }
std::string word(const char* s) { return s; }

}

class TestAxes : public QObject {
    Q_OBJECT

private slots:
    void tokensPerStep_data()
    {
        QTest::addColumn<QStringList>("keys");
        QTest::addColumn<Values>("values");
        QTest::addColumn<double>("expected");
        QTest::newRow("said") << QStringList{"tokens_per_step"} << Values{500} << 500.;
        QTest::newRow("batch in tokens") << QStringList{"batch_tokens", "batch_size"} << Values{512, 16} << 512.;
        QTest::newRow("nested") << QStringList{"train.batch_size_in_tokens"} << Values{524288} << 524288.;
        QTest::newRow("total batch of tokens") << QStringList{"total batch size", "sequence length T"} << Values{524288, 1024} << 524288.;
        QTest::newRow("total batch of sequences") << QStringList{"total_batch_size", "seq_len"} << Values{512, 2048} << 512. * 2048;
        QTest::newRow("nanoGPT") << QStringList{"batch_size", "block_size", "gradient_accumulation_steps"} << Values{12, 1024, 40} << 491520.;
        QTest::newRow("with devices") << QStringList{"batch_size", "seq_len", "world_size"} << Values{4, 128, 8} << 4096.;
        QTest::newRow("global, devices within") << QStringList{"global_batch_size", "seq_length", "world_size", "micro_batch_size"}
                                                << Values{256, 2048, 64, 4} << 524288.;
        QTest::newRow("no length") << QStringList{"batch_size"} << Values{12} << 0.;
        QTest::newRow("nothing") << QStringList{} << Values{} << 0.;
    }
    void tokensPerStep()
    {
        QFETCH(QStringList, keys);
        QFETCH(Values, values);
        QFETCH(double, expected);
        data::Config config;
        for (int i = 0; i < keys.size(); ++i)
            config[keys[i].toStdString()] = values[std::size_t(i)];
        const figure::Along got = along(run(config), "tokens");
        if (expected == 0) {
            QVERIFY(got.x.empty() && !got.why.empty());
            return;
        }
        QVERIFY(got.derived);
        QCOMPARE(got.x, (Values{0, 10 * expected, 20 * expected, 30 * expected}));
        QCOMPARE(got.y, (Values{4, 3, 2, 1}));
    }

    void loggedCountersGoBeforeTheConfiguration()
    {
        const figure::Along got = along(run({{"tokens_per_step", 1.}}, {{"train/num_tokens", column({0, 10, 20, 30}), column({0, 7, 14, 21}), nullptr}}), "tokens");
        QVERIFY(!got.derived);
        QCOMPARE(got.x, (Values{0, 7, 14, 21}));
    }

    void countersAtOtherStepsAreInterpolatedNotExtrapolated()
    {
        const figure::Along got = along(run({}, {{"tokens", column({5, 25}), column({50, 250}), nullptr}}), "tokens");
        QCOMPARE(got.x, (Values{100, 200}));
        QCOMPARE(got.y, (Values{3, 2}));
    }

    void counterAtTheSameStepsIsPreferred()
    {
        const figure::Along got = along(run({}, {{"tok", column({5, 25}), column({50, 250}), nullptr},
                                                 {"val_tok", column({0, 10, 20, 30}), column({0, 1, 2, 3}), nullptr}}), "tokens");
        QCOMPARE(got.x, (Values{0, 1, 2, 3}));
    }

    void samplesTimesLengthAreTokens()
    {
        const figure::Along got = along(run({{"seq_length", 100.}}, {{"consumed samples", column({0, 10, 20, 30}), column({0, 1, 2, 3}), nullptr}}), "tokens");
        QVERIFY(got.derived);
        QCOMPARE(got.x, (Values{0, 100, 200, 300}));
    }

    void flopsAreSixND()
    {
        const figure::Along got = along(run({{"tokens_per_step", 10.}, {"params", word("2M")}}), "flops");
        QVERIFY(got.derived);
        QCOMPARE(got.x, (Values{0, 6 * 2e6 * 100, 6 * 2e6 * 200, 6 * 2e6 * 300}));
        QCOMPARE(along(run({{"tokens_per_step", 10.}, {"num_parameters", 2e6}, {"flop_per_token", 5.}}), "flops").x, (Values{0, 500, 1000, 1500}));
        QCOMPARE(along(run({}, {{"total_flos", column({0, 10, 20, 30}), column({0, 1, 2, 3}), nullptr}}), "flops").x, (Values{0, 1, 2, 3}));
        QVERIFY(along(run({{"tokens_per_step", 10.}}), "flops").why.find("parameters") != std::string::npos);
        QVERIFY(along(run({{"N", 1e6}}), "flops").why.find("no tokens") != std::string::npos);
    }

    void otherSeriesAreJoinedAtEqualSteps()
    {
        const double missing = std::numeric_limits<double>::quiet_NaN();
        const auto lr = [](Values step, Values value) { return std::vector<data::Series>{{"lr", column(std::move(step)), column(std::move(value)), nullptr}}; };
        QCOMPARE(along(run({}, lr({10, 15, 30}, {1, 2, 3})), "lr").x, (Values{1, 3}));
        QCOMPARE(along(run({}, lr({10, 15, 30}, {1, 2, 3})), "lr").y, (Values{3, 1}));
        QCOMPARE(along(run({}, lr({30, 10}, {3, 1})), "lr").x, (Values{1, 3}));         // steps that fall
        QCOMPARE(along(run({}, lr({0, 10, 20, 30}, {1, missing, 3, 4})), "lr").y, (Values{4, 2, 1}));
        QVERIFY(along(run({}, lr({1, 2}, {1, 2})), "lr").why.find("other steps") != std::string::npos);
        QVERIFY(along(run({}), "lr").why.find("'lr'") != std::string::npos);
        QCOMPARE(along(run({{"size", 3.}}), "size").x, Values{3});
    }

    void timeCountsFromTheRunsFirstRecord()
    {
        data::Run r = run({});
        r.series[0].wall = column({7200, 10800, 14400, 18000});
        r.series.push_back({"lr", column({0}), column({1}), column({3600})});
        QCOMPARE(along(r, "wall").x, (Values{1, 2, 3, 4}));
        QVERIFY(!along(run({}), "wall").why.empty());
    }

    void brokenSeriesAreNotRead()
    {
        data::Run r = run({});
        r.series[0].value = nullptr;
        QVERIFY(!along(r, "step").why.empty());
        r = run({}, {{"tokens", nullptr, column({1, 2, 3, 4}), nullptr}});
        QVERIFY(!along(r, "tokens").why.empty());
    }

    void choicesSayWhatIsThereAndWhy()
    {
        const std::vector runs{run({}), run({{"tokens_per_step", 10.}}, {{"lr", column({0}), column({1}), nullptr}})};
        const auto choices = figure::axisChoices(runs);
        QCOMPARE(choices.size(), std::size_t(6));
        const auto find = [&](std::string_view id) { return *std::ranges::find(choices, id, &figure::AxisChoice::id); };
        QVERIFY(find("step").available && find("tokens").available && !find("flops").available && !find("wall").available);
        QVERIFY(find("tokens").why.empty() && !find("flops").why.empty());
        QVERIFY(find("lr").available && find("loss").available);
        QVERIFY(!figure::axisChoices({}).at(0).available);
    }

    // Our own sample runs log tokens and FLOPs, validation at other steps than training.
    void sampleRunsHaveTokensAndFlops()
    {
        const std::filesystem::path log = SOURCE_DIR "/resources/samples/runs/ladder-d16-1000.jsonl";
        const auto runs = io::read(std::span(&log, 1)).runs;
        QCOMPARE(runs.size(), std::size_t(1));
        for (const char* name : {"loss", "val_loss"}) {
            const data::Series* y = runs[0].find(name);
            QVERIFY(y);
            for (const char* x : {"tokens", "flops"}) {
                const figure::Along got = figure::along(runs[0], *y, x);
                QVERIFY2(!got.derived && got.x.size() == y->step->size(), x);
                // A training loss is that before its step's update, counted with its tokens.
                const double steps = y->step->back() + (std::string_view(name) == "loss");
                const double expected = steps * 512 * (std::string_view(x) == "tokens" ? 1 : 55296);
                QVERIFY2(std::abs(got.x.back() / expected - 1) < 1e-6, x);      // FLOPs are logged to 7 digits
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestAxes)
#include "tst_axes.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/schedule/schedule.h"

#include <QTest>

#include <fstream>
#include <limits>
#include <random>
#include <sstream>

using schedule::Shape;

namespace {

using Set = std::map<std::string, double>;

std::vector<double> made(const char* id, int steps, double peak, Set set)
{
    return schedule::rates(schedule::get(id), {.steps = steps, .peak = peak, .set = std::move(set)});
}

bool near(double a, double b, double relative = 1e-11)
{
    return std::abs(a - b) <= relative * std::abs(b);
}

// The sentence of the UsageError that making it throws; empty where it does not.
std::string refusal(const char* id, const Shape& shape)
{
    try {
        schedule::rates(schedule::get(id), shape);
    } catch (const UsageError& error) {
        return error.what();
    }
    return {};
}

}

class TestSchedule : public QObject {
    Q_OBJECT

private slots:
    // Rates of the runs of Luo et al. 2025, peak 3e-4, final 3e-5, 2,160 steps of warm-up.
    void ratesOfPublishedRunsAreMet_data()
    {
        QTest::addColumn<QByteArray>("id");
        QTest::addColumn<int>("steps");
        QTest::addColumn<double>("decay");
        QTest::addColumn<int>("step");
        QTest::addColumn<double>("rate");
        QTest::addColumn<double>("tolerance");
        QTest::newRow("cosine 24000") << QByteArray("cosine") << 24000 << 0. << 23920 << 3.000893868085248e-5 << 1e-14;
        QTest::newRow("cosine 72000") << QByteArray("cosine") << 72000 << 0. << 71920 << 3.0000874127054774e-5 << 1e-14;
        QTest::newRow("wsd-exp") << QByteArray("wsd-exp") << 24000 << 4000. << 23904 << 3.17045252764e-5 << 1e-11;
        QTest::newRow("wsd-linear") << QByteArray("wsd-linear") << 24000 << 4000. << 23904 << 3.648e-5 << 1e-14;
        // x = .25: sqrt = .5, half-way between 3e-4 and 3e-5.
        QTest::newRow("wsd-sqrt") << QByteArray("wsd-sqrt") << 24000 << 4000. << 21000 << 1.65e-4 << 1e-14;
        QTest::newRow("linear, half-way") << QByteArray("linear") << 24000 << 0. << 13080 << 1.65e-4 << 1e-14;
    }
    void ratesOfPublishedRunsAreMet()
    {
        QFETCH(const QByteArray, id);
        QFETCH(const int, steps);
        QFETCH(const double, decay);
        QFETCH(const int, step);
        QFETCH(const double, rate);
        QFETCH(const double, tolerance);
        Set set{{"warmup", 2160}, {"final", .1}};
        if (decay > 0)
            set["decay"] = decay;
        const auto rates = made(id.constData(), steps, 3e-4, set);
        QCOMPARE(int(rates.size()), steps);
        QVERIFY2(near(rates[std::size_t(step)], rate, tolerance), qPrintable(QString::number(rates[std::size_t(step)], 'g', 17)));
    }

    void loggedRatesOfRealRunsAreMet()
    {
        std::ifstream file(SHARED_DIR "/data/mpl_25M_100M.csv");
        if (!file)
            QSKIP("the logged rates of the MultiPowerLaw runs are not here (data/mpl_25M_100M.csv)");
        const std::map<std::string, std::vector<double>> expected{
            {"constant_24000", made("constant", 24000, 3e-4, {{"warmup", 2160}})},
            {"cosine_24000", made("cosine", 24000, 3e-4, {{"warmup", 2160}})},
            {"cosine_72000", made("cosine", 72000, 3e-4, {{"warmup", 2160}})},
            {"wsd_20000_24000", made("wsd-exp", 24000, 3e-4, {{"warmup", 2160}, {"decay", 4000}})},
            {"wsdld_20000_24000", made("wsd-linear", 24000, 3e-4, {{"warmup", 2160}, {"decay", 4000}})},
        };
        std::map<std::string, int> seen;
        std::string line;
        std::getline(file, line);
        while (std::getline(file, line)) {
            std::stringstream cells(line);
            std::string model, run, step, rate;
            std::getline(std::getline(std::getline(std::getline(cells, model, ','), run, ','), step, ','), rate, ',');
            const auto it = expected.find(run);
            const std::size_t t = std::stoul(step);
            if (it == expected.end() || t >= it->second.size())
                continue;
            ++seen[run];
            // The file keeps six digits.
            QVERIFY2(near(it->second[t], std::stod(rate), 5e-6), line.c_str());
        }
        QVERIFY(seen.size() >= 3);
    }

    void warmupKindsDifferAsDocumented()
    {
        const auto linspace = made("constant", 10, 2, {{"warmup", 5}});
        QCOMPARE(linspace, (std::vector<double>{0, .5, 1, 1.5, 2, 2, 2, 2, 2, 2}));
        const auto started = made("constant", 10, 2, {{"warmup", 5}, {"warmup_kind", 1}, {"warmup_start", .5}});
        for (std::size_t t = 0; t < 5; ++t)
            QVERIFY(near(started[t], 1 + .2 * double(t)));
        QCOMPARE(started[5], 2.);
        const auto early = made("constant", 8, 2, {{"warmup", 4}, {"warmup_kind", 2}});
        QCOMPARE(early, (std::vector<double>{.5, 1, 1.5, 2, 2, 2, 2, 2}));
        QVERIFY(near(made("constant", 100, 1, {{"warmup", 10}, {"warmup_kind", 1}})[0], .01));
    }

    void fractionsMeanStepsOfTheWhole()
    {
        QCOMPARE(made("wsd-exp", 24000, 3e-4, {{"warmup", .09}, {"decay", 1 / 6.}}),
                 made("wsd-exp", 24000, 3e-4, {{"warmup", 2160}, {"decay", 4000}}));
        QCOMPARE(made("two-stage", 1000, 1, {{"at", .25}}), made("two-stage", 1000, 1, {{"at", 250}}));
    }

    void boundariesFallOnTheirSteps()
    {
        const auto two = made("two-stage", 10, 1, {{"at", 4}, {"factor", .25}});
        QCOMPARE(two, (std::vector<double>{1, 1, 1, 1, .25, .25, .25, .25, .25, .25}));
        const auto wsd = made("wsd-linear", 10, 1, {{"decay", 4}, {"final", 0}});
        QCOMPARE(wsd, (std::vector<double>{1, 1, 1, 1, 1, 1, 1, .75, .5, .25}));
        // A decay over everything begins where the warm-up ends.
        const auto whole = made("wsd-linear", 100, 1, {{"warmup", 10}, {"decay", 1}});
        QVERIFY(std::ranges::equal(whole, made("linear", 100, 1, {{"warmup", 10}}),
                                   [](double a, double b) { return std::abs(a - b) < 1e-15; }));
        QCOMPARE(made("wsd-sqrt", 50, 1, {{"decay", 0}}), made("constant", 50, 1, {}));
        QCOMPARE(made("cosine", 1, .5, {}), std::vector{.5});
        QCOMPARE(made("linear", 5, 1, {{"warmup", 5}}), (std::vector<double>{0, .25, .5, .75, 1}));
        QCOMPARE(made("linear", 3, 1, {{"warmup", 1}})[0], 0.);
    }

    void everyScheduleStaysBetweenZeroAndItsPeak()
    {
        std::mt19937_64 random(7);
        std::uniform_real_distribution unit(0., 1.);
        for (const schedule::Schedule& schedule : schedule::all())
            for (int round = 0; round < 200; ++round) {
                Shape shape{.steps = 1 + int(random() % 500), .peak = std::pow(10, -6 * unit(random)), .set = {}};
                shape.set["warmup"] = round % 2 ? unit(random) * .999 : std::floor(1 + unit(random) * (shape.steps - 1));
                shape.set["warmup_kind"] = double(random() % 3);
                shape.set["warmup_start"] = unit(random);
                for (const auto& option : schedule.options)
                    shape.set[std::string(option.name)] =
                        std::max(option.lower, unit(random) * (option.upper > 1 && round % 3 ? 600 : 1));
                const auto rates = schedule::rates(schedule, shape);
                QCOMPARE(int(rates.size()), shape.steps);
                const double warmup = shape.set["warmup"] < 1 ? std::round(shape.set["warmup"] * shape.steps)
                                                              : shape.set["warmup"];
                for (std::size_t i = 0; i < rates.size(); ++i) {
                    QVERIFY(std::isfinite(rates[i]) && rates[i] >= 0 && rates[i] <= shape.peak * (1 + 1e-15));
                    if (i > 0)
                        QVERIFY(double(i) < warmup ? rates[i] >= rates[i - 1]
                                                   : double(i) == warmup || rates[i] <= rates[i - 1]);
                }
                if (int(warmup) < shape.steps)
                    QVERIFY(near(rates[std::size_t(warmup)], shape.peak) || schedule.id == "two-stage");
            }
    }

    void theListIsSound()
    {
        std::map<std::string_view, int> ids;
        for (const schedule::Schedule& schedule : schedule::all()) {
            QCOMPARE(++ids[schedule.id], 1);
            QCOMPARE(&schedule::get(schedule.id), &schedule);
            QVERIFY(!schedule.name.empty() && !schedule.formula.empty());
            for (const auto& option : schedule.options)
                QVERIFY(option.lower <= option.value && option.value <= option.upper && !option.meaning.empty());
        }
        QCOMPARE(int(ids.size()), 7);
    }

    void wrongUseIsRefusedInOneSentence_data()
    {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        QTest::addColumn<QByteArray>("id");
        QTest::addColumn<int>("steps");
        QTest::addColumn<double>("peak");
        QTest::addColumn<QByteArray>("option");
        QTest::addColumn<double>("value");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char* name, const char* id, int steps, double peak, const char* option, double value,
                            const char* says) {
            QTest::newRow(name) << QByteArray(id) << steps << peak << QByteArray(option) << value << QByteArray(says);
        };
        row("unknown option", "cosine", 10, 1, "finl", .1, "did you mean 'final'?");
        row("an option of another schedule", "cosine", 10, 1, "decay", .1, "has no option 'decay'");
        row("above 1", "linear", 10, 1, "final", 1.5, "must lie in [0, 1]");
        row("NaN", "linear", 10, 1, "final", nan, "must lie in");
        row("negative", "wsd-sqrt", 10, 1, "decay", -1, "decay");
        row("exponential to zero", "wsd-exp", 10, 1, "final", 0, "final");
        row("long warm-up", "cosine", 10, 1, "warmup", 11, "longer than the schedule");
        row("kind between", "cosine", 10, 1, "warmup_kind", .5, "0, 1 or 2");
        row("no steps", "cosine", 0, 1, "final", 0, "0 steps");
        row("negative peak", "cosine", 10, -1, "final", 0, "peak");
        row("NaN peak", "cosine", 10, nan, "final", 0, "peak");
    }
    void wrongUseIsRefusedInOneSentence()
    {
        QFETCH(const QByteArray, id);
        QFETCH(const int, steps);
        QFETCH(const double, peak);
        QFETCH(const QByteArray, option);
        QFETCH(const double, value);
        QFETCH(const QByteArray, says);
        const std::string why = refusal(id.constData(), {.steps = steps, .peak = peak,
                                                         .set = {{option.toStdString(), value}}});
        QVERIFY2(why.find(says.toStdString()) != std::string::npos, why.c_str());
    }

    void unknownSchedulesNameTheNearest()
    {
        try {
            schedule::get("cosin");
            QFAIL("no error");
        } catch (const UsageError& error) {
            QVERIFY(std::string(error.what()).find("cosine") != std::string::npos);
        }
    }
};

QTEST_GUILESS_MAIN(TestSchedule)
#include "tst_schedule.moc"

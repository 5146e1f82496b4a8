// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/predict.h"
#include "core/fit/json.h"
#include "core/fit/solve.h"
#include "core/io/reader.h"

#include <QFileInfo>
#include <QTest>

#include <numeric>

using namespace fit;

#define CLOSE(got, want, relative) \
    QVERIFY2(std::abs((got) / (want) - 1) <= (relative), \
             qPrintable(QString::asprintf("%.10g, not %.10g", double(got), double(want))))

static const data::Table& table(const std::string& name)
{
    static std::map<std::string, data::Table> read;
    if (!read.contains(name)) {
        const std::filesystem::path path = std::filesystem::path(SHARED_DIR) / "data" / name;
        read[name] = data::tabulate(io::read(std::span(&path, 1)).runs);
    }
    return read[name];
}

// Publications' fits of scaling laws, redone on their data.
class TestPublishedScaling : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        if (!QFileInfo::exists(QStringLiteral(SHARED_DIR "/data")))
            QSKIP("the shared data sets are not beside the project");
    }

    // Gadre et al. 2024: five small runs foretell two large ones. Parameters as their code has them (a', b, c, E).
    void overTraining_data()
    {
        QTest::addColumn<QString>("dataset");
        QTest::addColumn<double>("a");
        QTest::addColumn<double>("b");
        QTest::addColumn<double>("c");
        QTest::addColumn<double>("E");
        QTest::addColumn<double>("tolerance");
        QTest::newRow("rpj") << "rpj" << 166.210986 << 366.687182 << -.272850704 << 1.83664839 << 1e-5;
        QTest::newRow("c4") << "c4_original" << 113.692602 << 189.515519 << -.242472 << 1.508261 << 1e-5;
        QTest::newRow("rw") << "rw_original" << 125.095697 << 246.206691 << -.254395 << 1.734462 << 1e-5;
    }
    void overTraining()
    {
        QFETCH(QString, dataset);
        QFETCH(double, a);
        QFETCH(double, b);
        QFETCH(double, c);
        QFETCH(double, E);
        QFETCH(double, tolerance);
        const Fit fit = overTrainingOf(dataset.toStdString());
        QCOMPARE(fit.n, 5);
        const double eta = fit.value("eta");
        CLOSE(fit.value("a") * std::pow(6, -eta), a, 5 * tolerance);
        CLOSE(fit.value("b"), b, 5 * tolerance);
        CLOSE(-2 * eta, c, tolerance);
        CLOSE(fit.value("E"), E, tolerance);
    }

    void overTrainingForetellsLargeRuns_data()
    {
        QTest::addColumn<QString>("dataset");
        QTest::addColumn<QString>("run");
        QTest::addColumn<double>("error");      // relative, in percent, as printed
        QTest::newRow("rpj 1.4B at 640") << "rpj" << "model=='open_lm_1b' and chinchilla_multiplier==32" << .7103;
        QTest::newRow("rpj 7B at 20") << "rpj" << "model=='open_lm_7b'" << .7320;
        QTest::newRow("rw 7B") << "rw_original" << "model=='open_lm_7b'" << 1.6193;
        QTest::newRow("c4 7B") << "c4_original" << "model=='open_lm_7b'" << 4.2952;
        QTest::newRow("c4 1.4B at 80") << "c4_original" << "model=='open_lm_1b' and chinchilla_multiplier>1" << 1.4979;
    }
    void overTrainingForetellsLargeRuns()
    {
        QFETCH(QString, dataset);
        QFETCH(QString, run);
        QFETCH(double, error);
        const Fit fit = overTrainingOf(dataset.toStdString(), run.toStdString());
        QCOMPARE(fit.holdout.n, 1);
        QVERIFY2(std::abs(100 * fit.holdout.mape - error) < 1.5e-4, qPrintable(QString::number(100 * fit.holdout.mape)));
    }

    // Caballero et al. 2023: fourteen points before and in the fall foretell the three after it.
    void brokenPowerOfAddition()
    {
        Spec spec{.law = "broken_power"};
        spec.where = "role=='fit'";
        spec.holdout = "role=='extrapolate'";
        const Fit fit = solve(makeProblem(spec, table("bnsl_4digit_addition.csv")));
        QCOMPARE(fit.n, 14);
        CLOSE(fit.value("a"), .413884, 1e-4);
        CLOSE(fit.value("b"), 2.277273, 1e-4);
        CLOSE(fit.value("c0"), .0550773, 1e-4);
        CLOSE(fit.value("c1"), 5.662896, 1e-4);
        CLOSE(fit.value("d1"), 612.5836, 1e-4);
        CLOSE(fit.value("f1"), .0591930, 1e-4);
        double train = 0, beyond = 0;
        for (const Point& p : fit.points)
            (p.heldOut ? beyond : train) += std::pow(std::log(p.predicted / p.observed), 2) / (p.heldOut ? 3 : 14);
        CLOSE(std::sqrt(train), 5.985e-4, 1e-3);
        CLOSE(std::sqrt(beyond), .0109157, 1e-3);
    }

    // More breaks than the data have do no worse in sample.
    void breaksNest()
    {
        double last = 1;
        for (const char* law : {"broken_power", "broken_power_2"}) {
            Spec spec{.law = law};
            const Fit fit = solve(makeProblem(spec, table("bnsl_4digit_addition.csv")));
            QVERIFY(fit.objective <= last);
            last = fit.objective;
        }
    }

    // The preset is the mean of the released bootstrap: the released sweep is not the set the published law was fitted to.
    void stepLawIsTheMeanOfItsBootstrap()
    {
        const data::Table& t = table("steplaw_bootstrap_params.csv");
        QCOMPARE(t.rows, std::size_t(1000));
        const auto mean = [&](const char* column) {
            const auto& v = t.number(column)->values;
            return std::accumulate(v.begin(), v.end(), 0.0) / double(v.size());
        };
        const Fit rate = preset("step_law:bootstrap_mean"), batch = preset("step_law_batch:bootstrap_mean");
        CLOSE(rate.value("c"), std::exp(mean("lr_intercept")), 1e-9);
        CLOSE(rate.value("a"), mean("lr_coefN"), 1e-9);
        CLOSE(rate.value("b"), mean("lr_coefD"), 1e-9);
        CLOSE(batch.value("c"), std::exp(mean("bs_intercept")), 1e-9);
        CLOSE(batch.value("a"), mean("bs_coefD"), 1e-9);
        for (const auto& [law, param, printed] : {std::tuple("step_law", "a", -.713), {"step_law", "b", .307}, {"step_law_batch", "a", .571}})
            CLOSE(preset(std::string(law) + ":bootstrap_mean").value(param), printed, 2e-3);
    }

    // Lin et al. 2024 release the error of every one of their fits (root mean square of logs): none is better than ours.
    void rectifiedFinetuning_data()
    {
        QTest::addColumn<QString>("task");
        QTest::addColumn<QString>("model");
        QTest::addColumn<double>("published");
        static constexpr std::tuple<const char*, double, double> errors[] = {
            {"MBZUAI/LaMini-GPT-124M", .010791, .002701}, {"MBZUAI/LaMini-GPT-774M", .009296, .005389},
            {"MBZUAI/LaMini-GPT-1.5B", .015018, .005535}, {"cerebras/Cerebras-GPT-111M", .009758, .009593},
            {"cerebras/Cerebras-GPT-256M", .009463, .010475}, {"cerebras/Cerebras-GPT-1.3B", .013074, .003768},
            {"cerebras/Cerebras-GPT-2.7B", .011397, .003019}, {"facebook/bart-base", .020143, .007266},
            {"facebook/bart-large", .012252, .012898}, {"facebook/bart-large-cnn", .011512, .011470},
            {"facebook/bart-large-xsum", .008917, .009032}, {"facebook/opt-1.3b", .015026, .002399},
            {"facebook/opt-2.7b", .022872, .005164}, {"facebook/opt-350m", .013538, .007780},
            {"facebook/opt-6.7b", .007350, .002464}, {"gpt2-large", .015250, .005628},
            {"gpt2-medium", .005939, .003767}, {"gpt2", .008894, .007474}, {"gpt2-xl", .041023, .006389},
            {"t5-base", .014382, .007843}, {"t5-small", .013458, .003854}, {"microsoft/phi-2", .010141, .006047},
            {"microsoft/phi-1_5", .010971, .011245}, {"google/switch-base-16", .015438, .008805},
            {"google/switch-base-32", .004826, .010261}, {"google/switch-base-8", .009751, .007315},
            {"google/mt5-base", .006647, .003546}, {"google/mt5-large", .004520, .002750},
            {"ai-forever/mGPT", .004921, .003516}, {"google/t5-v1_1-base", .011739, .006947},
        };
        for (const auto& [model, wmt19, flan] : errors) {
            QTest::addRow("wmt19 %s", model) << "wmt19" << model << wmt19;
            QTest::addRow("flan %s", model) << "flan" << model << flan;
        }
    }
    void rectifiedFinetuning()
    {
        QFETCH(QString, task);
        QFETCH(QString, model);
        QFETCH(double, published);
        Spec spec{.law = "rectified_finetuning"};
        spec.where = "samples>0 and task=='" + task.toStdString() + "' and model=='" + model.toStdString() + "'";
        const Fit fit = solve(makeProblem(spec, table("rectified_flan_wmt19.csv")));
        const double error = std::sqrt(2 * fit.objective / fit.n);
        QVERIFY2(error <= published + 5e-7, qPrintable(QString::asprintf("%.6f, not %.6f", error, published)));
    }

private:
    static Fit overTrainingOf(const std::string& dataset, const std::string& held = {})
    {
        Spec spec{.law = "over_training"};
        spec.map = {{"L", "loss_c4_val"}};
        spec.where = "dataset=='" + dataset + "' and ((chinchilla_multiplier==1 and params<1e9) or (chinchilla_multiplier==16 and params<2e7))";
        if (!held.empty())
            spec.holdout = "dataset=='" + dataset + "' and " + held;
        return solve(makeProblem(spec, table("gadre_104models.csv")));
    }
};

QTEST_APPLESS_MAIN(TestPublishedScaling)
#include "tst_publishedscaling.moc"

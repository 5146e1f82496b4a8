// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/json.h"
#include "core/fit/parallel.h"
#include "core/fit/predict.h"
#include "core/fit/solve.h"
#include "synthetic.h"

#include <QTest>

#include <nlohmann/json.hpp>

// Of 1,000 simulated data sets, how many 95 % intervals hold the truth: of every free parameter, and of predictions inside
// and beyond the data. The table of the user guide (Fits, What the interval means) is what this prints.
class TestCoverage : public QObject
{
    Q_OBJECT

    struct Case {
        const char* law;
        std::vector<std::map<std::string, double>> at;      // where the law is asked
    };
    static constexpr int repeats = 1000;

private slots:
    void intervalsHoldTheTruth_data()
    {
        QTest::addColumn<QString>("law");
        QTest::addColumn<QString>("interval");
        for (const char* law : {"chinchilla", "annealing_momentum", "loss_to_score"})
            for (const char* interval : {"wald", "profile", "bootstrap"})
                QTest::newRow((std::string(law) + " " + interval).c_str()) << law << interval;
    }
    void intervalsHoldTheTruth()
    {
        QFETCH(QString, law);
        QFETCH(QString, interval);
        const law::Law& record = law::get(law.toStdString());
        synthetic::Truth truth = synthetic::truths().at(law.toStdString());
        // As many points as the public Chinchilla data have.
        for (int i = 0; law == "chinchilla" && i < 240; ++i)
            truth.rows.push_back({1e7 * std::pow(2, (i / 12) * .55), 2e8 * std::pow(3, (i % 12) * .7)});
        fit::Spec spec;
        spec.law = record.info.id;
        if (interval == "bootstrap")
            spec.bootstrap = 300;
        else
            spec.interval = fit::intervalKind(interval.toStdString());
        std::vector<std::map<std::string, double>> at;
        std::shared_ptr<const data::Curve> curve;
        if (law == "chinchilla") {
            at = {{{"N", 1e9}, {"D", 2e10}}, {{"N", 7e10}, {"D", 1.4e12}}, {{"N", 7e11}, {"D", 1.4e13}}};
        } else if (law == "loss_to_score") {
            at = {{{"L", .6}}, {{"L", .9}}, {{"L", .1}}};
        } else {
            std::vector<double> rates(16000);
            for (std::size_t s = 0; s < rates.size(); ++s)
                rates[s] = 3e-4 * (s < 12000 ? 1 : 1 - double(s - 12000) / 4000 * .9);
            curve = std::make_shared<data::Curve>(rates);
            at = {{{"step", 4000}}, {{"step", 8000}}, {{"step", 15999}}};
        }
        std::vector<double> exact;
        for (const auto& where : at) {
            fit::Fit known = fit::preset(law.toStdString(), [&] {
                std::map<std::string, double> values;
                for (std::size_t i = 0; i < truth.params.size(); ++i)
                    values[std::string(record.params[i].id)] = truth.params[i];
                return values;
            }());
            exact.push_back(fit::predict(known, where, curve).value);
        }
        std::vector<std::vector<char>> held(repeats);
        struct None {
        };
        fit::parallel<None>(repeats, 0, {}, [&](std::size_t seed, None&) {
            fit::Spec one = spec;
            one.seed = seed;
            const fit::Fit fit = fit::solve(synthetic::draw(record, truth, 1000 + seed, one), 1);
            for (std::size_t i = 0; i < truth.params.size(); ++i)
                held[seed].push_back(fit.parameters[i].ci.lower <= truth.params[i] && truth.params[i] <= fit.parameters[i].ci.upper);
            for (std::size_t k = 0; k < at.size(); ++k) {
                const fit::Prediction p = fit::predict(fit, at[k], curve);
                held[seed].push_back(p.ci.lower <= exact[k] && exact[k] <= p.ci.upper);
            }
        });
        for (std::size_t i = 0; i < truth.params.size() + at.size(); ++i) {
            const bool param = i < truth.params.size();
            if (param && !std::isnan(record.params[i].fixed))
                continue;
            int inside = 0;
            for (const auto& h : held)
                inside += h[i];
            const double share = 100.0 * inside / repeats;
            std::string what = param ? std::string(record.params[i].id) : "prediction at";
            if (!param)
                for (const auto& [id, value] : at[i - truth.params.size()])
                    what += " " + id + "=" + QString::number(value, 'g', 3).toStdString();
            qInfo("| %s | %s | %s | %.1f |", record.info.id.data(), interval.toUtf8().constData(), what.c_str(), share);
            QVERIFY2(share >= 92 && share <= 97.5, what.c_str());
        }
    }
};

QTEST_APPLESS_MAIN(TestCoverage)
#include "tst_coverage.moc"

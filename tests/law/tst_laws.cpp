// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/fit/json.h"
#include "core/fit/predict.h"
#include "core/law/law.h"
#include "tests/fit/synthetic.h"

#include <QTest>

#include <set>

// Every law is held to the same claims, whether or not its author thought of them.
class TestLaws : public QObject
{
    Q_OBJECT

private slots:
    void recordIsComplete_data() { eachLaw(); }
    void recordIsComplete()
    {
        QFETCH(const law::Law*, law);
        for (const std::string_view s : {law->info.id, law->info.name, law->info.formula, law->info.latex, law->info.cite, law->info.help})
            QVERIFY(!s.empty());
        QVERIFY(!law->inputs.empty());
        std::set<std::string_view> ids;
        for (const law::Param& p : law->params) {
            QVERIFY(ids.insert(p.id).second);
            QVERIFY(p.lower < p.upper);
            QVERIFY(std::isnan(p.published) || (p.lower < p.published && p.published < p.upper));
            QVERIFY(p.scale == law::Scale::Linear || p.lower > 0);
            QVERIFY2(p.linear || p.starts.n > 0, p.id.data());
        }
        for (const law::Preset& preset : law->presets) {
            QCOMPARE(preset.values.size(), law->params.size());
            QVERIFY(!preset.cite.empty());
        }
    }

    void idsAreUnique()
    {
        std::set<std::string_view> ids;
        for (const law::Law& law : law::all()) {
            QVERIFY(ids.insert(law.info.id).second);
            QCOMPARE(law::find(law.info.id), &law);
        }
    }

    void gradientMatchesDifferences_data() { eachLaw(); }
    void gradientMatchesDifferences()
    {
        QFETCH(const law::Law*, law);
        const synthetic::Truth& truth = synthetic::truths().at(std::string(law->info.id));
        fit::Spec spec;
        spec.law = law->info.id;
        const fit::Problem problem = fit::makeProblem(spec, synthetic::design(*law, truth.rows));
        // Nine rows of the design, from its first to its last.
        fit::Problem::Data some;
        const std::size_t m = law->inputs.size(), n = problem.train.y.size();
        for (std::size_t k = 0; k < 9; ++k) {
            const std::size_t row = k * (n - 1) / 8;
            const auto group = std::ranges::find_if(problem.train.groups, [&](const auto& g) { return row < g.end; });
            some.x.insert(some.x.end(), &problem.train.x[row * m], &problem.train.x[row * m] + m);
            some.logX.insert(some.logX.end(), &problem.train.logX[row * m], &problem.train.logX[row * m] + m);
            some.y.push_back(1);
            some.groups.push_back({k, k + 1, group->curve});
        }
        std::vector<std::vector<double>> at{truth.params};
        for (const law::Preset& preset : law->presets)
            at.emplace_back(preset.values.begin(), preset.values.end());
        for (std::vector<double> p : at) {
            std::vector<double> y(9), plain(9), above(9), below(9), gradient(9 * p.size());
            law->eval(p.data(), some.rows(), y.data(), gradient.data());
            law->eval(p.data(), some.rows(), plain.data(), nullptr);
            for (std::size_t k = 0; k < 9; ++k)
                QVERIFY2(std::abs(plain[k] - y[k]) <= 1e-13 * std::abs(y[k]), law->info.id.data());
            for (std::size_t i = 0; i < p.size(); ++i) {
                // Central differences of two widths, extrapolated to none.
                const double value = p[i], h = 1e-5 * std::max(std::abs(value), 1e-3);
                std::vector<double> wide(9), narrow(9);
                for (auto& [width, into] : {std::pair(h, &wide), std::pair(h / 2, &narrow)}) {
                    p[i] = value + width, law->eval(p.data(), some.rows(), above.data(), nullptr);
                    p[i] = value - width, law->eval(p.data(), some.rows(), below.data(), nullptr);
                    p[i] = value;
                    for (std::size_t k = 0; k < 9; ++k)
                        (*into)[k] = (above[k] - below[k]) / (2 * width);
                }
                for (std::size_t k = 0; k < 9; ++k) {
                    const double difference = (4 * narrow[k] - wide[k]) / 3, noise = 1e-14 * std::abs(y[k]) / h;
                    if (!std::isfinite(difference))     // beyond an edge of what the law is defined for
                        continue;
                    QVERIFY2(std::abs(gradient[k * p.size() + i] - difference) <= 2e-5 * std::abs(difference) + 10 * noise + 1e-12,
                             qPrintable(QString::asprintf("%s %s row %zu: %.10g, differences %.10g", law->info.id.data(),
                                                          law->params[i].id.data(), k, gradient[k * p.size() + i], difference)));
                }
            }
        }
    }

    // What the catalogue could not check against a source ships without constants, and says so.
    void unverifiedLawsHaveNoPreset_data() { eachLaw(); }
    void unverifiedLawsHaveNoPreset()
    {
        QFETCH(const law::Law*, law);
        QVERIFY(law->info.unverified.empty() || law->presets.empty() || law->info.unverified.find("preset") != std::string_view::npos);
    }

    // Values a reader can check with a pocket calculator from the publications' constants.
    void presetsGivePublishedValues()
    {
        const auto at = [](const char* name, std::map<std::string, double> x) { return fit::predict(fit::preset(name), x).value; };
        const auto close = [](double got, double want, double tolerance) {
            if (std::abs(got / want - 1) <= tolerance)
                return true;
            qWarning("%.10g is not %.10g", got, want);
            return false;
        };
        QVERIFY(close(at("chinchilla:hoffmann_rounded", {{"N", 7e10}, {"D", 1.4e12}}), 1.936645, 1e-6));
        QVERIFY(close(at("chinchilla:hoffmann_rounded", {{"N", 1e9}, {"D", 2e10}}), 2.580048, 1e-6));
        QVERIFY(close(at("chinchilla:epoch", {{"N", 7e10}, {"D", 1.4e12}}), 1.973882, 4e-4));
        QVERIFY(close(at("power_law:kaplan_n", {{"x", 1.5e9}}), 2.303551, 1e-6));
        QVERIFY(close(at("power_law:kaplan_d", {{"x", 22e9}}), 2.099168, 1e-6));
        // OLMo ladder, predicted accuracies from predicted task losses (printed digits of both).
        QVERIFY(close(at("loss_to_score:mmlu", {{"L", .7869}}), .4838, 1e-3));
        QVERIFY(close(at("loss_to_score:hellaswag", {{"L", .6713}}), .8252, 1e-3));
        QVERIFY(close(at("loss_to_score:arc_challenge", {{"L", .7941}}), .5150, 1e-3));
        QVERIFY(close(at("loss_to_score:piqa", {{"L", .8903}}), .8122, 1e-3));
    }

    // laws.md's toy vector: rates 1e-3 (1, 1, 1, .5, .25, .25), lambda .9.
    void annealingSumsMatchTheDefinition()
    {
        const data::Curve curve({1e-3, 1e-3, 1e-3, .5e-3, .25e-3, .25e-3});
        const double s1[] = {1, 2, 3, 3.5, 3.75, 4}, s2[] = {0, 0, 0, .5, 1.2, 1.83};
        const auto annealed = curve.annealing(.9);
        for (std::size_t i = 0; i < 6; ++i) {
            QVERIFY(std::abs(curve.sum()[i] - 1e-3 * s1[i]) < 1e-15);
            QVERIFY(std::abs(annealed->area[i] - 1e-3 * s2[i]) < 1e-15);
        }
        const auto above = curve.annealing(.9 + 1e-6), below = curve.annealing(.9 - 1e-6);
        QVERIFY(std::abs((above->area[5] - below->area[5]) / 2e-6 - annealed->slope[5]) < 1e-9);
    }

    void warmUpDoesNotCountAsAnnealing()
    {
        const data::Curve curve({0, .5, 1, 1, 1});
        QCOMPARE(curve.annealing(.999)->area.back(), 0.0);
        QCOMPARE(curve.sum().back(), 3.5);
    }

    void unknownLawNamesTheNearest()
    {
        try {
            law::get("chinchila");
            QFAIL("no error");
        } catch (const UsageError& e) {
            QVERIFY(QByteArray(e.what()).contains("did you mean 'chinchilla'"));
        }
    }

private:
    void eachLaw()
    {
        QTest::addColumn<const law::Law*>("law");
        for (const law::Law& law : law::all())
            QTest::newRow(law.info.id.data()) << &law;
    }
};

QTEST_APPLESS_MAIN(TestLaws)
#include "tst_laws.moc"

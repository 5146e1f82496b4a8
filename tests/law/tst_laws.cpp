// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/fit/json.h"
#include "core/fit/predict.h"
#include "core/law/law.h"

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
        std::vector<double> rates(50, 1e-3);
        for (std::size_t s = 20; s < rates.size(); ++s)
            rates[s] = 1e-3 * std::exp(-0.1 * double(s - 20));
        const auto curve = std::make_shared<data::Curve>(rates);
        std::vector<double> x, logX;
        for (std::size_t i = 0; i < law->inputs.size(); ++i) {
            x.push_back(law->curves ? 41 : law->inputs[i].scale == law::Scale::Log ? 3e4 * double(i + 1) : 0.8);
            logX.push_back(std::log(x.back()));
        }
        const std::vector<law::Rows::Group> groups{{0, 1, curve}};
        const law::Rows rows{1, x, logX, groups};
        QVERIFY(!law->presets.empty());
        for (const law::Preset& preset : law->presets) {
            std::vector<double> p(preset.values.begin(), preset.values.end()), gradient(p.size());
            double y;
            law->eval(p.data(), rows, &y, gradient.data());
            double plain;
            law->eval(p.data(), rows, &plain, nullptr);
            QCOMPARE(plain, y);
            for (std::size_t i = 0; i < p.size(); ++i) {
                const double at = p[i], h = 1e-5 * std::max(std::abs(at), 1e-3);
                double above, below;
                p[i] = at + h, law->eval(p.data(), rows, &above, nullptr);
                p[i] = at - h, law->eval(p.data(), rows, &below, nullptr);
                p[i] = at;
                const double difference = (above - below) / (2 * h);
                QVERIFY2(std::abs(gradient[i] - difference) <= 1e-6 * std::abs(difference) + 1e-9,
                         qPrintable(QString::asprintf("%s %s: %.10g, differences %.10g", law->info.id.data(),
                                                      law->params[i].id.data(), gradient[i], difference)));
            }
        }
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

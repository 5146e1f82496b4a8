// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/fit/json.h"
#include "core/fit/predict.h"
#include "core/fit/solve.h"
#include "core/law/formula.h"
#include "tests/fit/synthetic.h"

#include <QTest>
#include <nlohmann/json.hpp>

// A law the user typed is held to what the catalogue's laws are.
class TestFormula : public QObject
{
    Q_OBJECT

    static constexpr const char* chinchilla = "L = E + A/N^a + B*D^-b; E in [1e-4, 100]; A in [1e-6, 1e20]; B in [1e-6, 1e20]";

private slots:
    void namesAreReadOrFitted()
    {
        const law::Law& law = law::get(chinchilla);
        QCOMPARE(law.inputs.size(), std::size_t(2));
        QCOMPARE(law.inputs[0].id, std::string_view("N"));
        QCOMPARE(law.params.size(), std::size_t(5));
        QCOMPARE(law.index("A"), 1);
        QVERIFY(law.params[0].linear && law.params[1].linear && !law.params[2].linear && law.params[3].linear);
        QCOMPARE(law.output.id, std::string_view("L"));
        QVERIFY(law.info.latex.find("\\frac{A}{N^{a}}") != std::string_view::npos);
        QCOMPARE(&law::get(chinchilla), &law);
        // C is compute where no size or data stand beside it.
        QCOMPARE(law::get("L = E + K*C^-g").inputs[0].id, std::string_view("C"));
        QCOMPARE(law::get("L = E + C/N^g").params.size(), std::size_t(3));
    }

    void itIsFittedLikeTheLawOfTheCatalogue()
    {
        const law::Law& known = law::get("chinchilla");
        const fit::Problem problem = synthetic::draw(known, synthetic::truths().at("chinchilla"), 5);
        fit::Spec spec;
        spec.law = chinchilla;
        fit::Problem typed = problem;
        typed.law = &law::get(chinchilla);
        typed.spec.law = chinchilla;
        const fit::Fit a = fit::solve(problem), b = fit::solve(typed);
        QVERIFY(std::abs(a.objective / b.objective - 1) < 1e-9);
        QVERIFY(std::abs(a.value("alpha") / b.value("a") - 1) < 1e-5);
        QVERIFY(std::abs(a.parameters[3].se / b.parameters[2].se - 1) < 1e-3);
        const auto back = std::get<fit::Fit>(fit::fromJson(nlohmann::ordered_json::parse(fit::toJson(b).dump())));
        const std::map<std::string, double> at{{"N", 1e9}, {"D", 1e11}};
        QCOMPARE(fit::predict(back, at).value, fit::predict(b, at).value);
        QVERIFY(std::abs(fit::predict(b, at).ci.upper / fit::predict(a, at).ci.upper - 1) < 1e-4);
    }

    void gradientsAreExact_data()
    {
        QTest::addColumn<QString>("formula");
        for (const char* f : {"y = a*x^b + c*exp(-d*x)", "y = a*log(x)/(b+x) - c*sqrt(x)", "y = a*sin(b*x) + c*cos(d*x)*atan(x/d)",
                              "y = max(a*x, b) + min(c, x)*tanh(d*x)", "y = abs(a - b*x)^c", "y = -a*log10(b*x)/tan(c)"})
            QTest::newRow(f) << f;
    }
    void gradientsAreExact()
    {
        QFETCH(QString, formula);
        const law::Law& law = law::get(formula.toStdString());
        std::vector<double> p{1.3, .7, .4, .2}, x{.3, 1.7, 4.1}, logX(3), y(3), above(3), below(3);
        p.resize(law.params.size());
        std::vector<double> gradient(3 * p.size());
        const law::Rows rows{3, x, logX, {}};
        law.eval(p.data(), rows, y.data(), gradient.data());
        for (std::size_t i = 0; i < p.size(); ++i) {
            const double value = p[i], h = 1e-6;
            p[i] = value + h, law.eval(p.data(), rows, above.data(), nullptr);
            p[i] = value - h, law.eval(p.data(), rows, below.data(), nullptr);
            p[i] = value;
            for (std::size_t k = 0; k < 3; ++k)
                QVERIFY2(std::abs(gradient[k * p.size() + i] - (above[k] - below[k]) / (2 * h)) < 1e-7 * (1 + std::abs(gradient[k * p.size() + i])), law.params[i].id.data());
        }
    }

    void annealingSumsCanBeTyped()
    {
        const law::Law& known = law::get("annealing_momentum");
        const fit::Problem problem = synthetic::draw(known, synthetic::truths().at("annealing_momentum"), 2);
        fit::Problem typed = problem;
        typed.law = &law::get("L = L0 + A*S1^-g - G*S2");
        typed.spec.law = std::string(typed.law->info.id);
        QVERIFY(typed.law->curves);
        QVERIFY(std::abs(fit::solve(typed).objective / fit::solve(problem).objective - 1) < 1e-8);
    }

    void clausesAreObeyed()
    {
        const law::Law& law = law::get("L = E + A/N^a + K; K = 0.5; a in [0.1, 2] from 0.2, 1; inputs N");
        QCOMPARE(law.params[std::size_t(law.index("K"))].fixed, .5);
        const law::Param& a = law.params[std::size_t(law.index("a"))];
        QCOMPARE(a.lower, .1);
        QCOMPARE(a.starts.n, std::size_t(2));
        QVERIFY(a.scale == law::Scale::Log);
        QCOMPARE(law::get("score = u + v*width; inputs width").inputs[0].id, std::string_view("width"));
    }

    void faultsNameTheColumn_data()
    {
        QTest::addColumn<QString>("formula");
        QTest::addColumn<QString>("says");
        QTest::newRow("operator") << "L = E + / N" << "column 9: expected a number";
        QTest::newRow("bracket") << "L = E + (A/N^a" << "column 15: expected ')'";
        QTest::newRow("function") << "L = E + foo(N)" << "column 9: there is no function 'foo'";
        QTest::newRow("nothing read") << "L = E + A" << "nothing in it is read from the data";
        QTest::newRow("nothing fitted") << "L = N" << "no parameter";
        QTest::newRow("comparison") << "L = E*(N > 3)" << "a law is a number";
        QTest::newRow("unknown in a clause") << "L = E + A/N^a; alpha in [0, 1]" << "column 16: 'alpha' is no parameter";
        QTest::newRow("bounds") << "L = E + A/N^a; a in [1, 0]" << "the smaller first";
        QTest::newRow("clause") << "L = E + A/N^a; a between 0 and 1" << "is not understood";
        QTest::newRow("circle") << "L = E + A/N^a + L" << "both sides";
        QTest::newRow("left") << "2 L = E + A/N^a" << "left of the =";
        QTest::newRow("many") << "L = a+b+c+d+e+f+g+h+i+j+k+l+m+N" << "at most 12";
    }
    void faultsNameTheColumn()
    {
        QFETCH(QString, formula);
        QFETCH(QString, says);
        try {
            law::get(formula.toStdString());
            QFAIL("no error");
        } catch (const UsageError& e) {
            QVERIFY2(QString(e.what()).contains(says), e.what());
        }
        QVERIFY(!law::find(formula.toStdString()));
    }
};

QTEST_APPLESS_MAIN(TestFormula)
#include "tst_formula.moc"

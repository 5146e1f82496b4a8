// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/solve.h"
#include "core/text.h"

#include <QTest>

#include <fstream>
#include <sstream>

// The nonlinear regression sets of the NIST Statistical Reference Datasets (public domain), each from both published
// starts, as formulas a user could type.
class TestNist : public QObject
{
    Q_OBJECT

    struct Set {
        std::vector<std::vector<double>> start{{}, {}};
        std::vector<double> certified, deviation;
        data::Table table;
    };

    static Set read(const std::string& name)
    {
        std::ifstream file(SOURCE_DIR "/tests/fit/nist/" + name + ".dat");
        Set set;
        set.table.groups = {""};
        set.table.curve = {false};
        bool data = false;
        for (std::string line; std::getline(file, line);) {
            std::istringstream words(line);
            std::string b, equals;
            double one, two, value, deviation;
            if (line.starts_with("Data:") && line.find("y") != std::string::npos && line.find("x") != std::string::npos
                && line.find("Response") == std::string::npos) {
                data = true;
                set.table.numbers = {{"y", {}}, {"x", {}}};
                if (line.find("x2") != std::string::npos)
                    set.table.numbers = {{"y", {}}, {"x1", {}}, {"x2", {}}};
            } else if (data) {
                for (auto& column : set.table.numbers)
                    if (words >> value)
                        column.values.push_back(value);
            } else if (words >> b >> equals && b.starts_with("b") && equals == "=" && words >> one >> two >> value >> deviation) {
                set.start[0].push_back(one);
                set.start[1].push_back(two);
                set.certified.push_back(value);
                set.deviation.push_back(deviation);
            }
        }
        set.table.rows = set.table.numbers.at(0).values.size();
        set.table.group.assign(set.table.rows, 0);
        return set;
    }

    static const std::map<std::string, std::string>& models()
    {
        static const std::string gauss = "y = b1*exp(-b2*x) + b3*exp(-(x-b4)^2/b5^2) + b6*exp(-(x-b7)^2/b8^2)";
        static const std::string lanczos = "y = b1*exp(-b2*x) + b3*exp(-b4*x) + b5*exp(-b6*x)";
        static const std::string cubic = "y = (b1 + b2*x + b3*x^2 + b4*x^3) / (1 + b5*x + b6*x^2 + b7*x^3)";
        static const std::map<std::string, std::string> all{
            {"Bennett5", "y = b1*(b2+x)^(-1/b3)"},
            {"BoxBOD", "y = b1*(1-exp(-b2*x))"},
            {"Chwirut1", "y = exp(-b1*x)/(b2+b3*x)"},
            {"Chwirut2", "y = exp(-b1*x)/(b2+b3*x)"},
            {"DanWood", "y = b1*x^b2"},
            {"ENSO", "y = b1 + b2*cos(2*3.141592653589793*x/12) + b3*sin(2*3.141592653589793*x/12) + b5*cos(2*3.141592653589793*x/b4) "
                     "+ b6*sin(2*3.141592653589793*x/b4) + b8*cos(2*3.141592653589793*x/b7) + b9*sin(2*3.141592653589793*x/b7)"},
            {"Eckerle4", "y = (b1/b2)*exp(-0.5*((x-b3)/b2)^2)"},
            {"Gauss1", gauss}, {"Gauss2", gauss}, {"Gauss3", gauss},
            {"Hahn1", cubic},
            {"Kirby2", "y = (b1 + b2*x + b3*x^2) / (1 + b4*x + b5*x^2)"},
            {"Lanczos1", lanczos}, {"Lanczos2", lanczos}, {"Lanczos3", lanczos},
            {"MGH09", "y = b1*(x^2+x*b2) / (x^2+x*b3+b4)"},
            {"MGH10", "y = b1*exp(b2/(x+b3))"},
            {"MGH17", "y = b1 + b2*exp(-x*b4) + b3*exp(-x*b5)"},
            {"Misra1a", "y = b1*(1-exp(-b2*x))"},
            {"Misra1b", "y = b1*(1-(1+b2*x/2)^(-2))"},
            {"Misra1c", "y = b1*(1-(1+2*b2*x)^(-.5))"},
            {"Misra1d", "y = b1*b2*x*((1+b2*x)^(-1))"},
            {"Nelson", "logy = b1 - b2*x1*exp(-b3*x2); inputs x1, x2"},
            {"Rat42", "y = b1/(1+exp(b2-b3*x))"},
            {"Rat43", "y = b1/((1+exp(b2-b3*x))^(1/b4))"},
            {"Roszman1", "y = b1 - b2*x - atan(b3/(x-b4))/3.141592653589793"},
            {"Thurber", cubic},
        };
        return all;
    }

private slots:
    void atLeast53Of54GiveFourDigits()
    {
        QCOMPARE(models().size(), std::size_t(27));
        int reached = 0, deviations = 0;
        for (const auto& [name, model] : models()) {
            const Set set = read(name);
            QVERIFY2(set.certified.size() >= 2 && set.table.rows > 5, name.c_str());
            for (int which = 0; which < 2; ++which) {
                fit::Spec spec;
                spec.law = model;
                if (name == "Nelson")
                    spec.map["logy"] = "log(y)";
                for (std::size_t i = 0; i < set.certified.size(); ++i)
                    spec.law += "; b" + std::to_string(i + 1) + " from " + text::number(set.start[std::size_t(which)][i]);
                double digits = 0, most = 0, cost = 0;
                try {
                    const fit::Fit fit = fit::solve(fit::makeProblem(spec, set.table), 1);
                    digits = 11;
                    cost = fit.objective;
                    for (std::size_t i = 0; i < set.certified.size(); ++i) {
                        const std::string id = "b" + std::to_string(i + 1);
                        digits = std::min(digits, -std::log10(std::abs(fit.value(id) / set.certified[i] - 1) + 1e-11));
                        for (const fit::Estimate& e : fit.parameters)
                            if (e.name == id)
                                most = std::max(most, std::abs(e.se / set.deviation[i] - 1));
                    }
                } catch (const std::exception& e) {
                    qWarning("%s start %d: %s", name.c_str(), which + 1, e.what());
                }
                reached += digits >= 4;
                deviations += digits >= 4 && most < 1e-3;
                if (digits < 6)
                    qInfo("%s start %d: %.1f digits, cost %g", name.c_str(), which + 1, digits, cost);
            }
        }
        qInfo("%d of 54 to four digits, %d of them with standard errors to three", reached, deviations);
        QVERIFY(reached >= 53);
        QVERIFY(deviations >= 52);
    }
};

QTEST_APPLESS_MAIN(TestNist)
#include "tst_nist.moc"

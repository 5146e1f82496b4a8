// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/export/figures.h"
#include "tests/figure/fits.h"

#include "core/error.h"
#include "core/export/csv.h"
#include "core/export/exporter.h"
#include "core/export/latex.h"
#include "core/export/utf8.h"
#include "core/figure/json.h"
#include "core/fit/json.h"
#include "core/version.h"

#include <QTest>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace {

fit::Fit small()
{
    fit::Fit fit = fits::make("power_law", {1.7, 60, .1}, {{{1e18}}, {{1e19}}, {{1e20}}, {{1e21}, true}});
    fit.parameters[0].ci = {1.6123, 1.7987};
    fit.parameters[1].ci = {41.23, 88.77};
    fit.parameters[2] = {.name = "alpha", .value = .1, .se = std::numeric_limits<double>::quiet_NaN(), .ci = {.1, .1},
                         .fixed = true, .atBound = false};
    fit.excluded = {{7, "loss is not a number"}, {9, "loss is not a number"}};
    fit.inputs["x"] = "flops";
    fit.spec.holdout = "flops>5e20";
    fit.warnings = {{"at-bound", "E & A are 99 % correlated."}};
    fit.starts = {30, 28, 1};
    fit.sources[0].name = "my_runs, final.csv";
    return fit;
}

fit::Chain chain()
{
    return {.first = small(), .second = fits::make("loss_to_score", {.25, 1, 5, .7}, {{{.5}}, {{.75}}, {{1.25}}})};
}

// The version is the only thing in a golden file that changes by itself.
std::string neutral(std::string s)
{
    for (std::size_t at; (at = s.find(version)) != std::string::npos;)
        s.replace(at, version.size(), "@VERSION@");
    return s;
}

std::string contents(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::stringstream all;
    all << file.rdbuf();
    return all.str();
}

}

class TestExport : public QObject {
    Q_OBJECT

private slots:
    // ISOLOSS_WRITE_GOLDEN=1 writes the files instead; read the difference before committing them.
    void outputIsGolden_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("text");
        for (const auto& e : exporter::fits()) {
            const QString id = QString::fromUtf8(e.id.data(), qsizetype(e.id.size()));
            if (e.id == "json")
                continue;      // the fit file has tests of its own
            QTest::addRow("fit.%s", qPrintable(id)) << "fit." + id << QByteArray::fromStdString(e.fit(small()));
            QTest::addRow("chain.%s", qPrintable(id)) << "chain." + id << QByteArray::fromStdString(e.chain(chain()));
        }
        for (const auto& e : exporter::figures()) {
            const QString id = QString::fromUtf8(e.id.data(), qsizetype(e.id.size()));
            QTest::addRow("figure.%s", qPrintable(id))
                << "figure." + id << QByteArray::fromStdString(e.figure(figures::hard()));
        }
    }
    void outputIsGolden()
    {
        QFETCH(const QString, file);
        QFETCH(const QByteArray, text);
        const std::string path = SOURCE_DIR "/tests/export/golden/" + file.toStdString();
        const std::string written = neutral(text.toStdString());
        if (qEnvironmentVariableIsSet("ISOLOSS_WRITE_GOLDEN")) {
            std::ofstream(path, std::ios::binary) << written;
            return;
        }
        const std::string golden = contents(path);
        if (written == golden)
            return;
        const auto at = std::size_t(std::ranges::mismatch(written, golden).in1 - written.begin());
        const std::size_t begin = at < 60 ? 0 : at - 60;
        QFAIL(qPrintable(QStringLiteral("%1 differs at byte %2: '%3' instead of '%4'").arg(file).arg(at)
                             .arg(QString::fromStdString(written.substr(begin, 120)))
                             .arg(QString::fromStdString(golden.substr(std::min(begin, golden.size()), 120)))));
    }

    void everyDigitSurvivesCsvAndJson()
    {
        fit::Fit fit = small();
        fit.parameters[0].value = 1.8172181000000003;
        fit.parameters[1].ci.lower = .1 + .2;
        const std::string csv = exporter::forFit("a.csv").fit(fit);
        QVERIFY(csv.find("1.8172181000000003") != std::string::npos);
        QVERIFY(csv.find("0.30000000000000004") != std::string::npos);
        QVERIFY(csv.find("NaN") != std::string::npos);
        QVERIFY(csv.find("\"E") == std::string::npos);
        const auto json = nlohmann::ordered_json::parse(exporter::forFit("json").fit(fit));
        QCOMPARE(std::get<fit::Fit>(fit::fromJson(json)).value("E"), 1.8172181000000003);
    }

    void figureDataSurvivesCsv()
    {
        const std::string csv = exporter::findFigure("f.csv")->figure(figures::hard());
        QVERIFY(csv.find("1,3,line,fit,\"a \"\"quoted\"\" fit, $x^2$\",1e+18,3,,\n") != std::string::npos);
        QVERIFY(csv.find("1,5,line,data,_run\\two,1e+19,Infinity,,\n") != std::string::npos);
        std::size_t values = 1;     // the header
        for (const auto& panel : figures::hard().panels)
            for (const auto& layer : panel.layers)
                values += std::max({layer.x.size(), layer.y.size(), layer.low.size()});
        QCOMPARE(std::size_t(std::ranges::count(csv, '\n')), values);
    }

    void figureJsonReadsBack()
    {
        const auto json = nlohmann::ordered_json::parse(exporter::findFigure("f.json")->figure(figures::hard()));
        QCOMPARE(figure::toJson(figure::fromJson(json)).dump(), json.dump());
    }

    void vegaLiteHoldsEveryLayer()
    {
        const auto spec = nlohmann::json::parse(exporter::findFigure("x/f.vl.json")->figure(figures::hard()));
        QVERIFY(spec["$schema"].get<std::string>().ends_with("vega-lite/v5.json"));
        QCOMPARE(spec["vconcat"].size(), std::size_t(2));
        QCOMPARE(spec["vconcat"][0]["layer"].size(), std::size_t(11));     // the points' error bars are one more
        QCOMPARE(spec["usermeta"]["isoloss"].get<std::string>(), std::string("{\"isoloss\":\"1\"}"));
        for (const auto& panel : spec["vconcat"])
            for (const auto& layer : panel["layer"])
                QVERIFY(layer.contains("mark") && !layer["data"]["values"].empty());
    }

    void shadedCurvesAreToldByAColourBar()
    {
        const figure::Figure f = figures::shaded();
        const auto vega = nlohmann::json::parse(exporter::findFigure("vl.json")->figure(f));
        const auto& layers = vega["vconcat"][0]["layer"];
        QCOMPARE(layers[1]["encoding"]["color"]["datum"].get<double>(), 1e9);
        QCOMPARE(layers[1]["encoding"]["color"]["scale"]["type"].get<std::string>(), std::string("log"));
        QCOMPARE(layers[1]["encoding"]["color"]["title"].get<std::string>(), std::string("parameters"));
        QCOMPARE(layers[2]["encoding"]["color"]["field"].get<std::string>(), std::string("name"));      // it has no value to be shaded by
        const std::string python = exporter::findFigure("py")->figure(f), tex = exporter::findFigure("tex")->figure(f);
        QVERIFY(python.find("LogNorm(1e+06, 1e+09)") != std::string::npos || python.find("LogNorm(1000000, 1000000000)") != std::string::npos);
        QVERIFY(python.find("color=\"#00224E\"") != std::string::npos);     // the smallest
        QVERIFY(python.find("label=\"run_0\"") == std::string::npos);
        QVERIFY(python.find("label=\"run_2\"") != std::string::npos);
        QVERIFY(tex.find("colorbar") != std::string::npos && tex.find("{1M}, {31.6M}, {1B}") != std::string::npos);
        QVERIFY(tex.find("addlegendentry{run\\_2}") != std::string::npos && tex.find("addlegendentry{run\\_0}") == std::string::npos);
    }

    void figureJsonKeepsRunsShadesAndWarnings()
    {
        const figure::Figure f = figures::shaded(), back = figure::fromJson(figure::toJson(f));
        QCOMPARE(figure::toJson(back).dump(), figure::toJson(f).dump());
        QCOMPARE(back.panels[0].layers[1].run, std::string("abc1"));
        QCOMPARE(back.panels[0].layers[1].shade, 1e9);
        QVERIFY(std::isnan(back.panels[0].layers[2].shade));
        QVERIFY(back.shading.log && back.shading.from == 1e6 && back.shading.to == 1e9 && back.shading.title == "parameters");
        QCOMPARE(back.warnings, f.warnings);
        auto json = figure::toJson(f);
        json["warnings"] = "none";
        QVERIFY_EXCEPTION_THROWN(figure::fromJson(json), Error);
        json["warnings"] = {1};
        QVERIFY_EXCEPTION_THROWN(figure::fromJson(json), Error);
    }

    void extensionsChooseTheWriter()
    {
        QCOMPARE(exporter::findFigure("plots/loss.vl.json")->id, std::string_view("vl.json"));
        QCOMPARE(exporter::findFigure("loss.JSON")->id, std::string_view("json"));
        QCOMPARE(exporter::findFigure("py")->id, std::string_view("py"));
        QVERIFY(!exporter::findFigure("loss.svg"));
        QVERIFY(!exporter::findFigure("notjson"));
        try {
            exporter::forFit("fit.xlsx");
            QFAIL("no error");
        } catch (const UsageError& error) {
            QVERIFY(std::string(error.what()).find(".csv, .json, .tex, .md") != std::string::npos);
        }
    }

    void latexEscapes_data()
    {
        QTest::addColumn<QString>("words");
        QTest::addColumn<QString>("escaped");
        QTest::newRow("specials")
            << R"(a_b & 50 % #1 {x} ~ ^ \y $)"
            << R"(a\_b \& 50 \% \#1 \{x\} \textasciitilde{} \textasciicircum{} \textbackslash{}y \$)";
        QTest::newRow("signs") << QStringLiteral("\u2212 \u00d7 10\u00b2\u00b9")
                               << R"($-$ $\times$ 10\textsuperscript{21})";
        QTest::newRow("letters") << QStringLiteral("\u03b1 caf\u00e9") << QStringLiteral("$\\alpha$ caf\u00e9");
        QTest::newRow("line break") << "a\nb" << "a b";
        QTest::newRow("control") << QStringLiteral("a\u0007b") << "ab";
    }
    void latexEscapes()
    {
        QFETCH(const QString, words);
        QFETCH(const QString, escaped);
        std::set<char32_t> others;
        QCOMPARE(QString::fromStdString(exporter::latex(words.toStdString(), others)), escaped);
        QVERIFY(others.empty());
    }

    void otherScriptsAreDeclared()
    {
        std::set<char32_t> others;
        QCOMPARE(exporter::latex("\u4e2d", others), std::string("\u4e2d"));
        QVERIFY(exporter::latexDeclarations(others).find("{4E2D}") != std::string::npos);
    }

    void brokenUtf8IsReplaced()
    {
        for (const std::string s : {"\xff", "a\xc3", "\xe4\xb8", "\xed\xa0\x80", "\xc0\x80"}) {
            const std::u32string decoded = exporter::decode(s);
            QVERIFY(decoded.find(U'\ufffd') != std::u32string::npos);
        }
        const std::string good = "a\u00e9\u4e2d\U0001f600";
        std::string again;
        for (const char32_t c : exporter::decode(good))
            again += exporter::encode(c);
        QCOMPARE(again, good);
        figure::Figure f = figures::hard();
        f.panels[0].layers[2].name = "bad \xff name";
        for (const char* id : {"py", "vl.json", "tex", "csv"})
            QVERIFY(!exporter::findFigure(id)->figure(f).empty());
    }
};

QTEST_GUILESS_MAIN(TestExport)
#include "tst_export.moc"

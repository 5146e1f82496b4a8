// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/expression.h"
#include "core/data/table.h"
#include "samples.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <cstring>
#include <random>

namespace {

using Values = std::vector<double>;

bool mentions(const io::Import& import, std::string_view part) {
    return std::ranges::any_of(import.warnings, [&](const io::Warning& w) { return w.message.find(part) != std::string::npos; });
}

}

class TestCsv : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

    io::Import read(std::string_view text, const char* name = "log.csv") {
        return samples::read(samples::write(m_folder.path().toStdString(), name, text));
    }
    static Values values(const data::Run& run, std::string_view name) {
        const data::Series* series = run.find(name);
        return series ? *series->value : Values {-12345};
    }
    static std::string config(const data::Run& run, std::string_view name) {
        const auto found = run.config.find(name);
        if (found == run.config.end()) return "absent";
        if (const double* number = std::get_if<double>(&found->second)) return std::to_string(*number);
        return std::get<std::string>(found->second);
    }

private slots:
    void dialectsReadAlike_data() {
        QTest::addColumn<QByteArray>("text");
        const auto row = [](const char* name, const char* text) { QTest::newRow(name) << QByteArray(text); };
        row("plain", "step,loss,tokens\n0,3.5,1234\n10,2.25,2000\n");
        row("CRLF", "step,loss,tokens\r\n0,3.5,1234\r\n10,2.25,2000\r\n");
        row("old Mac", "step,loss,tokens\r0,3.5,1234\r10,2.25,2000\r");
        row("BOM", "\xEF\xBB\xBFstep,loss,tokens\n0,3.5,1234\n10,2.25,2000\n");
        row("no last newline", "step,loss,tokens\n0,3.5,1234\n10,2.25,2000");
        row("tabs", "step\tloss\ttokens\n0\t3.5\t1234\n10\t2.25\t2000\n");
        row("semicolons", "step;loss;tokens\n0;3.5;1234\n10;2.25;2000\n");
        row("decimal comma", "step;loss;tokens\n0;3,5;1.234\n10;2,25;2.000\n");
        row("decimal comma, tabs", "step\tloss\ttokens\n0\t3,5\t1234\n10\t2,25\t2000\n");
        row("quotes", "\"step\",\"loss\",\"tokens\"\n\"0\",\"3.5\",\"1234\"\n\"10\",\"2.25\",\"2000\"\n");
        row("thousands", "step,loss,tokens\n0,3.5,\"1,234\"\n10,2.25,\"2,000\"\n");
        row("comments", "# made today\nstep,loss,tokens\n# begun\n0,3.5,1234\n10,2.25,2000\n");
        row("header behind #", "# step,loss,tokens\n0,3.5,1234\n10,2.25,2000\n");
        row("header again", "step,loss,tokens\n0,3.5,1234\nstep,loss,tokens\n10,2.25,2000\n");
        row("blanks", "step, loss, tokens\n\n0, 3.5, 1234\n 10, +2.25, 2000 \n\n");
        row("trailing separator", "step,loss,tokens,\n0,3.5,1234,\n10,2.25,2000,\n");
        row("exponents", "step,loss,tokens\n0,35e-1,1.234e3\n1e1,.225E+1,2000.\n");
    }
    void dialectsReadAlike() {
        QFETCH(QByteArray, text);
        const io::Import import = read({text.data(), static_cast<std::size_t>(text.size())});
        QCOMPARE(import.runs.size(), std::size_t(1));
        const data::Run& run = import.runs[0];
        QCOMPARE(run.kind, data::Kind::Log);
        QCOMPARE(run.name, std::string("log"));
        QCOMPARE(values(run, "loss"), (Values {3.5, 2.25}));
        QCOMPARE(values(run, "tokens"), (Values {1234, 2000}));
        QCOMPARE(*run.find("loss")->step, (Values {0, 10}));
        QVERIFY2(import.warnings.empty(), import.warnings.empty() ? "" : import.warnings[0].message.c_str());
        QVERIFY(run.find("loss")->step == run.find("tokens")->step);
    }

    void missingIsNotNaN() {
        const io::Import import = read("step,a,b\n0,nan,1\n1,,2\n2,NA,null\n3,inf,None\n4,-Infinity,N/A\n5,1e999,3\n6,NaN,4\n");
        const data::Run& run = import.runs[0];
        const Values a = values(run, "a");
        QCOMPARE(a.size(), std::size_t(5));
        QVERIFY(std::isnan(a[0]) && std::isnan(a[4]));
        QVERIFY(a[1] > 1e308 && a[2] < -1e308 && a[3] > 1e308);
        QCOMPARE(*run.find("a")->step, (Values {0, 3, 4, 5, 6}));
        QCOMPARE(values(run, "b"), (Values {1, 2, 3, 4}));
        QVERIFY(import.warnings.empty());
    }

    void numbersAreTheNearestDoubles() {
        std::mt19937_64 random(4);
        std::string text = "x,y\n";
        Values expected;
        for (int i = 0; i < 4000; ++i) {
            char cell[64];
            const double value = i % 2 ? std::bit_cast<double>(random()) : std::ldexp(static_cast<double>(random() % 100000), -10);
            if (!std::isfinite(value)) continue;
            std::snprintf(cell, sizeof cell, i % 3 ? "%.17g" : i % 2 ? "%.9g" : "%.6f", value);
            expected.push_back(std::strtod(cell, nullptr));
            text += std::string(cell) + ",1\n";
        }
        QCOMPARE(values(read(text).runs[0], "x"), expected);
    }

    void runsAreToldApart() {
        const io::Import import = read("run,step,size,N,loss\nb,0,small,1e6,4\nb,1,small,1e6,3\na,0,big,1e7,5\na,1,big,1e7,4\nb,2,small,1e6,2\n");
        QCOMPARE(import.runs.size(), std::size_t(2));
        QCOMPARE(import.runs[0].name, std::string("b"));
        QCOMPARE(values(import.runs[0], "loss"), (Values {4, 3, 2}));
        QCOMPARE(config(import.runs[1], "size"), std::string("big"));
        QCOMPARE(config(import.runs[1], "N"), std::to_string(1e7));
        const data::Table table = data::tabulate(import.runs);
        const auto rows = data::Expression("size=='big' and N>5M and loss<4.5 and run=='a'").select(table);
        QCOMPARE(std::ranges::count(rows, true), 1);
    }

    void theModelIsPartOfTheKeyWhereRunNamesRepeat() {
        const io::Import import = read("model,run,step,loss,role\n25M,cosine,0,4,fit\n25M,cosine,1,3,fit\n100M,cosine,0,3.5,test\n100M,cosine,1,2.5,test\n");
        QCOMPARE(import.runs.size(), std::size_t(2));
        QCOMPARE(import.runs[0].name, std::string("25M/cosine"));
        QCOMPARE(import.runs[1].name, std::string("100M/cosine"));
        QCOMPARE(config(import.runs[1], "role"), std::string("test"));
        const data::Table table = data::tabulate(import.runs);
        QCOMPARE(std::ranges::count(data::Expression("run=='cosine' and model=='25M'").select(table), true), 2);
        QCOMPARE(table.groups[1], std::string("100M/cosine"));
    }

    void seedsAreRunsWhereStepsRepeat() {
        std::string text = "step,seed,loss\n";
        for (int step = 0; step < 10; ++step)
            for (int seed = 0; seed < 4; ++seed) text += std::to_string(step) + "," + std::to_string(seed) + "," + std::to_string(seed + .1 * step) + "\n";
        const io::Import import = read(text);
        QCOMPARE(import.runs.size(), std::size_t(4));
        QCOMPARE(import.runs[2].name, std::string("seed=2"));
        QCOMPARE(import.runs[2].find("loss")->value->size(), std::size_t(10));
    }

    void numericRunNamesStayWords() {
        const io::Import import = read("run,step,loss\n1,0,3\n1,1,2\n2,0,4\n2,1,3\n");
        QCOMPARE(import.runs.size(), std::size_t(2));
        QCOMPARE(import.runs[1].name, std::string("2"));
    }

    void pointsAreATable_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("no step") << QByteArray("N,D,loss,name\n1e6,2e7,4,a\n1e7,2e8,3,b\n1e8,2e9,,a\n");
        QTest::newRow("one step each") << QByteArray("N,D,loss,name,step\n1e6,2e7,4,a,500\n1e7,2e8,3,b,500\n1e8,2e9,,c,500\n");
    }
    void pointsAreATable() {
        QFETCH(QByteArray, text);
        const io::Import import = read(text.toStdString());
        QCOMPARE(import.runs.size(), std::size_t(1));
        const data::Run& run = import.runs[0];
        QCOMPARE(run.kind, data::Kind::Table);
        QCOMPARE(values(run, "N"), (Values {1e6, 1e7, 1e8}));
        QCOMPARE(values(run, "loss"), (Values {4, 3}));
        QCOMPARE(*run.find("loss")->step, (Values {0, 1}));
        QCOMPARE(run.text.at(0).name, std::string("name"));
        const data::Table table = data::tabulate(import.runs);
        QCOMPARE(table.rows, std::size_t(3));
        QVERIFY(std::isnan(table.number("loss")->values[2]));
        QCOMPARE(table.curve, std::vector<bool> {false});
    }

    void aRunWithoutStepsIsKeptAsPoints() {
        const io::Import import = read("run,step,loss\na,0,4\na,1,3\na,2,2\nb,,1.5\na,,9\n");
        QCOMPARE(import.runs.size(), std::size_t(2));
        QCOMPARE(import.runs[1].kind, data::Kind::Table);
        QCOMPARE(import.runs[1].name, std::string("b"));
        QVERIFY(mentions(import, "1 row has no step"));
        const data::Table table = data::tabulate(import.runs);
        QCOMPARE(std::ranges::count(data::Expression("run=='b' and loss==1.5").select(table), true), 1);
    }

    void longFormIsRead() {
        const io::Import import = read("run,step,metric,value\na,0,loss,4\na,0,lr,1e-3\na,10,loss,3\na,10,lr,2e-3\nb,0,loss,5\nb,10,loss,nan\n");
        QCOMPARE(import.runs.size(), std::size_t(2));
        QCOMPARE(values(import.runs[0], "lr"), (Values {1e-3, 2e-3}));
        QVERIFY(import.runs[0].find("lr")->step == import.runs[0].find("loss")->step);
        QVERIFY(!import.runs[1].find("lr"));
        QVERIFY(std::isnan(values(import.runs[1], "loss")[1]));
    }

    void chartExportsAreRead() {
        const io::Import import = read("\"Step\",\"r - 1 - loss\",\"r - 1 - loss__MIN\",\"r - 1 - loss__MAX\",\"s - loss\",\"s - loss__MIN\"\n"
                                       "\"0\",\"4\",\"4\",\"4\",\"5\",\"4.5\"\n\"10\",\"3\",\"3\",\"3\",\"\",\"\"\n");
        QCOMPARE(import.runs.size(), std::size_t(2));
        QCOMPARE(import.runs[0].name, std::string("r - 1"));
        QCOMPARE(import.runs[0].series.size(), std::size_t(1));
        QCOMPARE(values(import.runs[1], "loss"), Values {5});
        QCOMPARE(values(import.runs[1], "loss__MIN"), Values {4.5});
        QCOMPARE(config(import.runs[0], "sampled"), std::to_string(1.0));
    }

    void sparseRowsShareTheirSteps() {
        std::string text = "step,loss,val,acc\n";
        for (int s = 0; s < 100; ++s) {
            text += std::to_string(s) + "," + std::to_string(s * .5) + ",,\n";
            if (s % 10 == 0) text += std::to_string(s) + ",,1,2\n";
        }
        const data::Run run = read(text).runs[0];
        QCOMPARE(run.find("loss")->value->size(), std::size_t(100));
        QCOMPARE(run.find("val")->value->size(), std::size_t(10));
        QVERIFY(run.find("val")->step == run.find("acc")->step);
    }

    void damageIsNamedByLine_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("line");
        QTest::addColumn<QString>("part");
        QByteArray many = "step,loss\n";
        for (int i = 0; i < 40; ++i) many += QByteArray::number(i) + (i == 30 ? ",oops\n" : ",1.5\n");
        QTest::newRow("a word among numbers") << many << 32 << "'oops' in column 'loss'";
        QTest::newRow("cut") << QByteArray("step,loss,lr\n0,1,2\n1,2") << 3 << "the file ends inside";
        QTest::newRow("too few") << QByteArray("step,loss,lr\n0,1\n1,2,3\n2,3,4\n") << 2 << "2 of 3 cells";
        QTest::newRow("too many") << QByteArray("step,loss\n0,1\n1,2,3\n2,3\n") << 3 << "more than 2";
        QTest::newRow("same name") << QByteArray("step,loss,loss\n0,1,3\n1,2,4\n") << 1 << "appears again";
        QTest::newRow("no names") << QByteArray("0,1\n1,2\n") << 1 << "no column names";
        QTest::newRow("open quote") << QByteArray("step,name\n0,\"a\n1,b\n2,b\n") << 2 << "never closed";
    }
    void damageIsNamedByLine() {
        QFETCH(QByteArray, text);
        QFETCH(int, line);
        QFETCH(QString, part);
        const io::Import import = read(text.toStdString());
        QVERIFY(!import.warnings.empty());
        const io::Warning& warning = import.warnings[0];
        QVERIFY2(warning.message.find(part.toStdString()) != std::string::npos, warning.message.c_str());
        QCOMPARE(warning.line, std::optional<std::uint64_t>(static_cast<std::uint64_t>(line)));
        QVERIFY(warning.file.ends_with("log.csv"));
    }

    void quotedCellsMayHoldLines() {
        const io::Import import = read("name,note,x\n\"a \"\"b\"\", c\",\"two\nlines\",1\nd,\"1,5\",2\nd,\"1,5\",3\n");
        const data::Run& run = import.runs[0];
        QCOMPARE(run.text.at(0).levels.at(0), std::string("a \"b\", c"));
        QCOMPARE(run.text.at(1).levels.at(0), std::string("two\nlines"));
        QCOMPARE(values(run, "x"), (Values {1, 2, 3}));
    }

    void mixedColumnsAreReadAgainAsWords() {
        const io::Import import = read("exp,x\n1,1\n2,2\n3a,3\n,4\n");
        QCOMPARE(import.runs[0].text.at(0).levels, (std::vector<std::string> {"1", "2", "3a"}));
        QCOMPARE(import.runs[0].text.at(0).code, (std::vector<std::int32_t> {0, 1, 2, -1}));
        QVERIFY(import.warnings.empty());
    }

    void headersAloneAreARunWithoutRows() {
        const io::Import import = read("step,loss\n");
        QCOMPARE(import.runs.size(), std::size_t(1));
        QVERIFY(mentions(import, "no rows"));
    }

    // A long file is read in pieces by several threads. A quoted cell near its start keeps it in one.
    void piecesReadAsOnePass_data() {
        QTest::addColumn<bool>("hasLateWords");
        QTest::newRow("cells that are no numbers") << false;
        QTest::newRow("a column of words that begins late") << true;
    }
    void piecesReadAsOnePass() {
        QFETCH(bool, hasLateWords);
        std::mt19937 random(7);
        std::string text;
        const int rows = 460'000;
        for (int i = 0; i < rows; ++i) {
            for (const std::string& cell : {std::string("run"), std::to_string(i / 40'000), std::string(","), std::to_string(i % 40'000), std::string(","),
                                            std::to_string(3 + 1e-4 * double(random() % 10'000)), std::string(",")})
                text += cell;
            switch (random() % 5000) {
            case 0: text += "oops"; break;
            case 1: text += "\n# a note\n"; continue;
            case 2: text += ""; break;
            case 3: text += "NaN"; break;
            case 4: text += "1,2,3"; break;
            default: text += std::to_string(random() % 1000);
            }
            if (hasLateWords) text += i < 300'000 ? "," : i % 7 == 0 ? ",warm" : ",cold";
            text += i % 9000 == 0 ? "\r\n" : "\n";
        }
        text.pop_back();
        const std::string head = hasLateWords ? "run,step,loss,norm,phase\n" : "run,step,loss,norm\n";
        const auto read = [&](const char* first) {
            std::string all = head;
            return TestCsv::read(all.append(first).append(hasLateWords ? ",1,\n" : ",1\n").append(text));
        };
        const io::Import pieces = read("run0,-1,3.5"), one = read("run0,-1,\"3.5\"");
        QVERIFY(text.size() > (8u << 20));
        QVERIFY(one.warnings.size() > 50);
        QCOMPARE(pieces.warnings.size(), one.warnings.size());
        for (std::size_t i = 0; i < one.warnings.size(); ++i) {
            QVERIFY(pieces.warnings[i].line == one.warnings[i].line);
            QCOMPARE(pieces.warnings[i].message, one.warnings[i].message);
            QCOMPARE(pieces.warnings[i].file, one.warnings[i].file);
        }
        QCOMPARE(pieces.runs.size(), one.runs.size());
        QVERIFY(one.runs.size() >= 9);
        for (std::size_t r = 0; r < one.runs.size(); ++r) {
            QCOMPARE(pieces.runs[r].name, one.runs[r].name);
            QVERIFY(pieces.runs[r].config == one.runs[r].config);
            QCOMPARE(pieces.runs[r].series.size(), one.runs[r].series.size());
            for (std::size_t s = 0; s < one.runs[r].series.size(); ++s) {
                const data::Series &a = pieces.runs[r].series[s], &b = one.runs[r].series[s];
                QCOMPARE(a.name, b.name);
                QCOMPARE(a.value->size(), b.value->size());
                QVERIFY(std::memcmp(a.value->data(), b.value->data(), 8 * a.value->size()) == 0);
                QVERIFY(*a.step == *b.step);
            }
        }
    }

    void refusalsSayWhatToDo_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("part");
        QTest::newRow("empty") << QByteArray() << "0 bytes";
        QTest::newRow("UTF-16") << QByteArray("\xFF\xFEs\0t\0e\0p\0", 10) << "save it as UTF-8";
        QTest::newRow("binary") << QByteArray("\x7f" "ELF\0\0\x01\x02 garbage", 16) << "no format";
    }
    void refusalsSayWhatToDo() {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, part);
        try {
            read(bytes.toStdString());
            QFAIL("nothing was thrown");
        } catch (const Error& error) {
            QVERIFY2(std::string_view(error.what()).find(part.toStdString()) != std::string_view::npos, error.what());
            QVERIFY(std::string_view(error.what()).find("log.csv") != std::string_view::npos);
        }
    }
};

QTEST_APPLESS_MAIN(TestCsv)
#include "tst_csv.moc"

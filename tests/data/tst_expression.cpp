// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/expression.h"
#include "core/error.h"

#include <QTest>

#include <limits>
#include <random>

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

data::Table sample() {
    data::Table table;
    table.rows = 4;
    table.numbers = {{"N", {1e7, 1e8, 1e9, nan}},
                     {"tokens", {2e9, 2e10, 2e11, 2e9}},
                     {"a", {1, 2, 3, 4}},
                     {"b", {4, 3, 2, 1}},
                     {"loss/b", {10, 20, 30, 40}},
                     {"Model Size (B)", {7, 13, 70, 1}},
                     {"outlier", {0, 1, 0, 1}}};
    table.text = {{"schedule", {0, 1, 0, -1}, {"wsd", "cosine"}}, {"seed", {0, 1, 2, 0}, {"1", "2", "x"}}};
    return table;
}

std::vector<double> values(std::string_view text) { return data::Expression(text).values(sample()); }

std::string selected(std::string_view text) {
    std::string rows;
    for (bool row : data::Expression(text).select(sample())) rows += row ? '1' : '0';
    return rows;
}

std::string message(std::string_view text) {
    try {
        (void)data::Expression(text).values(sample());
    } catch (const UsageError& error) {
        return error.what();
    }
    return "nothing was thrown";
}

// A random expression over a and b as text, with its value at a = x, b = y found by this test's own arithmetic.
struct Made {
    std::string text;
    double value;
    int strength;   // 1 sum, 2 product, 3 minus, 4 power, 5 atom
};

Made make(std::mt19937& random, int depth, double x, double y) {
    const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    if (depth == 0 || pick(5) == 0) {
        switch (pick(3)) {
        case 0: return {"a", x, 5};
        case 1: return {"b", y, 5};
        default: {
            const int k = pick(90) + 1;
            return {std::to_string(k) + (k % 3 ? "" : "k"), k % 3 ? k : k * 1e3, 5};
        }
        }
    }
    const auto wrap = [](const Made& part, int least) { return part.strength < least ? "(" + part.text + ")" : part.text; };
    Made l = make(random, depth - 1, x, y), r = make(random, depth - 1, x, y);
    switch (pick(6)) {
    case 0: return {wrap(l, 1) + " + " + wrap(r, 2), l.value + r.value, 1};
    case 1: return {wrap(l, 1) + "-" + wrap(r, 2), l.value - r.value, 1};
    case 2: return {wrap(l, 2) + "*" + wrap(r, 3), l.value * r.value, 2};
    case 3: return {wrap(l, 2) + " / " + wrap(r, 3), l.value / r.value, 2};
    case 4: return {"-" + wrap(l, 3), -l.value, 3};
    default: return {"max(" + l.text + ", " + r.text + ")",
                     std::isnan(l.value) || std::isnan(r.value) ? nan : std::max(l.value, r.value), 5};
    }
}

}

class TestExpression : public QObject {
    Q_OBJECT
private slots:
    void selectsRows_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("rows");
        const auto row = [](const char* text, const char* rows) { QTest::newRow(text) << text << rows; };
        row("", "1111");
        row("N>1e8", "0010");
        row("N>=100M and tokens<=2e10", "0100");
        row("N>1e8 and tokens<=2e11 and schedule=='wsd'", "0010");
        row("schedule=='wsd' or schedule==\"cosine\"", "1110");
        row("schedule!='wsd'", "0101");
        row("'wsd'==schedule", "1010");
        row("schedule==''", "0001");
        row("not N>1e8", "1101");
        row("not (a==1 or a==2)", "0011");
        row("N!=1e8", "1010");              // a missing N is not known to differ
        row("N==N", "1110");
        row("a<b", "1100");
        row("a==1 or a==2 and b==0", "1000");   // and binds before or
        row("outlier=='True'", "0101");
        row("outlier=='False' && a>1", "0010");
        row("seed==2", "0100");
        row("seed!=1", "0110");
        row("`loss/b`>=30", "0011");
        row("!(a>2) || b==1", "1101");
        row("a", "1111");
        row("N", "1110");
        row("a-1", "0111");
    }
    void selectsRows() {
        QFETCH(QString, text);
        QFETCH(QString, rows);
        QCOMPARE(QString::fromStdString(selected(text.toStdString())), rows);
    }

    void computes_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<double>("first");
        const auto row = [](const char* text, double first) { QTest::newRow(text) << text << first; };
        row(".5*a + .5*`loss/b`", 5.5);
        row("-2^2", -4);
        row("2^-1", 0.5);
        row("2^3^2", 512);
        row("2**3", 8);
        row("8/4/2", 1);
        row("8-4-2", 2);
        row("-a + +b", 3);
        row("1.4T", 1.4e12);
        row("6.7B", 6.7e9);
        row("2e21", 2e21);
        row("1e-3", 1e-3);
        row("log10(N)", 7);
        row("log(exp(a))", 1);
        row("sqrt(b)", 2);
        row("abs(a-b)", 3);
        row("min(a,b,.5)", .5);
        row("max(a,b)", 4);
        row("6*N*tokens", 1.2e17);
        row("loss/b", 10);          // as a whole the name of a column
        row("Model Size (B)", 7);   // no expression, but a column
        row("(a<b)*2", 2);
    }
    void computes() {
        QFETCH(QString, text);
        QFETCH(double, first);
        QCOMPARE(values(text.toStdString()).front(), first);
    }

    void explainsErrors_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("part");
        const auto row = [](const char* text, const char* part) { QTest::newRow(text) << text << part; };
        row("N>", "column 3");
        row("(N", "column 3");
        row("N>1)", "column 4");
        row("a $ b>1", "column 3");
        row("a = 1", "write ==");
        row("1<a<2", "do not chain");
        row("schedule=='wsd", "never closed");
        row("sinh(a)>0", "no function 'sinh'");
        row("log(a,b)", "takes one value");
        row("min(a)", "two or more");
        row("schedul=='wsd'", "did you mean 'schedule'?");
        row("token>1", "did you mean 'tokens'?");
        row("n_parameters>1", "there are N, tokens");
        row("schedule>3", "is words");
        row("schedule+1", "is words");
        row("a=='big'", "does not compare");
        row("a b", "column 3");
        row("N>3 4", "column 5");
    }
    void explainsErrors() {
        QFETCH(QString, text);
        QFETCH(QString, part);
        const QString got = QString::fromStdString(message(text.toStdString()));
        QVERIFY2(got.contains(part), qPrintable(got));
    }

    void namesComeInOrder() {
        QCOMPARE(data::Expression("b + `loss/b`*a - b").names(), (std::vector<std::string> {"b", "loss/b", "a"}));
        QCOMPARE(data::Expression("Model Size (B)").names(), (std::vector<std::string> {"Model Size (B)"}));
        QVERIFY(data::Expression("  ").names().empty());
    }

    void printedTreesKeepTheirValue() {
        std::mt19937 random(1);
        for (int i = 0; i < 2000; ++i) {
            const Made made = make(random, 5, 1, 4);
            const double got = values(made.text).front();
            QVERIFY2(got == made.value || (std::isnan(got) && std::isnan(made.value)), made.text.c_str());
        }
    }

    void garbageNeverCrashes() {
        std::mt19937 random(2);
        const std::string letters = "aNb01.9ekB+-*/^()<>=!&|'\"`,_ \t#\x80";
        for (int i = 0; i < 20000; ++i) {
            std::string text;
            for (auto k = random() % 24; k > 0; --k) text += letters[random() % letters.size()];
            try {
                (void)data::Expression(text).select(sample());
            } catch (const UsageError&) {
            }
        }
        QVERIFY(message(std::string(100000, '(')).find("deeply") != std::string::npos);
        QVERIFY(message(std::string(100000, '-') + "1").find("deeply") != std::string::npos);
        std::string sum = "a";
        for (int i = 0; i < 100000; ++i) sum += "+a";
        QVERIFY(message(sum).find("too long") != std::string::npos);
    }

    void parsesNumbers() {
        QCOMPARE(data::parseNumber("6.7B"), 6.7e9);
        QCOMPARE(data::parseNumber(" 300B "), 3e11);
        QCOMPARE(data::parseNumber("2e21"), 2e21);
        QCOMPARE(data::parseNumber("1.4T"), 1.4e12);
        QCOMPARE(data::parseNumber("20k"), 2e4);
        QCOMPARE(data::parseNumber("-1.5M"), -1.5e6);
        for (const char* bad : {"", "B", "k", "1x", "1.2.3", "1e", "nan", "1 2", "--1", "-+1", "0x10", "1,5"})
            QVERIFY_THROWS_EXCEPTION(UsageError, data::parseNumber(bad));
    }
};

QTEST_APPLESS_MAIN(TestExpression)
#include "tst_expression.moc"

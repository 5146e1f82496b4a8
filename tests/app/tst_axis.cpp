// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/axis.h"

#include <QTest>

#include <cmath>
#include <random>
#include <set>

using chart::Axis;

class TestAxis : public QObject {
    Q_OBJECT
private slots:
    void ticksOfAnyRangeAreInsideAscendingAndDifferent_data();
    void ticksOfAnyRangeAreInsideAscendingAndDifferent();
    void logarithmicTicksInsideOneDecadeHaveLabels();
    void decadesArePowersOfTen();
    void labelsSayWhatTheTickIs();
    void minusIsAMinusSign();
    void valuesALogAxisCannotShowHaveNoCoordinate();
    void rangeShowsAllFiniteValues();
    void numbersReadAsPeopleWriteThem_data();
    void numbersReadAsPeopleWriteThem();
};

void TestAxis::ticksOfAnyRangeAreInsideAscendingAndDifferent_data()
{
    QTest::addColumn<bool>("log");
    QTest::newRow("linear") << false;
    QTest::newRow("log") << true;
}

void TestAxis::ticksOfAnyRangeAreInsideAscendingAndDifferent()
{
    QFETCH(bool, log);
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> place(-14, 14), width(-4, 1.2);
    std::uniform_int_distribution<int> count(2, 14);
    for (int trial = 0; trial < 4000; ++trial) {
        Axis axis{.log = log};
        if (log) {
            axis.from = place(random);
            axis.to = axis.from + std::pow(10, width(random));
        } else {
            const double scale = std::pow(10, place(random) / 1.2);
            axis.from = place(random) * scale;
            axis.to = axis.from + std::pow(10, width(random)) * scale;
        }
        const int wanted = count(random);
        const auto ticks = axis.ticks(wanted);
        const QByteArray what = QByteArray::number(axis.from, 'g', 17) + " to " + QByteArray::number(axis.to, 'g', 17) +
                                ", " + QByteArray::number(wanted);
        QVERIFY2(ticks.size() >= 1, what);
        QVERIFY2(ticks.size() <= std::size_t(3 * wanted + 3), what);
        std::set<QString> labels;
        for (std::size_t i = 0; i < ticks.size(); ++i) {
            const double slack = 1e-6 * (axis.to - axis.from);
            QVERIFY2(ticks[i].at >= axis.from - slack && ticks[i].at <= axis.to + slack, what);
            QVERIFY2(i == 0 || ticks[i].at > ticks[i - 1].at, what);
            QVERIFY2(!ticks[i].label.isEmpty(), what);
            QVERIFY2(labels.insert(ticks[i].label).second, qPrintable(ticks[i].label));
        }
    }
}

void TestAxis::logarithmicTicksInsideOneDecadeHaveLabels()
{
    std::mt19937_64 random(11);
    std::uniform_real_distribution<double> place(-10, 22), width(.02, .98);
    for (int trial = 0; trial < 2000; ++trial) {
        const double from = place(random);
        const Axis axis{.log = true, .from = from, .to = from + width(random)};
        QVERIFY2(axis.ticks(6).size() >= 2, QByteArray::number(axis.from, 'g', 17));
    }
    const Axis billions{.log = true, .from = std::log10(9e8), .to = std::log10(8e9)};
    QStringList labels;
    for (const auto& tick : billions.ticks(5))
        labels << tick.label;
    QCOMPARE(labels, (QStringList{QStringLiteral("1B"), QStringLiteral("2B"), QStringLiteral("5B")}));
}

void TestAxis::decadesArePowersOfTen()
{
    const Axis axis{.log = true, .from = 6, .to = 12};
    const auto ticks = axis.ticks(7);
    QCOMPARE(ticks.size(), std::size_t(7));
    QCOMPARE(ticks[3].at, 9.);
    QCOMPARE(ticks[3].label, QStringLiteral("10<sup>9</sup>"));
}

void TestAxis::labelsSayWhatTheTickIs()
{
    const Axis axis{.from = 2.08, .to = 3.94};
    for (const auto& tick : axis.ticks(6))
        QVERIFY(std::abs(tick.label.toDouble() - tick.at) < 1e-12);
}

void TestAxis::minusIsAMinusSign()
{
    const Axis axis{.from = -2, .to = 2};
    const auto ticks = axis.ticks(4);
    QCOMPARE(ticks.front().label, QStringLiteral("−2"));
    QCOMPARE(ticks[ticks.size() / 2].label, QStringLiteral("0"));
}

void TestAxis::valuesALogAxisCannotShowHaveNoCoordinate()
{
    const Axis axis{.log = true};
    QVERIFY(std::isnan(axis.coordinate(0)));
    QVERIFY(std::isnan(axis.coordinate(-1)));
    QCOMPARE(axis.coordinate(1000), 3.);
}

void TestAxis::rangeShowsAllFiniteValues()
{
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<double> values{nan, 3, -1, std::numeric_limits<double>::infinity(), 8};
    const Axis linear = chart::axisFor(values, values, false);
    QVERIFY(linear.from < -1 && linear.from > -2 && linear.to > 8 && linear.to < 9);
    const Axis log = chart::axisFor(values, values, true);
    QVERIFY(log.from < std::log10(3) && log.to > std::log10(8));
    const Axis nothing = chart::axisFor({}, {}, false);
    QVERIFY(nothing.from < nothing.to);
    const std::vector<double> one{5};
    const Axis single = chart::axisFor(one, one, false);
    QVERIFY(single.from < 5 && single.to > 5);
}

void TestAxis::numbersReadAsPeopleWriteThem_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("text");
    QTest::newRow("four digits") << .34731 << QStringLiteral("0.3473");
    QTest::newRow("billions") << 6.7e9 << QStringLiteral("6.7B");
    QTest::newRow("thousands whole") << 12345. << QStringLiteral("12345");
    QTest::newRow("minus") << -2.5 << QStringLiteral("−2.5");
    QTest::newRow("NaN") << std::nan("") << QStringLiteral("NaN");
    QTest::newRow("zero") << 0. << QStringLiteral("0");
    QTest::newRow("flops") << 3.1e21 << QStringLiteral("3.1\u2009×\u200910²¹");
    QTest::newRow("small") << 3e-5 << QStringLiteral("3\u2009×\u200910⁻⁵");
    QTest::newRow("round up to the next power") << 9.99999e-6 << QStringLiteral("10⁻⁵");
}

void TestAxis::numbersReadAsPeopleWriteThem()
{
    QFETCH(double, value);
    QFETCH(QString, text);
    QCOMPARE(chart::number(value), text);
}

QTEST_APPLESS_MAIN(TestAxis)
#include "tst_axis.moc"

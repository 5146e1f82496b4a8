// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/figure/format.h"

#include <QTest>

#include <limits>
#include <random>

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

}

class TestFormat : public QObject {
    Q_OBJECT

private slots:
    void significantDigitsAreKept_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<int>("digits");
        QTest::addColumn<QString>("text");
        QTest::newRow("plain") << .34734 << 4 << "0.3473";
        QTest::newRow("no zeros behind") << 2.5 << 4 << "2.5";
        QTest::newRow("whole") << 240. << 4 << "240";
        QTest::newRow("rounded up a digit") << 9.99996 << 4 << "10";
        QTest::newRow("minus") << -.5 << 4 << QStringLiteral("\u22120.5");
        QTest::newRow("large") << 3.1e21 << 4 << QStringLiteral("3.1 \u00d7 10\u00b2\u00b9");
        QTest::newRow("small") << 3.2e-5 << 4 << QStringLiteral("3.2 \u00d7 10\u207b\u2075");
        QTest::newRow("at the border") << 999999. << 3 << QStringLiteral("1 \u00d7 10\u2076");
        QTest::newRow("whole beyond the digits") << 123456. << 4 << "123500";
        QTest::newRow("zero") << 0. << 4 << "0";
        QTest::newRow("minus zero") << -0. << 4 << "0";
        QTest::newRow("NaN is a word") << missing << 4 << "NaN";
        QTest::newRow("infinite") << -infinity << 4 << QStringLiteral("\u2212\u221e");
    }
    void significantDigitsAreKept()
    {
        QFETCH(const double, value);
        QFETCH(const int, digits);
        QFETCH(const QString, text);
        QCOMPARE(QString::fromStdString(figure::significant(value, digits)), text);
    }

    void countsGetSuffixes_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("text");
        QTest::newRow("billions") << 6.7e9 << "6.7B";
        QTest::newRow("trillions") << 1.4e12 << "1.4T";
        QTest::newRow("hundreds of millions") << 3.4567e8 << "346M";
        QTest::newRow("thousands") << 20000. << "20k";
        QTest::newRow("below a thousand") << 512. << "512";
        QTest::newRow("carries into the next suffix") << 999.9e6 << "1B";
        QTest::newRow("too large") << 3.1e21 << QStringLiteral("3.1 \u00d7 10\u00b2\u00b9");
        QTest::newRow("below one") << .25 << "0.25";
        QTest::newRow("zero") << 0. << "0";
        QTest::newRow("NaN") << missing << "NaN";
    }
    void countsGetSuffixes()
    {
        QFETCH(const double, value);
        QFETCH(const QString, text);
        QCOMPARE(QString::fromStdString(figure::si(value)), text);
    }

    void intervalsDecideTheDigits_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<double>("lower");
        QTest::addColumn<double>("upper");
        QTest::addColumn<QString>("text");
        QTest::newRow("exponent") << .347313 << .3171 << .3729 << "0.3473 (0.317 to 0.373)";
        QTest::newRow("tens") << 2143.417 << 1042. << 5810. << "2140 (1000 to 5800)";
        QTest::newRow("about zero") << -.0123 << -.034 << .011 << QStringLiteral("\u22120.0123 (\u22120.034 to 0.011)");
        QTest::newRow("one power for all") << 4.7812e20 << 4.512e20 << 5.132e20
                                           << QStringLiteral("4.781 (4.51 to 5.13) \u00d7 10\u00b2\u2070");
        QTest::newRow("none") << .34731 << missing << missing << "0.3473";
        QTest::newRow("fixed") << .999 << .999 << .999 << "0.999";
        QTest::newRow("open") << 1.5 << 0. << infinity << QStringLiteral("1.5 (0 to \u221e)");
        QTest::newRow("NaN") << missing << 0. << 1. << "NaN";
    }
    void intervalsDecideTheDigits()
    {
        QFETCH(const double, value);
        QFETCH(const double, lower);
        QFETCH(const double, upper);
        QFETCH(const QString, text);
        QCOMPARE(QString::fromStdString(figure::withInterval(value, {lower, upper})), text);
    }

    void roundingLosesLessThanAFewPerCentOfTheWidth()
    {
        std::mt19937_64 random(3);
        std::uniform_real_distribution magnitude(-8., 25.), unit(0., 1.);
        for (int i = 0; i < 2000; ++i) {
            const double value = std::pow(10, magnitude(random)) * (i % 2 ? 1 : -1);
            const double half = std::abs(value) * std::pow(10, -4 * unit(random));
            const fit::Interval interval{value - half * unit(random), value + half};
            const figure::Rounding cut = figure::rounding(value, interval);
            const double scale = std::pow(10, cut.exponent), width = interval.upper - interval.lower;
            QVERIFY(cut.hasInterval);
            QVERIFY(std::abs(std::stod(figure::fixed(value / scale, cut.valueDecimals)) * scale - value) <= .0051 * width);
            QVERIFY(std::abs(std::stod(figure::fixed(interval.lower / scale, cut.intervalDecimals)) * scale
                             - interval.lower) <= .051 * width);
        }
    }
};

QTEST_GUILESS_MAIN(TestFormat)
#include "tst_format.moc"

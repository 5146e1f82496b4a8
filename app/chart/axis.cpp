// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/axis.h"

#include <QLocale>
#include <QSet>

#include <algorithm>
#include <cmath>
#include <limits>

namespace chart {

namespace {

constexpr QChar minus(0x2212);
constexpr QChar times(0xd7);

QString signedText(QString text)
{
    return text.replace(QLatin1Char('-'), minus);
}

// 1, 2 or 5 times a power of ten, not below `rough`.
double niceStep(double rough)
{
    const double power = std::pow(10., std::floor(std::log10(rough)));
    for (const double m : {1., 2., 5., 10.})
        if (m * power >= rough * (1 - 1e-9))
            return m * power;
    return 10 * power;
}

QString power(double mantissa, int exponent)
{
    const QString ten = QStringLiteral("10<sup>") + signedText(QString::number(exponent)) + QStringLiteral("</sup>");
    if (mantissa == 1)
        return ten;
    return signedText(QString::number(mantissa, 'g', 6)) + times + ten;
}

// A tick label: `step` says how many decimals tell neighbours apart.
QString tickLabel(double value, double step, double largest)
{
    if (std::abs(value) < step * 1e-6)
        return QStringLiteral("0");
    struct Suffix {
        double scale;
        QLatin1String letter;
    };
    constexpr Suffix suffixes[] = {{1e12, QLatin1String("T")}, {1e9, QLatin1String("B")}, {1e6, QLatin1String("M")},
                                   {1e3, QLatin1String("k")}, {1, QLatin1String("")}};
    const auto decimals = [](double unitStep) {
        // Enough for the step itself: 0.25 needs two, 0.2 one.
        for (int d = 0; d < 15; ++d)
            if (std::abs(unitStep * std::pow(10., d) - std::round(unitStep * std::pow(10., d))) < 1e-6)
                return d;
        return 15;
    };
    if (largest >= 1e15 || largest < 1e-4) {
        const int exponent = int(std::floor(std::log10(std::abs(largest)) + 1e-9));
        const double scale = std::pow(10., exponent);
        const QString mantissa = signedText(QString::number(value / scale, 'f', decimals(step / scale)));
        return mantissa + times + power(1, exponent);
    }
    for (const auto& [scale, letter] : suffixes) {
        if (scale == 1e3 && largest < 1e4)
            continue;
        if (largest >= scale || scale == 1)
            return signedText(QString::number(value / scale, 'f', decimals(step / scale))) + letter;
    }
    return {};
}

std::vector<Tick> linearTicks(double from, double to, int count, bool log)
{
    double step = niceStep((to - from) / std::max(1, count));
    // Rounding the step up may leave a single tick, or none.
    while (std::floor(to / step + 1e-9) - std::ceil(from / step - 1e-9) < 1)
        step = niceStep(step / 2.6);    // the next smaller: 5 gives 2, 2 gives 1, 1 gives .5
    std::vector<Tick> out;
    const double first = std::ceil(from / step - 1e-9), last = std::floor(to / step + 1e-9);
    const double largest = std::max(std::abs(from), std::abs(to));
    for (double i = first; i <= last && out.size() < 200; ++i) {
        const double value = i * step;
        if (log && value <= 0)
            continue;
        out.push_back({log ? std::log10(value) : value, tickLabel(value, step, largest)});
    }
    return out;
}

std::vector<Tick> decadeTicks(double from, double to, int count)
{
    std::vector<Tick> out;
    const double decades = to - from;
    int stride = std::max(1, int(niceStep(decades / std::max(1, count)) + .5));
    while (stride > 1 && std::floor(to / stride + 1e-9) - std::ceil(from / stride - 1e-9) < 1)
        stride = int(niceStep(stride / 2.6) + .5);
    const int first = int(std::ceil(from / stride - 1e-9)), last = int(std::floor(to / stride + 1e-9));
    for (int i = first; i <= last; ++i) {
        const int exponent = i * stride;
        const bool small = std::max(std::abs(from), std::abs(to)) < 3.5;
        out.push_back({double(exponent), small ? number(std::pow(10., exponent)) : power(1, exponent)});
    }
    return out;
}

// 1-2-5 (or 1-3, or all nine) multiples in each decade of a range below two or three decades.
std::vector<Tick> multipleTicks(double from, double to, std::span<const int> multiples)
{
    std::vector<Tick> out;
    for (int decade = int(std::floor(from)) - 1; decade <= int(std::floor(to)); ++decade)
        for (const int m : multiples) {
            const double at = decade + std::log10(double(m));
            if (at < from - 1e-9 || at > to + 1e-9)
                continue;
            const double value = m * std::pow(10., decade);
            const QString label = value >= 1e15 || value < 1e-4 ? power(m, decade)
                                                                : tickLabel(value, std::pow(10., decade), value);
            out.push_back({at, label});
        }
    return out;
}

}

double Axis::coordinate(double value) const
{
    if (!log)
        return value;
    return value > 0 ? std::log10(value) : std::numeric_limits<double>::quiet_NaN();
}

double Axis::value(double coordinate) const
{
    return log ? std::pow(10., coordinate) : coordinate;
}

std::vector<Tick> Axis::ticks(int count) const
{
    if (!(to > from) || !std::isfinite(to - from))
        return {};
    count = std::max(2, count);
    std::vector<Tick> out;
    if (!log) {
        out = linearTicks(from, to, count, false);
    } else if (to - from >= 1.9) {
        out = decadeTicks(from, to, count);
        constexpr int oneThree[] = {1, 3}, oneTwoFive[] = {1, 2, 5};
        if ((to - from) * 3 <= count + 2)
            out = multipleTicks(from, to, oneTwoFive);
        else if ((to - from) * 2 <= count)
            out = multipleTicks(from, to, oneThree);
    } else if (to - from >= .75) {
        constexpr int oneTwoFive[] = {1, 2, 5};
        out = multipleTicks(from, to, oneTwoFive);
    } else {
        out = linearTicks(std::pow(10., from), std::pow(10., to), count, true);
    }
    if (out.size() < 2 && log)      // wide enough for decades but badly placed
        out = linearTicks(std::pow(10., from), std::pow(10., to), count, true);
    // A label that repeats would say that two places are one.
    QSet<QString> seen;
    std::erase_if(out, [&](const Tick& t) {
        if (t.at < from - 1e-9 * (to - from) || t.at > to + 1e-9 * (to - from) || seen.contains(t.label))
            return true;
        seen.insert(t.label);
        return false;
    });
    return out;
}

Axis axisFor(std::span<const double> smallest, std::span<const double> largest, bool log)
{
    Axis axis{.log = log};
    double from = std::numeric_limits<double>::infinity(), to = -from;
    for (const double v : smallest)
        if (const double c = axis.coordinate(v); std::isfinite(c))
            from = std::min(from, c);
    for (const double v : largest)
        if (const double c = axis.coordinate(v); std::isfinite(c))
            to = std::max(to, c);
    if (!(from <= to))
        return axis;
    double air = (to - from) * .03;
    if (!(air > 0))
        air = log ? .1 : std::max(std::abs(from) * .05, 1e-9);
    axis.from = from - air;
    axis.to = to + air;
    return axis;
}

QString number(double value, int digits)
{
    return plain(richNumber(value, digits));
}

QString richNumber(double value, int digits)
{
    if (std::isnan(value))
        return QStringLiteral("NaN");
    if (std::isinf(value))
        return value > 0 ? QString(QChar(0x221e)) : minus + QString(QChar(0x221e));
    if (value == 0)
        return QStringLiteral("0");
    const double size = std::abs(value);
    if (size >= 1e15 || size < 1e-4) {
        int exponent = int(std::floor(std::log10(size)));
        QString mantissa = QString::number(value / std::pow(10., exponent), 'g', digits);
        if (std::abs(mantissa.toDouble()) >= 10)
            mantissa = QString::number(value / std::pow(10., ++exponent), 'g', digits);
        if (mantissa == QLatin1String("1"))
            return power(1, exponent);
        if (mantissa == QLatin1String("-1"))
            return minus + power(1, exponent);
        return signedText(mantissa) + QChar(0x2009) + times + QChar(0x2009) + power(1, exponent);
    }
    struct Suffix {
        double scale;
        char16_t letter;
    };
    for (const auto& [scale, letter] : {Suffix{1e12, u'T'}, Suffix{1e9, u'B'}, Suffix{1e6, u'M'}})
        if (size >= scale)
            return signedText(QString::number(value / scale, 'g', digits)) + QChar(letter);
    // 'g' would turn 12345 at four digits into 1.234e+04.
    const int before = size >= 1 ? int(std::floor(std::log10(size))) + 1 : 0;
    return signedText(QString::number(value, 'g', std::max(digits, before)));
}

QString plain(const QString& rich)
{
    QString out;
    bool tag = false, raised = false, lowered = false;
    static const QString digits = QStringLiteral("\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079");
    for (qsizetype i = 0; i < rich.size(); ++i) {
        const QChar c = rich[i];
        if (c == QLatin1Char('<')) {
            tag = true;
            // Italics inside an index leave it an index.
            const QStringView rest = QStringView(rich).mid(i);
            if (!rest.startsWith(QLatin1String("<i>")) && !rest.startsWith(QLatin1String("</i>"))) {
                raised = rest.startsWith(QLatin1String("<sup>"));
                lowered = rest.startsWith(QLatin1String("<sub>"));
            }
        } else if (c == QLatin1Char('>')) {
            tag = false;
        } else if (!tag) {
            if (raised && c.isDigit())
                out += digits[c.digitValue()];
            else if (lowered && c.isDigit())
                out += QChar(0x2080 + c.digitValue());
            else if (raised && c == minus)
                out += QChar(0x207b);
            else
                out += c;
        }
    }
    return out;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/model/mathtext.h"

#include <QHash>

namespace {

const QHash<QString, QString>& words()
{
    static const QHash<QString, QString> table{
        {QStringLiteral("alpha"), QStringLiteral("α")}, {QStringLiteral("beta"), QStringLiteral("β")},
        {QStringLiteral("gamma"), QStringLiteral("γ")}, {QStringLiteral("delta"), QStringLiteral("δ")},
        {QStringLiteral("epsilon"), QStringLiteral("ε")}, {QStringLiteral("eta"), QStringLiteral("η")},
        {QStringLiteral("kappa"), QStringLiteral("κ")}, {QStringLiteral("lambda"), QStringLiteral("λ")},
        {QStringLiteral("mu"), QStringLiteral("μ")}, {QStringLiteral("rho"), QStringLiteral("ρ")},
        {QStringLiteral("sigma"), QStringLiteral("σ")}, {QStringLiteral("tau"), QStringLiteral("τ")},
        {QStringLiteral("phi"), QStringLiteral("φ")}, {QStringLiteral("theta"), QStringLiteral("θ")},
        {QStringLiteral("omega"), QStringLiteral("ω")}, {QStringLiteral("xi"), QStringLiteral("ξ")},
        {QStringLiteral("zeta"), QStringLiteral("ζ")}, {QStringLiteral("nu"), QStringLiteral("ν")},
        {QStringLiteral("Delta"), QStringLiteral("Δ")}, {QStringLiteral("Sigma"), QStringLiteral("Σ")},
        {QStringLiteral("sum"), QStringLiteral("∑")}, {QStringLiteral("prod"), QStringLiteral("∏")},
        {QStringLiteral("cdot"), QStringLiteral("·")}, {QStringLiteral("times"), QStringLiteral("×")},
        {QStringLiteral("le"), QStringLiteral("≤")}, {QStringLiteral("leq"), QStringLiteral("≤")},
        {QStringLiteral("ge"), QStringLiteral("≥")}, {QStringLiteral("approx"), QStringLiteral("≈")},
        {QStringLiteral("infty"), QStringLiteral("∞")}, {QStringLiteral("to"), QStringLiteral("→")},
        {QStringLiteral("in"), QStringLiteral("∈")}, {QStringLiteral("ldots"), QStringLiteral("…")},
        {QStringLiteral("log"), QStringLiteral("log")}, {QStringLiteral("exp"), QStringLiteral("exp")},
        {QStringLiteral("min"), QStringLiteral("min")}, {QStringLiteral("max"), QStringLiteral("max")},
        {QStringLiteral("ln"), QStringLiteral("ln")}, {QStringLiteral("quad"), QStringLiteral("&nbsp; ")},
        {QStringLiteral("left"), {}}, {QStringLiteral("right"), {}}, {QStringLiteral("big"), {}},
        {QStringLiteral("Big"), {}}, {QStringLiteral("bigl"), {}}, {QStringLiteral("bigr"), {}}};
    return table;
}

class Reader {
public:
    explicit Reader(QString text) : m_text(std::move(text)) {}

    QString all(bool group = false)
    {
        QString out;
        while (m_at < m_text.size()) {
            if (group && m_text[m_at] == QLatin1Char('}'))
                break;
            out += atom();
        }
        return out;
    }

private:
    // What { } or a single character holds.
    QString argument()
    {
        while (m_at < m_text.size() && m_text[m_at].isSpace())
            ++m_at;
        if (m_at < m_text.size() && m_text[m_at] == QLatin1Char('{')) {
            ++m_at;
            const QString inside = all(true);
            ++m_at;
            return inside;
        }
        return atom();
    }

    static QString bracketed(const QString& part)
    {
        // A sum or difference in a fraction on one line needs its brackets.
        const bool sum = part.contains(QLatin1String(" + ")) || part.contains(QStringLiteral(" − "));
        return sum ? QLatin1Char('(') + part + QLatin1Char(')') : part;
    }

    QString command()
    {
        QString name;
        while (m_at < m_text.size() && m_text[m_at].isLetter())
            name += m_text[m_at++];
        if (name.isEmpty()) {       // \, \; and \{
            const QChar c = m_at < m_text.size() ? m_text[m_at++] : QChar();
            return c == QLatin1Char('{') || c == QLatin1Char('}') ? QString(c) : QStringLiteral(" ");
        }
        if (name == QLatin1String("frac") || name == QLatin1String("tfrac")) {
            const QString above = argument(), below = argument();
            return bracketed(above) + QStringLiteral(" / ") + bracketed(below);
        }
        if (name == QLatin1String("sqrt"))
            return QStringLiteral("√(") + argument() + QLatin1Char(')');
        if (name == QLatin1String("mathrm") || name == QLatin1String("text") || name == QLatin1String("operatorname"))
            return argument().remove(QLatin1String("<i>")).remove(QLatin1String("</i>"));
        const auto known = words().constFind(name);
        if (known == words().constEnd())
            return name;
        const bool greek = known->size() == 1 && known->at(0).isLetter();
        return greek ? QStringLiteral("<i>") + *known + QStringLiteral("</i>") : *known;
    }

    QString atom()
    {
        const QChar c = m_text[m_at++];
        if (c == QLatin1Char('\\'))
            return command();
        if (c == QLatin1Char('^'))
            return QStringLiteral("<sup>") + argument() + QStringLiteral("</sup>");
        if (c == QLatin1Char('_'))
            return QStringLiteral("<sub>") + argument() + QStringLiteral("</sub>");
        if (c == QLatin1Char('{')) {
            const QString inside = all(true);
            ++m_at;
            return inside;
        }
        if (c == QLatin1Char('-'))
            return QString(QChar(0x2212));
        if (c == QLatin1Char('<'))
            return QStringLiteral("&lt;");
        if (c == QLatin1Char('&'))
            return QStringLiteral("&amp;");
        return c.isLetter() ? QStringLiteral("<i>") + c + QStringLiteral("</i>") : QString(c);
    }

    QString m_text;
    qsizetype m_at = 0;
};

}

QString richMath(std::string_view latex)
{
    return Reader(QString::fromUtf8(latex.data(), qsizetype(latex.size()))).all();
}

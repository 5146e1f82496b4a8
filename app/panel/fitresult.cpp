// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/fitpanel.h"

#include "app/chart/axis.h"

#include "app/panel/answers.h"
#include "app/panel/batchguide.h"

#include <QLabel>
#include <QPushButton>

#include <algorithm>
#include <cmath>

// What came out of a fit, in its panel.

namespace {

QString quality(const fit::Fit& f)
{
    using chart::number;
    QString out = QObject::tr("%1 points").arg(f.n);
    if (!f.excluded.empty())
        out += QObject::tr(", %1 excluded (%2)").arg(f.excluded.size())
                   .arg(QString::fromStdString(f.excluded.front().why).toHtmlEscaped());
    out += QStringLiteral("<br>") + QObject::tr("R² %1, RMSE %2").arg(number(f.metrics.r2), number(f.metrics.rmse));
    if (f.holdout.n > 0)
        out += QStringLiteral("<br>") + QObject::tr("held out: %1 points, RMSE %2").arg(f.holdout.n).arg(number(f.holdout.rmse));
    out += QStringLiteral("<br>") + QObject::tr("%1 of %2 starts reached this minimum")
                                        .arg(f.starts.reachedBest).arg(f.starts.tried);
    out += QStringLiteral("<br>");
    out += f.interval == "bootstrap" ? f.unit == "wild" ? QObject::tr("intervals from %1 resamples, signs of residuals flipped").arg(f.resamples)
                                                        : QObject::tr("intervals from %1 resamples by %2").arg(f.resamples).arg(QString::fromStdString(f.unit))
         : f.interval == "profile"       ? QObject::tr("intervals by profile: each parameter held, the others fitted again")
         : f.interval == "leave-one-out" ? QObject::tr("intervals from leaving out each run in turn")
         : f.interval == "wald"          ? QObject::tr("intervals from the curvature at the minimum (Wald)")
                                         : QObject::tr("no intervals");
    return out;
}

// Numbers of a column, padded with spaces as wide as a digit so that their points stand below one another.
void alignPoints(std::vector<QString>& texts)
{
    const auto decimals = [](const QString& s) {
        const qsizetype point = s.indexOf(QLatin1Char('.'));
        return point < 0 ? 0 : s.size() - point;
    };
    const auto plain = [](const QString& s) { return !s.isEmpty() && s.size() < 10 && !s.contains(QChar(0xD7)) && s.back().isDigit(); };
    qsizetype most = 0;
    for (const QString& s : texts)
        if (plain(s))
            most = std::max(most, decimals(s));
    for (QString& s : texts)
        if (plain(s))
            s += QString(most - decimals(s), QChar(0x2007));
}

}

bool FitPanel::isComputing() const
{
    return m_answers->isComputing();
}

void FitPanel::showProblem()
{
    const Workspace& w = m_session.workspace();
    const bool isCurrent = !m_id.empty() && spec().law == law().info.id;
    QString why = isCurrent ? m_session.failure(m_id) : QString();
    if (!w.runs.empty() && !m_session.isLoading()
        && std::ranges::none_of(w.runs, [this](const RunEntry& r) { return m_session.isShown(r.hash); }))
        why = tr("No run is shown, so there is nothing to fit; check a run in the list.");
    else if (m_session.table() && !m_columns->isReady())
        why = m_columns->missing();
    m_problem->setText(why.toHtmlEscaped());
    m_problem->setVisible(!why.isEmpty());
}

void FitPanel::showResult()
{
    const law::Law& law = this->law();
    const fit::Spec all = spec().law == law.info.id ? spec() : m_draft;
    const bool isCurrent = !m_id.empty() && spec().law == law.info.id;
    const fit::Fit* quick = isCurrent ? m_session.previewed(m_id) : nullptr;
    const fit::Fit* settled = isCurrent ? m_session.result(m_id) : nullptr;
    const fit::Fit* shown = quick ? quick : settled;
    // While the next is computed the last stays, greyed.
    const bool stale = !shown && isCurrent && m_session.isFitting(m_id);
    for (QWidget* part : {m_parameters, static_cast<QWidget*>(m_quality), static_cast<QWidget*>(m_warnings)})
        part->setEnabled(!stale);
    m_fit->setText(settled ? tr("Fit again") : tr("Fit"));
    if (stale)
        return;
    std::vector<QString> values(law.params.size());
    std::vector<ParameterRow::State> states(law.params.size());
    for (std::size_t i = 0; i < law.params.size(); ++i) {
        const law::Param& p = law.params[i];
        const std::string id(p.id);
        ParameterRow::State& s = states[i];
        const auto bounds = all.bounds.find(id);
        s.bounds = bounds == all.bounds.end() ? fit::Interval{p.lower, p.upper} : fit::Interval{bounds->second.first, bounds->second.second};
        const auto fixed = all.fixed.find(id);
        const auto start = all.start.find(id);
        s.fixed = fixed != all.fixed.end() || (!std::isnan(p.fixed) && !all.freed.contains(id));
        s.changed = bounds != all.bounds.end() || fixed != all.fixed.end() || start != all.start.end() || all.freed.contains(id);
        s.start = fixed != all.fixed.end() ? fixed->second : start != all.start.end() ? start->second : p.fixed;
        s.preview = quick;
        if (shown)
            for (const fit::Estimate& e : shown->parameters)
                if (e.name == id)
                    s.estimate = &e;
        if (s.estimate) {
            const fit::Estimate& e = *s.estimate;
            values[i] = chart::number(e.value);
            if (s.fixed)
                s.intervalText = tr("fixed");
            else if (quick)
                s.intervalText.clear();
            else if (e.atBound)
                s.intervalText = tr("at its bound");
            else if (std::isinf(e.ci.lower) != std::isinf(e.ci.upper))      // an open side of a profile
                s.intervalText = std::isinf(e.ci.upper) ? tr("above %1").arg(chart::number(e.ci.lower, 3)) : tr("below %1").arg(chart::number(e.ci.upper, 3));
            else if (std::isfinite(e.ci.lower) && std::isfinite(e.ci.upper))
                s.intervalText = tr("%1 to %2").arg(chart::number(e.ci.lower, 3), chart::number(e.ci.upper, 3));
            else
                s.intervalText = tr("unknown");
        } else if (std::isfinite(s.start)) {
            values[i] = chart::number(s.start);
            s.intervalText = s.fixed ? tr("fixed") : tr("start");
        }
    }
    alignPoints(values);
    for (std::size_t i = 0; i < law.params.size() && i < m_row.size(); ++i) {
        states[i].valueText = values[i];
        m_row[i]->show(states[i], m_theme);
    }
    m_head->setVisible(shown);
    m_head->setText(shown ? tr("value, %1 % interval").arg(std::lround(shown->spec.level * 100)) : QString());
    m_live->setVisible(quick);
    if (quick && settled)
        m_live->setText(tr("held while you drag, the others follow: the objective is %1 times its minimum")
                            .arg(chart::number(quick->objective / settled->objective, 3)));
    m_quality->setVisible(settled);
    m_take->setVisible(settled);
    m_warnings->setVisible(settled && !quick && !settled->warnings.empty());
    m_answers->show(settled, m_theme);
    if (!quick)
        m_guide->show(law, all, m_session.table().get(), settled, m_theme);
    if (!settled)
        return;
    if (!quick)
        m_quality->setText(quality(*settled));
    QStringList lines;
    for (const fit::Warning& warning : settled->warnings)
        lines << QStringLiteral("⚠ %1 <a style=\"color:%3\" href=\"%2\">%4</a>")
                     .arg(QString::fromStdString(warning.message).toHtmlEscaped(), QString::fromStdString(warning.id), m_theme.accent.name(), tr("Explain"));
    m_warnings->setText(lines.join(QStringLiteral("<br>")));
}

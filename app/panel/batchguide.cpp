// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/batchguide.h"

#include "core/figure/format.h"
#include "core/fit/problem.h"

#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace {

QString text(std::string_view s)
{
    return QString::fromUtf8(s.data(), qsizetype(s.size()));
}

QString range(const std::set<double>& values)
{
    if (values.size() < 2)
        return values.empty() ? QString() : QString::fromStdString(figure::si(*values.begin()));
    return QObject::tr("%1 to %2").arg(QString::fromStdString(figure::si(*values.begin())), QString::fromStdString(figure::si(*values.rbegin())));
}

bool isBatchLaw(const law::Law& law)
{
    return law.info.id == "batch_trajectory" || law.info.id == "critical_batch";
}

// Rows as the law would read them; nothing where they cannot be.
std::optional<fit::Problem> problemOf(const fit::Spec& spec, const data::Table& table)
{
    try {
        return fit::makeProblem(spec, table);
    } catch (const std::exception&) {
        return {};
    }
}

}

std::vector<GuideStep> batchSteps(const law::Law& law, const fit::Spec& spec, const data::Table* table, const fit::Fit* fit)
{
    std::vector<GuideStep> out;
    if (!isBatchLaw(law) || !table)
        return out;
    const bool trajectory = law.info.id == "batch_trajectory";
    fit::Spec asked = spec;
    asked.law = law.info.id;
    QStringList missing;
    try {
        const fit::Readiness ready = fit::ready(asked, *table);
        for (const auto& needed : ready.columns)
            if (!needed.why.empty())
                missing << QString::fromStdString(needed.why);
        if (!ready.why.empty())
            missing << QString::fromStdString(ready.why);
    } catch (const std::exception& e) {
        missing << QString::fromUtf8(e.what());
    }
    out.push_back({trajectory ? QObject::tr("Loss, model size, steps and batch size of every row")
                              : QObject::tr("The step at which each batch size first reached each loss"),
                   missing.isEmpty() ? QObject::tr("all are there") : missing.join(QStringLiteral("; ")), missing.isEmpty()});
    // How many values of what the rows hold.
    std::set<double> sizes, losses, batches;
    std::map<double, std::set<double>> batchesAt, stepsAt;
    const auto problem = missing.isEmpty() ? problemOf(asked, *table) : std::nullopt;
    if (problem) {
        const std::size_t m = law.inputs.size();
        for (std::size_t i = 0; i < problem->train.y.size(); ++i) {
            const double* x = &problem->train.x[i * m];
            if (trajectory) {
                sizes.insert(x[0]);
                batchesAt[x[0]].insert(x[2]);
                stepsAt[x[0]].insert(x[1]);
            } else {
                losses.insert(x[0]);
                batches.insert(x[1]);
            }
        }
    }
    if (!trajectory) {
        out.push_back({QObject::tr("Three losses or more, so that the batch exponent is seen"),
                       losses.empty() ? QObject::tr("no rows yet") : QObject::tr("%1 (%2)").arg(losses.size()).arg(range(losses)), losses.size() >= 3, true});
        out.push_back({QObject::tr("Three batch sizes or more, on both sides of the bend"),
                       batches.empty() ? QObject::tr("no rows yet") : QObject::tr("%1 (%2 tokens)").arg(batches.size()).arg(range(batches)), batches.size() >= 3, true});
    } else {
        std::size_t mostBatches = 0, mostSteps = 0;
        double at = 0;
        for (const auto& [size, found] : batchesAt)
            if (found.size() > mostBatches)
                mostBatches = found.size(), at = size;
        for (const auto& [size, found] : stepsAt)
            mostSteps = std::max(mostSteps, found.size());
        out.push_back({QObject::tr("Three model sizes or more, for the loss after endless steps"),
                       sizes.empty()       ? QObject::tr("no rows yet")
                       : sizes.size() >= 3 ? QObject::tr("%1 (%2)").arg(sizes.size()).arg(range(sizes))
                                           : QObject::tr("only %1 (%2): add runs of other sizes, or fix N_c and α_N").arg(sizes.size()).arg(range(sizes)),
                       sizes.size() >= 3});
        const bool skips = spec.set.contains("skip") || !spec.where.empty();
        out.push_back({QObject::tr("Many steps of each run, without warm-up"),
                       mostSteps < 3 ? QObject::tr("%1 of a size: <a href=\"every\">read every step, leave out the first tenth</a>").arg(mostSteps)
                       : skips       ? QObject::tr("up to %1 of a size").arg(mostSteps)
                                     : QObject::tr("up to %1 of a size, warm-up among them: <a href=\"every\">leave out the first tenth</a>").arg(mostSteps),
                       mostSteps >= 3 && skips});
        out.push_back({QObject::tr("Three batch sizes or more at one model size, for the critical batch"),
                       mostBatches >= 3 ? QObject::tr("%1 at %2 parameters (%3 tokens)").arg(mostBatches).arg(QString::fromStdString(figure::si(at)), range(batchesAt[at]))
                       : mostBatches == 0 ? QObject::tr("no rows yet")
                                          : QObject::tr("at most %1: B_* and α_B are not seen; add runs at other batch sizes, or fix both").arg(mostBatches),
                       mostBatches >= 3, true});
    }
    out.push_back({QObject::tr("The fit"), fit ? QObject::tr("made from %1 rows").arg(fit->n) : QObject::tr("press Fit"), fit != nullptr});
    return out;
}

BatchGuide::BatchGuide(QWidget* parent) : QWidget(parent), m_steps(new QLabel)
{
    setObjectName(QStringLiteral("batchGuide"));
    m_steps->setObjectName(QStringLiteral("guideSteps"));
    m_steps->setWordWrap(true);
    m_steps->setTextFormat(Qt::RichText);
    m_steps->setTextInteractionFlags(Qt::TextBrowserInteraction);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 4, 0, 4);
    column->addWidget(m_steps);
    connect(m_steps, &QLabel::linkActivated, this, [this](const QString& to) {
        if (to != QLatin1String("every")) {
            emit answerAsked(to);
            return;
        }
        emit asked(tr("Fit every step but the first tenth"), [](fit::Spec& s) {
            s.set["rows"] = "all";
            s.set["skip"] = "0.1";
        });
    });
    hide();
}

void BatchGuide::show(const law::Law& law, const fit::Spec& spec, const data::Table* table, const fit::Fit* fit, const theme::Theme& t)
{
    const std::vector<GuideStep> steps = batchSteps(law, spec, table, fit);
    setVisible(!steps.empty());
    if (steps.empty())
        return;
    QString html = QStringLiteral("<b>%1</b><table cellspacing=\"0\" cellpadding=\"2\">").arg(tr("What this law needs"));
    for (const GuideStep& step : steps) {
        QString state = step.state;
        state.replace(QStringLiteral("<a "), QStringLiteral("<a style=\"color:%1\" ").arg(t.accent.name()));
        html += QStringLiteral("<tr><td style=\"color:%1\">%2</td><td style=\"font-size:12px\">%3<br><span style=\"color:%4\">%5</span></td></tr>")
                    .arg((step.isDone ? t.good : t.warn).name(), step.isDone ? QStringLiteral("✓") : QStringLiteral("○"), step.need,
                         (step.isDone ? t.text2 : t.warn).name(), state);
    }
    html += QStringLiteral("</table>");
    if (fit && !law.answers.empty()) {
        // With one batch size only the part that does not hang on it is known.
        const bool seesBatch = std::ranges::all_of(steps, [](const GuideStep& s) { return s.isDone || !s.ofBatch; })
            || (spec.fixed.contains("B_star") && spec.fixed.contains("alpha_B"));
        QStringList links, later;
        for (const law::Answer& answer : law.answers)
            if (!seesBatch && answer.id != "minimum_loss")
                later << text(answer.name);
            else
                links << QStringLiteral("<a style=\"color:%1\" href=\"%2\">%3</a>").arg(t.accent.name(), text(answer.id), text(answer.name));
        if (!links.isEmpty())
            html += QStringLiteral("<p style=\"font-size:12px\">%1 %2</p>").arg(tr("It can be asked for:"), links.join(QStringLiteral(", ")));
        if (!later.isEmpty())
            html += QStringLiteral("<p style=\"font-size:12px; color:%3\">%1 %2</p>").arg(tr("Not before there are more batch sizes:"), later.join(QStringLiteral(", ")), t.text2.name());
    }
    m_steps->setText(html);
}

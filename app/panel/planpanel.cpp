// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/planpanel.h"

#include "app/chart/axis.h"
#include "core/data/expression.h"
#include "core/figure/format.h"
#include "core/law/law.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace {

QLabel* paragraph(const char* role)
{
    auto* label = new QLabel;
    label->setWordWrap(true);
    label->setTextFormat(Qt::RichText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setProperty("role", QString::fromLatin1(role));
    return label;
}

QString si(double v)
{
    return QString::fromStdString(figure::si(v));
}

QString range(const fit::Interval& ci, bool counts)
{
    if (!std::isfinite(ci.lower) || !std::isfinite(ci.upper))
        return QObject::tr("interval unknown");
    return counts ? QObject::tr("%1 to %2").arg(si(ci.lower), si(ci.upper))
                  : QObject::tr("%1 to %2").arg(chart::number(ci.lower), chart::number(ci.upper));
}

}

bool canPlan(const fit::Spec& spec)
{
    const law::Law* law = law::find(spec.law);
    const auto reads = [&](std::string_view id) { return std::ranges::find(law->inputs, id, &law::Quantity::id) != law->inputs.end(); };
    return law && law->inputs.size() == 2 && reads("N") && reads("D");
}

PlanPanel::PlanPanel(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_fits(new QComboBox), m_by(new QComboBox), m_amount(new QLineEdit),
      m_problem(paragraph("warning")), m_answer(paragraph("plan")), m_reach(paragraph("second")),
      m_warnings(paragraph("warning")),
      m_picture(new QPushButton(tr("Draw the optimum"))), m_job(this)
{
    setProperty("role", QStringLiteral("surface"));
    setAttribute(Qt::WA_StyledBackground);
    m_fits->setObjectName(QStringLiteral("planFit"));
    m_fits->setAccessibleName(tr("Plan with the fit"));
    m_amount->setObjectName(QStringLiteral("amount"));
    m_amount->setPlaceholderText(tr("1e21"));
    m_amount->setMinimumWidth(60);
    m_answer->setObjectName(QStringLiteral("plan"));
    m_reach->setObjectName(QStringLiteral("planReach"));
    m_problem->setObjectName(QStringLiteral("planProblem"));
    m_picture->setObjectName(QStringLiteral("planPicture"));
    m_picture->setToolTip(tr("The best loss, size and data along all budgets, in a chart of its own"));
    m_by->setObjectName(QStringLiteral("planBy"));
    m_by->setAccessibleName(tr("What is given"));
    m_by->addItem(tr("Budget, FLOPs"), QStringLiteral("flops"));
    m_by->addItem(tr("Loss, nats/token"), QStringLiteral("loss"));
    m_by->setItemData(0, tr("The best model for a budget of FLOPs"), Qt::ToolTipRole);
    m_by->setItemData(1, tr("The smallest budget that reaches a loss"), Qt::ToolTipRole);
    auto* input = new QHBoxLayout;
    input->setContentsMargins(0, 0, 12, 0);
    input->setSpacing(6);
    input->addWidget(m_by);
    input->addWidget(m_amount, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 8, 0, 8);
    column->setSpacing(8);
    column->addWidget(m_fits);
    column->addLayout(input);
    column->addWidget(m_problem);
    auto* inside = new QWidget;
    inside->setProperty("role", QStringLiteral("surface"));
    inside->setAttribute(Qt::WA_StyledBackground);
    auto* rest = new QVBoxLayout(inside);
    rest->setContentsMargins(0, 0, 12, 0);
    rest->setSpacing(8);
    rest->addWidget(m_answer);
    rest->addWidget(m_reach);
    rest->addWidget(m_picture, 0, Qt::AlignLeft);
    rest->addWidget(m_warnings);
    rest->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(inside);
    column->addWidget(scroll, 1);

    connect(m_amount, &QLineEdit::editingFinished, this, [this] {
        if (m_amount->isModified())
            ask();
    });
    connect(m_amount, &QLineEdit::returnPressed, this, &PlanPanel::ask);
    connect(m_by, &QComboBox::activated, this, [this](int kind) {
        // A budget makes no loss: the field waits for one.
        m_amount->clear();
        m_amount->setPlaceholderText(kind == 0 ? tr("1e21") : tr("2.1"));
        m_amount->setFocus();
    });
    connect(m_fits, &QComboBox::activated, this, [this] {
        Workspace next = m_session.workspace();
        next.plan.fit = m_fits->currentData().toString().toStdString();
        m_session.edit(tr("Plan with %1").arg(m_fits->currentText()), next);
    });
    connect(m_picture, &QPushButton::clicked, this, &PlanPanel::pictureAsked);
    connect(&m_session, &Session::workspaceChanged, this, &PlanPanel::refresh);
    connect(&m_session, &Session::fitted, this, &PlanPanel::refresh);
    connect(&m_session, &Session::shownChanged, this, &PlanPanel::refresh);
    refresh();
}

void PlanPanel::setTheme(const theme::Theme& t)
{
    m_theme = t;
    showPlan();
}

void PlanPanel::focusAmount()
{
    m_amount->setFocus();
    m_amount->selectAll();
}

void PlanPanel::setAmount(const QString& amount)
{
    m_amount->setText(amount);
    ask();
}

std::string PlanPanel::fit() const
{
    const Workspace& w = m_session.workspace();
    const auto chosen = std::ranges::find(w.fits, w.plan.fit, &FitEntry::id);
    if (chosen != w.fits.end() && canPlan(chosen->spec))
        return chosen->id;
    const auto first = std::ranges::find_if(w.fits, [](const FitEntry& f) { return canPlan(f.spec); });
    return first == w.fits.end() ? std::string() : first->id;
}

// Of the fit it plans with.
QString PlanPanel::lossUnit() const
{
    const fit::Fit* from = fit().empty() ? nullptr : m_session.result(fit());
    const law::Law* law = from ? law::find(from->spec.law) : nullptr;
    return law ? QString::fromStdString(from->unitOf(law->output)) : tr("nats/token");
}

void PlanPanel::ask()
{
    m_amount->setModified(false);
    const QString text = m_amount->text().trimmed();
    Workspace next = m_session.workspace();
    if (text.isEmpty())
        return;
    try {
        next.plan.amount = data::parseNumber(text.toStdString());
        if (!(next.plan.amount > 0))
            throw UsageError("not positive");
    } catch (const std::exception&) {
        m_problem->setText(tr("“%1” is not a positive number; write it as 1e21, 300E18 or 2.1.").arg(text.toHtmlEscaped()));
        m_problem->show();
        return;
    }
    next.plan.by = m_by->currentIndex() == 0 ? "flops" : "loss";
    m_session.edit(m_by->currentIndex() == 0 ? tr("Plan %1 FLOPs").arg(text) : tr("Plan a loss of %1").arg(text), next);
    refresh();
}

void PlanPanel::refresh()
{
    const Workspace& w = m_session.workspace();
    const std::string id = fit();
    {
        const QSignalBlocker quiet(m_fits);
        m_fits->clear();
        for (const FitEntry& entry : w.fits)
            if (canPlan(entry.spec))
                m_fits->addItem(QString::fromStdString(entry.title), QString::fromStdString(entry.id));
        m_fits->setCurrentIndex(m_fits->findData(QString::fromStdString(id)));
        m_fits->setVisible(m_fits->count() > 1);
    }
    const bool byLoss = w.plan.by == "loss";
    if (!m_amount->hasFocus() || w.plan != m_asked) {
        m_by->setCurrentIndex(byLoss ? 1 : 0);
        m_amount->setText(w.plan.amount > 0 ? byLoss ? chart::number(w.plan.amount) : QString::number(w.plan.amount, 'g', 6).remove(QLatin1Char('+'))
                                            : QString());
        m_amount->setModified(false);
    }
    const fit::Fit* from = id.empty() ? nullptr : m_session.result(id);
    m_problem->hide();
    if (id.empty())
        m_problem->setText(tr("A plan needs a fit of loss against parameters and tokens: fit Chinchilla to runs of several "
                              "sizes and lengths first."));
    else if (!from)
        m_problem->setText(m_session.failure(id).isEmpty() ? tr("Waiting for the fit…") : m_session.failure(id).toHtmlEscaped());
    m_problem->setVisible(!from);
    m_by->setItemText(1, tr("Loss, %1").arg(lossUnit()));
    m_amount->setEnabled(from);
    m_by->setEnabled(from);
    if (w.plan != m_asked || from != m_from || !from) {
        m_asked = w.plan;
        m_from = from;
        compute();
    }
}

void PlanPanel::compute()
{
    m_job.cancel();
    const fit::Fit* from = fit().empty() ? nullptr : m_session.result(fit());
    if (!from || !(m_asked.amount > 0)) {
        m_plan.reset();
        showPlan();
        emit planned();
        return;
    }
    m_answer->setEnabled(false);
    m_job.start(
        [fit = *from, asked = m_asked](const Tick&) {
            return asked.by == "loss" ? plan::forLoss(fit, asked.amount) : plan::forFlops(fit, asked.amount);
        },
        {.done =
             [this](plan::Plan plan) {
                 m_plan = std::move(plan);
                 showPlan();
                 emit planned();
             },
         .failed =
             [this](QString why) {
                 m_plan.reset();
                 showPlan();
                 m_problem->setText(why.toHtmlEscaped());
                 m_problem->show();
                 emit planned();
             },
         .progress = {}});
}

void PlanPanel::showPlan()
{
    m_answer->setVisible(m_plan.has_value());
    m_reach->setVisible(m_plan.has_value());
    m_picture->setVisible(m_plan.has_value());
    m_warnings->setVisible(m_plan && !m_plan->warnings.empty());
    m_answer->setEnabled(true);
    if (!m_plan)
        return;
    const plan::Plan& p = *m_plan;
    const QString faint = m_theme.text2.name();
    QString html = QStringLiteral("<table width=\"100%\" cellspacing=\"0\" cellpadding=\"3\">");
    const auto row = [&](const QString& symbol, const QString& value, const QString& unit, const QString& small) {
        html += QStringLiteral("<tr><td style=\"font-family:serif; font-size:15px; white-space:nowrap\">%1</td>"
                               "<td align=\"right\" style=\"font-size:15px; font-weight:600; white-space:nowrap\">&nbsp;%2&nbsp;&nbsp;</td>"
                               "<td width=\"99%\" style=\"color:%5; font-size:12px\">%3%4</td></tr>")
                    .arg(symbol, value, unit, small.isEmpty() ? small : QStringLiteral("<br>") + small, faint);
    };
    const QString best = QStringLiteral("<i>%1</i><sup>*</sup>");
    if (m_asked.by == "loss")
        row(QStringLiteral("<i>C</i>"), chart::richNumber(p.flops, 3), tr("FLOPs"), tr("the smallest that reaches it"));
    row(best.arg(QLatin1Char('N')), si(p.params.value), tr("parameters"), range(p.params.ci, true));
    row(best.arg(QLatin1Char('D')), si(p.tokens.value), tr("tokens"), range(p.tokens.ci, true));
    row(best.arg(QLatin1Char('L')), chart::number(p.loss.value), lossUnit(), range(p.loss.ci, false));
    row(QStringLiteral("<i>D</i>\u2060/\u2060<i>N</i>"), chart::number(p.tokensPerParam, 3), tr("per parameter"), {});
    html += QStringLiteral("</table>");
    QString reach;
    if (!std::isfinite(p.extrapolation))
        reach = tr("The fit holds no compute to compare with.");
    else if (p.extrapolation > 1.005)
        reach = tr("extrapolated ×%1 beyond the largest run fitted").arg(chart::number(p.extrapolation, 3));
    else
        reach = tr("inside the compute fitted");
    const bool far = p.extrapolation > 1.005;
    m_reach->setProperty("role", far ? QStringLiteral("warning") : QStringLiteral("second"));
    m_reach->style()->polish(m_reach);
    m_reach->setText((far ? QStringLiteral("⚠ ") : QString()) + reach.toHtmlEscaped());
    m_answer->setText(html);
    QStringList lines;
    for (const fit::Warning& warning : p.warnings)
        if (warning.id != "extrapolation")      // said above
            lines << QStringLiteral("⚠ ") + QString::fromStdString(warning.message).toHtmlEscaped();
    m_warnings->setVisible(!lines.isEmpty());
    m_warnings->setText(lines.join(QStringLiteral("<br>")));
}

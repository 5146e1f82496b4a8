// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/answers.h"

#include "app/chart/axis.h"
#include "core/data/expression.h"
#include "core/figure/format.h"
#include "core/law/law.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

#include <cmath>

namespace {

QString text(std::string_view s)
{
    return QString::fromUtf8(s.data(), qsizetype(s.size()));
}

QString shown(double v)
{
    return std::abs(v) >= 1e4 && std::abs(v) < 1e15 ? QString::fromStdString(figure::si(v)) : chart::number(v);
}

}

Answers::Answers(QWidget* parent)
    : QWidget(parent), m_which(new QComboBox), m_form(new QFormLayout), m_result(new QLabel), m_job(this)
{
    m_which->setObjectName(QStringLiteral("answer"));
    m_which->setAccessibleName(tr("What else the law tells"));
    m_which->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_which->setMinimumContentsLength(8);
    m_result->setObjectName(QStringLiteral("answerResult"));
    m_result->setWordWrap(true);
    m_result->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_form->setContentsMargins(0, 0, 0, 0);
    m_form->setVerticalSpacing(4);
    m_form->setRowWrapPolicy(QFormLayout::WrapLongRows);
    auto* head = new QLabel(tr("What else it tells"));
    head->setProperty("role", QStringLiteral("head"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 8, 0, 0);
    column->setSpacing(6);
    column->addWidget(head);
    column->addWidget(m_which);
    column->addLayout(m_form);
    column->addWidget(m_result);
    connect(m_which, &QComboBox::activated, this, [this] { choose(); });
    hide();
}

const law::Answer* Answers::answer() const
{
    const law::Law* law = m_fit ? law::find(m_law) : nullptr;
    const int at = m_which->currentIndex();
    return law && at >= 0 && at < int(law->answers.size()) ? &law->answers[std::size_t(at)] : nullptr;
}

void Answers::show(const fit::Fit* fit, const theme::Theme&)
{
    const law::Law* law = fit ? law::find(fit->spec.law) : nullptr;
    setVisible(law && !law->answers.empty());
    if (!law || law->answers.empty()) {
        m_fit.reset();
        m_job.cancel();
        return;
    }
    m_fit = *fit;
    if (m_law == fit->spec.law) {
        compute();
        return;
    }
    m_law = fit->spec.law;
    m_which->clear();
    for (const law::Answer& one : law->answers)
        m_which->addItem(text(one.name), text(one.id));
    choose();
}

void Answers::choose(const QString& answer)
{
    if (const int at = m_which->findData(answer); at >= 0) {
        m_which->setCurrentIndex(at);
        choose();
        (m_arguments.empty() ? static_cast<QWidget*>(m_which) : m_arguments.front())->setFocus();
    }
}

void Answers::choose()
{
    while (m_form->rowCount() > 0)
        m_form->removeRow(0);
    m_arguments.clear();
    const law::Answer* one = answer();
    if (!one)
        return;
    for (const law::Argument& argument : one->arguments) {
        auto* edit = new QLineEdit;
        edit->setObjectName(QStringLiteral("argument-") + text(argument.id));
        edit->setPlaceholderText(argument.unit.empty() ? text(argument.meaning) : text(argument.unit));
        edit->setAccessibleName(text(argument.meaning));
        edit->setToolTip(text(argument.meaning));
        if (!std::isnan(argument.usual))
            edit->setText(QString::number(argument.usual, 'g', 6).remove(QLatin1Char('+')));
        m_form->addRow(text(argument.meaning), edit);
        if (auto* label = m_form->labelForField(edit))
            label->setProperty("role", QStringLiteral("second"));
        m_arguments.push_back(edit);
        connect(edit, &QLineEdit::editingFinished, this, &Answers::compute);
    }
    compute();
}

void Answers::compute()
{
    const law::Answer* one = answer();
    if (!one)
        return;
    std::map<std::string, double> arguments;
    for (std::size_t i = 0; i < m_arguments.size(); ++i) {
        const QString typed = m_arguments[i]->text().trimmed();
        if (typed.isEmpty()) {
            m_job.cancel();
            m_result->setText(tr("Give %1.").arg(text(one->arguments[i].meaning)));
            return;
        }
        try {
            arguments[std::string(one->arguments[i].id)] = data::parseNumber(typed.toStdString());
        } catch (const std::exception&) {
            m_job.cancel();
            m_result->setText(tr("“%1” is no number; write it as 1e21, 300B or 2.1.").arg(typed));
            return;
        }
    }
    m_result->setEnabled(false);
    m_job.start([fit = *m_fit, id = std::string(one->id), arguments](const Tick&) { return fit::answer(fit, id, arguments); },
                {.done =
                     [this, unit = text(one->unit), name = text(one->name)](fit::Prediction p) {
                         m_result->setEnabled(true);
                         const bool known = std::isfinite(p.ci.lower) && std::isfinite(p.ci.upper);
                         QString out = QStringLiteral("%1 %2%3").arg(name, shown(p.value), unit.isEmpty() ? QString() : QLatin1Char(' ') + unit);
                         out += known ? tr(" (%1 to %2)").arg(shown(p.ci.lower), shown(p.ci.upper)) : tr(", interval unknown");
                         for (const fit::Warning& w : p.warnings)
                             out += QStringLiteral("\n⚠ ") + QString::fromStdString(w.message);
                         m_result->setText(out);
                     },
                 .failed =
                     [this](QString why) {
                         m_result->setEnabled(true);
                         m_result->setText(why);
                     },
                 .progress = {}});
}

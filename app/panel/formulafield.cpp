// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/formulafield.h"

#include "app/panel/icon.h"
#include "core/error.h"
#include "core/law/formula.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSettings>
#include <QToolButton>
#include <QVBoxLayout>

namespace {

constexpr int kept = 12;

QString key()
{
    return QStringLiteral("formulas/recent");
}

}

FormulaField::FormulaField(QWidget* parent)
    : QWidget(parent), m_edit(new QLineEdit), m_recent(new QToolButton), m_menu(new QMenu(this)), m_problem(new QLabel)
{
    m_edit->setObjectName(QStringLiteral("formula"));
    m_edit->setAccessibleName(tr("Formula of your law"));
    m_edit->setPlaceholderText(QStringLiteral("L = E + A/N^a + B/D^b"));
    m_edit->setToolTip(tr("What is predicted = what predicts it. N D U S C r x step are read from the data, S1 and S2 are sums of the "
                          "learning rate, every other name is a parameter.\nAfter a semicolon: a in [0, 2]; a from 0.1, 0.5; E = 1.7; inputs N, D"));
    m_recent->setObjectName(QStringLiteral("recentFormulas"));
    m_recent->setProperty("role", QStringLiteral("row"));
    m_recent->setFixedSize(26, 26);
    m_recent->setToolTip(tr("Formulas used before"));
    m_recent->setAccessibleName(m_recent->toolTip());
    m_recent->setPopupMode(QToolButton::InstantPopup);
    m_recent->setMenu(m_menu);
    m_problem->setObjectName(QStringLiteral("formulaProblem"));
    m_problem->setProperty("role", QStringLiteral("problem"));
    m_problem->setWordWrap(true);
    m_problem->hide();
    auto* line = new QHBoxLayout;
    line->setSpacing(4);
    line->addWidget(m_edit, 1);
    line->addWidget(m_recent);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 12, 0);
    column->setSpacing(4);
    column->addLayout(line);
    column->addWidget(m_problem);
    m_pause.setSingleShot(true);
    m_pause.setInterval(300);
    connect(&m_pause, &QTimer::timeout, this, &FormulaField::check);
    connect(m_edit, &QLineEdit::textEdited, this, [this] { m_pause.start(); });
    connect(m_edit, &QLineEdit::editingFinished, this, [this] {
        if (m_pause.isActive())
            check();
    });
    connect(m_menu, &QMenu::aboutToShow, this, &FormulaField::offer);
}

QString FormulaField::text() const
{
    return m_edit->text().trimmed();
}

void FormulaField::setText(const QString& text)
{
    if (m_edit->hasFocus() && m_edit->isModified())
        return;
    m_pause.stop();
    m_edit->setText(text);
    m_told = text;
    m_problem->hide();
}

void FormulaField::setTheme(const theme::Theme& t)
{
    m_recent->setIcon(icon("down", t));
}

void FormulaField::edit()
{
    m_edit->setFocus();
    m_edit->selectAll();
}

void FormulaField::check()
{
    m_pause.stop();
    const QString typed = text();
    QString why;
    try {
        if (!law::isFormula(typed.toStdString()))
            throw UsageError("A formula has what is predicted, =, and what predicts it, such as L = E + A/N^a.");
        const law::Formula tried(typed.toStdString());
    } catch (const std::exception& e) {
        why = QString::fromUtf8(e.what());
    }
    m_problem->setText(why);
    m_problem->setVisible(!why.isEmpty());
    if (why.isEmpty() && typed != m_told) {
        m_told = typed;
        m_edit->setModified(false);
        emit formulaTyped(typed.toStdString());
    }
}

void FormulaField::remember(const QString& formula)
{
    QSettings settings;
    QStringList recent = settings.value(key()).toStringList();
    recent.removeAll(formula);
    recent.prepend(formula);
    settings.setValue(key(), recent.mid(0, kept));
}

void FormulaField::offer()
{
    m_menu->clear();
    QStringList all = m_inProject;
    all += QSettings().value(key()).toStringList();
    all.removeDuplicates();
    for (const QString& formula : all)
        m_menu->addAction(formula, this, [this, formula] {
            m_edit->setText(formula);
            check();
        });
    if (all.isEmpty())
        m_menu->addAction(tr("None yet: those you fit are kept here"))->setEnabled(false);
}

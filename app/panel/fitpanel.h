// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/panel/columnchoice.h"
#include "app/panel/parameterrow.h"
#include "app/session/session.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QComboBox;
class QLabel;
class QPushButton;
class QToolButton;
class QVBoxLayout;
QT_END_NAMESPACE

class Answers;
class BatchGuide;
class FitOptions;
class FormulaField;

// Choose a law, fit it to the runs shown, read the answer and play with it: formula, where its inputs come from,
// parameters with intervals, bounds and locks, how well it holds, what to beware of. Shows one fit of the workspace, or
// a draft of the next where there is none; every change of a fit is an edit.
class FitPanel : public QWidget {
    Q_OBJECT
public:
    explicit FitPanel(Session&, QWidget* parent = nullptr);

    void setTheme(const theme::Theme&);
    void setFit(const std::string& id);         // empty: a draft
    const std::string& fit() const { return m_id; }
    void setLaw(const std::string& id);         // or a formula
    void propose(const fit::Spec&);             // as a draft, to be fitted when asked for
    bool isComputing() const;
    fit::Spec spec() const;                     // of the fit shown, or the draft
    ParameterRow* row(const QString& parameter) const;

signals:
    void viewAsked(const std::string& view, const std::vector<std::string>& of);
    void explainAsked(const QString& warning);
    void fitAsked(const fit::Spec&);            // the draft, or again
    void exportAsked();
    void copyAsked(const QString& format);      // id of an exporter

private:
    void refresh();
    void draft(const std::string& law);
    void showLaw();
    void guessLaw();
    void showResult();
    void showProblem();
    template <class F>
    void change(const QString& label, F&&);
    void preview(const std::string& parameter, double value);
    const law::Law& law() const;
    QString symbolOf(const law::Param&) const;

    Session& m_session;
    theme::Theme m_theme = theme::light();
    std::string m_id;
    fit::Spec m_draft;
    bool m_chosen = false;      // the law, by someone: it is no longer guessed
    std::string m_law;          // id or formula of the law that is shown
    std::string m_shownLaw;
    QComboBox* m_laws;
    QPushButton* m_fit;
    QLabel* m_problem;
    QLabel* m_formula;
    QLabel* m_cite;
    ColumnChoice* m_columns;
    QToolButton* m_more;
    FormulaField* m_formulaField;
    FitOptions* m_options;
    Answers* m_answers;
    BatchGuide* m_guide;
    QLabel* m_head;
    QWidget* m_parameters;
    QVBoxLayout* m_rows;
    std::vector<ParameterRow*> m_row;
    QLabel* m_live;
    QLabel* m_warnings;
    QLabel* m_quality;
    QWidget* m_take;
};

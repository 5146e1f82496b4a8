// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/session.h"
#include "app/theme/theme.h"
#include "core/plan/plan.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QComboBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QPushButton;
QT_END_NAMESPACE

// A budget in, the best size and data out, with the interval the fit's uncertainty leaves and how far beyond the data
// that is; or a loss in, and the smallest budget that reaches it.
class PlanPanel : public QWidget {
    Q_OBJECT
public:
    explicit PlanPanel(Session&, QWidget* parent = nullptr);

    void setTheme(const theme::Theme&);
    // Which of the workspace's fits it plans with: the chosen one, else the first that can. Empty: none.
    std::string fit() const;
    const std::optional<plan::Plan>& plan() const { return m_plan; }
    bool isPlanning() const { return m_job.isRunning(); }
    void focusAmount();
    void setAmount(const QString&);     // as if typed and returned

signals:
    void pictureAsked();
    void planned();

private:
    void refresh();
    void ask();
    void compute();
    void showPlan();
    QString lossUnit() const;

    Session& m_session;
    theme::Theme m_theme = theme::light();
    QComboBox* m_fits;
    QComboBox* m_by;
    QLineEdit* m_amount;
    QLabel* m_problem;
    QLabel* m_answer;
    QLabel* m_reach;
    QLabel* m_warnings;
    QPushButton* m_picture;
    Job<plan::Plan> m_job;
    std::optional<plan::Plan> m_plan;
    PlanEntry m_asked;
    const void* m_from = nullptr;       // the result the plan was made from
};

// Can this fit's law plan: has it N and D?
bool canPlan(const fit::Spec&);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/theme/theme.h"

#include <QTimer>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QLineEdit;
class QMenu;
class QToolButton;
QT_END_NAMESPACE

// Where a law is typed as a formula: what is wrong with it stands below while it is typed, and those used before are offered
// again. Tells of a formula once typing pauses and it makes sense.
class FormulaField : public QWidget {
    Q_OBJECT
public:
    explicit FormulaField(QWidget* parent = nullptr);
    QString text() const;
    void setText(const QString&);               // tells nothing
    void setTheme(const theme::Theme&);
    void edit();                                // takes the focus
    // Remembers a formula that was fitted; `inProject`: those of the project are offered first.
    static void remember(const QString& formula);
    void setInProject(const QStringList& formulas) { m_inProject = formulas; }

signals:
    void formulaTyped(const std::string& formula);

private:
    void check();
    void offer();

    QLineEdit* m_edit;
    QToolButton* m_recent;
    QMenu* m_menu;
    QLabel* m_problem;
    QStringList m_inProject;
    QString m_told;
    QTimer m_pause;
};

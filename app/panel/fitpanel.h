// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/model/parametermodel.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QComboBox;
class QLabel;
class QPushButton;
class QTableView;
class QVBoxLayout;
QT_END_NAMESPACE

// Choose a law, fit it, read the answer: formula, parameters with intervals, how well it holds, what to beware of.
class FitPanel : public QWidget {
    Q_OBJECT
public:
    explicit FitPanel(QWidget* parent = nullptr);

    QString law() const;
    void setLaw(const std::string& id);
    // Null: nothing fitted. `stale`: shown greyed while the next is computed.
    void show(const fit::Fit*, const theme::Theme&);
    void setStale(bool stale);
    void setReady(bool ready);          // runs are there to fit

signals:
    void fitAsked(const QString& law);

private:
    void showLaw(int index);

    QComboBox* m_laws;
    QPushButton* m_fit;
    QLabel* m_formula;
    QLabel* m_cite;
    QTableView* m_table;
    QLabel* m_quality;
    QLabel* m_warnings;
    ParameterModel m_model;
};

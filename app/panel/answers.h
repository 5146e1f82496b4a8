// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/job.h"
#include "app/theme/theme.h"
#include "core/fit/predict.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
QT_END_NAMESPACE

// What else a fitted law tells: which answer, its arguments, and what comes out with its interval.
class Answers : public QWidget {
    Q_OBJECT
public:
    explicit Answers(QWidget* parent = nullptr);
    // Null, or a law without answers: nothing is shown.
    void show(const fit::Fit*, const theme::Theme&);
    void choose(const QString& answer);     // by its id
    bool isComputing() const { return m_job.isRunning(); }

private:
    void choose();
    void compute();
    const law::Answer* answer() const;

    std::optional<fit::Fit> m_fit;
    std::string m_law;
    QComboBox* m_which;
    QFormLayout* m_form;
    std::vector<QLineEdit*> m_arguments;
    QLabel* m_result;
    Job<fit::Prediction> m_job;
};

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/interface/runner.h"

#include <nlohmann/json.hpp>

#include <QWidget>

QT_BEGIN_NAMESPACE
class QComboBox;
class QGridLayout;
class QLineEdit;
class QTableWidget;
class QToolButton;
QT_END_NAMESPACE

// A specification of a sweep as a form: what is varied, a row each with its values. Shows the specification it is given and
// asks for changed ones; what it has no field for is left as it is.
class SweepForm : public QWidget {
    Q_OBJECT
public:
    using Spec = nlohmann::ordered_json;

    explicit SweepForm(QWidget* parent = nullptr);
    void setFactors(const QList<Runner::Factor>&);
    void set(const Spec&);

signals:
    void asked(const QString& label, const Spec&);

private:
    void fillSizes();
    void fillFactors();
    void takeSizes();
    void addFactor(const QString& key, const QString& values);
    QLineEdit* listField(const char* name, const QString& title, const QString& tip, int row);
    void takeList(const QLineEdit*, const std::string& key, const QString& label);
    void takeNumber(const QLineEdit*, const std::string& key, const QString& label);
    void takeSource();
    void ask(const QString& label, Spec next);

    Spec m_spec;
    QList<Runner::Factor> m_factors;
    QGridLayout* m_grid;
    QLineEdit *m_name, *m_rates, *m_seeds, *m_steps, *m_batch, *m_context, *m_tokens;
    QComboBox* m_source;
    QTableWidget* m_sizes;
    QWidget* m_rows;            // of the factors
    QToolButton* m_add;
};

// "1e-3, 0.01, head, true" as JSON values, and back.
nlohmann::ordered_json valuesOf(const QString& text);
QString textOf(const nlohmann::ordered_json& values);

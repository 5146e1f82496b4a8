// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/table.h"
#include "core/law/law.h"

#include <QWidget>

#include <functional>

QT_BEGIN_NAMESPACE
class QComboBox;
class QLabel;
class QLineEdit;
QT_END_NAMESPACE

// Which rows are fitted, how much each counts, and how intervals are made.
class FitOptions : public QWidget {
    Q_OBJECT
public:
    explicit FitOptions(QWidget* parent = nullptr);
    void show(const law::Law&, const fit::Spec&);

signals:
    void asked(const QString& label, const std::function<void(fit::Spec&)>& change);

private:
    void askWeight(const std::string&);
    void askRegion();

    fit::Spec m_spec;
    QLineEdit* m_where;
    QLineEdit* m_holdout;
    QComboBox* m_rowsOf;
    QComboBox* m_weight;
    QLineEdit* m_weightBy;
    QWidget* m_region;
    QLabel* m_regionOf;
    QLineEdit* m_from;
    QLineEdit* m_to;
    QComboBox* m_interval;
};

// Whether anything but the usual is chosen there.
bool hasOptions(const fit::Spec&);
// A spec's region; not set where it has none. An open end is infinite.
std::optional<std::pair<double, double>> regionOf(const fit::Spec&);
void setRegion(fit::Spec&, double from, double to);     // both infinite: none

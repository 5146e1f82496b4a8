// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/theme/theme.h"
#include "core/fit/fit.h"

#include <QAbstractTableModel>

// The parameters of a fit as a table: symbol, value, interval, and a word where a bound or the user holds it.
class ParameterModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Symbol, Value, IntervalText, Columns };

    explicit ParameterModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
    void set(const fit::Fit*, const theme::Theme&);     // null: no rows

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex&, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation, int role = Qt::DisplayRole) const override;

private:
    struct Row {
        QString symbol, meaning, value, interval;
        bool atBound = false, fixed = false;
    };
    std::vector<Row> m_rows;
    int m_level = 95;
    theme::Theme m_theme = theme::light();
};

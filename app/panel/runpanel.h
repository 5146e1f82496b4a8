// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/model/runmodel.h"

#include <QSortFilterProxyModel>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QTableView;
QT_END_NAMESPACE

class Session;

// The list of runs beside the chart. What it changes it changes through the session.
class RunPanel : public QWidget {
    Q_OBJECT
public:
    explicit RunPanel(Session&, QWidget* parent = nullptr);
    void setTheme(const theme::Theme&);
    RunModel& model() { return m_model; }

private:
    void refresh();

    Session& m_session;
    RunModel m_model;
    QSortFilterProxyModel m_sorted;
    QTableView* m_table;
};

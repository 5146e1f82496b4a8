// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/session.h"
#include "app/theme/theme.h"
#include "core/metric/stability.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QComboBox;
class QLabel;
class QTableWidget;
QT_END_NAMESPACE

// What the shown runs say of instabilities, as a picture and the table behind it. Shows a chart of kind stability and asks
// for changed ones: its view is one of figure::stabilityViews(), its settings are in ChartEntry::of.
class StabilityPanel : public QWidget {
    Q_OBJECT
public:
    explicit StabilityPanel(Session&, QWidget* parent = nullptr);

    void setTheme(const theme::Theme&);
    void show(const ChartEntry&);
    bool isStudying() const { return m_job.isRunning(); }
    // Null: none yet.
    std::shared_ptr<const stability::Study> result() const { return m_result; }
    QString failure() const { return m_failure; }

signals:
    void asked(const QString& label, const ChartEntry&);
    void studied();

private:
    void refresh();
    void fill();

    Session& m_session;
    theme::Theme m_theme = theme::light();
    ChartEntry m_entry;
    QComboBox* m_view;
    QComboBox* m_at;
    QComboBox* m_window;
    QTableWidget* m_table;
    QLabel* m_found;
    QLabel* m_note;
    Job<stability::Study> m_job;
    std::vector<std::string> m_madeOf;
    const void* m_madeFrom = nullptr;
    std::shared_ptr<const stability::Study> m_result;
    QString m_failure;
};

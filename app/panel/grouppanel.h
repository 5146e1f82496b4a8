// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/session.h"
#include "app/theme/theme.h"
#include "core/fit/joint.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QComboBox;
class QHBoxLayout;
class QLabel;
class QProgressBar;
class QTableWidget;
QT_END_NAMESPACE

// One law fitted to each group of rows with the same value of a column, side by side; parameters that are ticked are one number
// for all groups. Shows a chart of kind groups and asks for changed ones.
class GroupPanel : public QWidget {
    Q_OBJECT
public:
    explicit GroupPanel(Session&, QWidget* parent = nullptr);

    void setTheme(const theme::Theme&);
    void show(const ChartEntry&);
    bool isFitting() const { return m_job.isRunning(); }
    std::shared_ptr<const fit::Joint> result() const { return m_result; }
    QString failure() const { return m_failure; }

signals:
    void asked(const QString& label, const ChartEntry&);
    void fitted();
    void explainAsked(const QString& warning);

private:
    struct Asked {
        std::vector<std::string> shared;
        std::string by;
        fit::Spec rows;
        const void* table = nullptr;
        bool operator==(const Asked&) const = default;
    };
    void refresh();
    void fit();
    void fill();

    Session& m_session;
    theme::Theme m_theme = theme::light();
    ChartEntry m_entry;
    QComboBox* m_laws;
    QComboBox* m_by;
    QWidget* m_shared;
    QHBoxLayout* m_ticks;
    std::string m_ticksOf;
    QWidget* m_work;
    QProgressBar* m_bar;
    QTableWidget* m_table;
    QLabel* m_note;
    Job<fit::Joint> m_job;
    Asked m_made;
    std::shared_ptr<const fit::Joint> m_result;
    QString m_failure;
};

// Columns that split a table into two to twelve groups: those of words first.
std::vector<std::string> groupColumns(const data::Table&);

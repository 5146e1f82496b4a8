// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/session.h"
#include "app/theme/theme.h"
#include "core/fit/validate.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QComboBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QToolButton;
class QTreeWidget;
class QTreeWidgetItem;
QT_END_NAMESPACE

// Laws side by side on the same rows: which are compared, how they are judged, and a table with the best on top. Shows a chart
// of kind compare; what is chosen is asked for as a changed entry, the comparison itself is made again from it.
class ComparePanel : public QWidget {
    Q_OBJECT
public:
    enum Column { Name, Mae, Rmse, R2, Aicc, Bic, Count, Columns };
    static constexpr int lawRole = Qt::UserRole + 2;        // of a row's first column: the law's id or formula

    explicit ComparePanel(Session&, QWidget* parent = nullptr);

    void setTheme(const theme::Theme&);
    void show(const ChartEntry&);
    bool isComparing() const { return m_job.isRunning() || m_wait.isActive(); }
    // Of the chart shown; null: none yet.
    std::shared_ptr<const fit::Comparison> result() const { return m_result; }
    QString failure() const { return m_failure; }

signals:
    void asked(const QString& label, const ChartEntry&);
    void compared();
    void lawPicked(const fit::Spec&);
    void explainAsked(const QString& warning);

private:
    // All that decides a comparison.
    struct Asked {
        std::vector<std::string> laws;
        std::string by;
        fit::Spec rows;
        const void* table = nullptr;
        bool operator==(const Asked&) const = default;
    };
    Asked wanted() const;
    void refresh();
    void fill();
    void compare();
    void cancel();
    void addFormula();
    void say();
    fit::Spec picked() const;

    Session& m_session;
    theme::Theme m_theme = theme::light();
    ChartEntry m_entry;
    QComboBox* m_validation;
    QLineEdit* m_formula;
    QLabel* m_formulaProblem;
    QPushButton* m_compare;
    QPushButton* m_use;
    QWidget* m_work;
    QLabel* m_workText;
    QProgressBar* m_bar;
    QTreeWidget* m_table;
    QLabel* m_note;
    Job<fit::Comparison> m_job;
    QTimer m_wait;              // a moment's pause, so that ticking three laws is one comparison
    Asked m_made;               // what the result, or the try at it, was made from
    std::shared_ptr<const fit::Comparison> m_result;
    QString m_failure;
    bool m_filling = false;
    Asked m_filled;             // what the table lists
};

// What a law is called; a formula by itself.
QString lawName(const std::string& law);
// What a comparison begins with: the law of `rows` where it can be fitted, and others that predict the same from as much.
std::vector<std::string> lawsToCompare(const data::Table&, const fit::Spec& rows);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/model/runmodel.h"

#include <QTimer>
#include <QWidget>

#include <set>

#include <functional>

QT_BEGIN_NAMESPACE
class QCheckBox;
class QDoubleSpinBox;
class QLabel;
class QMenu;
class QTableView;
class QToolButton;
QT_END_NAMESPACE

class FilterField;
class RunTable;
class Session;

// The list of runs beside the chart: filter, choose, show and hide, compare configurations. What it changes it changes
// through the session, one undo step a deed.
class RunPanel : public QWidget {
    Q_OBJECT
public:
    explicit RunPanel(Session&, QWidget* parent = nullptr);
    void setTheme(const theme::Theme&);
    // Where the chart is shaded by a value: the place of each run on the ramp, 0 to 1.
    void setShades(std::map<std::string, double> shadeOfRun);
    RunModel& model() { return m_model; }
    RunTable& table() { return *m_table; }

    void focusFilter();
    std::vector<std::string> selected() const;      // hashes, top to bottom
    // As the list's context menu shows; the caller deletes it.
    QMenu* contextMenu();

public slots:
    void setSelected(const std::vector<std::string>& hashes);   // says nothing back
    void toggleSelected();                          // shows them all, or hides them where all are shown
    void showOnly(const std::vector<std::string>& hashes);
    void setAllVisible(bool);                       // of those listed
    void copySelected() const;
    void removeSelected();

signals:
    void selectionPicked(const std::vector<std::string>& hashes);       // by the user

private:
    QWidget* makeDifferences();
    QWidget* makeBytes();
    QWidget* makeFooter();
    void refresh();
    void learn();
    void refreshList();
    void refreshFooter();
    void refreshDifferences();
    void askFilter(const QString&);
    std::vector<bool> matching(const std::string& filter) const;
    void askBytes();
    // `deed` may hold %1 for the runs.
    void edit(const QString& deed, const std::vector<std::string>& hashes, const std::function<void(RunEntry&)>& change);
    QString naming(const std::vector<std::string>& hashes) const;

    Session& m_session;
    RunModel m_model;
    DifferenceModel m_differ;
    FilterField* m_filter;
    RunTable* m_table;
    QWidget* m_differences;
    QToolButton* m_differencesToggle;
    QTableView* m_differencesTable;
    QWidget* m_bytes;
    QLabel* m_bytesText;
    QDoubleSpinBox* m_bytesValue;
    QCheckBox* m_all;
    QToolButton* m_allText;
    QLabel* m_out;
    std::set<std::string> m_stale;      // hashes of runs that grew since
    std::map<std::string, std::shared_ptr<const RunFacts>> m_facts;
    QTimer m_learner;
    std::string m_filtered;                         // the filter in force
    std::vector<std::string> m_bytesOf;
    bool m_differencesOpen = true;
    theme::Theme m_theme = theme::light();
};

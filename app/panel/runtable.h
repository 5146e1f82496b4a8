// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/model/runmodel.h"

#include <QTableView>

#include <functional>
#include <set>

// The table of runs: keeps what is selected through every change of its model, remembers its columns in the settings
// ("runs/header"), and turns clicks and keys into wishes.
class RunTable : public QTableView {
    Q_OBJECT
public:
    explicit RunTable(RunModel&, QWidget* parent = nullptr);

    std::vector<std::string> selected() const;      // as listed, top to bottom
    void setSelected(const std::vector<std::string>& hashes);
    // Changes the model; selection, current row and scrolling stay.
    void change(const std::function<void()>&);
    void rename();                                  // the current row, in place
    QString asText() const;                         // the selected rows, tabs between the columns that are shown
    QMenu* headerMenu(int section);                 // the caller deletes it

signals:
    void selectionPicked(const std::vector<std::string>& hashes);
    void toggleAsked();                             // Space
    void copyAsked();
    void removeAsked();

protected:
    void mousePressEvent(QMouseEvent*) override;
    void mouseReleaseEvent(QMouseEvent*) override;
    void mouseDoubleClickEvent(QMouseEvent*) override;
    void keyPressEvent(QKeyEvent*) override;
    bool event(QEvent*) override;
    void resizeEvent(QResizeEvent*) override;

private:
    bool isOnCheckBox(const QModelIndex&, QPoint) const;
    void choose();
    void restore();
    void arrange();
    void fitColumns();
    void rememberWidth(int column, int width);
    void rememberSorting();
    void rememberOrder();
    int columnOf(const QString& id) const;
    int wantedWidth(int column) const;

    RunModel& m_runs;
    RunOrder m_order;
    std::set<std::string> m_chosen;
    QPersistentModelIndex m_pressed;        // whose check box the mouse went down on
    bool m_changing = false, m_arranging = false;
};

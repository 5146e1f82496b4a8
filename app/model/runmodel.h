// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/model/runfacts.h"
#include "app/theme/theme.h"
#include "core/workspace.h"

#include <QAbstractTableModel>
#include <QHash>
#include <QIcon>
#include <QSortFilterProxyModel>

QT_BEGIN_NAMESPACE
class QMimeData;
QT_END_NAMESPACE

// The runs of a workspace as a table: name with colour chip and check box, how far it came, and the configuration,
// what tells runs apart first. Holds nothing of its own but what it was given last.
class RunModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Last, Least, Steps, Status, FirstConfig };

    explicit RunModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    struct Row {
        RunEntry entry;
        std::shared_ptr<const RunFacts> facts;      // null until it is loaded
    };
    // All runs, and which of them are listed (all where empty). Columns are those of all runs, so that a filter does
    // not move them.
    void set(std::vector<Row> all, const std::vector<bool>& listed = {});
    void setTheme(const theme::Theme&);
    // Where a chart is shaded by a value: the place of each run on the ramp, 0 to 1. Others keep their own colour.
    void setShades(std::map<std::string, double> shadeOfRun);

    const std::vector<Row>& rows() const { return m_rows; }         // those listed
    std::string hash(int row) const { return m_rows[std::size_t(row)].entry.hash; }
    // "name", "last", ... or "config:" and the key: the same column in another project.
    QString columnId(int column) const;
    const std::vector<std::string>& keys() const { return m_keys; }
    // Null where a row has nothing in that column; not for Name.
    const RunFacts::Cell* cell(int row, int column) const;
    // The colour chip of a line, as the chart draws it.
    QIcon chip(const RunEntry&) const;
    QColor color(const RunEntry&) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex&, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex&) const override;
    bool setData(const QModelIndex&, const QVariant&, int role = Qt::EditRole) override;
    QStringList mimeTypes() const override;
    QMimeData* mimeData(const QModelIndexList&) const override;
    Qt::DropActions supportedDragActions() const override { return Qt::CopyAction; }

signals:
    void visibleAsked(const std::string& hash, bool visible);
    void nameAsked(const std::string& hash, const QString& name);

private:
    void findKeys(const std::vector<Row>& all);
    void link(std::size_t from, std::size_t to);

    std::vector<Row> m_rows;
    std::vector<std::vector<const RunFacts::Cell*>> m_cells;        // per row and key
    std::vector<std::shared_ptr<const RunFacts>> m_known;            // that m_keys were found of
    std::vector<std::string> m_keys;                                // of configuration, those that differ first
    std::map<std::string, double> m_shades;
    theme::Theme m_theme = theme::light();
    mutable QHash<quint64, QIcon> m_chips;
};

// Runs dragged out of the list: hashes, one a line.
inline constexpr char runsMimeType[] = "application/x-isoloss-runs";
std::vector<std::string> draggedRuns(const QMimeData&);

// The listed runs in the order asked for: numbers as numbers, names by the numbers in them, what is missing last.
class RunOrder : public QSortFilterProxyModel {
public:
    explicit RunOrder(const RunModel&, QObject* parent = nullptr);

protected:
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    const RunModel& m_runs;
};

// The configuration keys in which some runs differ, one a row, and their values, one run a column.
class DifferenceModel : public QAbstractTableModel {
    Q_OBJECT
public:
    explicit DifferenceModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
    void set(std::vector<RunModel::Row> runs);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex&, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation, int role = Qt::DisplayRole) const override;

private:
    std::vector<RunModel::Row> m_runs;
    std::vector<std::string> m_keys;
};

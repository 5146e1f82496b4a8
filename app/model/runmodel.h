// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/layeritem.h"
#include "core/data/run.h"
#include "core/law/quantity.h"
#include "core/workspace.h"

#include <QAbstractTableModel>

// The runs of a workspace as a table: name with colour chip and check box, last loss, and the configuration that
// tells runs apart. Holds nothing of its own but what it was given last.
class RunModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Last, FirstConfig };
    static constexpr int SortRole = Qt::UserRole;       // numbers as numbers

    explicit RunModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    struct Row {
        RunEntry entry;
        QString last;               // as shown
        double lastValue = 0;       // NaN where there is none
        data::Config config;
    };
    void set(std::vector<Row>);
    void setTheme(const theme::Theme&);
    const std::vector<Row>& rows() const { return m_rows; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex&, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex&) const override;
    bool setData(const QModelIndex&, const QVariant&, int role = Qt::EditRole) override;

signals:
    void visibleAsked(const std::string& hash, bool visible);
    void nameAsked(const std::string& hash, const QString& name);

private:
    void recolor(const std::vector<Row>&);

    std::vector<Row> m_rows;
    std::vector<std::string> m_keys;    // of configuration, those that differ first
    theme::Theme m_theme = theme::light();
    chart::Colors m_colors{theme::light(), {}};
};

// Name and value of the quantity a run is judged by: its last finite loss.
struct LastLoss {
    QString text;
    double value;
};
LastLoss lastLoss(const data::Run&);
// The series a quantity is logged as, by the names the catalogue knows it by, best first; null where there is none.
const data::Series* seriesOf(const data::Run&, const law::Quantity&);

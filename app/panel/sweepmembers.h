// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/theme/theme.h"
#include "plugins/host/sweepfolder.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>

// The models of a sweep as a table: what tells them apart, how far they are, how it went. Rows that did not change are
// not drawn again.
class MemberModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Role { SortRole = Qt::UserRole, ProgressRole };

    explicit MemberModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
    void set(const std::vector<SweepMember>&, bool live);
    void setTheme(const theme::Theme&);
    const std::vector<SweepMember>& members() const { return m_members; }
    int progressColumn() const { return int(m_keys.size()); }
    int verdictColumn() const { return int(m_keys.size()) + 3; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex&, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation, int role = Qt::DisplayRole) const override;

private:
    QVariant shown(const SweepMember&, int column) const;
    QVariant sorted(const SweepMember&, int column) const;
    QString judged(const SweepMember&) const;

    std::vector<SweepMember> m_members;
    bool m_live = false;
    QStringList m_keys;         // of the configuration, in which members differ
    theme::Theme m_theme = theme::light();
};

// Numbers as numbers, what is missing last.
class MemberOrder : public QSortFilterProxyModel {
    Q_OBJECT
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

protected:
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;
};

// A bar behind the steps of a member.
class ProgressDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void setTheme(const theme::Theme& t) { m_theme = t; }
    void paint(QPainter*, const QStyleOptionViewItem&, const QModelIndex&) const override;

private:
    theme::Theme m_theme = theme::light();
};

// "opt/wd" of a configuration; a size is one key, its layers and width.
QStringList keysThatDiffer(const std::vector<SweepMember>&);
QJsonValue configValue(const QJsonObject& config, const QString& key);
// "28 members: 24 done, 4 diverged (learning rates from 0.1 on)."
QString summaryOf(const std::vector<SweepMember>&);

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/model/runmodel.h"

#include <algorithm>
#include <cmath>

// The models that arrange what RunModel lists: its order, and the differences of some runs.

namespace {

// Upper and lower case alike, runs of digits by their value: run-2 before run-10.
bool before(QStringView a, QStringView b)
{
    qsizetype i = 0, j = 0;
    while (i < a.size() && j < b.size()) {
        if (a[i].isDigit() && b[j].isDigit()) {
            const auto number = [](QStringView s, qsizetype& at) {
                while (at < s.size() && s[at] == QLatin1Char('0'))
                    ++at;
                const qsizetype from = at;
                while (at < s.size() && s[at].isDigit())
                    ++at;
                return s.mid(from, at - from);
            };
            const QStringView left = number(a, i), right = number(b, j);
            if (left.size() != right.size())
                return left.size() < right.size();
            if (const int order = left.compare(right); order != 0)
                return order < 0;
            continue;
        }
        const QChar left = a[i++].toLower(), right = b[j++].toLower();
        if (left != right)
            return left < right;
    }
    return a.size() - i < b.size() - j;
}

}

RunOrder::RunOrder(const RunModel& runs, QObject* parent) : QSortFilterProxyModel(parent), m_runs(runs)
{
    setSourceModel(const_cast<RunModel*>(&runs));
}

bool RunOrder::lessThan(const QModelIndex& left, const QModelIndex& right) const
{
    const int column = left.column();
    const auto& a = m_runs.rows()[std::size_t(left.row())];
    const auto& b = m_runs.rows()[std::size_t(right.row())];
    if (column == RunModel::Name)
        return before(QString::fromStdString(a.entry.name), QString::fromStdString(b.entry.name));
    // Whatever the direction: numbers, then words, then NaN, then nothing.
    const auto rank = [](const RunFacts::Cell* cell) {
        return !cell ? 3 : cell->isNumber ? (std::isnan(cell->number) ? 2 : 0) : 1;
    };
    const auto ranked = [&](int first, int second) { return (first < second) == (sortOrder() == Qt::AscendingOrder); };
    if (column == RunModel::Status) {
        const QString none, &first = a.facts ? a.facts->status : none, &second = b.facts ? b.facts->status : none;
        if (first.isEmpty() != second.isEmpty())
            return ranked(first.isEmpty(), second.isEmpty());
        return before(first, second);
    }
    const RunFacts::Cell* first = m_runs.cell(left.row(), column);
    const RunFacts::Cell* second = m_runs.cell(right.row(), column);
    if (const int i = rank(first), j = rank(second); i != j)
        return ranked(i, j);
    else if (i == 0)
        return first->number < second->number;
    else if (i == 1)
        return before(first->text, second->text);
    return false;
}

void DifferenceModel::set(std::vector<RunModel::Row> runs)
{
    std::erase_if(runs, [](const RunModel::Row& run) { return !run.facts; });
    std::map<std::string, std::pair<const QString*, std::size_t>> first;     // text and how many runs agree
    for (const RunModel::Row& run : runs)
        for (const auto& [key, cell] : run.facts->cells) {
            auto& [text, agree] = first.try_emplace(key, &cell.text, 0).first->second;
            agree += *text == cell.text;
        }
    beginResetModel();
    m_keys.clear();
    for (const auto& [key, seen] : first)
        if (seen.second < runs.size())
            m_keys.push_back(key);
    m_runs = std::move(runs);
    endResetModel();
}

int DifferenceModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_keys.size());
}

int DifferenceModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() || m_runs.empty() ? 0 : 1 + int(m_runs.size());
}

QVariant DifferenceModel::data(const QModelIndex& at, int role) const
{
    if (!checkIndex(at, CheckIndexOption::IndexIsValid))
        return {};
    const std::string& key = m_keys[std::size_t(at.row())];
    if (at.column() == 0)
        return role == Qt::DisplayRole || role == Qt::ToolTipRole ? QString::fromStdString(key) : QVariant();
    const auto& cells = m_runs[std::size_t(at.column() - 1)].facts->cells;
    const auto it = cells.find(key);
    if (role == Qt::DisplayRole)
        return it == cells.end() ? QStringLiteral("–") : it->second.text;
    if (role == Qt::ToolTipRole)
        return it == cells.end() ? QVariant() : it->second.text;
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    return {};
}

QVariant DifferenceModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((section == 0 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    return section == 0 ? tr("Key") : QString::fromStdString(m_runs[std::size_t(section - 1)].entry.name);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/model/runmodel.h"

#include "app/chart/axis.h"

#include <QIcon>
#include <QPainter>
#include <QPixmap>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace {

QString shown(const data::Value& value)
{
    if (const auto* number = std::get_if<double>(&value))
        return chart::number(*number);
    return QString::fromStdString(std::get<std::string>(value));
}

QIcon chip(QColor c, Qt::PenStyle dash, bool faint)
{
    QPixmap pixmap(32, 32);
    pixmap.setDevicePixelRatio(2);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    c.setAlphaF(faint ? .35f : 1.f);
    QPen pen(c, 3, dash, Qt::FlatCap);
    if (pen.style() != Qt::SolidLine)
        pen.setDashPattern({1.6, .8});
    painter.setPen(pen);
    painter.drawLine(QPointF(1, 8), QPointF(15, 8));
    return QIcon(pixmap);
}

}

const data::Series* seriesOf(const data::Run& run, const law::Quantity& quantity)
{
    std::string_view aliases = quantity.aliases;
    while (!aliases.empty()) {
        const auto space = aliases.find(' ');
        const std::string_view name = aliases.substr(0, space);
        for (const data::Series& series : run.series) {
            std::string lower = series.name;
            std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return char(std::tolower(c)); });
            if (lower == name || (lower.size() > name.size() && lower.ends_with(name) &&
                                  lower[lower.size() - name.size() - 1] == '/'))
                return &series;
        }
        aliases = space == std::string_view::npos ? std::string_view{} : aliases.substr(space + 1);
    }
    return nullptr;
}

LastLoss lastLoss(const data::Run& run)
{
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const data::Series* loss = seriesOf(run, law::quantity::L);
    if (run.kind == data::Kind::Table) {
        const std::size_t rows = run.series.empty() || !run.series[0].value ? 0 : run.series[0].value->size();
        return {QStringLiteral("%1 rows").arg(rows), nan};
    }
    if (!loss || !loss->value || loss->value->empty())
        return {QStringLiteral("–"), nan};
    const double last = loss->value->back();
    return {chart::number(last), last};
}

void RunModel::recolor(const std::vector<Row>& rows)
{
    // The colours the chart gives them: with many runs, those of the ramp.
    figure::Figure shown{.id = {}, .title = {}, .note = {}, .panels = {{}}, .recipe = {}};
    for (const Row& row : rows)
        if (row.entry.visible)
            shown.panels[0].layers.push_back({.color = row.entry.color, .x = {}, .y = {}, .low = {}, .high = {}});
    m_colors = chart::Colors(m_theme, shown);
}

void RunModel::set(std::vector<Row> rows)
{
    recolor(rows);
    // The same runs in the same order: change in place, so that selection and scroll position stay.
    const bool same = rows.size() == m_rows.size() &&
                      std::equal(rows.begin(), rows.end(), m_rows.begin(), [](const Row& a, const Row& b) {
                          return a.entry.hash == b.entry.hash && a.config == b.config;
                      });
    if (same) {
        m_rows = std::move(rows);
        if (!m_rows.empty())
            emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
        return;
    }
    beginResetModel();
    m_rows = std::move(rows);
    m_keys.clear();
    std::map<std::string, std::set<QString>> values;
    for (const Row& row : m_rows)
        for (const auto& [key, value] : row.config)
            values[key].insert(shown(value));
    for (const auto& [key, different] : values)
        m_keys.push_back(key);
    std::ranges::stable_sort(m_keys, std::ranges::greater{},
                             [&](const std::string& key) { return values[key].size() > 1; });
    endResetModel();
}

void RunModel::setTheme(const theme::Theme& t)
{
    m_theme = t;
    recolor(m_rows);
    if (!m_rows.empty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, 0), {Qt::DecorationRole});
}

int RunModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int RunModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : FirstConfig + int(m_keys.size());
}

QVariant RunModel::data(const QModelIndex& at, int role) const
{
    if (!checkIndex(at, CheckIndexOption::IndexIsValid))
        return {};
    const Row& row = m_rows[std::size_t(at.row())];
    if (at.column() == Name) {
        switch (role) {
        case Qt::DisplayRole:
        case Qt::EditRole:
        case Qt::ToolTipRole:
        case SortRole: return QString::fromStdString(row.entry.name);
        case Qt::DecorationRole: {
            const figure::Layer as{.color = row.entry.color, .x = {}, .y = {}, .low = {}, .high = {}};
            return chip(m_colors(as), m_colors.dash(as), !row.entry.visible);
        }
        case Qt::CheckStateRole: return row.entry.visible ? Qt::Checked : Qt::Unchecked;
        case Qt::ForegroundRole: return row.entry.visible ? m_theme.text : m_theme.text2;
        default: return {};
        }
    }
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::ForegroundRole)
        return at.column() == Last && row.entry.visible ? m_theme.text : m_theme.text2;
    if (at.column() == Last)
        return role == Qt::DisplayRole ? QVariant(row.last) : role == SortRole ? QVariant(row.lastValue) : QVariant();
    const auto it = row.config.find(m_keys[std::size_t(at.column() - FirstConfig)]);
    if (it == row.config.end())
        return {};
    if (role == Qt::DisplayRole || role == Qt::ToolTipRole)
        return shown(it->second);
    if (role == SortRole) {
        if (const auto* number = std::get_if<double>(&it->second))
            return *number;
        return shown(it->second);
    }
    return {};
}

QVariant RunModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((section == Name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    if (section == Name)
        return tr("Run");
    if (section == Last)
        return tr("Last loss");
    return QString::fromStdString(m_keys[std::size_t(section - FirstConfig)]);
}

Qt::ItemFlags RunModel::flags(const QModelIndex& at) const
{
    Qt::ItemFlags flags = QAbstractTableModel::flags(at);
    if (at.isValid() && at.column() == Name)
        flags |= Qt::ItemIsUserCheckable | Qt::ItemIsEditable;
    return flags;
}

bool RunModel::setData(const QModelIndex& at, const QVariant& value, int role)
{
    if (!checkIndex(at, CheckIndexOption::IndexIsValid) || at.column() != Name)
        return false;
    const std::string hash = m_rows[std::size_t(at.row())].entry.hash;
    if (role == Qt::CheckStateRole) {
        emit visibleAsked(hash, value.toInt() == Qt::Checked);
        return true;
    }
    if (role == Qt::EditRole && !value.toString().trimmed().isEmpty()) {
        emit nameAsked(hash, value.toString().trimmed());
        return true;
    }
    return false;
}

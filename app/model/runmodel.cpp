// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/model/runmodel.h"

#include <QMimeData>
#include <QPainter>
#include <QPixmap>

#include <algorithm>
#include <cmath>
#include <set>

namespace {

QIcon drawChip(QColor c, Qt::PenStyle dash)
{
    QPixmap pixmap(32, 32);
    pixmap.setDevicePixelRatio(2);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    QPen pen(c, 3, dash, Qt::FlatCap);
    if (pen.style() != Qt::SolidLine)
        pen.setDashPattern(dash == Qt::DotLine ? QList<qreal>{.8, .7} : QList<qreal>{1.6, .8});
    painter.setPen(pen);
    painter.drawLine(QPointF(1, 8), QPointF(15, 8));
    QIcon icon(pixmap);
    icon.addPixmap(pixmap, QIcon::Selected);
    return icon;
}

bool same(const RunModel::Row& a, const RunModel::Row& b)
{
    return a.entry == b.entry && a.facts == b.facts;
}

// What two rows must share for one to be changed into the other in place.
bool sameRun(const RunModel::Row& a, const RunModel::Row& b)
{
    return a.entry.hash == b.entry.hash;
}

const RunFacts::Cell* find(const RunFacts* facts, const std::string& key)
{
    if (!facts)
        return nullptr;
    const auto it = facts->cells.find(key);
    return it == facts->cells.end() ? nullptr : &it->second;
}

}

void RunModel::findKeys(const std::vector<Row>& all)
{
    std::vector<std::shared_ptr<const RunFacts>> known;
    for (const Row& row : all)
        if (row.facts)
            known.push_back(row.facts);
    if (known == m_known)
        return;
    // Of each key the first text and whether another run says something else, or nothing.
    struct Seen {
        const QString* first;
        std::size_t count = 0;
        bool differs = false;
    };
    std::map<std::string, Seen, std::less<>> seen;
    for (const auto& facts : known)
        for (const auto& [key, cell] : facts->cells) {
            Seen& s = seen.try_emplace(key, Seen{&cell.text}).first->second;
            ++s.count;
            s.differs = s.differs || cell.text != *s.first;
        }
    std::vector<std::string> keys;
    for (const auto& [key, s] : seen)
        keys.push_back(key);
    std::ranges::stable_sort(keys, std::ranges::greater{}, [&](const std::string& key) {
        const Seen& s = seen.find(key)->second;
        return s.differs ? 2 : s.count < known.size() ? 1 : 0;
    });
    m_known = std::move(known);
    if (keys == m_keys)
        return;
    beginResetModel();
    m_rows.clear();
    m_cells.clear();
    m_keys = std::move(keys);
    endResetModel();
}

void RunModel::link(std::size_t from, std::size_t to)
{
    for (std::size_t r = from; r < to; ++r) {
        m_cells[r].resize(m_keys.size());
        for (std::size_t k = 0; k < m_keys.size(); ++k)
            m_cells[r][k] = find(m_rows[r].facts.get(), m_keys[k]);
    }
}

void RunModel::set(std::vector<Row> all, const std::vector<bool>& listed)
{
    findKeys(all);
    if (!listed.empty()) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < all.size(); ++i)
            if (listed[i] && kept++ != i)
                all[kept - 1] = std::move(all[i]);
        all.resize(kept);
    }
    // What stands before and after the change stays where it is, so that selection and scrolling do.
    std::size_t head = 0, tail = 0;
    const std::size_t shorter = std::min(all.size(), m_rows.size());
    while (head < shorter && sameRun(all[head], m_rows[head]))
        ++head;
    while (tail < shorter - head && sameRun(all[all.size() - 1 - tail], m_rows[m_rows.size() - 1 - tail]))
        ++tail;
    const auto at = [](auto& list, std::size_t i) { return list.begin() + std::ptrdiff_t(i); };
    if (const std::size_t end = m_rows.size() - tail; end > head) {
        beginRemoveRows({}, int(head), int(end) - 1);
        m_rows.erase(at(m_rows, head), at(m_rows, end));
        m_cells.erase(at(m_cells, head), at(m_cells, end));
        endRemoveRows();
    }
    if (const std::size_t end = all.size() - tail; end > head) {
        beginInsertRows({}, int(head), int(end) - 1);
        m_rows.insert(at(m_rows, head), at(all, head), at(all, end));
        m_cells.insert(at(m_cells, head), end - head, {});
        link(head, end);
        endInsertRows();
    }
    for (std::size_t r = 0; r < all.size(); ++r) {
        if (same(all[r], m_rows[r]))
            continue;
        std::size_t end = r;
        for (; end < all.size() && !same(all[end], m_rows[end]); ++end)
            m_rows[end] = std::move(all[end]);
        link(r, end);
        emit dataChanged(index(int(r), 0), index(int(end) - 1, columnCount() - 1));
        r = end - 1;
    }
}

void RunModel::setTheme(const theme::Theme& t)
{
    m_theme = t;
    m_chips.clear();
    if (!m_rows.empty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1), {Qt::DecorationRole, Qt::ForegroundRole});
}

void RunModel::setShades(std::map<std::string, double> shadeOfRun)
{
    if (shadeOfRun == m_shades)
        return;
    m_shades = std::move(shadeOfRun);
    if (!m_rows.empty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, 0), {Qt::DecorationRole});
}

QColor RunModel::color(const RunEntry& entry) const
{
    const auto shade = m_shades.find(entry.hash);
    return shade != m_shades.end() && std::isfinite(shade->second) ? theme::ramp(m_theme, shade->second)
                                                                   : theme::seriesColor(m_theme, entry.color);
}

QIcon RunModel::chip(const RunEntry& entry) const
{
    const auto shade = m_shades.find(entry.hash);
    const bool shaded = shade != m_shades.end() && std::isfinite(shade->second);
    QColor c = color(entry);
    c.setAlphaF(entry.visible ? 1.f : .35f);
    const Qt::PenStyle dash = shaded ? Qt::SolidLine : theme::seriesDash(entry.color);
    QIcon& icon = m_chips[quint64(c.rgba()) << 8 | quint64(dash)];
    if (icon.isNull())
        icon = drawChip(c, dash);
    return icon;
}

QString RunModel::columnId(int column) const
{
    switch (column) {
    case Name: return QStringLiteral("name");
    case Last: return QStringLiteral("last");
    case Least: return QStringLiteral("least");
    case Steps: return QStringLiteral("steps");
    case Status: return QStringLiteral("status");
    default: return QStringLiteral("config:") + QString::fromStdString(m_keys[std::size_t(column - FirstConfig)]);
    }
}

const RunFacts::Cell* RunModel::cell(int row, int column) const
{
    const Row& r = m_rows[std::size_t(row)];
    if (!r.facts || column == Name || column == Status)
        return nullptr;
    switch (column) {
    case Last: return &r.facts->last;
    case Least: return &r.facts->least;
    case Steps: return &r.facts->steps;
    default: return m_cells[std::size_t(row)][std::size_t(column - FirstConfig)];
    }
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
        case Qt::ToolTipRole: return QString::fromStdString(row.entry.name);
        case Qt::DecorationRole: return chip(row.entry);
        case Qt::CheckStateRole: return row.entry.visible ? Qt::Checked : Qt::Unchecked;
        case Qt::ForegroundRole: return row.entry.visible ? m_theme.text : m_theme.text2;
        default: return {};
        }
    }
    if (at.column() == Status) {
        if (role == Qt::DisplayRole || role == Qt::ToolTipRole)
            return row.facts ? row.facts->status : role == Qt::DisplayRole ? tr("loading") : QString();
        if (role == Qt::ForegroundRole)
            return row.facts && row.facts->diverged ? m_theme.bad : m_theme.text2;
        return {};
    }
    const RunFacts::Cell* cell = this->cell(at.row(), at.column());
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole: return cell ? cell->text : QVariant();
    case Qt::TextAlignmentRole:
        return int((cell && !cell->isNumber && at.column() >= FirstConfig ? Qt::AlignLeft : Qt::AlignRight) |
                   Qt::AlignVCenter);
    case Qt::ForegroundRole: return at.column() == Last && row.entry.visible ? m_theme.text : m_theme.text2;
    default: return {};
    }
}

QVariant RunModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    if (role == Qt::TextAlignmentRole) {
        bool words = section == Name || section == Status;
        if (section >= FirstConfig)
            for (const auto& cells : m_cells)
                if (const auto* cell = cells[std::size_t(section - FirstConfig)]) {
                    words = !cell->isNumber;
                    break;
                }
        return int((words ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
    if (role == Qt::ToolTipRole)
        switch (section) {
        case Last: return tr("The last loss logged, in the unit of the log");
        case Least: return tr("The smallest loss logged");
        case Steps: return tr("The last step logged; rows of a table");
        case Status: return tr("Where a run diverged, and how many values are not numbers");
        default: break;
        }
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    switch (section) {
    case Name: return tr("Run");
    case Last: return tr("Loss");
    case Least: return tr("Min loss");
    case Steps: return tr("Steps");
    case Status: return tr("Status");
    default: return QString::fromStdString(m_keys[std::size_t(section - FirstConfig)]);
    }
}

Qt::ItemFlags RunModel::flags(const QModelIndex& at) const
{
    Qt::ItemFlags flags = QAbstractTableModel::flags(at);
    if (!at.isValid())
        return flags;
    flags |= Qt::ItemIsDragEnabled;
    if (at.column() == Name)
        flags |= Qt::ItemIsUserCheckable | Qt::ItemIsEditable;
    return flags;
}

bool RunModel::setData(const QModelIndex& at, const QVariant& value, int role)
{
    if (!checkIndex(at, CheckIndexOption::IndexIsValid) || at.column() != Name)
        return false;
    const RunEntry entry = m_rows[std::size_t(at.row())].entry;
    if (role == Qt::CheckStateRole) {
        emit visibleAsked(entry.hash, value.toInt() == Qt::Checked);
        return true;
    }
    const QString name = value.toString().trimmed();
    if (role == Qt::EditRole && !name.isEmpty()) {
        if (name.toStdString() != entry.name)
            emit nameAsked(entry.hash, name);
        return true;
    }
    return false;
}

QStringList RunModel::mimeTypes() const
{
    return {QString::fromLatin1(runsMimeType)};
}

QMimeData* RunModel::mimeData(const QModelIndexList& indexes) const
{
    std::set<int> rows;
    for (const QModelIndex& at : indexes)
        rows.insert(at.row());
    QByteArray hashes;
    QStringList names;
    for (const int row : rows) {
        hashes += QByteArray::fromStdString(hash(row)) + '\n';
        names << QString::fromStdString(m_rows[std::size_t(row)].entry.name);
    }
    auto* out = new QMimeData;
    out->setData(QString::fromLatin1(runsMimeType), hashes);
    out->setText(names.join(QLatin1Char('\n')));
    return out;
}

std::vector<std::string> draggedRuns(const QMimeData& data)
{
    std::vector<std::string> out;
    for (const QByteArray& line : data.data(QString::fromLatin1(runsMimeType)).split('\n'))
        if (!line.isEmpty())
            out.push_back(line.toStdString());
    return out;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/runtable.h"

#include <QHeaderView>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMenu>
#include <QSettings>

#include <algorithm>

// The columns of the table of runs: their order, widths and which are shown, by name, so that they hold for projects
// with other configurations too.

namespace {

const QString settingsKey = QStringLiteral("runs/header");

QJsonObject kept()
{
    return QJsonDocument::fromJson(QSettings().value(settingsKey).toByteArray()).object();
}

void keep(const QJsonObject& object)
{
    QSettings().setValue(settingsKey, QJsonDocument(object).toJson(QJsonDocument::Compact));
}

}

int RunTable::columnOf(const QString& id) const
{
    for (int c = 0; c < m_runs.columnCount(); ++c)
        if (m_runs.columnId(c) == id)
            return c;
    return -1;
}

int RunTable::wantedWidth(int column) const
{
    // The longest text by its letters is near enough the widest, and measuring one is quick.
    const QFontMetrics cells(font()), head(horizontalHeader()->font());
    QString longest;
    if (column == RunModel::Name) {
        const auto& rows = m_runs.rows();
        const auto row = std::ranges::max_element(rows, {}, [](const RunModel::Row& r) { return r.entry.name.size(); });
        const QString name = row == rows.end() ? QString() : QString::fromStdString(row->entry.name);
        // In a narrow panel the last loss stays in sight.
        const int room = viewport()->width() - wantedWidth(RunModel::Last);
        return std::clamp(cells.horizontalAdvance(name) + 62, 110, std::max(110, std::min(room, 220)));
    }
    for (int r = 0; r < m_runs.rowCount(); ++r) {
        const RunModel::Row& row = m_runs.rows()[std::size_t(r)];
        const RunFacts::Cell* cell = m_runs.cell(r, column);
        const QString* text = cell ? &cell->text : column == RunModel::Status && row.facts ? &row.facts->status : nullptr;
        if (text && text->size() > longest.size())
            longest = *text;
    }
    const int header = head.horizontalAdvance(m_runs.headerData(column, Qt::Horizontal).toString()) + 26;
    return std::clamp(std::max(cells.horizontalAdvance(longest) + 18, header), 48, 180);
}

void RunTable::arrange()
{
    m_arranging = true;
    const QJsonObject object = kept();
    const QJsonObject widths = object[QLatin1String("widths")].toObject(), shown = object[QLatin1String("shown")].toObject();
    QHeaderView* header = horizontalHeader();
    for (int c = 0; c < m_runs.columnCount(); ++c) {
        const QString id = m_runs.columnId(c);
        setColumnHidden(c, c != RunModel::Name && !shown[id].toBool(true));
        if (widths.contains(id))
            setColumnWidth(c, std::clamp(widths[id].toInt(), 40, 600));
    }
    int place = 1;
    for (const QJsonValue& id : object[QLatin1String("order")].toArray())
        if (const int c = columnOf(id.toString()); c > RunModel::Name)
            header->moveSection(header->visualIndex(c), place++);
    sortByColumn(columnOf(object[QLatin1String("sort")].toString()),
                 object[QLatin1String("descending")].toBool() ? Qt::DescendingOrder : Qt::AscendingOrder);
    m_arranging = false;
    fitColumns();
}

// Called after every change of the runs: nothing to say, no column; and widths nobody has chosen follow the content.
void RunTable::fitColumns()
{
    m_arranging = true;
    const QJsonObject object = kept();
    const auto& rows = m_runs.rows();
    if (!object[QLatin1String("shown")].toObject().contains(m_runs.columnId(RunModel::Status)))
        setColumnHidden(RunModel::Status, std::ranges::none_of(rows, [](const RunModel::Row& row) {
                            return row.facts && !row.facts->status.isEmpty();
                        }));
    const QJsonObject widths = object[QLatin1String("widths")].toObject();
    for (int c = 0; c < m_runs.columnCount(); ++c)
        if (!widths.contains(m_runs.columnId(c)))
            setColumnWidth(c, wantedWidth(c));
    m_arranging = false;
}

void RunTable::rememberWidth(int column, int width)
{
    if (m_arranging || m_changing || width <= 0)
        return;
    QJsonObject object = kept(), widths = object[QLatin1String("widths")].toObject();
    widths[m_runs.columnId(column)] = width;
    object[QLatin1String("widths")] = widths;
    keep(object);
}

void RunTable::rememberSorting()
{
    if (m_arranging || m_changing)
        return;
    QJsonObject object = kept();
    const int sorted = horizontalHeader()->sortIndicatorSection();
    object[QLatin1String("sort")] = sorted >= 0 && sorted < m_runs.columnCount() ? m_runs.columnId(sorted) : QString();
    object[QLatin1String("descending")] = horizontalHeader()->sortIndicatorOrder() == Qt::DescendingOrder;
    keep(object);
}

void RunTable::rememberOrder()
{
    if (m_arranging || m_changing)
        return;
    QJsonObject object = kept();
    QJsonArray order;
    for (int visual = 0; visual < horizontalHeader()->count(); ++visual)
        order.append(m_runs.columnId(horizontalHeader()->logicalIndex(visual)));
    // Columns of other projects keep their places behind.
    for (const QJsonValue& id : object[QLatin1String("order")].toArray())
        if (!order.contains(id))
            order.append(id);
    object[QLatin1String("order")] = order;
    keep(object);
}

QMenu* RunTable::headerMenu(int section)
{
    auto* menu = new QMenu(this);
    QHeaderView* header = horizontalHeader();
    const auto show = [this](int c, bool shown) {
        QJsonObject object = kept(), chosen = object[QLatin1String("shown")].toObject();
        chosen[m_runs.columnId(c)] = shown;
        object[QLatin1String("shown")] = chosen;
        keep(object);
        setColumnHidden(c, !shown);
        if (shown && columnWidth(c) < 40)
            setColumnWidth(c, wantedWidth(c));
    };
    if (section > RunModel::Name && section < m_runs.columnCount()) {
        const QString name = m_runs.headerData(section, Qt::Horizontal).toString();
        // The next column that is shown, to either side.
        const auto neighbour = [this, header](int from, int step) {
            int at = header->visualIndex(from) + step;
            while (at > 0 && at < header->count() && isColumnHidden(header->logicalIndex(at)))
                at += step;
            return at > 0 && at < header->count() ? at : -1;
        };
        for (const auto& [step, text] : {std::pair{-1, tr("Move left")}, {1, tr("Move right")}}) {
            const int to = neighbour(section, step);
            menu->addAction(text, this, [=] { header->moveSection(header->visualIndex(section), to); })
                ->setEnabled(to > 0);
        }
        menu->addAction(tr("Hide %1").arg(name), this, [=] { show(section, false); });
        menu->addSeparator();
    }
    for (int visual = 0; visual < header->count(); ++visual) {
        const int c = header->logicalIndex(visual);
        if (c == RunModel::Name)
            continue;
        QAction* action = menu->addAction(m_runs.headerData(c, Qt::Horizontal).toString());
        action->setCheckable(true);
        action->setChecked(!isColumnHidden(c));
        connect(action, &QAction::toggled, this, [=](bool on) { show(c, on); });
    }
    menu->addSeparator();
    menu->addAction(tr("Reset columns"), this, [this, header] {
        QSettings().remove(settingsKey);
        m_arranging = true;
        for (int c = 0; c < header->count(); ++c)
            header->moveSection(header->visualIndex(c), c);
        m_arranging = false;
        arrange();
    });
    return menu;
}

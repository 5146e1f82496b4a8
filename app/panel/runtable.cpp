// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/runtable.h"

#include "core/text.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QScrollBar>
#include <QStyledItemDelegate>

#include <algorithm>

RunTable::RunTable(RunModel& runs, QWidget* parent) : QTableView(parent), m_runs(runs), m_order(runs)
{
    setObjectName(QStringLiteral("runs"));
    setAccessibleName(tr("Runs"));
    setModel(&m_order);
    setSortingEnabled(true);
    horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);       // the project's order until asked
    horizontalHeader()->setSortIndicatorClearable(true);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setMinimumSectionSize(40);
    horizontalHeader()->setSectionsMovable(true);
    horizontalHeader()->setFirstSectionMovable(false);
    horizontalHeader()->setContextMenuPolicy(Qt::CustomContextMenu);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(26);
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    setShowGrid(false);
    setIconSize({16, 16});
    setSelectionBehavior(SelectRows);
    setSelectionMode(ExtendedSelection);
    setEditTriggers(EditKeyPressed | DoubleClicked);
    setHorizontalScrollMode(ScrollPerPixel);
    setWordWrap(false);
    setTextElideMode(Qt::ElideMiddle);
    setTabKeyNavigation(false);
    setDragEnabled(true);
    setDragDropMode(DragOnly);
    setContextMenuPolicy(Qt::CustomContextMenu);

    connect(selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunTable::choose);
    connect(&m_order, &QAbstractItemModel::modelReset, this, &RunTable::arrange);
    QHeaderView* header = horizontalHeader();
    connect(header, &QHeaderView::sectionResized, this, [this](int column, int, int width) { rememberWidth(column, width); });
    connect(header, &QHeaderView::sectionMoved, this, &RunTable::rememberOrder);
    connect(header, &QHeaderView::sortIndicatorChanged, this, &RunTable::rememberSorting);
    connect(header, &QWidget::customContextMenuRequested, this, [this, header](QPoint at) {
        QMenu* menu = headerMenu(header->logicalIndexAt(at));
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->popup(header->viewport()->mapToGlobal(at));
    });
    arrange();
}

std::vector<std::string> RunTable::selected() const
{
    std::vector<std::string> out;
    for (int r = 0; r < m_order.rowCount(); ++r) {
        const std::string hash = m_runs.hash(m_order.mapToSource(m_order.index(r, 0)).row());
        if (m_chosen.contains(hash))
            out.push_back(hash);
    }
    return out;
}

void RunTable::setSelected(const std::vector<std::string>& hashes)
{
    m_chosen = {hashes.begin(), hashes.end()};
    restore();
    // The nearest of them comes into view, if none is.
    QModelIndex first;
    for (const QItemSelectionRange& range : selectionModel()->selection()) {
        const QModelIndex at = m_order.index(range.top(), RunModel::Name);
        if (viewport()->rect().intersects(QRect(0, rowViewportPosition(range.top()), 1,
                                                rowHeight(range.top()) * range.height())))
            return;
        if (!first.isValid() || at.row() < first.row())
            first = at;
    }
    if (first.isValid())
        scrollTo(first, PositionAtCenter);
}

void RunTable::choose()
{
    if (m_changing)
        return;
    m_chosen.clear();
    for (const QItemSelectionRange& range : selectionModel()->selection())
        for (int r = range.top(); r <= range.bottom(); ++r)
            m_chosen.insert(m_runs.hash(m_order.mapToSource(m_order.index(r, 0)).row()));
    emit selectionPicked(selected());
}

void RunTable::restore()
{
    QItemSelection wanted;
    const int last = m_order.columnCount() - 1;
    for (int r = 0; r < m_order.rowCount(); ++r) {
        int end = r;
        while (end < m_order.rowCount() &&
               m_chosen.contains(m_runs.hash(m_order.mapToSource(m_order.index(end, 0)).row())))
            ++end;
        if (end > r)
            wanted.append(QItemSelectionRange(m_order.index(r, 0), m_order.index(end - 1, last)));
        r = end;
    }
    const bool before = std::exchange(m_changing, true);
    selectionModel()->select(wanted, QItemSelectionModel::ClearAndSelect);
    m_changing = before;
}

void RunTable::change(const std::function<void()>& what)
{
    const QModelIndex at = currentIndex();
    const std::string current = at.isValid() ? m_runs.hash(m_order.mapToSource(at).row()) : std::string();
    const int column = at.column(), scrolled = verticalScrollBar()->value();
    std::vector<std::string> listed;
    for (const auto& row : m_runs.rows())
        listed.push_back(row.entry.hash);
    m_changing = true;
    what();
    m_changing = false;
    fitColumns();
    const auto& rows = m_runs.rows();
    if (std::ranges::equal(rows, listed, {}, [](const RunModel::Row& row) { return row.entry.hash; }))
        return;
    restore();
    const auto row = std::ranges::find(rows, current, [](const RunModel::Row& r) { return r.entry.hash; });
    if (row != rows.end())
        selectionModel()->setCurrentIndex(
            m_order.mapFromSource(m_runs.index(int(row - rows.begin()), std::min(column, m_runs.columnCount() - 1))),
            QItemSelectionModel::NoUpdate);
    verticalScrollBar()->setValue(scrolled);
}

void RunTable::rename()
{
    const QModelIndex at = currentIndex().siblingAtColumn(RunModel::Name);
    if (!at.isValid())
        return;
    setCurrentIndex(at);
    edit(at);
}

QString RunTable::asText() const
{
    const auto clean = [](QString s) {
        return s.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
    };
    std::vector<int> columns;
    for (int visual = 0; visual < horizontalHeader()->count(); ++visual)
        if (const int c = horizontalHeader()->logicalIndex(visual); !isColumnHidden(c))
            columns.push_back(c);
    QStringList lines, cells;
    for (const int c : columns)
        cells << clean(m_runs.headerData(c, Qt::Horizontal).toString());
    lines << cells.join(QLatin1Char('\t'));
    for (int r = 0; r < m_order.rowCount(); ++r) {
        const int row = m_order.mapToSource(m_order.index(r, 0)).row();
        if (!m_chosen.contains(m_runs.hash(row)))
            continue;
        cells.clear();
        for (const int c : columns) {
            const RunFacts::Cell* cell = m_runs.cell(row, c);       // numbers whole, as other programs read them
            cells << (cell && cell->isNumber ? QString::fromStdString(text::number(cell->number))
                                             : clean(m_runs.index(row, c).data().toString()));
        }
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

bool RunTable::isOnCheckBox(const QModelIndex& at, QPoint place) const
{
    if (!at.isValid() || at.column() != RunModel::Name)
        return false;
    QStyleOptionViewItem option;
    initViewItemOption(&option);
    option.rect = visualRect(at);
    option.features = QStyleOptionViewItem::HasCheckIndicator | QStyleOptionViewItem::HasDecoration |
                      QStyleOptionViewItem::HasDisplay;
    option.decorationSize = iconSize();
    option.text = at.data().toString();
    // A little more than the box itself: it is small.
    return style()->subElementRect(QStyle::SE_ItemViewItemCheckIndicator, &option, this).adjusted(-4, -5, 4, 5)
        .contains(place);
}

void RunTable::mousePressEvent(QMouseEvent* event)
{
    const QModelIndex at = indexAt(event->pos());
    m_pressed = event->button() == Qt::LeftButton && isOnCheckBox(at, event->pos()) ? at : QModelIndex();
    if (m_pressed.isValid())
        return;     // a check box shows and hides; what is selected stays
    if (!at.isValid() && event->button() == Qt::LeftButton)
        clearSelection();
    QTableView::mousePressEvent(event);
}

void RunTable::mouseReleaseEvent(QMouseEvent* event)
{
    if (!m_pressed.isValid()) {
        QTableView::mouseReleaseEvent(event);
        return;
    }
    const QModelIndex at = std::exchange(m_pressed, {});
    if (indexAt(event->pos()) == at && isOnCheckBox(at, event->pos()))
        model()->setData(at, at.data(Qt::CheckStateRole).toInt() == Qt::Checked ? Qt::Unchecked : Qt::Checked,
                         Qt::CheckStateRole);
}

void RunTable::mouseDoubleClickEvent(QMouseEvent* event)
{
    const QModelIndex at = indexAt(event->pos());
    if (isOnCheckBox(at, event->pos()))
        mousePressEvent(event);
    else if (at.column() != RunModel::Name)
        event->accept();
    else
        QTableView::mouseDoubleClickEvent(event);
}

void RunTable::resizeEvent(QResizeEvent* event)
{
    QTableView::resizeEvent(event);
    fitColumns();
}

bool RunTable::event(QEvent* event)
{
    // What the list does with these keys comes before shortcuts of the window.
    if (event->type() == QEvent::ShortcutOverride) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->matches(QKeySequence::Copy) || key->matches(QKeySequence::SelectAll) || key->key() == Qt::Key_Space ||
            key->key() == Qt::Key_F2 || key->key() == Qt::Key_Delete) {
            event->accept();
            return true;
        }
    }
    return QTableView::event(event);
}

void RunTable::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy))
        emit copyAsked();
    else if (event->key() == Qt::Key_Space && event->modifiers() == Qt::NoModifier)
        emit toggleAsked();
    else if (event->key() == Qt::Key_F2)
        rename();
    else if (event->key() == Qt::Key_Delete)
        emit removeAsked();
    else
        QTableView::keyPressEvent(event);
}

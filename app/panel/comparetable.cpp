// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/comparepanel.h"

#include "app/chart/axis.h"
#include "core/figure/fitview.h"

#include <QHeaderView>
#include <QPushButton>
#include <QTreeWidget>

#include <algorithm>
#include <cmath>

// The table of laws compared.

namespace {

constexpr int valueRole = Qt::UserRole + 1;
constexpr int Name = ComparePanel::Name;

QString text(std::string_view s)
{
    return QString::fromUtf8(s.data(), qsizetype(s.size()));
}

// Sorts by the numbers behind the texts; rows without one stay last, whichever way it is sorted.
class Row : public QTreeWidgetItem {
public:
    using QTreeWidgetItem::QTreeWidgetItem;
    bool operator<(const QTreeWidgetItem& other) const override
    {
        const QTreeWidget* tree = treeWidget();
        const int column = tree ? tree->sortColumn() : int(Name);
        if (column == Name)
            return text(Name).localeAwareCompare(other.text(Name)) < 0;
        const QVariant mine = data(column, valueRole), theirs = other.data(column, valueRole);
        const bool falling = tree->header()->sortIndicatorOrder() == Qt::DescendingOrder;
        if (!mine.isValid() || !theirs.isValid())
            return falling ? !mine.isValid() && theirs.isValid() : mine.isValid() && !theirs.isValid();
        return mine.toDouble() < theirs.toDouble();
    }
    void setNumber(int column, double value, const QString& shown)
    {
        setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
        setText(column, shown);
        if (std::isfinite(value))
            setData(column, valueRole, value);
    }
};

}

QString lawName(const std::string& id)
{
    const law::Law* law = law::find(id);
    return !law || law->custom ? QString::fromStdString(id.substr(0, id.find(';'))) : text(law->info.name);
}

fit::Spec ComparePanel::picked() const
{
    fit::Spec none;
    none.law.clear();
    const QTreeWidgetItem* item = m_table->currentItem();
    while (item && item->parent())
        item = item->parent();
    if (!item && m_table->topLevelItemCount() > 0 && m_result)
        item = m_table->topLevelItem(0);        // the best
    const std::string law = item ? item->data(Name, lawRole).toString().toStdString() : std::string();
    return law.empty() ? none : figure::withLaw(m_entry.rows, law);
}

void ComparePanel::fill()
{
    if (m_filled == wanted() && m_table->topLevelItemCount() > 0)
        return;
    m_filled = wanted();
    m_filling = true;
    const QString before = m_table->currentItem() ? m_table->currentItem()->data(Name, lawRole).toString() : QString();
    m_table->setSortingEnabled(false);
    m_table->clear();
    std::vector<std::string> listed = m_entry.of;
    for (const law::Law& law : law::all())
        if (std::string id(law.info.id); std::ranges::find(listed, id) == listed.end())
            listed.push_back(std::move(id));
    double aicc = std::numeric_limits<double>::infinity(), bic = aicc;
    if (m_result)
        for (const fit::Compared& c : m_result->laws)
            if (c.fit)
                aicc = std::min(aicc, c.fit->metrics.aicc), bic = std::min(bic, c.fit->metrics.bic);
    QTreeWidgetItem* others = nullptr;
    for (const std::string& id : listed) {
        const bool ticked = std::ranges::find(m_entry.of, id) != m_entry.of.end();
        QString why;
        if (m_session.table())
            try {
                const fit::Readiness ready = fit::ready(figure::withLaw(m_entry.rows, id), *m_session.table());
                why = QString::fromStdString(ready.why);
                for (const auto& needed : ready.columns)
                    if (why.isEmpty())
                        why = QString::fromStdString(needed.why);
            } catch (const std::exception& e) {
                why = QString::fromUtf8(e.what());
            }
        if (!ticked && !why.isEmpty() && !others) {
            others = new Row(m_table);
            others->setText(Name, tr("Laws that need other data"));
        }
        auto* row = !ticked && !why.isEmpty() ? new Row(others) : new Row(m_table);
        row->setText(Name, lawName(id));
        row->setToolTip(Name, why.isEmpty() ? QString::fromStdString(id) : why);
        row->setData(Name, lawRole, QString::fromStdString(id));
        const fit::Compared* found = nullptr;
        if (m_result && ticked)
            for (const fit::Compared& c : m_result->laws)
                if (c.spec.law == id)
                    found = &c;
        if (found && !found->why.empty())
            why = QString::fromStdString(found->why);
        if (ticked || why.isEmpty())
            row->setCheckState(Name, ticked ? Qt::Checked : Qt::Unchecked);
        if (!why.isEmpty()) {
            row->setText(Name, lawName(id) + QStringLiteral(": ") + why);
            row->setToolTip(Name, why);
            row->setFirstColumnSpanned(true);
            if (ticked)
                row->setForeground(Name, m_theme.warn);
            continue;
        }
        if (!found || !found->fit)
            continue;
        using chart::number;
        if (found->validated) {
            const fit::Metrics& e = found->validated->errors;
            row->setNumber(Mae, e.mae, number(e.mae));
            row->setNumber(Rmse, e.rmse, number(e.rmse));
            row->setNumber(R2, e.r2, number(e.r2));
            for (const auto& fold : found->validated->folds) {
                auto* part = new Row(row);
                part->setText(Name, tr("%1 (%2 rows, fitted to %3)").arg(QString::fromStdString(fold.held)).arg(fold.errors.n).arg(fold.n));
                part->setNumber(Mae, fold.errors.mae, number(fold.errors.mae));
                part->setNumber(Rmse, fold.errors.rmse, number(fold.errors.rmse));
                part->setNumber(R2, fold.errors.r2, number(fold.errors.r2));
            }
        }
        const fit::Metrics& all = found->fit->metrics;
        row->setNumber(Aicc, all.aicc - aicc, number(all.aicc - aicc, 3));
        row->setNumber(Bic, all.bic - bic, number(all.bic - bic, 3));
        const auto free = std::ranges::count(found->fit->parameters, false, &fit::Estimate::fixed);
        row->setNumber(Count, double(free), QString::number(free));
    }
    m_table->setSortingEnabled(true);
    for (int i = 1; i < Columns; ++i)
        m_table->setColumnWidth(i, i == Mae ? 128 : i == Count ? 58 : 76);
    for (int i = 0; i < m_table->topLevelItemCount(); ++i) {
        QTreeWidgetItem* item = m_table->topLevelItem(i);
        if (item == others)
            item->setFirstColumnSpanned(true);
        if (!before.isEmpty() && item->data(Name, lawRole).toString() == before)
            m_table->setCurrentItem(item);
    }
    m_table->header()->setSectionResizeMode(Name, QHeaderView::Stretch);
    // As high as what it lists, within bounds: the plot needs the room.
    m_table->setFixedHeight(std::clamp(m_table->header()->sizeHint().height() + 22 * m_table->topLevelItemCount() + 6, 96, 176));
    m_filling = false;
    m_use->setEnabled(!picked().law.empty());
}

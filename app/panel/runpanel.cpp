// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/runpanel.h"

#include "app/session/session.h"

#include <QHeaderView>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>

RunPanel::RunPanel(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_table(new QTableView)
{
    setProperty("role", QStringLiteral("surface"));
    setAttribute(Qt::WA_StyledBackground);
    setMinimumWidth(160);
    m_sorted.setSourceModel(&m_model);
    m_sorted.setSortRole(RunModel::SortRole);
    m_table->setObjectName(QStringLiteral("runs"));
    m_table->setAccessibleName(tr("Runs"));
    m_table->setModel(&m_sorted);
    m_table->setSortingEnabled(true);
    m_table->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);    // the project's order until asked
    m_table->horizontalHeader()->setSortIndicatorClearable(true);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(26);
    m_table->verticalHeader()->setMinimumSectionSize(20);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setMinimumSectionSize(56);
    m_table->setShowGrid(false);
    m_table->setIconSize({16, 16});
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setEditTriggers(QAbstractItemView::EditKeyPressed | QAbstractItemView::DoubleClicked);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->setWordWrap(false);
    m_table->setTextElideMode(Qt::ElideMiddle);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_table, 1);

    connect(&m_session, &Session::workspaceChanged, this, &RunPanel::refresh);
    connect(&m_session, &Session::runsLoaded, this, &RunPanel::refresh);
    connect(&m_model, &RunModel::visibleAsked, this, [this](const std::string& hash, bool visible) {
        Workspace next = m_session.workspace();
        const auto entry = std::ranges::find(next.runs, hash, &RunEntry::hash);
        if (entry == next.runs.end())
            return;
        entry->visible = visible;
        m_session.edit((visible ? tr("Show %1") : tr("Hide %1")).arg(QString::fromStdString(entry->name)), next);
    });
    connect(&m_model, &RunModel::nameAsked, this, [this](const std::string& hash, const QString& name) {
        Workspace next = m_session.workspace();
        const auto entry = std::ranges::find(next.runs, hash, &RunEntry::hash);
        if (entry == next.runs.end())
            return;
        entry->name = name.toStdString();
        m_session.edit(tr("Rename to %1").arg(name), next);
    });
    connect(&m_model, &QAbstractItemModel::modelReset, this, [this] {
        m_table->setColumnWidth(RunModel::Name, 160);
        for (int c = RunModel::Last; c < m_model.columnCount(); ++c)
            m_table->setColumnWidth(c, c == RunModel::Last ? 66 : 84);
    });
}

void RunPanel::setTheme(const theme::Theme& t)
{
    m_model.setTheme(t);
}

void RunPanel::refresh()
{
    std::vector<RunModel::Row> rows;
    for (const RunEntry& entry : m_session.workspace().runs) {
        RunModel::Row row{.entry = entry, .last = {}, .lastValue = std::numeric_limits<double>::quiet_NaN(), .config = {}};
        if (const data::Run* run = m_session.run(entry.hash)) {
            const LastLoss last = lastLoss(*run);
            row.last = last.text;
            row.lastValue = last.value;
            row.config = run->config;
        }
        rows.push_back(std::move(row));
    }
    m_model.set(std::move(rows));
}

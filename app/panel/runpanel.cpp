// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/runpanel.h"

#include "app/panel/filterfield.h"
#include "app/panel/icon.h"
#include "app/panel/runtable.h"
#include "app/session/session.h"
#include "core/data/select.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QElapsedTimer>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QSettings>
#include <QSplitter>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

RunPanel::RunPanel(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_filter(new FilterField), m_table(new RunTable(m_model))
{
    setProperty("role", QStringLiteral("surface"));
    setAttribute(Qt::WA_StyledBackground);
    setMinimumWidth(200);
    auto* splitter = new QSplitter(Qt::Vertical);
    splitter->setHandleWidth(1);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(m_table);
    splitter->addWidget(makeDifferences());
    splitter->setStretchFactor(0, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_filter);
    column->addWidget(splitter, 1);
    column->addWidget(makeBytes());
    column->addWidget(makeFooter());

    connect(&m_session, &Session::workspaceChanged, this, &RunPanel::refresh);
    connect(&m_session, &Session::runsLoaded, this, &RunPanel::refresh);
    connect(&m_session, &Session::opened, this, [this] {
        m_facts.clear();
        m_stale.clear();
    });
    connect(&m_session, &Session::runsGrew, this, [this](const std::vector<std::string>& hashes) {
        m_stale.insert(hashes.begin(), hashes.end());
        m_learner.start();
    });
    connect(m_filter, &FilterField::filterAsked, this, &RunPanel::askFilter);
    connect(m_filter, &FilterField::left, this, [this] { m_table->setFocus(Qt::TabFocusReason); });
    connect(m_table, &RunTable::selectionPicked, this, &RunPanel::refreshDifferences);
    connect(m_table, &RunTable::selectionPicked, this, &RunPanel::selectionPicked);
    connect(m_table, &RunTable::toggleAsked, this, &RunPanel::toggleSelected);
    connect(m_table, &RunTable::copyAsked, this, &RunPanel::copySelected);
    connect(m_table, &RunTable::removeAsked, this, &RunPanel::removeSelected);
    connect(m_table, &QWidget::customContextMenuRequested, this, [this](QPoint at) {
        // From the keyboard: at the current row.
        if (const QModelIndex current = m_table->currentIndex(); current.isValid() && !m_table->indexAt(at).isValid())
            at = m_table->visualRect(current.siblingAtColumn(RunModel::Name)).bottomLeft();
        QMenu* menu = contextMenu();
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->popup(m_table->viewport()->mapToGlobal(at));
    });
    connect(&m_model, &RunModel::visibleAsked, this, [this](const std::string& hash, bool visible) {
        edit(visible ? tr("Show %1") : tr("Hide %1"), {hash}, [visible](RunEntry& entry) { entry.visible = visible; });
    });
    connect(&m_model, &RunModel::nameAsked, this, [this](const std::string& hash, const QString& name) {
        edit(tr("Rename to %1").arg(name), {hash}, [&](RunEntry& entry) { entry.name = name.toStdString(); });
    });
    m_learner.setInterval(0);
    connect(&m_learner, &QTimer::timeout, this, [this] {
        learn();
        if (m_stale.empty() || !m_learner.isActive())
            refreshList();
    });
    setFocusProxy(m_table);
    refresh();
}

QWidget* RunPanel::makeDifferences()
{
    m_differencesOpen = QSettings().value(QStringLiteral("runs/differences"), true).toBool();
    m_differences = new QWidget;
    m_differencesToggle = new QToolButton;
    m_differencesToggle->setObjectName(QStringLiteral("differencesToggle"));
    m_differencesToggle->setProperty("role", QStringLiteral("flat"));
    m_differencesToggle->setAutoRaise(true);
    m_differencesToggle->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_differencesTable = new QTableView;
    m_differencesTable->setObjectName(QStringLiteral("differences"));
    m_differencesTable->setAccessibleName(tr("Differences of the selected runs"));
    m_differencesTable->setModel(&m_differ);
    m_differencesTable->verticalHeader()->hide();
    m_differencesTable->verticalHeader()->setDefaultSectionSize(24);
    m_differencesTable->horizontalHeader()->setHighlightSections(false);
    m_differencesTable->horizontalHeader()->setTextElideMode(Qt::ElideMiddle);
    m_differencesTable->setShowGrid(false);
    m_differencesTable->setWordWrap(false);
    m_differencesTable->setTextElideMode(Qt::ElideMiddle);
    m_differencesTable->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_differencesTable->setSelectionMode(QAbstractItemView::NoSelection);
    m_differencesTable->setFocusPolicy(Qt::TabFocus);
    auto* column = new QVBoxLayout(m_differences);
    column->setContentsMargins(0, 2, 0, 0);
    column->setSpacing(2);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(4, 0, 4, 0);
    head->addWidget(m_differencesToggle);
    head->addStretch();
    column->addLayout(head);
    column->addWidget(m_differencesTable, 1);
    m_differences->hide();
    connect(m_differencesToggle, &QToolButton::clicked, this, [this] {
        m_differencesOpen = !m_differencesOpen;
        QSettings().setValue(QStringLiteral("runs/differences"), m_differencesOpen);
        refreshDifferences();
    });
    return m_differences;
}

QWidget* RunPanel::makeFooter()
{
    auto* footer = new QWidget;
    m_all = new QCheckBox;
    m_all->setObjectName(QStringLiteral("allRuns"));
    m_all->setProperty("role", QStringLiteral("second"));
    m_allText = new QToolButton;
    m_allText->setObjectName(QStringLiteral("showAll"));
    m_allText->setProperty("role", QStringLiteral("flat"));
    m_allText->setAutoRaise(true);
    m_out = new QLabel;
    m_out->setProperty("role", QStringLiteral("second"));
    auto* column = new QVBoxLayout(footer);
    column->setContentsMargins(10, 3, 6, 3);
    column->setSpacing(0);
    auto* row = new QHBoxLayout;
    row->setSpacing(4);
    row->addWidget(m_all, 1);
    row->addWidget(m_allText);
    column->addLayout(row);
    column->addWidget(m_out);
    const auto toggle = [this] {
        setAllVisible(!std::ranges::all_of(m_model.rows(), [](const auto& r) { return r.entry.visible; }));
        refreshFooter();        // a click that changed nothing leaves no wrong mark
    };
    connect(m_all, &QCheckBox::clicked, this, toggle);
    connect(m_allText, &QToolButton::clicked, this, toggle);
    return footer;
}

void RunPanel::setTheme(const theme::Theme& t)
{
    m_theme = t;
    m_model.setTheme(t);
    m_filter->setTheme(t);
    refreshDifferences();
}

void RunPanel::setShades(std::map<std::string, double> shadeOfRun)
{
    m_model.setShades(std::move(shadeOfRun));
}

void RunPanel::focusFilter()
{
    m_filter->focus();
}

std::vector<std::string> RunPanel::selected() const
{
    return m_table->selected();
}

void RunPanel::setSelected(const std::vector<std::string>& hashes)
{
    m_table->setSelected(hashes);
    refreshDifferences();
}

void RunPanel::refresh()
{
    const Workspace& w = m_session.workspace();
    if (w.filter != m_filtered) {       // undone, or another project
        m_filtered = w.filter;
        m_filter->setText(QString::fromStdString(w.filter));
        m_filter->setWarning({});
    }
    learn();
    refreshList();
}

// Walks through the curves of runs that are new, a few milliseconds a turn: the window answers meanwhile.
void RunPanel::learn()
{
    QElapsedTimer clock;
    clock.start();
    bool more = false;
    for (const RunEntry& entry : m_session.workspace().runs) {
        const data::Run* run = m_facts.contains(entry.hash) && !m_stale.contains(entry.hash) ? nullptr : m_session.run(entry.hash);
        more = run && clock.elapsed() >= 8;
        if (more)
            break;
        if (run)
            m_facts[entry.hash] = factsOf(*run);
        if (run)
            m_stale.erase(entry.hash);
    }
    if (more)
        m_learner.start();
    else
        m_learner.stop();
}

std::vector<bool> RunPanel::matching(const std::string& filter) const
{
    const auto& entries = m_session.workspace().runs;
    std::vector<bool> out(entries.size(), true);
    std::vector<data::Selectable> known;
    std::vector<std::size_t> place;
    for (std::size_t i = 0; i < entries.size(); ++i)
        if (const auto facts = m_facts.find(entries[i].hash); facts != m_facts.end()) {
            known.push_back({.name = entries[i].name, .config = &facts->second->config});
            place.push_back(i);
        }
    const std::vector<bool> selected = data::select(known, filter);
    for (std::size_t i = 0; i < place.size(); ++i)
        out[place[i]] = selected[i];
    return out;
}

void RunPanel::refreshList()
{
    const Workspace& w = m_session.workspace();
    std::vector<RunModel::Row> rows;
    rows.reserve(w.runs.size());
    for (const RunEntry& entry : w.runs) {
        const auto facts = m_facts.find(entry.hash);
        rows.push_back({.entry = entry, .facts = facts == m_facts.end() ? nullptr : facts->second});
    }
    std::vector<bool> listed;
    if (!w.filter.empty()) {
        try {
            listed = matching(w.filter);
        } catch (const std::exception& e) {
            // A key may be missing only because the run that has it is still loaded.
            if (!m_session.isLoading() && !m_learner.isActive())
                m_filter->setWarning(QString::fromUtf8(e.what()));
        }
    }
    m_table->change([&] { m_model.set(std::move(rows), listed); });
    m_filter->setKeys(m_model.keys());
    refreshFooter();
    refreshDifferences();
    if (m_bytes->isVisibleTo(this))
        std::erase_if(m_bytesOf, [&](const std::string& hash) {
            return std::ranges::find(w.runs, hash, &RunEntry::hash) == w.runs.end();
        });
}

void RunPanel::refreshFooter()
{
    const std::size_t all = m_session.workspace().runs.size(), listed = m_model.rows().size();
    const auto shown = std::size_t(std::ranges::count_if(m_model.rows(), [](const auto& r) { return r.entry.visible; }));
    const bool every = shown == listed;
    const QString text = listed == 1 ? tr("%1 of 1 run shown").arg(shown) : tr("%1 of %2 runs shown").arg(shown).arg(listed);
    m_all->setText(text);
    m_out->setText(all - listed == 1 ? tr("1 run is filtered out") : tr("%1 runs are filtered out").arg(all - listed));
    m_out->setVisible(listed < all);
    m_all->setTristate(!every && shown > 0);
    m_all->setCheckState(every && listed > 0 ? Qt::Checked : shown > 0 ? Qt::PartiallyChecked : Qt::Unchecked);
    m_all->setEnabled(listed > 0);
    m_allText->setText(every && listed > 0 ? tr("Hide all") : tr("Show all"));
    m_allText->setEnabled(listed > 0);
    m_all->setToolTip(m_allText->text());
}

void RunPanel::refreshDifferences()
{
    const std::vector<std::string> chosen = m_table->selected();
    m_differences->setVisible(chosen.size() >= 2);
    if (chosen.size() < 2) {
        m_differ.set({});
        return;
    }
    std::map<std::string, const RunModel::Row*> byHash;
    for (const RunModel::Row& row : m_model.rows())
        byHash.emplace(row.entry.hash, &row);
    std::vector<RunModel::Row> rows;
    for (const std::string& hash : chosen)
        rows.push_back(*byHash.at(hash));
    m_differ.set(std::move(rows));
    const int keys = m_differ.rowCount();
    const bool open = m_differencesOpen && keys > 0;
    m_differencesToggle->setText(keys == 0   ? tr("No differences in the configuration")
                                 : keys == 1 ? tr("Differences: 1 key")
                                             : tr("Differences: %1 keys").arg(keys));
    m_differencesToggle->setEnabled(keys > 0);
    m_differencesToggle->setIcon(icon(open ? "down" : "right", m_theme));
    m_differencesTable->setVisible(open);
    const int head = m_differencesToggle->sizeHint().height() + 6;
    m_differences->setMaximumHeight(open ? QWIDGETSIZE_MAX : head);
    m_differencesTable->setMinimumHeight(open ? std::min(keys, 3) * 24 + 30 : 0);
    const QFontMetrics metrics(m_differencesTable->font());
    for (int c = 0; c < std::min(m_differ.columnCount(), 40); ++c) {
        int width = metrics.horizontalAdvance(m_differ.headerData(c, Qt::Horizontal).toString());
        for (int r = 0; r < std::min(keys, 100); ++r)
            width = std::max(width, metrics.horizontalAdvance(m_differ.index(r, c).data().toString()));
        m_differencesTable->setColumnWidth(c, std::clamp(width + 18, 56, 130));
    }
}

void RunPanel::askFilter(const QString& text)
{
    const std::string filter = text.toStdString();
    try {
        matching(filter);
    } catch (const std::exception& e) {
        m_filter->setWarning(QString::fromUtf8(e.what()));     // the last good one stays in force
        return;
    }
    m_filter->setWarning({});
    Workspace next = m_session.workspace();
    m_filtered = next.filter = filter;      // known before it comes back: what is being typed is not overwritten
    m_session.edit(tr("Filter runs"), std::move(next));
}

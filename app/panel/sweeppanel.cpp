// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/sweeppanel.h"

#include "app/panel/sweepcost.h"
#include "app/panel/sweepform.h"
#include "app/panel/sweeptext.h"

#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QProcess>
#include <QPushButton>
#include <QScrollArea>
#include <QShortcut>
#include <QStackedWidget>
#include <QTabBar>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

// How the panel is laid out; what it does is in sweeps.cpp.

namespace {

QLabel* words(const char* name, const char* role)
{
    auto* label = new QLabel;
    label->setObjectName(QString::fromLatin1(name));
    label->setProperty("role", QString::fromLatin1(role));
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

QPushButton* button(const QString& text, const char* name, const QString& tip)
{
    auto* out = new QPushButton(text);
    out->setObjectName(QString::fromLatin1(name));
    out->setToolTip(tip);
    return out;
}

}

SweepPanel::SweepPanel(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_plugins(loadPlugins()), m_watch(this), m_submit(this), m_tabs(new QTabBar), m_pages(new QStackedWidget)
{
    for (const Plugin& plugin : m_plugins)
        if (plugin.runner && !m_runner)
            m_runner = plugin.runner;
    m_watch.setRunner(m_runner);
    setProperty("role", QStringLiteral("surface"));
    setAttribute(Qt::WA_StyledBackground);
    setMinimumWidth(380);
    m_tabs->setObjectName(QStringLiteral("sweepTabs"));
    m_tabs->setAccessibleName(tr("Sweeps"));
    m_tabs->addTab(tr("Design"));
    m_tabs->addTab(tr("Members"));
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_tabs->setFocusPolicy(Qt::TabFocus);
    m_pages->addWidget(makeDesign());
    m_pages->addWidget(makeMembers());
    connect(m_tabs, &QTabBar::currentChanged, m_pages, &QStackedWidget::setCurrentIndex);
    auto* top = new QHBoxLayout;
    top->setContentsMargins(8, 6, 8, 2);
    top->addWidget(m_tabs);
    top->addStretch();
    top->setSpacing(6);
    top->addWidget(m_asText);
    top->addWidget(m_presets);
    connect(m_tabs, &QTabBar::currentChanged, this, [this](int page) {
        m_presets->setVisible(page == 0);
        m_asText->setVisible(page == 0);
    });
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(top);
    column->addWidget(m_pages, 1);

    connect(&m_session, &Session::workspaceChanged, this, &SweepPanel::refresh);
    connect(&m_session, &Session::opened, this, &SweepPanel::refresh);
    connect(&m_watch, &SweepWatch::looked, this, &SweepPanel::showLook);
    connect(&m_watch, &SweepWatch::grew, &m_session, &Session::follow);
    connect(&m_watch, &SweepWatch::ended, this, &SweepPanel::sweepEnded);
    makePresets();
    refresh();
    showLook();
}

SweepPanel::~SweepPanel()
{
    // A program that is asked something has nobody left to answer to.
    for (QProcess* process : findChildren<QProcess*>()) {
        process->disconnect();
        process->kill();
    }
}

QWidget* SweepPanel::makeDesign()
{
    m_form = new SweepForm;
    m_text = new SweepText;
    m_cost = new SweepCost;
    m_asText = new QToolButton;
    m_asText->setObjectName(QStringLiteral("sweepAsText"));
    m_asText->setText(tr("Text"));
    m_asText->setCheckable(true);
    m_asText->setProperty("role", QStringLiteral("bar"));
    m_asText->setToolTip(tr("The specification as text, beside the form"));
    m_presets = new QToolButton;
    m_presets->setObjectName(QStringLiteral("sweepPresets"));
    m_presets->setText(tr("Presets"));
    m_presets->setProperty("role", QStringLiteral("bar"));
    m_presets->setPopupMode(QToolButton::InstantPopup);
    m_presets->setToolTip(tr("Sweeps to begin with: the figures of Wortsman et al. 2023 at toy scale, or a file"));
    m_device = new QComboBox;
    m_device->setObjectName(QStringLiteral("sweepDevice"));
    m_device->setAccessibleName(tr("Device"));
    m_device->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_device->setMinimumContentsLength(8);
    m_device->addItem(tr("Automatic"), QStringLiteral("auto"));
    m_place = new QComboBox;
    m_place->setObjectName(QStringLiteral("sweepPlace"));
    m_place->setAccessibleName(tr("Where it runs"));
    m_place->addItem(tr("This machine"), QString());
    m_place->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_place->setMinimumContentsLength(8);
    m_folder = new QLineEdit;
    m_folder->setObjectName(QStringLiteral("sweepFolder"));
    m_folder->setAccessibleName(tr("Folder"));
    m_folder->setToolTip(tr("Where its logs go; what is finished there is not run again"));
    auto* browse = new QToolButton;
    browse->setText(QStringLiteral("…"));
    browse->setProperty("role", QStringLiteral("bar"));
    browse->setAccessibleName(tr("Choose the folder"));
    m_why = words("sweepWhy", "warning");
    m_start = button(tr("Start"), "sweepStart", tr("Train what is not finished yet (Ctrl+Shift+Return)"));
    m_start->setProperty("primary", true);

    auto* inside = new QWidget;
    inside->setProperty("role", QStringLiteral("surface"));
    inside->setAttribute(Qt::WA_StyledBackground);
    auto* rows = new QVBoxLayout(inside);
    rows->setContentsMargins(12, 6, 12, 6);
    rows->addWidget(m_form);
    rows->addWidget(m_text, 1);
    rows->addStretch();
    m_text->hide();
    m_text->setMinimumHeight(220);
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(inside);
    auto* page = new QWidget;
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 8);
    column->setSpacing(6);
    column->addWidget(scroll, 1);
    auto* foot = new QVBoxLayout;
    foot->setContentsMargins(12, 4, 12, 0);
    foot->setSpacing(6);
    foot->addWidget(m_cost);
    foot->addWidget(m_why);
    auto* where = new QHBoxLayout;
    where->setSpacing(6);
    where->addWidget(m_place, 1);
    where->addWidget(m_device, 1);
    foot->addLayout(where);
    auto* go = new QHBoxLayout;
    go->setSpacing(6);
    go->addWidget(m_folder, 1);
    go->addWidget(browse);
    go->addWidget(m_start);
    foot->addLayout(go);
    column->addLayout(foot);

    connect(m_asText, &QToolButton::toggled, this, [this](bool on) {
        m_text->setVisible(on);
        if (on)
            m_text->setFocus();
    });
    connect(m_form, &SweepForm::asked, this, [this](const QString& label, const SweepForm::Spec& next) {
        edit(label, QByteArray::fromStdString(next.dump(1)) + '\n');
    });
    connect(m_text, &SweepText::typed, this, [this](const QString& text) { edit(tr("Edit the specification"), text.toUtf8()); });
    connect(m_text, &SweepText::wrong, this, [this](const QString& sentence) {
        m_why->setText(QStringLiteral("⚠ ") + sentence);
        m_why->show();
    });
    connect(m_cost, &SweepCost::planned, this, &SweepPanel::showCost);
    connect(m_device, &QComboBox::currentIndexChanged, this, &SweepPanel::planAgain);
    connect(m_place, &QComboBox::activated, this, &SweepPanel::showCost);
    connect(m_folder, &QLineEdit::textChanged, this, &SweepPanel::showCost);
    connect(browse, &QToolButton::clicked, this, [this] {
        auto* ask = new QFileDialog(this, tr("Folder of the sweep"), m_folder->text());
        ask->setAttribute(Qt::WA_DeleteOnClose);
        ask->setFileMode(QFileDialog::Directory);
        connect(ask, &QFileDialog::fileSelected, m_folder, [this](const QString& folder) {
            m_folder->setText(folder);
            m_folder->setModified(true);
        });
        ask->open();
    });
    connect(m_start, &QPushButton::clicked, this, &SweepPanel::start);
    return page;
}

QWidget* SweepPanel::makeMembers()
{
    m_head = words("sweepHead", "head");
    m_state = words("sweepState", "second");
    m_none = words("sweepNone", "second");
    m_none->setText(tr("No sweep is open. Design one and press Start, or open the folder of one that runs or ran: "
                       "Sweeps → Open sweep…, or drop the folder on the window."));
    m_pause = button(tr("Pause"), "sweepPause", tr("Hold the training where it is"));
    m_stop = button(tr("Stop"), "sweepStop", tr("Save and end; Start goes on from there"));
    m_drop = button(tr("Drop"), "sweepDrop", tr("Train the chosen members no further (Delete)"));
    m_again = button(tr("Go on"), "sweepAgain", tr("Train what is not finished"));
    auto* row = new QHBoxLayout;
    row->setSpacing(6);
    for (QPushButton* one : {m_pause, m_stop, m_drop, m_again})
        row->addWidget(one);
    row->addStretch();
    m_order = new MemberOrder(this);
    m_order->setSourceModel(&m_members);
    m_order->setSortRole(MemberModel::SortRole);
    m_bars = new ProgressDelegate(this);
    m_table = new QTableView;
    m_table->setObjectName(QStringLiteral("sweepMembers"));
    m_table->setAccessibleName(tr("Members of the sweep"));
    m_table->setModel(m_order);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(-1, Qt::AscendingOrder);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(26);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setMinimumSectionSize(44);
    auto* page = new QWidget;
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(12, 6, 0, 8);
    column->setSpacing(6);
    auto* head = new QVBoxLayout;
    head->setContentsMargins(0, 0, 12, 0);
    head->setSpacing(4);
    head->addWidget(m_head);
    head->addWidget(m_state);
    head->addWidget(m_none);
    head->addLayout(row);
    column->addLayout(head);
    column->addWidget(m_table, 1);
    column->addStretch();
    connect(m_pause, &QPushButton::clicked, this, [this] { pause(!m_paused); });
    connect(m_stop, &QPushButton::clicked, this, &SweepPanel::stop);
    connect(m_drop, &QPushButton::clicked, this, &SweepPanel::dropSelected);
    connect(m_again, &QPushButton::clicked, this, [this] { openSpec(m_watch.folder() + QStringLiteral("/spec.json")); start(); });
    connect(new QShortcut(QKeySequence::Delete, m_table, nullptr, nullptr, Qt::WidgetShortcut), &QShortcut::activated, this, &SweepPanel::dropSelected);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        m_drop->setEnabled(m_table->selectionModel()->hasSelection());
    });
    connect(&m_members, &QAbstractItemModel::modelReset, this, [this] {
        const QFontMetrics metrics(m_table->font());
        for (int c = 0; c < m_members.columnCount(); ++c) {
            const bool bar = c == m_members.progressColumn();
            m_table->setItemDelegateForColumn(c, bar ? m_bars : nullptr);
            int width = metrics.horizontalAdvance(m_members.headerData(c, Qt::Horizontal).toString());
            for (int r = 0; r < std::min(20, m_members.rowCount()); ++r)
                width = std::max(width, metrics.horizontalAdvance(m_members.index(r, c).data().toString()));
            m_table->setColumnWidth(c, std::clamp(width + 20, bar ? 92 : 48, 160));
        }
    });
    return page;
}

void SweepPanel::makePresets()
{
    auto* menu = new QMenu(m_presets);
    menu->setToolTipsVisible(true);
    if (m_runner)
        for (const Runner::Preset& preset : m_runner->presets())
            menu->addAction(preset.name, this, [this, id = preset.id] { usePreset(id); })->setToolTip(preset.meaning);
    menu->addSeparator();
    menu->addAction(tr("From a file…"), this, [this] {
        auto* ask = new QFileDialog(this, tr("Specification of a sweep"), {}, tr("Specifications (*.json);;All files (*)"));
        ask->setAttribute(Qt::WA_DeleteOnClose);
        ask->setFileMode(QFileDialog::ExistingFile);
        connect(ask, &QFileDialog::fileSelected, this, &SweepPanel::openSpec);
        ask->open();
    })->setToolTip(tr("Also what the planner proposes to run next"));
    m_presets->setMenu(menu);
    m_presets->setEnabled(m_runner);
    if (m_runner)
        m_form->setFactors(m_runner->factors());
}

void SweepPanel::setTheme(const theme::Theme& t)
{
    m_theme = t;
    m_members.setTheme(t);
    m_bars->setTheme(t);
    m_text->mark(m_cost->pointer(), t.warn);
    m_table->viewport()->update();
}

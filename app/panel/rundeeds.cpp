// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/icon.h"
#include "app/panel/runpanel.h"
#include "app/panel/runtable.h"
#include "app/session/session.h"

#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QShortcut>
#include <QToolButton>

#include <algorithm>

// What the list of runs does to runs, each deed one undo step.

QString RunPanel::naming(const std::vector<std::string>& hashes) const
{
    if (hashes.size() != 1)
        return tr("%1 runs").arg(hashes.size());
    const auto& runs = m_session.workspace().runs;
    const auto entry = std::ranges::find(runs, hashes.front(), &RunEntry::hash);
    return entry == runs.end() ? tr("1 run") : QString::fromStdString(entry->name);
}

void RunPanel::edit(const QString& deed, const std::vector<std::string>& hashes,
                    const std::function<void(RunEntry&)>& change)
{
    const std::set<std::string> wanted(hashes.begin(), hashes.end());
    Workspace next = m_session.workspace();
    for (RunEntry& entry : next.runs)
        if (wanted.contains(entry.hash))
            change(entry);
    m_session.edit(deed.contains(QLatin1String("%1")) ? deed.arg(naming(hashes)) : deed, std::move(next));
}

void RunPanel::toggleSelected()
{
    const std::vector<std::string> hashes = m_table->selected();
    if (hashes.empty())
        return;
    const std::set<std::string> wanted(hashes.begin(), hashes.end());
    const bool show = std::ranges::any_of(m_model.rows(), [&](const RunModel::Row& row) {
        return wanted.contains(row.entry.hash) && !row.entry.visible;
    });
    edit(show ? tr("Show %1") : tr("Hide %1"), hashes, [show](RunEntry& entry) { entry.visible = show; });
}

void RunPanel::showOnly(const std::vector<std::string>& hashes)
{
    if (hashes.empty())
        return;
    const std::set<std::string> wanted(hashes.begin(), hashes.end());
    Workspace next = m_session.workspace();
    for (RunEntry& entry : next.runs)
        entry.visible = wanted.contains(entry.hash);
    m_session.edit(tr("Show only %1").arg(naming(hashes)), std::move(next));
}

void RunPanel::setAllVisible(bool visible)
{
    std::vector<std::string> hashes;
    for (const RunModel::Row& row : m_model.rows())
        hashes.push_back(row.entry.hash);
    const bool every = hashes.size() == m_session.workspace().runs.size();
    edit(every ? (visible ? tr("Show all runs") : tr("Hide all runs")) : (visible ? tr("Show %1") : tr("Hide %1")), hashes,
         [visible](RunEntry& entry) { entry.visible = visible; });
}

void RunPanel::copySelected() const
{
    if (!m_table->selected().empty())
        QApplication::clipboard()->setText(m_table->asText());
}

void RunPanel::removeSelected()
{
    const std::vector<std::string> hashes = m_table->selected();
    if (hashes.empty())
        return;
    const QString deed = tr("Remove %1").arg(naming(hashes));
    const std::set<std::string> gone(hashes.begin(), hashes.end());
    Workspace next = m_session.workspace();
    std::erase_if(next.runs, [&](const RunEntry& entry) { return gone.contains(entry.hash); });
    m_session.edit(deed, std::move(next));
}

QMenu* RunPanel::contextMenu()
{
    const std::vector<std::string> hashes = m_table->selected();
    const bool some = !hashes.empty();
    const auto& runs = m_session.workspace().runs;
    auto* menu = new QMenu(this);
    const auto add = [&](const char* name, const QString& text, bool enabled, auto&& action, QKeySequence keys = {}) {
        QAction* a = menu->addAction(text, this, action);
        a->setObjectName(QString::fromLatin1(name));
        a->setEnabled(enabled);
        if (!keys.isEmpty())
            a->setShortcut(keys);       // shown; the list itself answers to it
        return a;
    };
    add("showOnly", tr("Show only these"), some, [=, this] { showOnly(hashes); });
    add("showAllListed", tr("Show all"), !runs.empty(), [this] { setAllVisible(true); });
    add("hide", tr("Hide these"), some, [=, this] {
        edit(tr("Hide %1"), hashes, [](RunEntry& entry) { entry.visible = false; });
    });
    add("toggle", tr("Show or hide"), some, [this] { toggleSelected(); }, Qt::Key_Space);
    menu->addSeparator();

    const auto first = some ? std::ranges::find(runs, hashes.front(), &RunEntry::hash) : runs.end();
    const int index = first == runs.end() ? 0 : first->color;
    constexpr int colours = 7, dashes = 5;
    QMenu* palette = menu->addMenu(tr("Colour"));
    palette->setObjectName(QStringLiteral("colour"));
    palette->setEnabled(some);
    const auto choices = [&](int count, const QStringList& names, auto&& indexOf, int current, auto&& colorOf) {
        auto* group = new QActionGroup(palette);
        for (int i = 0; i < count; ++i) {
            QAction* a = palette->addAction(m_model.chip({.hash = {}, .name = {}, .color = indexOf(i)}), names[i], this,
                                            [=, this] {
                                                edit(tr("Colour of %1"), hashes,
                                                     [=](RunEntry& entry) { entry.color = colorOf(entry.color, i); });
                                            });
            a->setCheckable(true);
            a->setChecked(some && i == current);
            group->addAction(a);
        }
    };
    choices(colours, {tr("Blue"), tr("Vermilion"), tr("Green"), tr("Purple"), tr("Orange"), tr("Sky"), tr("Grey")},
            [](int i) { return i; }, index % colours,
            [](int before, int i) { return before / colours * colours + i; });
    palette->addSeparator();
    choices(dashes, {tr("Solid"), tr("Dashed"), tr("Dotted"), tr("Dash and dot"), tr("Dash and two dots")},
            [=](int i) { return index % colours + colours * i; }, index / colours % dashes,
            [](int before, int i) { return before % colours + colours * i; });

    add("rename", tr("Rename"), hashes.size() == 1, [this] { m_table->rename(); }, Qt::Key_F2);
    add("bytes", tr("Bytes per token…"), some, [this] { askBytes(); });
    menu->addSeparator();
    add("copy", tr("Copy as table"), some, [this] { copySelected(); }, QKeySequence::Copy);
    add("remove", tr("Remove from project"), some, [this] { removeSelected(); }, Qt::Key_Delete);
    return menu;
}

QWidget* RunPanel::makeBytes()
{
    m_bytes = new QWidget;
    m_bytes->setObjectName(QStringLiteral("bytesRow"));
    m_bytesText = new QLabel;
    m_bytesText->setWordWrap(true);
    m_bytesText->setProperty("role", QStringLiteral("second"));
    m_bytesValue = new QDoubleSpinBox;
    m_bytesValue->setObjectName(QStringLiteral("bytesPerToken"));
    m_bytesValue->setAccessibleName(tr("Bytes per token"));
    m_bytesValue->setRange(0, 100);
    m_bytesValue->setDecimals(3);
    m_bytesValue->setSingleStep(.1);
    m_bytesValue->setSpecialValueText(tr("as the log says"));
    m_bytesValue->setKeyboardTracking(false);
    m_bytesValue->setButtonSymbols(QAbstractSpinBox::NoButtons);       // arrow keys step
    m_bytesValue->setToolTip(tr("Bytes of text per token of the tokenizer. Losses can then be shown in bits per byte, "
                                "which compare across tokenizers; 0 is what the log says, if it does."));
    auto* close = new QToolButton;
    close->setProperty("role", QStringLiteral("flat"));
    close->setAutoRaise(true);
    close->setText(tr("Done"));
    auto* column = new QVBoxLayout(m_bytes);
    column->setContentsMargins(10, 6, 6, 2);
    column->setSpacing(4);
    column->addWidget(m_bytesText);
    auto* row = new QHBoxLayout;
    row->setSpacing(4);
    row->addWidget(m_bytesValue, 1);
    row->addWidget(close);
    column->addLayout(row);
    m_bytes->hide();
    connect(m_bytesValue, &QDoubleSpinBox::valueChanged, this, [this](double value) {
        edit(tr("Bytes per token of %1"), m_bytesOf, [value](RunEntry& entry) { entry.bytesPerToken = value; });
    });
    const auto leave = [this] {
        m_bytesValue->interpretText();
        m_bytes->hide();
        m_table->setFocus(Qt::OtherFocusReason);
    };
    connect(close, &QToolButton::clicked, this, leave);
    auto* escape = new QShortcut(Qt::Key_Escape, m_bytes, nullptr, nullptr, Qt::WidgetWithChildrenShortcut);
    connect(escape, &QShortcut::activated, this, leave);
    for (const int key : {Qt::Key_Return, Qt::Key_Enter})
        connect(new QShortcut(key, m_bytes, nullptr, nullptr, Qt::WidgetWithChildrenShortcut), &QShortcut::activated,
                this, leave);
    return m_bytes;
}

void RunPanel::askBytes()
{
    m_bytesOf = m_table->selected();
    const auto& runs = m_session.workspace().runs;
    const auto first = std::ranges::find(runs, m_bytesOf.front(), &RunEntry::hash);
    m_bytesText->setText(tr("Bytes per token of %1").arg(naming(m_bytesOf)));
    {
        const QSignalBlocker quiet(m_bytesValue);
        m_bytesValue->setValue(first == runs.end() ? 0 : first->bytesPerToken);
    }
    m_bytes->show();
    m_bytesValue->setFocus(Qt::OtherFocusReason);
    m_bytesValue->selectAll();
}

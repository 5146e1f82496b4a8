// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/bars.h"

#include <QAccessible>
#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

MessageBar::MessageBar(QWidget* parent)
    : QFrame(parent), m_text(new QLabel), m_action(new QPushButton), m_place(new QLabel), m_next(new QToolButton)
{
    setProperty("role", QStringLiteral("error"));
    setAttribute(Qt::WA_StyledBackground);
    setObjectName(QStringLiteral("message"));
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_action->setObjectName(QStringLiteral("messageAction"));
    m_place->setObjectName(QStringLiteral("messagePlace"));
    m_place->setProperty("role", QStringLiteral("second"));
    m_next->setObjectName(QStringLiteral("messageNext"));
    m_next->setText(tr("Next"));
    auto* close = new QToolButton;
    close->setObjectName(QStringLiteral("messageClose"));
    close->setText(QStringLiteral("×"));
    close->setAccessibleName(tr("Close the message"));
    close->setToolTip(tr("Close the message"));
    for (QToolButton* button : {m_next, close}) {
        button->setAutoRaise(true);
        button->setProperty("role", QStringLiteral("flat"));
    }
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 6, 8, 6);
    row->setSpacing(8);
    row->addWidget(m_text, 1);
    row->addWidget(m_action);
    row->addWidget(m_place);
    row->addWidget(m_next);
    row->addWidget(close);
    connect(m_action, &QPushButton::clicked, this, [this] {
        const Message done = m_waiting[m_at];
        m_waiting.erase(m_waiting.begin() + std::ptrdiff_t(m_at));
        refresh();
        emit actionAsked(done.action, done.sentence);
    });
    connect(m_next, &QToolButton::clicked, this, [this] {
        m_at = (m_at + 1) % m_waiting.size();
        refresh();
    });
    connect(close, &QToolButton::clicked, this, [this] {
        m_waiting.erase(m_waiting.begin() + std::ptrdiff_t(m_at));
        refresh();
    });
    hide();
}

void MessageBar::say(const QString& sentence, const QString& action)
{
    if (sentence.isEmpty()) {
        clear();
        return;
    }
    std::erase_if(m_waiting, [&](const Message& m) { return m.sentence == sentence; });
    // The newest answers what was just done; those said in one go keep their order.
    if (m_together == 0)
        QTimer::singleShot(0, this, [this] { m_together = 0; });
    m_together = std::min(m_together, m_waiting.size());
    m_waiting.insert(m_waiting.begin() + std::ptrdiff_t(m_together++), {sentence, action});
    constexpr std::size_t remembered = 20;
    if (m_waiting.size() > remembered)
        m_waiting.pop_back();
    m_at = 0;
    refresh();
}

void MessageBar::clear()
{
    m_waiting.clear();
    refresh();
}

void MessageBar::refresh()
{
    if (m_waiting.empty()) {
        m_text->clear();
        hide();
        return;
    }
    m_at = std::min(m_at, m_waiting.size() - 1);
    const auto& [sentence, action] = m_waiting[m_at];
    m_text->setText(sentence);
    m_action->setText(action);
    m_action->setVisible(!action.isEmpty());
    m_place->setText(tr("%1 of %2").arg(m_at + 1).arg(m_waiting.size()));
    m_place->setVisible(m_waiting.size() > 1);
    m_next->setVisible(m_waiting.size() > 1);
    setAccessibleName(sentence);
    show();
    QAccessibleEvent said(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&said);
}

QString MessageBar::sentence() const
{
    return m_waiting.empty() ? QString() : m_waiting[m_at].sentence;
}

// Hidden by whoever found that things work again: nothing is left to say. A window that is minimised hides nothing.
void MessageBar::hideEvent(QHideEvent* event)
{
    QFrame::hideEvent(event);
    if (isHidden())
        m_waiting.clear();
}

QString timeLeft(double secondsSoFar, double at)
{
    // The first moments say little about the rest.
    if (!(at > .02) || !(at < 1) || secondsSoFar < 1)
        return {};
    const double left = secondsSoFar * (1 - at) / at;
    if (left <= 2)
        return {};
    if (left < 90)
        return QObject::tr("about %1 s left").arg(left < 20 ? std::ceil(left) : std::ceil(left / 5) * 5);
    if (left < 90 * 60)
        return QObject::tr("about %1 min left").arg(std::round(left / 60));
    return QObject::tr("about %1 h left").arg(std::round(left / 3600));
}

ProgressStrip::ProgressStrip(QWidget* parent)
    : QFrame(parent), m_text(new QLabel), m_bar(new QProgressBar), m_left(new QLabel)
{
    setObjectName(QStringLiteral("progress"));
    setProperty("role", QStringLiteral("surface"));
    setAttribute(Qt::WA_StyledBackground);
    m_bar->setTextVisible(false);
    m_bar->setRange(0, 1000);
    m_left->setObjectName(QStringLiteral("timeLeft"));
    m_left->setProperty("role", QStringLiteral("second"));
    m_left->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    auto* cancel = new QPushButton(tr("Cancel"));
    connect(cancel, &QPushButton::clicked, this, &ProgressStrip::cancelAsked);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 6, 16, 6);
    row->setSpacing(12);
    row->addWidget(m_text);
    row->addWidget(m_bar, 1);
    row->addWidget(m_left);
    row->addWidget(cancel);
    m_delay.setSingleShot(true);
    m_delay.setInterval(300);
    connect(&m_delay, &QTimer::timeout, this, &QWidget::show);
    hide();
}

void ProgressStrip::report(const QString& what, double at)
{
    if (at < 0) {
        m_delay.stop();
        m_since.invalidate();
        hide();
        return;
    }
    // Another piece of work: its own clock.
    if (!m_since.isValid() || m_text->text() != what || at * 1000 < m_bar->value()) {
        m_since.start();
        m_left->clear();
    }
    m_text->setText(what);
    m_bar->setValue(int(at * 1000));
    setAccessibleName(tr("%1, %2 %").arg(what).arg(int(at * 100)));
    if (const QString left = timeLeft(double(m_since.elapsed()) / 1000, at); left != m_left->text()) {
        m_left->setText(left);
        // Room for the longest, so that the bar does not jump.
        m_left->setMinimumWidth(left.isEmpty() ? 0 : fontMetrics().horizontalAdvance(tr("about %1 min left").arg(88)));
    }
    if (isHidden() && !m_delay.isActive())
        m_delay.start();
}

EmptyPanel::EmptyPanel(QWidget* parent) : QWidget(parent), m_recent(new QWidget), m_list(new QVBoxLayout)
{
    setProperty("role", QStringLiteral("surface"));
    setAttribute(Qt::WA_StyledBackground);
    auto* sentence = new QLabel(tr("Drop training logs here, or open them."));
    sentence->setProperty("role", QStringLiteral("title"));
    sentence->setAlignment(Qt::AlignCenter);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addStretch();
    const auto button = [&](const QString& text, const char* name, auto signal, bool primary = false) {
        auto* b = new QPushButton(text);
        b->setObjectName(QString::fromLatin1(name));
        b->setProperty("primary", primary);
        connect(b, &QPushButton::clicked, this, signal);
        row->addWidget(b);
    };
    button(tr("Open folder"), "openFolder", &EmptyPanel::folderAsked, true);
    button(tr("Open file"), "openFile", &EmptyPanel::fileAsked);
    button(tr("Sample project"), "sample", &EmptyPanel::sampleAsked);
    row->addStretch();
    auto* paste = new QLabel(tr("or paste a table (Ctrl+V)"));
    paste->setProperty("role", QStringLiteral("second"));
    paste->setAlignment(Qt::AlignCenter);

    m_list->setSpacing(0);
    m_list->setContentsMargins(0, 4, 0, 0);
    auto* head = new QLabel(tr("Recent projects"));
    head->setProperty("role", QStringLiteral("second"));
    head->setAlignment(Qt::AlignCenter);
    auto* recent = new QVBoxLayout(m_recent);
    recent->setContentsMargins(0, 16, 0, 0);
    recent->setSpacing(0);
    recent->addWidget(head);
    recent->addLayout(m_list);
    m_recent->hide();

    auto* column = new QVBoxLayout(this);
    column->setSpacing(12);
    column->addStretch(2);
    column->addWidget(sentence);
    column->addLayout(row);
    column->addWidget(paste);
    column->addWidget(m_recent);
    column->addStretch(3);
}

void EmptyPanel::setRecent(const QStringList& files)
{
    while (QLayoutItem* item = m_list->takeAt(0)) {
        item->widget()->deleteLater();      // one of them may be what was clicked
        delete item;
    }
    const QStringList shown = files.mid(0, 5);
    for (const QString& file : shown) {
        auto* button = new QToolButton;
        button->setObjectName(QStringLiteral("recent"));
        button->setProperty("role", QStringLiteral("flat"));
        button->setAutoRaise(true);
        const QFileInfo info(file);
        // Two projects of one name are told apart by their folders.
        const bool twice = std::ranges::count_if(shown, [&](const QString& other) {
            return QFileInfo(other).completeBaseName() == info.completeBaseName();
        }) > 1;
        button->setText(twice ? info.dir().dirName() + QLatin1Char('/') + info.completeBaseName() : info.completeBaseName());
        button->setToolTip(QDir::toNativeSeparators(file));
        connect(button, &QToolButton::clicked, this, [this, file] { emit recentAsked(file); });
        m_list->addWidget(button, 0, Qt::AlignHCenter);
    }
    m_recent->setVisible(!shown.isEmpty());
}

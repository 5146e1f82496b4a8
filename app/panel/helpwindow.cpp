// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/helpwindow.h"

#include "app/panel/icon.h"

#include <QApplication>
#include <QDesktopServices>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QListWidget>
#include <QPointer>
#include <QScrollBar>
#include <QSettings>
#include <QShortcut>
#include <QSplitter>
#include <QTextBlock>
#include <QToolButton>

#include <algorithm>

namespace {

const HelpPage& pageOf(const QString& topic)
{
    const auto& pages = helpPages();
    const auto page = std::ranges::find(pages, topic.section(QLatin1Char('#'), 0, 0), &HelpPage::topic);
    return page == pages.end() ? pages.front() : *page;
}

// The heading a fragment names, as Markdown does: lower case, hyphens between the words.
QString slug(const QString& heading)
{
    QString out;
    for (const QChar c : heading.toLower())
        if (c.isLetterOrNumber())
            out += c;
        else if (c.isSpace() || c == QLatin1Char('-'))
            out += QLatin1Char('-');
    return out;
}

}

HelpWindow* HelpWindow::open(QWidget* parent, const QString& topic)
{
    static QPointer<HelpWindow> window;
    if (!window) {
        // No parent, so that it can lie behind the window it explains; it does not keep the program alive.
        window = new HelpWindow;
        window->setAttribute(Qt::WA_QuitOnClose, false);
        if (parent)
            connect(parent, &QObject::destroyed, window, &QObject::deleteLater);
    }
    window->show();         // first, so that the page is laid out at its size
    window->show(topic);
    window->raise();
    window->activateWindow();
    return window;
}

HelpWindow::HelpWindow(QWidget* parent)
    : QWidget(parent, Qt::Window), m_search(new QLineEdit), m_contents(new QListWidget), m_text(new HelpText),
      m_back(new QToolButton), m_forward(new QToolButton)
{
    setObjectName(QStringLiteral("help"));
    setWindowTitle(tr("Isoloss guide"));
    setProperty("role", QStringLiteral("surface"));
    setAttribute(Qt::WA_StyledBackground);
    m_search->setObjectName(QStringLiteral("helpSearch"));
    m_search->setPlaceholderText(tr("Search"));
    m_search->setAccessibleName(tr("Search the guide"));
    m_search->setClearButtonEnabled(true);
    m_contents->setObjectName(QStringLiteral("helpContents"));
    m_contents->setAccessibleName(tr("Contents"));
    m_contents->setFrameShape(QFrame::NoFrame);
    m_contents->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    for (const auto& [button, name, tip] : {std::tuple{m_back, "helpBack", tr("Back (Alt+Left)")},
                                            {m_forward, "helpForward", tr("Forward (Alt+Right)")}}) {
        button->setObjectName(QString::fromLatin1(name));
        button->setToolTip(tip);
        button->setAccessibleName(tip);
        button->setAutoRaise(true);
        button->setProperty("role", QStringLiteral("flat"));
    }
    for (const HelpPage& page : helpPages()) {
        auto* item = new QListWidgetItem(page.title, m_contents);
        item->setData(Qt::UserRole, page.topic);
        item->setSizeHint({0, 28});
    }
    auto* side = new QWidget;
    side->setMinimumWidth(160);
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(8, 8, 8, 8);
    column->setSpacing(8);
    auto* row = new QHBoxLayout;
    row->setSpacing(2);
    row->addWidget(m_back);
    row->addWidget(m_forward);
    row->addStretch();
    column->addLayout(row);
    column->addWidget(m_search);
    column->addWidget(m_contents, 1);
    auto* splitter = new QSplitter;
    splitter->setHandleWidth(1);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(side);
    splitter->addWidget(m_text);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({200, 760});
    auto* all = new QHBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(splitter);
    resize(960, 720);
    restoreGeometry(QSettings().value(QStringLiteral("help/geometry")).toByteArray());

    connect(m_back, &QToolButton::clicked, this, [this] { go(-1); });
    connect(m_forward, &QToolButton::clicked, this, [this] { go(1); });
    connect(m_contents, &QListWidget::currentItemChanged, this, [this](QListWidgetItem* item) {
        if (item && item->data(Qt::UserRole).toString() != pageOf(topic()).topic)
            show(item->data(Qt::UserRole).toString());
    });
    connect(m_text, &QTextBrowser::anchorClicked, this, &HelpWindow::follow);
    // The page changes once typing has paused, not with every letter.
    m_pause.setSingleShot(true);
    m_pause.setInterval(200);
    connect(m_search, &QLineEdit::textChanged, &m_pause, qOverload<>(&QTimer::start));
    connect(m_search, &QLineEdit::returnPressed, &m_pause, [this] {
        m_pause.stop();
        search(m_search->text());
    });
    connect(&m_pause, &QTimer::timeout, this, [this] { search(m_search->text()); });
    const auto shortcut = [this](const QKeySequence& keys, auto&& action) {
        connect(new QShortcut(keys, this), &QShortcut::activated, this, action);
    };
    shortcut(QKeySequence(Qt::ALT | Qt::Key_Left), [this] { go(-1); });
    shortcut(QKeySequence(Qt::ALT | Qt::Key_Right), [this] { go(1); });
    shortcut(QKeySequence::Find, [this] { m_search->setFocus(); });
    shortcut(QKeySequence(Qt::Key_Slash), [this] { m_search->setFocus(); });
    shortcut(QKeySequence(Qt::Key_Escape), [this] { m_search->text().isEmpty() ? void(close()) : m_search->clear(); });
    shortcut(QKeySequence::Close, [this] { close(); });
    refreshTheme();
    m_text->setFocus();
}

HelpWindow::~HelpWindow()
{
    QSettings().setValue(QStringLiteral("help/geometry"), saveGeometry());
}

void HelpWindow::show(const QString& wanted)
{
    if (!m_visited.empty() && m_visited[m_at].topic == wanted) {
        display(wanted, -1);
        return;
    }
    if (!m_visited.empty()) {
        m_visited[m_at].scrolled = m_text->verticalScrollBar()->value();
        m_visited.resize(++m_at);
    }
    m_visited.push_back({wanted});
    display(wanted, -1);
}

// Where `scrolled` is negative: at the fragment, or the top.
void HelpWindow::display(const QString& topic, int scrolled)
{
    const HelpPage& page = pageOf(topic);
    m_text->setPage(page.markdown, m_theme);
    m_text->verticalScrollBar()->setValue(std::max(0, scrolled));
    const QString fragment = topic.section(QLatin1Char('#'), 1);
    // A heading, or the row of a table that begins with it.
    if (scrolled < 0 && !fragment.isEmpty())
        for (QTextBlock block = m_text->document()->begin(); block.isValid(); block = block.next())
            if (block.blockFormat().headingLevel() > 0 ? slug(block.text()) == fragment : block.text() == fragment) {
                m_text->scrollToBlock(block.blockNumber());
                if (block.blockFormat().headingLevel() == 0)
                    m_text->mark(fragment, m_theme);
                break;
            }
    if (!m_search->text().isEmpty())
        m_text->mark(m_search->text(), m_theme);
    const QSignalBlocker quiet(m_contents);
    for (int i = 0; i < m_contents->count(); ++i)
        if (m_contents->item(i)->data(Qt::UserRole).toString() == page.topic)
            m_contents->setCurrentRow(i);
    m_back->setEnabled(m_at > 0);
    m_forward->setEnabled(m_at + 1 < m_visited.size());
    setWindowTitle(tr("%1 – Isoloss guide").arg(page.title));
}

void HelpWindow::go(int step)
{
    const std::size_t to = m_at + std::size_t(step);       // wraps to far beyond below 0
    if (to >= m_visited.size())
        return;
    m_visited[m_at].scrolled = m_text->verticalScrollBar()->value();
    m_at = to;
    display(m_visited[m_at].topic, m_visited[m_at].scrolled);
}

void HelpWindow::follow(const QUrl& link)
{
    if (!link.scheme().isEmpty()) {
        QDesktopServices::openUrl(link);
        return;
    }
    QString to = link.path();
    if (to.endsWith(QLatin1String(".md")))
        to.chop(3);
    if (to.isEmpty())
        to = pageOf(topic()).topic;
    show(link.hasFragment() ? to + QLatin1Char('#') + link.fragment() : to);
}

// Lists the pages that hold the words, and goes to the first of them where this one does not.
void HelpWindow::search(const QString& words)
{
    const QString wanted = words.trimmed();
    QListWidgetItem* first = nullptr;
    bool here = false;
    for (int i = 0; i < m_contents->count(); ++i) {
        QListWidgetItem* item = m_contents->item(i);
        const HelpPage& page = pageOf(item->data(Qt::UserRole).toString());
        const bool holds = wanted.isEmpty() || page.title.contains(wanted, Qt::CaseInsensitive) ||
                           page.markdown.contains(wanted, Qt::CaseInsensitive);
        item->setHidden(!holds);
        first = first || !holds ? first : item;
        here = here || (holds && page.topic == pageOf(topic()).topic);
    }
    if (!here && first && !wanted.isEmpty())
        show(first->data(Qt::UserRole).toString());
    else
        m_text->mark(words, m_theme);
}

void HelpWindow::refreshTheme()
{
    const bool dark = QApplication::palette().color(QPalette::Window).lightnessF() < .5;
    m_theme = dark ? theme::dark() : theme::light();
    m_back->setIcon(icon("left", m_theme));
    m_forward->setIcon(icon("right", m_theme));
    if (!m_visited.empty())
        display(m_visited[m_at].topic, m_text->verticalScrollBar()->value());
}

void HelpWindow::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() != QEvent::PaletteChange && event->type() != QEvent::StyleChange)
        return;
    if (std::exchange(m_restyling, true))
        return;
    refreshTheme();
    m_restyling = false;
}

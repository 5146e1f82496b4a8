// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/filterfield.h"

#include "app/panel/icon.h"

#include <QAbstractItemView>
#include <QAction>
#include <QCompleter>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QStringListModel>
#include <QVBoxLayout>

namespace {

// The name that ends at the cursor; none inside quotes.
QString wordBefore(const QString& text, int cursor)
{
    if (text.left(cursor).count(QLatin1Char('\'')) % 2 != 0 || text.left(cursor).count(QLatin1Char('"')) % 2 != 0)
        return {};
    int from = cursor;
    const auto part = [&](QChar c) { return c.isLetterOrNumber() || QStringLiteral("_./").contains(c); };
    while (from > 0 && part(text[from - 1]))
        --from;
    if (from < cursor && text[from].isDigit())
        return {};      // a number
    return text.mid(from, cursor - from);
}

bool isBare(const QString& key)
{
    return !key.isEmpty() && !key[0].isDigit() && std::ranges::all_of(key, [](QChar c) {
        return c.isLetterOrNumber() || c == QLatin1Char('_') || c == QLatin1Char('.');
    });
}

}

FilterField::FilterField(QWidget* parent)
    : QWidget(parent), m_edit(new QLineEdit), m_warning(new QLabel), m_completer(new QCompleter(this)),
      m_keys(new QStringListModel(this)), m_icon(m_edit->addAction(QIcon(), QLineEdit::LeadingPosition))
{
    m_edit->setObjectName(QStringLiteral("filter"));
    m_edit->setPlaceholderText(tr("Filter: N>1e8 and schedule=='wsd', or words"));
    m_edit->setToolTip(tr("Which runs are listed, drawn and fitted: an expression over the configuration such as "
                          "N>1e8 and schedule=='wsd', or words that occur in the name or the configuration  (/)"));
    m_edit->setAccessibleName(tr("Filter runs"));
    m_edit->setClearButtonEnabled(true);
    m_edit->installEventFilter(this);
    m_warning->setObjectName(QStringLiteral("filterWarning"));
    m_warning->setProperty("role", QStringLiteral("warning"));
    m_warning->setWordWrap(true);
    m_warning->setTextFormat(Qt::PlainText);
    m_warning->hide();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 6);
    column->setSpacing(4);
    column->addWidget(m_edit);
    column->addWidget(m_warning);

    m_completer->setModel(m_keys);
    m_completer->setWidget(m_edit);
    m_completer->setCaseSensitivity(Qt::CaseInsensitive);
    m_completer->setMaxVisibleItems(8);
    connect(m_completer, qOverload<const QString&>(&QCompleter::activated), this, &FilterField::insert);
    m_pause.setSingleShot(true);
    m_pause.setInterval(150);
    connect(&m_pause, &QTimer::timeout, this, &FilterField::askNow);
    connect(m_edit, &QLineEdit::textChanged, &m_pause, qOverload<>(&QTimer::start));
    connect(m_edit, &QLineEdit::textEdited, this, &FilterField::complete);
    connect(m_edit, &QLineEdit::returnPressed, this, &FilterField::askNow);
}

QString FilterField::text() const
{
    return m_edit->text();
}

void FilterField::setText(const QString& text)
{
    m_edit->setText(text);
    m_pause.stop();
}

void FilterField::setWarning(const QString& sentence)
{
    m_warning->setText(sentence.left(1).toUpper() + sentence.mid(1));
    m_warning->setVisible(!sentence.isEmpty());
    m_edit->setAccessibleDescription(sentence);
}

void FilterField::setKeys(const std::vector<std::string>& keys)
{
    QStringList list{QStringLiteral("run")};
    for (const std::string& key : keys)
        list << QString::fromStdString(key);
    list.removeDuplicates();
    if (list != m_keys->stringList())
        m_keys->setStringList(list);
}

void FilterField::setTheme(const theme::Theme& t)
{
    m_icon->setIcon(icon("search", t));
    if (auto* clear = m_edit->findChild<QAction*>(QStringLiteral("_q_qlineeditclearaction")))
        clear->setIcon(icon("close", t));
}

void FilterField::focus()
{
    m_edit->setFocus(Qt::ShortcutFocusReason);
    m_edit->selectAll();
}

void FilterField::askNow()
{
    m_pause.stop();
    emit filterAsked(m_edit->text().trimmed());
}

void FilterField::complete()
{
    const QString word = wordBefore(m_edit->text(), m_edit->cursorPosition());
    m_completer->setCompletionPrefix(word);
    const bool done = m_completer->completionCount() == 1 && m_completer->currentCompletion() == word;
    if (word.isEmpty() || done || m_completer->completionCount() == 0)
        m_completer->popup()->hide();
    else
        m_completer->complete();
}

void FilterField::insert(const QString& key)
{
    const int cursor = m_edit->cursorPosition();
    const auto typed = wordBefore(m_edit->text(), cursor).size();
    const QString name = isBare(key) ? key : QLatin1Char('`') + key + QLatin1Char('`');
    QString text = m_edit->text();
    text.replace(cursor - typed, typed, name);
    m_edit->setText(text);
    m_edit->setCursorPosition(int(cursor - typed + name.size()));
}

bool FilterField::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_edit && event->type() == QEvent::ShortcutOverride &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        event->accept();        // ours, whatever the window does with it elsewhere
        return true;
    }
    if (watched != m_edit || event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    switch (static_cast<QKeyEvent*>(event)->key()) {
    case Qt::Key_Escape:
        if (m_edit->text().isEmpty()) {
            emit left();
        } else {
            m_edit->clear();
            askNow();
        }
        return true;
    case Qt::Key_Down:
        emit left();
        return true;
    default: return QWidget::eventFilter(watched, event);
    }
}

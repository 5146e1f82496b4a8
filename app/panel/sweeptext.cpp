// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/sweeptext.h"

#include <QFontDatabase>
#include <QJsonDocument>
#include <QTextBlock>
#include <QTextEdit>

SweepText::SweepText(QWidget* parent) : QPlainTextEdit(parent)
{
    setObjectName(QStringLiteral("sweepText"));
    setAccessibleName(tr("Specification as text"));
    QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    fixed.setPixelSize(12);
    setFont(fixed);
    setStyleSheet(QStringLiteral("font-size: 12px"));
    setLineWrapMode(NoWrap);
    setTabChangesFocus(true);
    m_rest.setSingleShot(true);
    m_rest.setInterval(500);
    connect(&m_rest, &QTimer::timeout, this, &SweepText::take);
    connect(this, &QPlainTextEdit::textChanged, this, [this] {
        if (hasFocus())
            m_rest.start();
    });
}

void SweepText::set(const QString& text)
{
    if (m_rest.isActive() || text == toPlainText())
        return;
    const int place = textCursor().position();
    setPlainText(text);
    QTextCursor cursor = textCursor();
    cursor.setPosition(std::min(place, int(text.size())));
    setTextCursor(cursor);
}

void SweepText::take()
{
    QJsonParseError error{};
    const QString text = toPlainText();
    const QByteArray bytes = text.toUtf8();
    QJsonDocument::fromJson(bytes, &error);
    if (error.error == QJsonParseError::NoError) {
        emit typed(text);
        return;
    }
    const int place = int(QString::fromUtf8(bytes.left(error.offset)).size());
    const QTextBlock block = document()->findBlock(std::min(place, int(text.size())));
    emit wrong(tr("Line %1, column %2: %3.").arg(block.blockNumber() + 1).arg(place - block.position() + 1).arg(error.errorString()));
}

int placeOf(const QString& text, const QString& pointer)
{
    int at = 0;
    bool found = false;
    for (const QString& key : pointer.split(QLatin1Char('/'), Qt::SkipEmptyParts)) {
        const auto next = text.indexOf(QLatin1Char('"') + key + QLatin1Char('"'), at);
        if (next < 0)
            continue;       // a place in a list, or a key that is missing
        at = int(next);
        found = true;
    }
    return found ? at : -1;
}

void SweepText::mark(const QString& pointer, const QColor& color)
{
    QList<QTextEdit::ExtraSelection> marks;
    if (const int at = placeOf(toPlainText(), pointer); at >= 0 && !pointer.isEmpty()) {
        QTextEdit::ExtraSelection mark;
        mark.cursor = QTextCursor(document());
        mark.cursor.setPosition(at);
        mark.cursor.movePosition(QTextCursor::EndOfBlock, QTextCursor::KeepAnchor);
        mark.format.setUnderlineStyle(QTextCharFormat::WaveUnderline);
        mark.format.setUnderlineColor(color);
        marks << mark;
    }
    setExtraSelections(marks);
}

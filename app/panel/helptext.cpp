// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/helpwindow.h"

#include <QAbstractTextDocumentLayout>
#include <QImage>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextDocumentFragment>
#include <QTextTable>

#include <algorithm>
#include <utility>

namespace {

constexpr int margin = 28, widest = 680;

// Markdown as Qt reads it has neither spacing nor colours.
void polish(QTextDocument& document, const theme::Theme& t)
{
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        QTextCursor cursor(block);
        QTextBlockFormat format = block.blockFormat();
        const bool inTable = cursor.currentTable();
        const int level = format.headingLevel();
        format.setLineHeight(inTable || level > 0 ? 120 : 140, QTextBlockFormat::ProportionalHeight);
        format.setTopMargin(level == 1 ? 0 : level == 2 ? 18 : level > 2 ? 12 : block.textList() || inTable ? 2 : 6);
        format.setBottomMargin(level == 1 ? 8 : level > 1 ? 4 : block.textList() || inTable ? 2 : 6);
        const bool code = format.hasProperty(QTextFormat::BlockCodeFence) || format.nonBreakableLines();
        if (code) {
            format.setBackground(theme::blend(t.text, t.surface, .05));
            format.setLeftMargin(8);
            format.setTopMargin(0);
            format.setBottomMargin(0);
        }
        cursor.setBlockFormat(format);
        // Changing a fragment may join it to its neighbour: all of them first.
        std::vector<QTextFragment> fragments;
        for (auto it = block.begin(); !it.atEnd(); ++it)
            fragments.push_back(it.fragment());
        for (const QTextFragment& fragment : fragments) {
            QTextCharFormat letters = fragment.charFormat();
            if (level > 0) {
                letters.clearProperty(QTextFormat::FontSizeAdjustment);     // it would win
                letters.setProperty(QTextFormat::FontPixelSize, level == 1 ? 22 : level == 2 ? 16 : 14);
                letters.setFontWeight(QFont::DemiBold);
            } else if (letters.fontFixedPitch()) {
                letters.setFontFamilies({QStringLiteral("monospace")});
                letters.setProperty(QTextFormat::FontPixelSize, 12);
                if (!code)
                    letters.setBackground(theme::blend(t.text, t.surface, .07));
            } else if (letters.isAnchor()) {
                letters.setForeground(t.accent);
                letters.setFontUnderline(false);
            } else {
                continue;
            }
            QTextCursor part(&document);
            part.setPosition(fragment.position());
            part.setPosition(fragment.position() + fragment.length(), QTextCursor::KeepAnchor);
            part.setCharFormat(letters);
        }
    }
    document.setIndentWidth(20);
    for (QTextFrame* frame : document.rootFrame()->childFrames()) {
        auto* table = qobject_cast<QTextTable*>(frame);
        if (!table)
            continue;
        QTextTableFormat format = table->format();
        format.setBorder(0);
        format.setBorderCollapse(true);
        format.setCellPadding(0);
        format.setCellSpacing(0);
        format.setTopMargin(6);
        format.setBottomMargin(10);
        table->setFormat(format);
        for (int r = 0; r < table->rows(); ++r)
            for (int c = 0; c < table->columns(); ++c) {
                QTextTableCell cell = table->cellAt(r, c);
                QTextTableCellFormat look = cell.format().toTableCellFormat();
                look.setPadding(4);
                look.setLeftPadding(c == 0 ? 0 : 8);
                look.setRightPadding(8);
                look.setBottomBorder(1);
                look.setBottomBorderStyle(QTextFrameFormat::BorderStyle_Solid);
                look.setBottomBorderBrush(r == 0 ? theme::blend(t.text2, t.surface, .5) : t.line);
                cell.setFormat(look);
            }
    }
    QTextFrameFormat page = document.rootFrame()->frameFormat();
    page.setMargin(margin);
    document.rootFrame()->setFrameFormat(page);
}

}

HelpText::HelpText(QWidget* parent) : QTextBrowser(parent)
{
    setOpenLinks(false);
    setFrameShape(QFrame::NoFrame);
    setObjectName(QStringLiteral("helpText"));
    setAccessibleName(tr("Page of the guide"));
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

void HelpText::setPage(const QString& markdown, const theme::Theme& t)
{
    m_markdown = markdown;
    m_theme = t;
    // Lines no longer than can be read; what is left over is margin.
    m_pictureWidth = std::clamp(viewport()->width() - 2 * margin, 120, widest);
    setExtraSelections({});
    setLineWrapMode(QTextEdit::FixedPixelWidth);
    setLineWrapColumnOrWidth(m_pictureWidth + 2 * margin);
    // A document of its own, shown when it is whole: laid out once, and not while it is half read.
    auto* whole = new QTextDocument(this);
    whole->setDefaultFont(font());
    whole->setMarkdown(markdown);
    polish(*whole, t);
    QTextDocument* before = std::exchange(m_document, whole);
    setDocument(whole);
    delete before;
}

int HelpText::mark(const QString& words, const theme::Theme& t)
{
    QList<ExtraSelection> found;
    if (!words.trimmed().isEmpty())
        for (QTextCursor at = document()->find(words.trimmed()); !at.isNull(); at = document()->find(words.trimmed(), at)) {
            ExtraSelection one;
            one.cursor = at;
            one.format.setBackground(theme::blend(t.warn, t.surface, .35));
            found.append(one);
        }
    setExtraSelections(found);
    if (!found.isEmpty()) {
        QTextCursor first = found.front().cursor;
        first.setPosition(first.selectionStart());
        setTextCursor(first);
        ensureCursorVisible();
    }
    return int(found.size());
}

QVariant HelpText::loadResource(int type, const QUrl& name)
{
    if (type != QTextDocument::ImageResource)
        return QTextBrowser::loadResource(type, name);
    // Pages name the light picture; each has a dark twin.
    QString file = name.fileName();
    if (m_theme.scheme == theme::Scheme::Dark)
        file.replace(QStringLiteral("-light-"), QStringLiteral("-dark-"));
    QImage image(QStringLiteral(":/help/") + file);
    if (image.isNull())
        return {};
    // Pictures are kept at twice their size: sharp on any screen.
    const double ratio = devicePixelRatioF();
    const int width = std::min(m_pictureWidth, image.width() / 2);
    image = image.scaledToWidth(int(width * ratio), Qt::SmoothTransformation);
    image.setDevicePixelRatio(ratio);
    return image;
}

void HelpText::resizeEvent(QResizeEvent* event)
{
    QTextBrowser::resizeEvent(event);
    const int width = std::clamp(viewport()->width() - 2 * margin, 120, widest);
    if (width == m_pictureWidth || m_markdown.isEmpty())
        return;
    // What was read stays where it was read, however its lines are broken now.
    const int block = verticalScrollBar()->value() == 0 ? 0 : cursorForPosition({margin, 1}).blockNumber();
    setPage(QString(m_markdown), m_theme);
    scrollToBlock(block);
}

void HelpText::scrollToBlock(int number)
{
    const QTextBlock block = document()->findBlockByNumber(number);
    const double top = number > 0 ? document()->documentLayout()->blockBoundingRect(block).top() - 8 : 0;
    document()->documentLayout()->blockBoundingRect(document()->lastBlock());      // lays out all there is to scroll
    verticalScrollBar()->setValue(int(top));
}

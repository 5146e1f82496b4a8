// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/theme/theme.h"

#include <QTextBrowser>
#include <QTimer>
#include <QWidget>

#include <vector>

QT_BEGIN_NAMESPACE
class QLineEdit;
class QListWidget;
class QToolButton;
QT_END_NAMESPACE

// A page of the guide. Those written by hand are Markdown compiled in as :/help/TOPIC.md; what the program knows about
// itself (laws, schedules, formats) is made when it is asked for.
struct HelpPage {
    QString topic, title, markdown;
};
const std::vector<HelpPage>& helpPages();

// The text of a page, with pictures no wider than the page.
class HelpText : public QTextBrowser {
    Q_OBJECT
public:
    explicit HelpText(QWidget* parent = nullptr);
    void setPage(const QString& markdown, const theme::Theme&);
    void scrollToBlock(int number);     // 0: the top
    // Marks every place of the words; returns how many there are.
    int mark(const QString& words, const theme::Theme&);

protected:
    QVariant loadResource(int type, const QUrl& name) override;
    void resizeEvent(QResizeEvent*) override;

private:
    QTextDocument* m_document = nullptr;
    int m_pictureWidth = 0;
    QString m_markdown;
    theme::Theme m_theme;
};

// The guide in a window of its own: contents and search on the left, the page on the right, back and forward.
class HelpWindow : public QWidget {
    Q_OBJECT
public:
    // Opens the one guide window, or brings it to the front, at a topic ("start", "laws", "fits#warnings"); an unknown
    // topic opens the first page. It goes when `parent` does.
    static HelpWindow* open(QWidget* parent, const QString& topic);

    explicit HelpWindow(QWidget* parent = nullptr);
    ~HelpWindow() override;
    void show(const QString& topic);
    using QWidget::show;
    QString topic() const { return m_at < m_visited.size() ? m_visited[m_at].topic : QString(); }
    HelpText& text() { return *m_text; }

protected:
    void changeEvent(QEvent*) override;

private:
    struct Visit {
        QString topic;
        int scrolled = 0;
    };
    void display(const QString& topic, int scrolled);
    void go(int step);
    void follow(const QUrl&);
    void search(const QString& words);
    void refreshTheme();

    QLineEdit* m_search;
    QListWidget* m_contents;
    HelpText* m_text;
    QToolButton* m_back;
    QToolButton* m_forward;
    std::vector<Visit> m_visited;
    std::size_t m_at = 0;
    QTimer m_pause;
    theme::Theme m_theme = theme::light();
    bool m_restyling = false;
};

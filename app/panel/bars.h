// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QFrame>
#include <QStringList>
#include <QTimer>
#include <QWidget>

#include <deque>

QT_BEGIN_NAMESPACE
class QLabel;
class QProgressBar;
class QPushButton;
class QToolButton;
class QVBoxLayout;
QT_END_NAMESPACE

// A sentence in place of a dialog: what could not be done, what to do, and where there is one a button that does it.
// Stays until it is closed or something works; several wait behind one another, the newest in front.
class MessageBar : public QFrame {
    Q_OBJECT
public:
    explicit MessageBar(QWidget* parent = nullptr);
    // An empty sentence clears. One that waits already comes to the front.
    void say(const QString& sentence, const QString& action = {});
    void clear();
    QString sentence() const;           // the one that is shown; empty: none
    int count() const { return int(m_waiting.size()); }

signals:
    void actionAsked(const QString& action, const QString& sentence);

protected:
    void hideEvent(QHideEvent*) override;

private:
    struct Message {
        QString sentence, action;
    };
    void refresh();

    std::deque<Message> m_waiting;
    std::size_t m_at = 0;
    std::size_t m_together = 0;         // said since the event loop last turned
    QLabel* m_text;
    QPushButton* m_action;
    QLabel* m_place;
    QToolButton* m_next;
};

// What is being done, how far it is, how long it will take, and Cancel; appears after 0.3 s.
class ProgressStrip : public QFrame {
    Q_OBJECT
public:
    explicit ProgressStrip(QWidget* parent = nullptr);
    void report(const QString& what, double at);     // at < 0: done

signals:
    void cancelAsked();

private:
    QLabel* m_text;
    QProgressBar* m_bar;
    QLabel* m_left;
    QTimer m_delay;
    QElapsedTimer m_since;
};
// "about 12 s left"; empty where that cannot be said yet or is no more than two seconds.
QString timeLeft(double secondsSoFar, double at);

// The empty window: one sentence, the ways to begin, and what was open lately.
class EmptyPanel : public QWidget {
    Q_OBJECT
public:
    explicit EmptyPanel(QWidget* parent = nullptr);
    void setRecent(const QStringList& files);       // newest first; five are shown

signals:
    void folderAsked();
    void fileAsked();
    void sampleAsked();
    void recentAsked(const QString& file);

private:
    QWidget* m_recent;
    QVBoxLayout* m_list;
};

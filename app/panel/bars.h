// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QTimer>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QProgressBar;
class QPushButton;
QT_END_NAMESPACE

// A sentence in place of a dialog: what could not be done and what to do; stays until it is closed or something works.
class MessageBar : public QFrame {
    Q_OBJECT
public:
    explicit MessageBar(QWidget* parent = nullptr);
    void say(const QString& sentence);
    QString sentence() const;

private:
    QLabel* m_text;
};

// What is being done, how far it is, and Cancel; appears after 0.3 s.
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
    QTimer m_delay;
};

// The empty window: one sentence, three ways to begin.
class EmptyPanel : public QWidget {
    Q_OBJECT
public:
    explicit EmptyPanel(QWidget* parent = nullptr);

signals:
    void folderAsked();
    void fileAsked();
    void sampleAsked();
};

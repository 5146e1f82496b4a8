// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPlainTextEdit>
#include <QTimer>

// The specification as text, for those who want it. Tells what was typed once it is JSON; where it is not, says where.
class SweepText : public QPlainTextEdit {
    Q_OBJECT
public:
    explicit SweepText(QWidget* parent = nullptr);
    void set(const QString& text);
    // Marks the place of a JSON pointer such as /grid/lr.
    void mark(const QString& pointer, const QColor&);

signals:
    void typed(const QString& text);
    void wrong(const QString& sentence);

private:
    void take();
    QTimer m_rest;
};

// Where the last key of a JSON pointer stands in a text, -1 where it does not.
int placeOf(const QString& text, const QString& pointer);

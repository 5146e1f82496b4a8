// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/theme/theme.h"

#include <QTimer>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QAction;
class QCompleter;
class QLabel;
class QLineEdit;
class QStringListModel;
QT_END_NAMESPACE

// The field above the list of runs: an expression or words, keys completed as they are typed, and what is wrong with
// it right below. Asks once typing has paused.
class FilterField : public QWidget {
    Q_OBJECT
public:
    explicit FilterField(QWidget* parent = nullptr);
    QString text() const;
    void setText(const QString&);           // asks nothing
    void setWarning(const QString& sentence);
    void setKeys(const std::vector<std::string>&);
    void setTheme(const theme::Theme&);
    void focus();

signals:
    void filterAsked(const QString&);
    void left();                            // to the list

protected:
    bool eventFilter(QObject*, QEvent*) override;

private:
    void complete();
    void insert(const QString& key);
    void askNow();

    QLineEdit* m_edit;
    QLabel* m_warning;
    QCompleter* m_completer;
    QStringListModel* m_keys;
    QAction* m_icon;
    QTimer m_pause;
};

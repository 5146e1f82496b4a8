// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/theme/theme.h"
#include "core/data/table.h"
#include "core/fit/problem.h"
#include "core/law/law.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QComboBox;
class QGridLayout;
class QLabel;
class QToolButton;
QT_END_NAMESPACE

// Where a law's inputs and output come from: one line that says it, opened one box each to choose another column.
class ColumnChoice : public QWidget {
    Q_OBJECT
public:
    explicit ColumnChoice(QWidget* parent = nullptr);
    // `table` null: not known yet.
    void show(const law::Law&, const fit::Spec&, const data::Table* table);
    void setTheme(const theme::Theme&);
    bool isReady() const { return m_ready; }
    QString missing() const { return m_missing; }      // what stands in the way, as a sentence

signals:
    void asked(const std::string& quantity, const QString& column);    // empty: guess again

private:
    void setOpen(bool);

    QToolButton* m_open;
    QLabel* m_summary;
    QWidget* m_boxes;
    QGridLayout* m_grid;
    std::string m_law;
    std::vector<QComboBox*> m_box;
    bool m_ready = false;
    QString m_missing;
    theme::Theme m_theme = theme::light();
};

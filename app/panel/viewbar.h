// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/session/session.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QComboBox;
QT_END_NAMESPACE

// How a fit is looked at: its curves, a profile, a map of two parameters, ... and of which parameters or column. Shows the entry
// it is given and asks for changed ones.
class ViewBar : public QWidget {
    Q_OBJECT
public:
    explicit ViewBar(QWidget* parent = nullptr);
    void show(const ChartEntry&, const Session&);

signals:
    void asked(const QString& label, const ChartEntry&);

private:
    void choose();

    ChartEntry m_entry;
    QComboBox* m_view;
    QComboBox* m_first;
    QComboBox* m_second;
};

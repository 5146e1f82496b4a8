// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/interface/runner.h"

#include <QHash>
#include <QLabel>
#include <QProcess>
#include <QTemporaryDir>
#include <QTimer>

// What a sweep would cost, as the trainer itself says, a moment after the specification was changed. The trainer runs
// beside the window; one that hangs, dies or prints nonsense is a sentence here.
class SweepCost : public QLabel {
    Q_OBJECT
public:
    explicit SweepCost(QWidget* parent = nullptr);
    void ask(Runner*, const QByteArray& spec, const QString& device);
    bool isAsking() const { return m_delay.isActive() || m_process; }
    // Ids of the members, as last planned; empty where it was refused.
    QStringList members() const { return m_members; }
    bool isRefused() const { return m_refused; }
    // "/grid/lr/2" where the trainer said where it is wrong.
    QString pointer() const { return m_pointer; }
    // Says how many of the members are in the folder already.
    void setFinished(const QStringList& ids);

signals:
    void planned();

private:
    void start();
    void finish(int code, bool crashed);
    void show(const QString& sentence, bool wrong);

    Runner* m_runner = nullptr;
    QByteArray m_spec, m_out, m_error;
    QString m_device, m_pointer, m_sentence;
    QStringList m_members, m_finished;
    bool m_refused = false;
    QTimer m_delay, m_limit;
    QProcess* m_process = nullptr;
    QTemporaryDir m_folder;
};

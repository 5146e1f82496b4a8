// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QJsonObject>
#include <QString>

#include <limits>
#include <vector>

// One model of a sweep as its own log tells.
struct SweepMember {
    enum class State { Waiting, Training, Done, Diverged, Stopped };
    static constexpr double nan = std::numeric_limits<double>::quiet_NaN();

    QString id, name;
    QJsonObject config;             // as the manifest or the log's first line has it
    double params = 0;              // N, without embedding and head
    qint64 steps = 0, step = 0;     // planned, and done so far
    double loss = nan, validation = nan, maxLogit = nan, first = nan;
    qint64 nanStep = -1;
    State state = State::Waiting;
    bool operator==(const SweepMember&) const = default;
};

// A folder that a sweep writes or wrote, whoever started it: manifest.json says what is planned, members/ID.jsonl how far
// each came. Holds only what the last refresh() read; a value, so that another thread may read and hand it over.
class SweepFolder {
public:
    SweepFolder() = default;
    explicit SweepFolder(QString path) : m_path(std::move(path)) {}

    // Reads what is new since the last time: of each log the first line and the end. True where something changed.
    bool refresh();
    const QString& path() const { return m_path; }
    QString name() const { return m_name; }
    QString status() const { return m_status; }             // as the manifest has it: running, done, stopped
    // Why there is nothing, as one sentence; empty where a sweep was found.
    const QString& problem() const { return m_problem; }
    const std::vector<SweepMember>& members() const { return m_members; }
    qsizetype count(SweepMember::State) const;
    bool isFinished() const;                                // no member waits, trains or was stopped
    double progress() const;                                // share of all planned steps
    qint64 changedAt() const { return m_changedAt; }        // ms since the epoch, of what changed last
    // Members whose log grew at the last refresh.
    const QStringList& grown() const { return m_grown; }
    QString log(const QString& id) const { return m_path + QStringLiteral("/members/") + id + QStringLiteral(".jsonl"); }

private:
    struct Seen {
        qint64 size = 0, at = 0;
    };
    bool readManifest();
    bool readLog(const QString& id, qint64 size);
    void take(SweepMember&, const QByteArray& line) const;

    QString m_path, m_name, m_status, m_problem;
    std::vector<SweepMember> m_members;
    QHash<QString, int> m_at;       // of an id
    QHash<QString, Seen> m_seen;    // of a file
    qint64 m_changedAt = 0;
    QStringList m_grown;
};

// Is there a sweep in this folder?
bool isSweepFolder(const QString& path);
// "waiting", "training", "done", "diverged at 120", "stopped".
QString verdict(const SweepMember&);

// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/host/sweepfolder.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <cmath>

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Sweep", text);
}

// Numbers that are not finite are words in the logs.
double number(const QJsonValue& value)
{
    if (value.isDouble())
        return value.toDouble();
    const QString word = value.toString();
    return word == QLatin1String("Infinity")    ? std::numeric_limits<double>::infinity()
           : word == QLatin1String("-Infinity") ? -std::numeric_limits<double>::infinity()
                                                : SweepMember::nan;
}

double largest(const QJsonValue& value)
{
    if (!value.isArray())
        return number(value);
    double most = SweepMember::nan;
    for (const QJsonValue& one : value.toArray())
        if (const double v = number(one); !(v <= most))
            most = v;
    return most;
}

}

bool isSweepFolder(const QString& path)
{
    return QFileInfo(path).isDir() && QFileInfo(path + QStringLiteral("/manifest.json")).isFile();
}

QString verdict(const SweepMember& m)
{
    switch (m.state) {
    case SweepMember::State::Waiting: return tr("waiting");
    case SweepMember::State::Training: return tr("training");
    case SweepMember::State::Done: return tr("done");
    case SweepMember::State::Diverged: return m.nanStep >= 0 ? tr("diverged at %1").arg(m.nanStep) : tr("diverged");
    case SweepMember::State::Stopped: return tr("stopped");
    }
    return {};
}

qsizetype SweepFolder::count(SweepMember::State state) const
{
    return std::ranges::count(m_members, state, &SweepMember::state);
}

bool SweepFolder::isFinished() const
{
    return !m_members.empty() && count(SweepMember::State::Done) + count(SweepMember::State::Diverged) == qsizetype(m_members.size());
}

double SweepFolder::progress() const
{
    double done = 0, all = 0;
    for (const SweepMember& m : m_members) {
        const bool ended = m.state == SweepMember::State::Done || m.state == SweepMember::State::Diverged;
        done += double(ended ? m.steps : std::min(m.step, m.steps));
        all += double(m.steps);
    }
    return all > 0 ? done / all : 0;
}

bool SweepFolder::readManifest()
{
    QFile file(m_path + QStringLiteral("/manifest.json"));
    const QFileInfo info(file);
    Seen& seen = m_seen[QStringLiteral("/manifest")];
    const qint64 at = info.lastModified().toMSecsSinceEpoch();
    if (info.exists() && seen.size == info.size() && seen.at == at)
        return false;
    if (!file.open(QIODevice::ReadOnly)) {
        m_problem = tr("%1 holds no sweep: it has no manifest.json that can be read.").arg(m_path);
        return false;
    }
    QJsonParseError error{};
    const QJsonObject all = QJsonDocument::fromJson(file.readAll(), &error).object();
    if (error.error != QJsonParseError::NoError) {
        // It is written whole and renamed; a copy that is under way may be half a file, so it is looked at again.
        m_problem = tr("%1 is no JSON at byte %2: %3.").arg(file.fileName()).arg(error.offset).arg(error.errorString());
        return false;
    }
    seen = {info.size(), at};
    m_problem.clear();
    m_changedAt = std::max(m_changedAt, at);
    m_name = all[QLatin1String("name")].toString();
    m_status = all[QLatin1String("status")].toString();
    for (const QJsonValue& value : all[QLatin1String("members")].toArray()) {
        const QJsonObject one = value.toObject();
        const QString id = one[QLatin1String("id")].toString();
        if (id.isEmpty() || id.contains(QLatin1Char('/')))
            continue;
        if (!m_at.contains(id)) {
            m_at.insert(id, int(m_members.size()));
            m_members.push_back({.id = id});
        }
        SweepMember& member = m_members[std::size_t(m_at[id])];
        member.name = one[QLatin1String("name")].toString(id);
        member.config = one[QLatin1String("config")].toObject();
        member.params = one[QLatin1String("N")].toDouble();
        member.steps = member.config[QLatin1String("steps")].toInteger();
    }
    return true;
}

void SweepFolder::take(SweepMember& member, const QByteArray& line) const
{
    const QJsonObject record = QJsonDocument::fromJson(line).object();
    const QString kind = record[QLatin1String("t")].toString();
    if (kind == QLatin1String("cfg")) {
        if (member.config.isEmpty()) {
            member.config = record;
            member.name = record[QLatin1String("name")].toString(member.id);
            member.params = record[QLatin1String("N")].toDouble();
            member.steps = record[QLatin1String("steps")].toInteger();
        }
    } else if (kind == QLatin1String("s")) {
        member.step = record[QLatin1String("step")].toInteger() + 1;
        member.loss = number(record[QLatin1String("loss")]);
        if (record.contains(QLatin1String("mal")))
            member.maxLogit = largest(record[QLatin1String("mal")]);
    } else if (kind == QLatin1String("val")) {
        member.validation = number(record[QLatin1String("loss")]);
    } else if (kind == QLatin1String("end")) {
        const QString status = record[QLatin1String("status")].toString();
        member.state = status == QLatin1String("done")       ? SweepMember::State::Done
                       : status == QLatin1String("diverged") ? SweepMember::State::Diverged
                                                             : SweepMember::State::Stopped;
        member.step = record[QLatin1String("step")].toInteger(member.step);
        member.nanStep = record[QLatin1String("nan_step")].toInteger(-1);
        member.validation = number(record[QLatin1String("val")]);
        member.first = number(record[QLatin1String("l0")]);
    }
}

bool SweepFolder::readLog(const QString& id, qint64 size)
{
    constexpr qint64 tail = 8192;       // holds many lines of a log, and the end line in any case
    QFile file(log(id));
    if (!file.open(QIODevice::ReadOnly))
        return false;
    if (!m_at.contains(id)) {
        m_at.insert(id, int(m_members.size()));
        m_members.push_back({.id = id, .name = id});
    }
    SweepMember& member = m_members[std::size_t(m_at[id])];
    const SweepMember before = member;
    member.state = SweepMember::State::Training;    // also of one that was stopped and goes on: its end line is gone
    member.nanStep = -1;
    if (member.config.isEmpty())
        take(member, file.readLine(1 << 20));
    file.seek(std::max<qint64>(0, size - tail));
    const QByteArray end = file.read(tail + (1 << 16));
    // Of each kind the last one is what counts; the newest first, until all are there.
    bool step = false, validation = false;
    for (qsizetype to = end.lastIndexOf('\n'); to > 0;) {
        const qsizetype from = end.lastIndexOf('\n', to - 1);
        if (from < 0 && size > tail)
            break;      // cut by where we began to read
        const QByteArray line = end.mid(from + 1, to - from - 1);
        const QByteArray head = line.left(12);
        const bool isEnd = head.contains("\"end\""), isStep = head.contains("\"s\""), isValidation = head.contains("\"val\"");
        // What an end line says of the loss stands; steps before it tell what it does not.
        if (isEnd && member.state == SweepMember::State::Training && !step) {
            take(member, line);
            validation = true;
        } else if (isStep && !step) {
            const qint64 ended = member.state == SweepMember::State::Training ? -1 : member.step;
            take(member, line);
            member.step = ended >= 0 ? ended : member.step;
            step = true;
        } else if (isValidation && !validation) {
            take(member, line);
            validation = true;
        }
        if (step && validation)
            break;
        to = from;
    }
    return !(member == before);
}

bool SweepFolder::refresh()
{
    bool news = readManifest();
    m_grown.clear();
    if (!m_problem.isEmpty())
        return news;
    const QFileInfoList logs = QDir(m_path + QStringLiteral("/members")).entryInfoList({QStringLiteral("*.jsonl")}, QDir::Files, QDir::Name);
    for (const QFileInfo& info : logs) {
        const QString id = info.completeBaseName();
        Seen& seen = m_seen[id];
        const qint64 at = info.lastModified().toMSecsSinceEpoch();
        if (seen.size == info.size() && seen.at == at)
            continue;
        seen = {info.size(), at};
        m_changedAt = std::max(m_changedAt, at);
        m_grown << id;
        news = readLog(id, info.size()) || news;
    }
    return news || !m_grown.isEmpty();
}

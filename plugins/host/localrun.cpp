// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/host/localrun.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QSysInfo>

#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace local {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Sweep", text);
}

QString at(const QString& folder, const char* name)
{
    return folder + QStringLiteral("/.launch/") + QString::fromLatin1(name);
}

// When a process was born, in ticks since the machine started: with its number, who it is. Empty: there is none.
QByteArray bornAt(qint64 pid)
{
    QFile stat(QStringLiteral("/proc/%1/stat").arg(pid));
    if (!stat.open(QIODevice::ReadOnly))
        return {};
    const QByteArray line = stat.readAll();
    const QList<QByteArray> fields = line.mid(line.lastIndexOf(')') + 2).split(' ');
    return fields.value(0) == "Z" ? QByteArray() : fields.value(19);
}

QJsonObject record(const QString& folder)
{
    QFile file(at(folder, "process.json"));
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object() : QJsonObject();
}

QString keep(const QString& folder, qint64 pid, bool group)
{
    const QJsonObject about{{QStringLiteral("pid"), pid}, {QStringLiteral("born"), QString::fromLatin1(bornAt(pid))},
                            {QStringLiteral("group"), group}, {QStringLiteral("host"), QSysInfo::machineHostName()}};
    QFile file(at(folder, "process.json"));
    if (!file.open(QIODevice::WriteOnly) || file.write(QJsonDocument(about).toJson()) < 0 || !file.flush())
        return tr("%1 cannot be written: %2.").arg(file.fileName(), file.errorString());
    return {};
}

QString prepare(const QString& folder)
{
    if (isRunning(folder))
        return tr("The sweep in %1 is running already; stop it first.").arg(folder);
    if (!QDir().mkpath(folder + QStringLiteral("/.launch")))
        return tr("The folder %1 cannot be made; choose another.").arg(folder);
    QFile::remove(at(folder, "code"));
    return {};
}

QByteArray endOf(const QString& path, qint64 most)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    file.seek(std::max<qint64>(0, file.size() - most));
    return file.read(most);
}

}

QString start(const Runner::Command& command, const QString& folder)
{
    if (const QString why = prepare(folder); !why.isEmpty())
        return why;
    const QByteArray orders = QFile::encodeName(at(folder, "orders"));
    ::unlink(orders.constData());
    if (::mkfifo(orders.constData(), 0600) != 0)
        return tr("%1 cannot be made: %2; choose a folder on a disk of this machine.").arg(at(folder, "orders"), QString::fromLocal8Bit(std::strerror(errno)));
    // The shell keeps the exit code for whoever looks later, and holds the pipe open both ways: no order is ever its end.
    const QString shell = QStringLiteral("trap : TERM INT; cd /; \"$@\" <>\"$0/orders\" >>\"$0/out\" 2>\"$0/err\"; code=$?; echo $code >\"$0/code\"");
    QFile::remove(at(folder, "out"));
    QProcess process;
    process.setProgram(QStringLiteral("/bin/sh"));
    process.setArguments(QStringList{QStringLiteral("-c"), shell, QDir(folder).absolutePath() + QStringLiteral("/.launch"), command.program} + command.arguments);
    process.setStandardInputFile(QProcess::nullDevice());
    process.setStandardOutputFile(QProcess::nullDevice());
    process.setStandardErrorFile(QProcess::nullDevice());
    qint64 pid = 0;
    if (!process.startDetached(&pid))
        return tr("No program can be started on this machine: %1.").arg(process.errorString());
    return keep(folder, pid, true);
}

QString becomes(const QString& folder)
{
    const QString why = prepare(folder);
    return why.isEmpty() ? keep(folder, ::getpid(), false) : why;
}

bool isRunning(const QString& folder)
{
    const QJsonObject about = record(folder);
    const QString born = about[QLatin1String("born")].toString();
    return !born.isEmpty() && about[QLatin1String("host")].toString() == QSysInfo::machineHostName()
        && born == QString::fromLatin1(bornAt(about[QLatin1String("pid")].toInteger()));
}

QString stop(const QString& folder, bool now)
{
    if (!isRunning(folder))
        return tr("The sweep in %1 does not run on this machine.").arg(folder);
    const QJsonObject about = record(folder);
    const auto pid = pid_t(about[QLatin1String("pid")].toInteger());
    const pid_t group = about[QLatin1String("group")].toBool() ? ::getpgid(pid) : 0;
    // Never our own group.
    const pid_t whom = group > 1 && group != ::getpgrp() ? -group : pid;
    if (::kill(whom, now ? SIGKILL : SIGTERM) != 0)
        return tr("The sweep in %1 cannot be stopped: %2.").arg(folder, QString::fromLocal8Bit(std::strerror(errno)));
    return {};
}

QString tell(const QString& folder, const QByteArray& order)
{
    const int pipe = isRunning(folder) ? ::open(QFile::encodeName(at(folder, "orders")).constData(), O_WRONLY | O_NONBLOCK | O_CLOEXEC) : -1;
    if (pipe < 0) {
        // Begun elsewhere: lines that are added to this file reach it as well.
        QFile file(folder + QStringLiteral("/control.jsonl"));
        if (file.open(QIODevice::Append) && file.write(order) == order.size() && file.flush())
            return {};
        return tr("The sweep in %1 takes no orders: %2.").arg(folder, file.errorString());
    }
    const ssize_t written = ::write(pipe, order.constData(), size_t(order.size()));
    ::close(pipe);
    return written == order.size() ? QString() : tr("The sweep in %1 does not read its orders; stop it.").arg(folder);
}

Ending ending(const QString& folder)
{
    Ending out;
    // Of a process that took the caller's place nobody kept the code: the manifest alone tells.
    if (isRunning(folder) || !record(folder)[QLatin1String("group")].toBool())
        return out;
    out.known = true;
    bool isNumber = false;
    const int code = endOf(at(folder, "code"), 16).trimmed().toInt(&isNumber);
    out.code = isNumber ? code : -1;
    for (const QByteArray& line : endOf(at(folder, "out"), 1 << 16).split('\n')) {
        if (!line.contains("\"exit\""))
            continue;
        const QJsonObject exit = QJsonDocument::fromJson(line).object();
        if (exit[QLatin1String("ev")].toString() != QLatin1String("exit"))
            continue;
        out.code = isNumber ? code : exit[QLatin1String("code")].toInt(-1);
        out.said = exit[QLatin1String("msg")].toString();
    }
    if (out.said.isEmpty() && out.code != 0)
        out.said = QString::fromUtf8(endOf(at(folder, "err"), 1000)).trimmed().section(QLatin1Char('\n'), -1);
    return out;
}

QByteArray lastProgress(const QString& folder)
{
    constexpr qint64 most = 16 << 20;
    const QString file = at(folder, "out");
    QByteArray found;
    const QByteArray end = endOf(file, 1 << 14);
    for (qsizetype to = end.size(); to > 0 && found.isEmpty();) {
        const qsizetype from = end.lastIndexOf('\n', to - 1);
        const QByteArray line = end.mid(from + 1, to - from - 1);
        if (line.startsWith("{\"ev\":\"progress\""))
            found = line;
        to = from;
    }
    // It is opened for appending, so what is written next starts the file anew.
    if (QFile(file).size() > most)
        QFile::resize(file, 0);
    return found;
}

}

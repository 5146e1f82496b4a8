// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFile>
#include <QProcess>
#include <QString>
#include <QStringList>

#include <nlohmann/json.hpp>

// Runs the program as a user does.
struct Ran {
    int code = -1;
    QByteArray out, err;
    nlohmann::json json() const { return nlohmann::json::parse(out.toStdString()); }
};

inline QString cliProgram() { return QStringLiteral(BINARY_DIR "/bin/isoloss-cli"); }

inline Ran cli(const QStringList& arguments)
{
    QProcess process;
    process.start(cliProgram(), arguments);
    Ran ran;
    if (!process.waitForFinished(60000))
        return ran;
    ran.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2;
    ran.out = process.readAllStandardOutput();
    ran.err = process.readAllStandardError();
    return ran;
}

inline void put(const QString& path, const QByteArray& bytes)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write %s", qPrintable(path));
}

inline QByteArray line(const char* format, auto... values) { return QString::asprintf(format, values...).toUtf8(); }

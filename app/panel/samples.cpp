// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/samples.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

QString samplesFolder()
{
    const QString programs = QCoreApplication::applicationDirPath();
    // Installed beside bin; built into build/<preset>/bin or build/<preset>/tests.
    for (const char* relative : {"/../share/isoloss/samples/runs", "/../../../resources/samples/runs"}) {
        const QDir folder(programs + QString::fromLatin1(relative));
        if (folder.exists())
            return folder.canonicalPath();
    }
    return {};
}

QString newProjectFile(const QString& name)
{
    const QDir folder(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation));
    folder.mkpath(QStringLiteral("."));
    QString clean;
    for (const QChar c : name)
        clean += c.isLetterOrNumber() || c == QLatin1Char('-') || c == QLatin1Char('_') || c == QLatin1Char('.')
                     ? c : QLatin1Char('-');
    if (clean.isEmpty())
        clean = QStringLiteral("Untitled");
    QString file = folder.filePath(clean + QStringLiteral(".isoloss"));
    for (int i = 2; QFileInfo::exists(file); ++i)
        file = folder.filePath(clean + QStringLiteral("-%1.isoloss").arg(i));
    return file;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDir>
#include <QTemporaryDir>

#include <filesystem>

// A folder for many small databases, in memory where the system has such a place: what takes time on a disk is waiting
// for it to say that each is written, and none of these tests is about losing power.
class Folder {
public:
    std::filesystem::path file(const QString& name) const { return m_folder.filePath(name).toStdString(); }
    std::filesystem::path fresh() { return file(QString("p%1.isoloss").arg(++m_count)); }
    std::filesystem::path path() const { return m_folder.path().toStdString(); }

private:
    static QString place()
    {
        const QString memory = "/dev/shm";
        return (QFileInfo(memory).isWritable() ? memory : QDir::tempPath()) + "/isoloss-XXXXXX";
    }
    QTemporaryDir m_folder{place()};
    int m_count = 0;
};

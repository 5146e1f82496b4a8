// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/host/wholelibrary.h"

#include <QCoreApplication>
#include <QFile>

#include <elf.h>

#include <cstring>

QString cutOff(const QString& file)
{
    const auto tr = [](const char* text) { return QCoreApplication::translate("Plugins", text); };
    QFile in(file);
    if (!in.open(QIODevice::ReadOnly))
        return tr("It cannot be read: %1.").arg(in.errorString());
    const QByteArray head = in.read(sizeof(Elf64_Ehdr));
    if (!head.startsWith(QByteArray(ELFMAG, SELFMAG)))
        return tr("It is not a shared library; remove it from the folder.");
    Elf64_Ehdr header{};
    if (head.size() == qsizetype(sizeof header))
        std::memcpy(&header, head.constData(), sizeof header);
    if (header.e_ident[EI_CLASS] != ELFCLASS64)
        return tr("It was built for another kind of machine; install the one for this.");
    const auto size = quint64(in.size());
    const auto beyond = [size](quint64 from, quint64 length) { return from > size || length > size - from; };
    const QString shorter = tr("It is cut off; install it again.");
    if (beyond(header.e_shoff, quint64(header.e_shnum) * header.e_shentsize) || header.e_phentsize != sizeof(Elf64_Phdr)
        || beyond(header.e_phoff, quint64(header.e_phnum) * header.e_phentsize))
        return shorter;
    for (int i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr part{};
        in.seek(qint64(header.e_phoff) + i * qint64(sizeof part));
        if (in.read(reinterpret_cast<char*>(&part), sizeof part) != qint64(sizeof part) || beyond(part.p_offset, part.p_filesz))
            return shorter;
    }
    return {};
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figurecommand.h"
#include "app/windowcommand.h"
#include "core/version.h"

#include <QApplication>
#include <QDir>

#include <sys/stat.h>
#include <unistd.h>

#include <string_view>

namespace {

// The value of `--name VALUE` or `--name=VALUE`; null where it is not given. Needed before Qt starts.
const char* argument(int argc, char** argv, std::string_view name)
{
    for (int i = 1; i < argc; ++i) {
        const std::string_view given = argv[i];
        if (given == name)
            return i + 1 < argc ? argv[i + 1] : "";
        if (given.starts_with(name) && given.size() > name.size() && given[name.size()] == '=')
            return argv[i] + name.size() + 1;
    }
    return nullptr;
}

}

int main(int argc, char** argv)
{
    // A picture needs no display: where there is none it is drawn all the same.
    const bool figure = argument(argc, argv, "--figure");
    const bool headless = qEnvironmentVariableIsEmpty("DISPLAY") && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY");
    if ((figure || (headless && argument(argc, argv, "--screenshot"))) && qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    if (const char* scale = argument(argc, argv, "--scale"); scale && argument(argc, argv, "--screenshot"))
        qputenv("QT_SCALE_FACTOR", scale);
    // Without a run-time folder (a container, a batch job) Qt makes one in the temporary folder, and says so on every
    // start: made here it is the same folder, quietly.
    if (qEnvironmentVariableIsEmpty("XDG_RUNTIME_DIR")) {
        const QByteArray folder = QDir::tempPath().toLocal8Bit() + "/runtime-" + QByteArray::number(getuid());
        struct stat info {};
        if (mkdir(folder.constData(), 0700) == 0
            || (lstat(folder.constData(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == getuid() && (info.st_mode & 0777) == 0700))
            qputenv("XDG_RUNTIME_DIR", folder);
    }
    QApplication app(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("isoloss"));
    QApplication::setApplicationName(QStringLiteral("isoloss"));
    QApplication::setApplicationVersion(QString::fromUtf8(version.data(), qsizetype(version.size())));
    return figure ? figureCommand(app.arguments()) : windowCommand(app.arguments());
}

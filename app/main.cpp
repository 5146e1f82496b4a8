// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figurecommand.h"
#include "app/windowcommand.h"
#include "core/version.h"

#include <QApplication>

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
    QApplication app(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("isoloss"));
    QApplication::setApplicationName(QStringLiteral("isoloss"));
    QApplication::setApplicationVersion(QString::fromUtf8(version.data(), qsizetype(version.size())));
    return figure ? figureCommand(app.arguments()) : windowCommand(app.arguments());
}

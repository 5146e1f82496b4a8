// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figurecommand.h"

#include <QApplication>

#include <cstring>

namespace {

bool asked(int argc, char** argv, const char* option)
{
    for (int i = 1; i < argc; ++i)
        if (std::strcmp(argv[i], option) == 0 || std::strncmp(argv[i], (std::string(option) + "=").c_str(),
                                                              std::strlen(option) + 1) == 0)
            return true;
    return false;
}

}

int main(int argc, char** argv)
{
    // A picture needs no window: on a machine without a display it is drawn all the same.
    const bool picture = asked(argc, argv, "--figure");
    if (picture || (qEnvironmentVariableIsEmpty("DISPLAY") && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY")))
        if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
            qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication app(argc, argv);
    QApplication::setApplicationName(QStringLiteral("isoloss"));
    return picture ? figureCommand(app.arguments()) : 0;
}

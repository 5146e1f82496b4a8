// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/interface/runner.h"

#include <vector>

// A file that was found in a folder of plugins, and what came of it.
struct Plugin {
    QString file;
    QString id, name, version;      // as it says of itself; empty where it says nothing readable
    QStringList needs;              // programs
    QString why;                    // it is not loaded, and this is why: one sentence; empty where it is
    Runner* runner = nullptr;
};

// Where plugins are looked for: ISOLOSS_PLUGIN_PATH, beside the program, lib/isoloss/plugins, the user's data folder.
// The first of two with the same id is taken.
QStringList pluginFolders();

// Loads what can be loaded. What a plugin says of itself is read from its file before any of its code runs; one that is
// damaged, made for another version or in need of what is not there is left out and says why.
std::vector<Plugin> loadPlugins(const QStringList& folders = pluginFolders());

// A program beside this one or on the PATH; empty where it is not.
QString findProgram(const QString& name);

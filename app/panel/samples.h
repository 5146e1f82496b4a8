// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

// The folder of sample runs: as installed, or in the source tree the program was built in. Empty where neither is.
QString samplesFolder();

// A project file that does not exist yet in the user's data folder, named after `name`. Makes the folder.
QString newProjectFile(const QString& name);

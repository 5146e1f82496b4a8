// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

// `isoloss --figure FIGURE.json --out FILE ...`: reads a figure, writes the picture; returns the exit code.
int figureCommand(const QStringList& arguments);

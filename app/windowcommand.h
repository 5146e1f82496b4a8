// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

// `isoloss [PROJECT|FILE|DIR...] [--screenshot FILE.png --size WxH --scale S --theme light|dark] [--sample] [--fit LAW]`:
// opens the window; with --screenshot it saves a picture of itself once everything is loaded, and ends.
int windowCommand(const QStringList& arguments);

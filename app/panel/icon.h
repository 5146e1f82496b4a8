// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/theme/theme.h"

#include <QIcon>

// A line icon of resources/icons by its name ("lock"), in the colour of secondary text, or faint where disabled. Null
// where there is none.
QIcon icon(const char* name, const theme::Theme&);
// The same in one colour of the caller's choice.
QIcon icon(const char* name, const QColor&, const QColor& disabled);

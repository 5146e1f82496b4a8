// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

// Empty where a shared library's file is as long as its headers say, else what is wrong. The dynamic linker maps a file
// that was cut off without a word, and the program dies at the first page that is not there.
QString cutOff(const QString& file);

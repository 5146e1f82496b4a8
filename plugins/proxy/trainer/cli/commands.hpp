// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/arguments.hpp"

namespace proxy {

// Each prints to stdout and returns the exit code.
int showVersion(bool json);
int probe();
int selftest();
int plan(const Arguments& arguments);
int generate(const Arguments& arguments);
int tokenize(const Arguments& arguments);
int bench(const Arguments& arguments);
int run(const Arguments& arguments);

}

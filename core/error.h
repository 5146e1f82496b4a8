// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>

// What could not be done, as one sentence a user can act on: it names file, line or byte, what is
// wrong and what to do. The command line prints it and exits 1; the window shows it in place.
struct Error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Wrong usage: an unknown name, a malformed expression or option. The command line exits 2.
struct UsageError : Error {
    using Error::Error;
};

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/run.h"

#include <memory>
#include <string>

namespace store {

// A run as the project file holds it: its hash and its compressed columns. Packing and unpacking is where the time of
// adding and loading goes; both may run on any thread, so that the thread of the project only moves bytes.
class Packed {
public:
    const std::string& hash() const;
    const std::string& name() const;

private:
    struct Data;
    std::shared_ptr<const Data> m;
    friend class Project;
    friend Packed pack(const data::Run&);
    friend data::Run unpack(const Packed&);
};

Packed pack(const data::Run&);
data::Run unpack(const Packed&);        // throws Error where the columns are damaged

}

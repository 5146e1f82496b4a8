// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/run.h"

#include <unordered_map>

namespace io {

// Series as records come in, in any order of names.
class Records {
public:
    void add(std::string_view name, double step, double value);
    void add(std::string_view name, double step, double value, double wall);
    // Series in the order in which they were first named; those logged at the same steps share them.
    std::vector<data::Series> take();

private:
    struct Part {
        std::string name;
        std::vector<double> step, value, wall;
    };
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    Part& part(std::string_view name);
    std::vector<Part> m_parts;
    std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> m_at;
    std::size_t m_next = 0;     // names repeat in one order, so the next is tried first
};

}

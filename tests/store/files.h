// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/error.h"

#include <QString>

#include <filesystem>
#include <fstream>
#include <string>

namespace fs = std::filesystem;

inline std::string read(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void write(const fs::path& path, std::string_view bytes)
{
    std::ofstream(path, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
}

// What the Error says, or nothing.
template<class F>
inline QString error(F f)
{
    try {
        f();
        return {};
    } catch (const Error& e) {
        return QString::fromUtf8(e.what());
    }
}

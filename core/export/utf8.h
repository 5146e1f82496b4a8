// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace exporter {

// UTF-8 as code points; a byte that belongs to none becomes U+FFFD.
inline std::u32string decode(std::string_view s)
{
    std::u32string out;
    for (std::size_t i = 0; i < s.size();) {
        const auto first = static_cast<unsigned char>(s[i]);
        const int more = first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2
            : first >= 0xf0 && first < 0xf5 ? 3 : -1;
        char32_t c = more == 0 ? first : more > 0 ? char32_t(first & (0x3f >> more)) : 0xfffd;
        int taken = 0;
        while (taken < more && i + 1 + std::size_t(taken) < s.size()
               && (static_cast<unsigned char>(s[i + 1 + std::size_t(taken)]) & 0xc0) == 0x80)
            c = (c << 6) | (static_cast<unsigned char>(s[i + 1 + std::size_t(taken++)]) & 0x3f);
        const bool broken = taken < more || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff || (more == 2 && c < 0x800)
            || (more == 3 && c < 0x10000);
        out += broken ? char32_t(0xfffd) : c;
        i += 1 + std::size_t(taken);
    }
    return out;
}

inline std::string encode(char32_t c)
{
    std::string out;
    if (c < 0x80) {
        out += char(c);
        return out;
    }
    const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    out += char((0xff00 >> (more + 1) & 0xff) | c >> (6 * more));
    for (int k = more - 1; k >= 0; --k)
        out += char(0x80 | (c >> (6 * k) & 0x3f));
    return out;
}

}

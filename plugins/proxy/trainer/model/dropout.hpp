// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/formulas.hpp"

namespace proxy {
namespace {

// to = from with a share p of the elements dropped and the others divided by 1 - p, plus `onto` where it is given.
// `to` may be `from`; `count` is any number, blocks of four elements share one draw.
template <typename T>
void dropout(const T* from, const T* onto, T* to, std::int64_t count, const Pass& pass, std::uint32_t place)
{
    const std::uint32_t level = dropoutLevel(pass.dropout);
    const T kept = T(1 / (1 - pass.dropout));
    for (std::int64_t begin = 0; begin < count; begin += 4) {
        const Words words = dropoutWords(pass.seed, pass.step, place, static_cast<std::uint64_t>(begin / 4));
        const int n = static_cast<int>(count - begin < 4 ? count - begin : 4);
        for (int i = 0; i < n; ++i) {
            const T x = words.w[i] < level ? T(0) : from[begin + i] * kept;
            to[begin + i] = onto ? onto[begin + i] + x : x;
        }
    }
}

}
}

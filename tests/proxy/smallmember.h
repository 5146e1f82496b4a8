// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "run/optimise.hpp"

#include <vector>

// A member small enough to be differentiated, and tokens for it.
namespace proxy {

// Tokens that no two rows share, the same every time.
inline std::vector<std::int32_t> someTokens(const Shape& shape, long step = 0)
{
    std::vector<std::int32_t> tokens(static_cast<std::size_t>(shape.batch) * (shape.context + 1));
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Words words = randomWords(21, Stream::Sample, static_cast<std::uint32_t>(step), i);
        tokens[i] = static_cast<std::int32_t>(words.w[0] % static_cast<unsigned>(shape.vocab));
    }
    return tokens;
}

inline Member small()
{
    Member m;
    m.shape = {2, 16, 2, 8, 13, 4};
    m.steps = 40;
    m.lr = 1e-2;
    m.scalar = Scalar::Double;
    m.vectorEvery = -1;
    m.schedule = {ScheduleKind::Constant};
    m.schedule.warmup = 0;
    return m;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/batches.hpp"

#include "base/philox.hpp"

namespace proxy {

namespace {

void copyWindow(const Tokens& tokens, std::int64_t window, int context, std::int32_t* to)
{
    const std::uint16_t* from = tokens.values.data() + window * context;
    for (int i = 0; i <= context; ++i)
        to[i] = from[i];
}

}

std::int64_t windowCount(const Tokens& tokens, int context)
{
    return (static_cast<std::int64_t>(tokens.values.size()) - 1) / context;
}

std::int64_t permuted(std::uint64_t seed, std::uint32_t epoch, std::int64_t count, std::int64_t index)
{
    int half = 1;
    while (std::int64_t{1} << (2 * half) < count)
        ++half;
    const std::uint64_t mask = (std::uint64_t{1} << half) - 1;
    auto value = static_cast<std::uint64_t>(index);
    do {
        std::uint64_t left = value >> half, right = value & mask;
        for (std::uint64_t round = 0; round < 6; ++round) {
            const Words words = randomWords(seed, Stream::Order, epoch, right | round << 56);
            const std::uint64_t mixed = left ^ (words.w[0] & mask);
            left = right;
            right = mixed;
        }
        value = left << half | right;
    } while (value >= static_cast<std::uint64_t>(count));
    return static_cast<std::int64_t>(value);
}

void trainBatch(const Tokens& tokens, std::uint64_t seed, long step, int batch, int context, std::int32_t* to)
{
    const std::int64_t count = windowCount(tokens, context);
    for (int row = 0; row < batch; ++row) {
        const std::int64_t position = std::int64_t{step} * batch + row;
        const auto epoch = static_cast<std::uint32_t>(position / count);
        copyWindow(tokens, permuted(seed, epoch, count, position % count), context, to + row * (context + 1));
    }
}

void validationBatch(const Tokens& tokens, long index, int batch, int context, std::int32_t* to)
{
    for (int row = 0; row < batch; ++row)
        copyWindow(tokens, std::int64_t{index} * batch + row, context, to + row * (context + 1));
}

}

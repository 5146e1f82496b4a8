// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/column.h"

#include "core/error.h"

#include <zstd.h>

#include <bit>
#include <cstring>
#include <memory>

static_assert(std::endian::native == std::endian::little, "columns are hashed and stored as they lie in memory");

namespace store {
namespace {

constexpr std::size_t header = 16;
constexpr std::int64_t mostValues = 1 << 29;    // of one column: 4 GB, far beyond any log

std::vector<std::byte> compress(Bytes raw)
{
    const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, 1);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    std::vector<std::byte> out(ZSTD_compressBound(raw.size()));
    const std::size_t n = ZSTD_compress2(context.get(), out.data(), out.size(), raw.data(), raw.size());
    if (ZSTD_isError(n))
        throw Error(std::string("A column could not be compressed (") + ZSTD_getErrorName(n) + "): is there memory left?");
    out.resize(n);
    return out;
}

// The frame's content where it is sound and exactly `size` bytes long.
bool decompress(Bytes frame, void* out, std::size_t size)
{
    return ZSTD_decompress(out, size, frame.data(), frame.size()) == size;
}

}

Hash columnHash(std::span<const double> values) { return sha256Of(std::as_bytes(values)); }

std::vector<std::byte> packColumn(std::span<const double> values, const Hash& hash)
{
    const std::size_t n = values.size();
    if (n > std::size_t(mostValues))
        throw Error("A series of " + std::to_string(n) + " records is more than a project takes (" + std::to_string(mostValues)
                    + "): import it with fewer.");
    // Steps and clocks rise: their differences have few distinct bytes. Losses do not gain.
    bool rising = true;
    for (std::size_t i = 1; i < n && rising; ++i)
        rising = values[i - 1] <= values[i];
    std::vector<std::byte> raw(header + 8 * n);
    std::memcpy(raw.data(), hash.data(), 8);
    raw[8] = std::byte(rising);
    std::byte* planes = raw.data() + header;
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const auto bits = std::bit_cast<std::uint64_t>(values[i]);
        const std::uint64_t kept = rising ? bits - last : bits;
        last = bits;
        for (std::size_t b = 0; b < 8; ++b)
            planes[b * n + i] = std::byte(kept >> (8 * b));
    }
    return compress(raw);
}

std::optional<std::vector<double>> unpackColumn(Bytes blob, const Hash& hash, std::int64_t n)
{
    if (n < 0 || n > mostValues)
        return {};
    const std::size_t count = std::size_t(n), size = header + 8 * count;
    // Asked first, so that a damaged n does not take memory.
    if (ZSTD_getFrameContentSize(blob.data(), blob.size()) != size)
        return {};
    const auto raw = std::make_unique_for_overwrite<std::byte[]>(size);
    if (!decompress(blob, raw.get(), size) || std::memcmp(raw.get(), hash.data(), 8) != 0)
        return {};
    const bool rising = raw[8] != std::byte(0);
    const std::byte* planes = raw.get() + header;
    std::vector<double> out(count);
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < count; ++i) {
        std::uint64_t bits = 0;
        for (std::size_t b = 0; b < 8; ++b)
            bits |= std::uint64_t(planes[b * count + i]) << (8 * b);
        if (rising)
            bits += last;
        last = bits;
        out[i] = std::bit_cast<double>(bits);
    }
    return out;
}

std::vector<std::byte> packText(std::string_view text) { return compress(std::as_bytes(std::span(text))); }

std::optional<std::string> unpackText(Bytes blob)
{
    const unsigned long long size = ZSTD_getFrameContentSize(blob.data(), blob.size());
    if (size > 1'000'000'000)       // the two error values are larger still
        return {};
    std::string out(std::size_t(size), '\0');
    if (!decompress(blob, out.data(), out.size()))
        return {};
    return out;
}

}

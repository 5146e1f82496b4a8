// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/wire.h"

#include <array>
#include <bit>
#include <cstring>

namespace io {

static_assert(std::endian::native == std::endian::little, "files are little endian");

bool Wire::varint(std::string_view& bytes, std::uint64_t& value) {
    value = 0;
    for (std::size_t i = 0; i < bytes.size() && i < 10; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        value |= static_cast<std::uint64_t>(byte & 127u) << (7 * i);
        if (byte < 128) {
            bytes.remove_prefix(i + 1);
            return true;
        }
    }
    return false;
}

bool Wire::fixed(std::size_t size) {
    if (m_bytes.size() < size) return false;
    number = 0;
    std::memcpy(&number, m_bytes.data(), size);
    m_bytes.remove_prefix(size);
    return true;
}

bool Wire::next() {
    if (m_bytes.empty() || m_broken) return false;
    std::uint64_t key = 0;
    bool good = varint(m_bytes, key);
    field = static_cast<std::uint32_t>(key >> 3);
    type = static_cast<std::uint32_t>(key & 7);
    std::uint64_t size = 0;
    if (good) switch (type) {
        case 0: good = varint(m_bytes, number); break;
        case 1: good = fixed(8); break;
        case 5: good = fixed(4); break;
        case 2:
            good = varint(m_bytes, size) && size <= m_bytes.size();
            if (good) {
                text = m_bytes.substr(0, size);
                m_bytes.remove_prefix(size);
            }
            break;
        default: good = false;
        }
    m_broken = !good;
    return good;
}

namespace {

// Eight tables let eight bytes be folded at once.
constexpr auto makeTables() {
    std::array<std::array<std::uint32_t, 256>, 8> tables {};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
        tables[0][i] = crc;
    }
    for (std::size_t t = 1; t < 8; ++t)
        for (std::size_t i = 0; i < 256; ++i) tables[t][i] = tables[t - 1][i] >> 8 ^ tables[0][tables[t - 1][i] & 255];
    return tables;
}

}

std::uint32_t crc32c(std::string_view bytes) {
    static constexpr auto tables = makeTables();
    std::uint32_t crc = ~0u;
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
        std::uint64_t block;
        std::memcpy(&block, bytes.data(), 8);
        block ^= crc;
        crc = 0;
        for (std::size_t i = 0; i < 8; ++i) crc ^= tables[7 - i][block >> (8 * i) & 255];
    }
    for (char c : bytes) crc = crc >> 8 ^ tables[0][(crc ^ static_cast<unsigned char>(c)) & 255];
    return ~crc;
}

std::uint32_t maskedCrc(std::string_view bytes) { return std::rotr(crc32c(bytes), 15) + 0xa282ead8u; }

}

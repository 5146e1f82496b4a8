// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace io {

// Walks over the fields of a protobuf message. Unknown fields are passed over, so only those read are named.
class Wire {
public:
    explicit Wire(std::string_view bytes) : m_bytes(bytes) {}

    // The next field; false at the end or where the bytes are no message (then `broken`).
    bool next();
    bool broken() const { return m_broken; }

    std::uint32_t field = 0;
    std::uint32_t type = 0;         // 0 varint, 1 eight bytes, 2 a string or message, 5 four bytes
    std::uint64_t number = 0;       // of types 0, 1 and 5
    std::string_view text;          // of type 2

    static bool varint(std::string_view& bytes, std::uint64_t& value);

private:
    bool fixed(std::size_t size);
    std::string_view m_bytes;
    bool m_broken = false;
};

// CRC-32C (Castagnoli), and the mask TFRecord files store it under.
std::uint32_t crc32c(std::string_view bytes);
std::uint32_t maskedCrc(std::string_view bytes);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace io {

// The bytes of a file from an offset on, mapped where the file system can, else read. A mapped file that another program
// makes shorter reads as zeros beyond its new end; see isCut().
class Bytes {
public:
    enum class How { Map, Read };
    // Throws Error where the file cannot be opened.
    explicit Bytes(const std::filesystem::path&, How = How::Map, std::uint64_t from = 0);
    // Of a file that is open; it stays open.
    Bytes(int file, std::uint64_t from, How = How::Map);
    ~Bytes();
    Bytes(const Bytes&) = delete;
    Bytes& operator=(const Bytes&) = delete;

    std::string_view view() const { return m_at ? std::string_view(m_at + m_skip, m_size - m_skip) : std::string_view(m_read); }

    // Gives the pages before byte n back; touched again they are read from the file anew.
    void release(std::size_t n);

    // Whether the file became shorter than it was when this was made: what was read beyond its end was no data.
    bool isCut() const;

private:
    void open(std::uint64_t from, How);
    void readAll(std::uint64_t from);

    int m_file = -1;
    bool m_own = false;
    char* m_at = nullptr;
    std::size_t m_size = 0, m_skip = 0, m_released = 0;     // m_skip: a mapping begins at a page
    std::uint64_t m_startOfFile = 0;                        // where in the file the mapping begins
    int m_guard = -1;                                       // its place among the mappings that are guarded
    std::string m_read;
};

}

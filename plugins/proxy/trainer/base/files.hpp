// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace proxy {

// A file of whole lines. Lines are collected and written together; a reader that tails the file, or a write that
// fails half way, never leaves a torn line behind.
class LineFile {
public:
    // Opens `path` for writing, cut to its first `keep` bytes; keepAll appends. Throws Failure(Files).
    static constexpr std::int64_t keepAll = -1;
    explicit LineFile(const std::filesystem::path& path, std::int64_t keep = 0);
    ~LineFile();
    LineFile(const LineFile&) = delete;
    LineFile& operator=(const LineFile&) = delete;

    void add(std::string_view line);
    // Writes what was collected. Throws Failure(Files) after cutting the file back to its last whole line.
    void flush();
    // Flushes, and waits until the disk has it.
    void sync();
    // Bytes written so far; lines not yet flushed do not count.
    std::int64_t size() const { return m_size; }

private:
    std::filesystem::path m_path;
    int m_file = -1;
    std::int64_t m_size = 0;
    std::string m_pending;
};

// Whole contents of a file; throws Failure with `code` and a sentence when it cannot be read.
std::string readWhole(const std::filesystem::path& path, int code);

// Replaces `path` in one step (temporary file, fsync, rename). Throws Failure(Files).
void writeWhole(const std::filesystem::path& path, std::string_view contents);

}

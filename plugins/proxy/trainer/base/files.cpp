// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/files.hpp"

#include "base/failure.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace proxy {

namespace {

[[noreturn]] void refuse(const char* what, const std::filesystem::path& path)
{
    const int error = errno;
    const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
    throw Failure(Exit::Files,
        std::string("Cannot ") + what + " " + path.string() + ": " + std::strerror(error)
            + (full ? "; free some space and run again with --resume." : "; choose a folder that can be written."));
}

// Writes everything or returns false with errno set.
bool writeAll(int file, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t n = ::write(file, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

}

LineFile::LineFile(const std::filesystem::path& path, std::int64_t keep)
    : m_path(path)
{
    m_file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND, 0644);
    if (m_file < 0)
        refuse("open", path);
    struct stat info { };
    if ((keep != keepAll && ::ftruncate(m_file, keep) != 0) || ::fstat(m_file, &info) != 0) {
        const int error = errno;
        ::close(m_file);
        errno = error;
        refuse("cut", path);
    }
    m_size = info.st_size;
}

LineFile::~LineFile()
{
    ::close(m_file);
}

void LineFile::add(std::string_view line)
{
    m_pending += line;
    m_pending += '\n';
}

void LineFile::flush()
{
    if (m_pending.empty())
        return;
    if (!writeAll(m_file, m_pending)) {
        const int error = errno;
        if (::ftruncate(m_file, m_size) != 0) {
            // Nothing better is left to do; the first error is the one to report.
        }
        m_pending.clear();
        errno = error;
        refuse("write", m_path);
    }
    m_size += static_cast<std::int64_t>(m_pending.size());
    m_pending.clear();
}

void LineFile::sync()
{
    flush();
    if (::fsync(m_file) != 0)
        refuse("write", m_path);
}

std::string readWhole(const std::filesystem::path& path, int code)
{
    std::ifstream in(path, std::ios::binary);
    std::ostringstream all;
    const bool empty = in && in.peek() == std::ifstream::traits_type::eof() && !in.bad();
    if (std::filesystem::is_directory(path) || (!empty && !(in && all << in.rdbuf())))
        throw Failure(
            static_cast<Exit>(code), "Cannot read " + path.string() + ": check that the file exists and may be read.");
    return std::move(all).str();
}

void writeWhole(const std::filesystem::path& path, std::string_view contents)
{
    // Several processes may share a folder, each with its part of a sweep.
    const std::filesystem::path temporary = path.string() + "." + std::to_string(::getpid()) + ".new";
    const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0)
        refuse("open", temporary);
    const bool written = writeAll(file, contents) && ::fsync(file) == 0;
    const int error = errno;
    ::close(file);
    if (!written || ::rename(temporary.c_str(), path.c_str()) != 0) {
        errno = written ? errno : error;
        const int kept = errno;
        ::unlink(temporary.c_str());
        errno = kept;
        refuse("write", path);
    }
}

}

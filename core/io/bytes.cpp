// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/bytes.h"

#include "core/error.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace io {

namespace {

// A page of a mapped file that lies beyond the file's end when it is touched kills the program with SIGBUS: another
// program made the file shorter. The mappings made here are known to a handler, which puts pages of zeros in the place of
// what is gone, so that the reader goes on to its end and isCut() tells it. Any other fault is left to the handler before.
struct Guard {
    std::atomic<std::uintptr_t> begin {0}, end {0};     // begin is set last and cleared first
    std::atomic<bool> hit {false};
};
std::array<Guard, 128> guards;
struct sigaction before {};
std::uintptr_t pageSize = 4096;

void onBus(int signal, siginfo_t* info, void* context) {
    const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
    for (Guard& guard : guards) {
        const std::uintptr_t begin = guard.begin.load(), end = guard.end.load();
        if (begin == 0 || at < begin || at >= end) continue;
        const std::uintptr_t page = at / pageSize * pageSize;
        void* const zeros = ::mmap(reinterpret_cast<void*>(page), end - page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        if (zeros == MAP_FAILED) break;
        guard.hit.store(true);
        return;
    }
    if (before.sa_flags & SA_SIGINFO && before.sa_sigaction) return before.sa_sigaction(signal, info, context);
    if (!(before.sa_flags & SA_SIGINFO) && before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) return before.sa_handler(signal);
    ::signal(signal, SIG_DFL);      // the fault comes again, and ends the program as it would have
}

// Another library may have put its own handler over ours since.
void watchForFaults() {
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    struct sigaction now {};
    if (::sigaction(SIGBUS, nullptr, &now) == 0 && now.sa_flags & SA_SIGINFO && now.sa_sigaction == onBus) return;
    pageSize = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    before = now;
    struct sigaction ours {};
    ours.sa_sigaction = onBus;
    ours.sa_flags = SA_SIGINFO | SA_NODEFER;
    ::sigemptyset(&ours.sa_mask);
    ::sigaction(SIGBUS, &ours, nullptr);
}

// Its place, -1 where none is free.
int guardMapping(const void* at, std::size_t size) {
    watchForFaults();
    const auto begin = reinterpret_cast<std::uintptr_t>(at);
    for (std::size_t g = 0; g < guards.size(); ++g) {
        std::uintptr_t nobody = 0;
        // 1 holds the place until the rest is written.
        if (!guards[g].begin.compare_exchange_strong(nobody, 1)) continue;
        guards[g].hit = false;
        guards[g].end = begin + size;
        guards[g].begin = begin;
        return static_cast<int>(g);
    }
    return -1;
}

}

Bytes::Bytes(const std::filesystem::path& path, How how, std::uint64_t from) : m_file(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), m_own(true) {
    if (m_file < 0) throw Error(path.string() + " cannot be read: " + std::strerror(errno) + "; check the path and its permissions");
    open(from, how);
}

Bytes::Bytes(int file, std::uint64_t from, How how) : m_file(file) { open(from, how); }

void Bytes::open(std::uint64_t from, How how) {
    struct stat about {};
    const bool known = ::fstat(m_file, &about) == 0;
    const auto all = known && about.st_size > 0 ? static_cast<std::uint64_t>(about.st_size) : 0;
    if (how == How::Map && from < all) {
        const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
        const std::uint64_t start = from / page * page;
        const auto size = static_cast<std::size_t>(all - start);
        void* at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, m_file, static_cast<off_t>(start));
        if (at != MAP_FAILED) {
            m_guard = guardMapping(at, size);
            if (m_guard < 0) {
                ::munmap(at, size);
            } else {
                m_at = static_cast<char*>(at);
                m_size = size;
                m_startOfFile = start;
                m_skip = static_cast<std::size_t>(from - start);
                ::madvise(at, m_size, MADV_SEQUENTIAL);
            }
        }
    }
    if (!m_at) readAll(from);
}

Bytes::~Bytes() {
    if (m_at) {
        guards[static_cast<std::size_t>(m_guard)].begin = 1;
        guards[static_cast<std::size_t>(m_guard)].end = 0;
        ::munmap(m_at, m_size);
        guards[static_cast<std::size_t>(m_guard)].begin = 0;
    }
    if (m_own && m_file >= 0) ::close(m_file);
}

void Bytes::release(std::size_t n) {
    constexpr std::size_t page = 4096;
    n = (n + m_skip) / page * page;
    if (!m_at || n <= m_released) return;
    ::madvise(m_at + m_released, n - m_released, MADV_DONTNEED);
    m_released = n;
}

bool Bytes::isCut() const {
    if (!m_at) return false;
    if (guards[static_cast<std::size_t>(m_guard)].hit) return true;
    // Within the last page there is no fault: what was cut off reads as zeros.
    struct stat about {};
    return ::fstat(m_file, &about) == 0 && static_cast<std::uint64_t>(about.st_size) < m_startOfFile + m_size;
}

void Bytes::readAll(std::uint64_t from) {
    // A pipe has no offsets.
    const bool seekable = ::lseek(m_file, 0, SEEK_CUR) >= 0;
    char block[65536];
    for (ssize_t n; (n = seekable ? ::pread(m_file, block, sizeof block, static_cast<off_t>(from + m_read.size())) : ::read(m_file, block, sizeof block)) != 0;) {
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) break;
        m_read.append(block, static_cast<std::size_t>(n));
    }
}

}

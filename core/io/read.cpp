// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/reader.h"
#include "core/io/sheet.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <set>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace io {

namespace fs = std::filesystem;

namespace {

// The bytes of a file, mapped where the file system can, else read.
class Bytes {
public:
    explicit Bytes(const fs::path& path) {
        const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (file < 0) throw Error(path.string() + " cannot be read: " + std::strerror(errno) + "; check the path and its permissions");
        struct stat about {};
        const bool known = ::fstat(file, &about) == 0;
        if (known && about.st_size > 0) {
            void* at = ::mmap(nullptr, static_cast<std::size_t>(about.st_size), PROT_READ, MAP_PRIVATE, file, 0);
            if (at != MAP_FAILED) {
                m_mapped = static_cast<char*>(at);
                m_size = static_cast<std::size_t>(about.st_size);
                ::madvise(at, m_size, MADV_SEQUENTIAL);
            }
        }
        if (!m_mapped) readAll(file);
        ::close(file);
    }
    ~Bytes() {
        if (m_mapped) ::munmap(m_mapped, m_size);
    }
    Bytes(const Bytes&) = delete;
    Bytes& operator=(const Bytes&) = delete;

    std::string_view view() const { return m_mapped ? std::string_view(m_mapped, m_size) : std::string_view(m_read); }

    // Gives the pages before byte n back; touched again they are read from the file anew.
    void release(std::size_t n) {
        constexpr std::size_t page = 4096;
        n = n / page * page;
        if (!m_mapped || n <= m_released) return;
        ::madvise(m_mapped + m_released, n - m_released, MADV_DONTNEED);
        m_released = n;
    }

private:
    void readAll(int file) {
        char block[65536];
        for (ssize_t n; (n = ::read(file, block, sizeof block)) != 0;) {
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) break;
            m_read.append(block, static_cast<std::size_t>(n));
        }
    }

    char* m_mapped = nullptr;
    std::size_t m_size = 0, m_released = 0;
    std::string m_read;
};

std::string knownFormats() {
    std::string names;
    for (const Reader& reader : readers()) names += (names.empty() ? "" : ", ") + std::string(reader.id);
    return names;
}

const Reader* sniffed(const Input& input) {
    const Input head {.path = input.path, .bytes = input.bytes.substr(0, 65536)};
    const Reader* best = nullptr;
    int bestScore = 0;
    for (const Reader& reader : readers())
        if (const int score = reader.sniff(head); score > bestScore) {
            best = &reader;
            bestScore = score;
        }
    return best;
}

Import readFile(const fs::path& path, const Reader* forced, const Tick& tick) {
    Bytes bytes(path);
    if (bytes.view().empty()) throw Error(path.string() + " is empty (0 bytes); choose the log the training wrote");
    Input input {.path = path, .bytes = bytes.view(), .passed = [&](std::size_t n) { bytes.release(n); }};
    if (input.bytes.starts_with("\xFF\xFE") || input.bytes.starts_with("\xFE\xFF"))
        throw Error(path.string() + " is UTF-16 text; save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\") and read it again");
    const Reader* reader = forced ? forced : sniffed(input);
    if (!reader)
        throw Error(path.string() + " is of no format this program knows (" + knownFormats()
                    + "); export it as CSV or JSON lines, or name its format");
    return reader->read(input, tick);
}

// Files below a folder in a fixed order, hidden ones left out.
std::vector<fs::path> filesBelow(const fs::path& folder, std::vector<Warning>& warnings) {
    std::vector<fs::path> files;
    std::error_code error;
    fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
        const fs::path& path = at->path();
        if (path.filename().string().starts_with('.')) {
            if (at->is_directory()) at.disable_recursion_pending();
            continue;
        }
        std::error_code ignored;
        if (at->is_regular_file(ignored)) files.push_back(path);
    }
    if (error) warnings.push_back({folder.string(), {}, {}, "cannot be listed: " + error.message()});
    std::ranges::sort(files);
    return files;
}

// Two runs of one import never share a name: the folder tells them apart, then a number.
void makeNamesUnique(std::vector<data::Run>& runs) {
    std::map<std::string, int> uses;
    for (const data::Run& run : runs) ++uses[run.name];
    std::set<std::string> taken;
    for (data::Run& run : runs) {
        if (uses[run.name] > 1) {
            const std::string folder = fs::path(run.source).parent_path().filename().string();
            if (!folder.empty() && folder != run.name) run.name = folder + "/" + run.name;
        }
        const std::string name = run.name;
        for (int copy = 2; !taken.insert(run.name).second; ++copy) run.name = name + " (" + std::to_string(copy) + ")";
    }
}

}

Import read(std::span<const fs::path> paths, std::string_view format, const Tick& tick) {
    const Reader* forced = nullptr;
    if (!format.empty()) {
        forced = findReader(format);
        if (!forced) throw UsageError("there is no format '" + std::string(format) + "'; there are " + knownFormats());
    }
    Import result;
    std::vector<fs::path> files;
    for (const fs::path& path : paths) {
        std::error_code error;
        const fs::file_status status = fs::status(path, error);
        if (!fs::is_directory(status)) {    // an absent file is told by the attempt to open it
            files.push_back(path);
            continue;
        }
        for (fs::path& file : filesBelow(path, result.warnings)) files.push_back(std::move(file));
    }
    std::string firstError;
    for (std::size_t f = 0; f < files.size(); ++f) {
        const auto part = [&](double done) {
            return !tick || tick((static_cast<double>(f) + done) / static_cast<double>(files.size()));
        };
        if (!part(0)) throw Error("cancelled");
        try {
            Import one = readFile(files[f], forced, part);
            std::ranges::move(one.runs, std::back_inserter(result.runs));
            std::ranges::move(one.warnings, std::back_inserter(result.warnings));
        } catch (const Error& error) {
            if (std::string_view(error.what()) == "cancelled") throw;
            if (firstError.empty()) firstError = error.what();
            result.warnings.push_back({files[f].string(), {}, {}, error.what()});
        }
    }
    if (result.runs.empty()) {
        if (!firstError.empty() && files.size() == 1) throw Error(firstError);
        std::string where = paths.empty() ? "no file was named" : paths.front().string() + (paths.size() > 1 ? ", ..." : "");
        throw Error(where + ": there is no log of a known format (" + knownFormats() + ")"
                    + (firstError.empty() ? "" : "; first: " + firstError));
    }
    makeNamesUnique(result.runs);
    if (tick) tick(1);
    return result;
}

}

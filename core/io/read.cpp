// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/parallel.h"
#include "core/io/bytes.h"
#include "core/io/reader.h"
#include "core/io/sheet.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <set>

namespace io {

namespace fs = std::filesystem;

namespace {

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

Import readBytes(Bytes& bytes, const fs::path& path, const Reader* forced, const Tick& tick) {
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

Import readFile(const fs::path& path, const Reader* forced, const Tick& tick) {
    {
        Bytes bytes(path);
        try {
            Import import = readBytes(bytes, path, forced, tick);
            if (!bytes.isCut()) return import;
        } catch (const Error& error) {
            if (!bytes.isCut() || std::string_view(error.what()) == "cancelled") throw;
        }
    }
    // What is there now is read into memory, where it cannot change any more.
    Bytes left(path, Bytes::How::Read);
    Import import = readBytes(left, path, forced, {});
    import.warnings.insert(import.warnings.begin(), {path.string(), {}, {}, "the file became shorter while it was read; what was left of it was read again"});
    return import;
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

// Several files at a time; each is handed over when those before it are.
void readTogether(const std::vector<fs::path>& files, const Tick& tick, const std::function<Import(const fs::path&, const Tick&)>& read,
                  const std::function<void(Import&&)>& hand) {
    std::vector<double> sizes;
    double total = 0;
    for (const fs::path& file : files) {
        std::error_code error;
        const auto size = fs::file_size(file, error);
        total += sizes.emplace_back(error ? 1 : static_cast<double>(size) + 1);
    }
    std::vector<std::atomic<float>> shares(files.size());
    std::atomic<bool> cancelled {false};
    std::vector<std::optional<Import>> done(files.size());
    std::size_t next = 0;
    std::mutex mutex;
    struct Nothing {};
    // The thread that asked is left to tell how far it is, and hears of a wish to stop however long a file is.
    std::future<void> work = std::async(std::launch::async, [&] {
        fit::parallel<Nothing>(files.size(), 0, {}, [&](std::size_t i, Nothing&) {
            Import import = read(files[i], [&, i](double share) {
                shares[i] = static_cast<float>(share);
                return !cancelled;
            });
            shares[i] = 1;
            if (cancelled) throw Error("cancelled");
            const std::lock_guard lock(mutex);
            done[i] = std::move(import);
            for (; next < done.size() && done[next]; ++next) {
                hand(std::move(*done[next]));
                done[next].reset();
            }
        });
    });
    while (work.wait_for(std::chrono::milliseconds(20)) != std::future_status::ready) {
        double sum = 0;
        for (std::size_t i = 0; i < files.size(); ++i) sum += sizes[i] * shares[i];
        if (tick && !cancelled && !tick(sum / total)) cancelled = true;
    }
    work.get();
}

}

void nameApart(std::span<data::Run* const> runs) {
    std::map<std::string, int> uses;
    for (const data::Run* run : runs) ++uses[run->name];
    std::set<std::string> taken;
    for (data::Run* run : runs) {
        if (uses[run->name] > 1) {
            const std::string folder = fs::path(run->source).parent_path().filename().string();
            if (!folder.empty() && folder != run->name) run->name = folder + "/" + run->name;
        }
        const std::string name = run->name;
        for (int copy = 2; !taken.insert(run->name).second; ++copy) run->name = name + " (" + std::to_string(copy) + ")";
    }
}

void readEach(std::span<const fs::path> paths, std::string_view format, const Tick& tick, const std::function<void(Import&&)>& take) {
    const Reader* forced = nullptr;
    if (!format.empty()) {
        forced = findReader(format);
        if (!forced) throw UsageError("there is no format '" + std::string(format) + "'; there are " + knownFormats());
    }
    Import listing;
    std::vector<fs::path> files;
    for (const fs::path& path : paths) {
        std::error_code error;
        const fs::file_status status = fs::status(path, error);
        if (!fs::is_directory(status)) {    // an absent file is told by the attempt to open it
            files.push_back(path);
            continue;
        }
        for (fs::path& file : filesBelow(path, listing.warnings)) files.push_back(std::move(file));
    }
    if (!listing.warnings.empty()) take(std::move(listing));

    std::string firstError;
    std::size_t runs = 0;
    const auto readOne = [&](const fs::path& file, const Tick& told) {
        try {
            return readFile(file, forced, told);
        } catch (const Error& error) {
            if (std::string_view(error.what()) == "cancelled") throw;
            return Import {.runs = {}, .warnings = {{file.string(), {}, {}, error.what()}}};
        }
    };
    const auto hand = [&](Import&& one) {
        runs += one.runs.size();
        if (one.runs.empty() && firstError.empty() && !one.warnings.empty()) firstError = one.warnings.front().message;
        take(std::move(one));
    };
    if (files.size() == 1) hand(readOne(files.front(), tick));
    else readTogether(files, tick, readOne, hand);
    if (runs == 0) {
        if (!firstError.empty() && files.size() == 1) throw Error(firstError);
        const std::string where = paths.empty() ? "no file was named" : paths.front().string() + (paths.size() > 1 ? ", ..." : "");
        throw Error(where + ": there is no log of a known format (" + knownFormats() + ")"
                    + (firstError.empty() ? "" : "; first: " + firstError));
    }
    if (tick) tick(1);
}

Import read(std::span<const fs::path> paths, std::string_view format, const Tick& tick) {
    Import all;
    readEach(paths, format, tick, [&](Import&& one) {
        std::ranges::move(one.runs, std::back_inserter(all.runs));
        std::ranges::move(one.warnings, std::back_inserter(all.warnings));
    });
    std::vector<data::Run*> runs;
    for (data::Run& run : all.runs) runs.push_back(&run);
    nameApart(runs);
    return all;
}

}

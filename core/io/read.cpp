// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/bytes.h"
#include "core/io/reader.h"
#include "core/io/sheet.h"

#include <algorithm>
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

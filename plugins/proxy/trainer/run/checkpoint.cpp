// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/checkpoint.hpp"

#include "base/failure.hpp"
#include "base/files.hpp"
#include "base/sha256.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>

namespace proxy {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t hashSize = 64;

template <typename T> void put(std::string& out, T value)
{
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    out.append(bytes, sizeof(T));
}

// Reads front to back; past the end everything is empty and `whole` is false.
struct Bytes {
    const std::string& text;
    std::size_t at = 0;
    bool whole = true;

    std::string take(std::size_t size)
    {
        whole = whole && size <= text.size() - at;
        if (!whole)
            return {};
        at += size;
        return text.substr(at - size, size);
    }
    template <typename T> T number()
    {
        T value{};
        const std::string bytes = take(sizeof(T));
        if (whole)
            std::memcpy(&value, bytes.data(), sizeof(T));
        return value;
    }
};

std::string packed(
    const Identity& identity, std::int64_t logSize, std::int64_t step, const std::vector<StateSpan>& state)
{
    std::string out = "PCKP";
    put(out, std::uint32_t{1});
    out += identity.spec + identity.build;
    put(out, logSize);
    put(out, step);
    put(out, static_cast<std::uint32_t>(state.size()));
    for (const StateSpan& span : state)
        put(out, static_cast<std::uint64_t>(span.bytes.size()));
    for (const StateSpan& span : state)
        out.append(reinterpret_cast<const char*>(span.bytes.data()), span.bytes.size());
    return out + sha256(out);
}

// Reads the head of a checkpoint; refuses one that its member cannot go on from.
void checkHead(Bytes& bytes, const fs::path& path, const Identity& identity)
{
    const bool known = bytes.take(4) == "PCKP" && bytes.number<std::uint32_t>() == 1;
    const std::string spec = bytes.take(hashSize), build = bytes.take(hashSize);
    const auto refuse = [&path](const char* what) {
        throw Failure(Exit::Checkpoint,
            "The checkpoint " + path.string() + " was written " + what
                + ", so the member cannot go on from it; finish the sweep with that one, or remove the folder ckpt to "
                  "train what is unfinished from its start.");
    };
    if (!known)
        refuse("by another version of isoloss-proxy");
    if (spec != identity.spec)
        refuse("for another spec");
    if (build != identity.build)
        refuse("by another build of isoloss-proxy or on another kind of device");
}

// Nothing when the file is torn; then an older one serves.
std::optional<Checkpoint> load(const fs::path& path, const Identity& identity)
{
    const std::string text = readWhole(path, static_cast<int>(Exit::Files));
    if (text.size() < hashSize || sha256(text.data(), text.size() - hashSize) != text.substr(text.size() - hashSize))
        return std::nullopt;
    Bytes bytes{text};
    checkHead(bytes, path, identity);
    Checkpoint checkpoint;
    checkpoint.logSize = bytes.number<std::int64_t>();
    checkpoint.step = bytes.number<std::int64_t>();
    std::vector<std::uint64_t> sizes(bytes.number<std::uint32_t>() % 1024);
    for (std::uint64_t& size : sizes)
        size = bytes.number<std::uint64_t>();
    for (const std::uint64_t size : sizes)
        checkpoint.arrays.push_back(bytes.take(size));
    return bytes.whole ? std::optional(std::move(checkpoint)) : std::nullopt;
}

// A member's checkpoints, newest first.
std::vector<std::pair<std::int64_t, fs::path>> list(const fs::path& folder, const std::string& id)
{
    std::vector<std::pair<std::int64_t, fs::path>> all;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(id + ".") || !name.ends_with(".ckpt"))
            continue;
        const std::string digits = name.substr(id.size() + 1, name.size() - id.size() - 6);
        std::int64_t step = 0;
        const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), step);
        if (bad == std::errc() && end == digits.data() + digits.size())
            all.emplace_back(step, entry.path());
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    return all;
}

}

std::vector<std::span<const std::byte>> Checkpoint::state() const
{
    std::vector<std::span<const std::byte>> spans;
    for (const std::string& array : arrays)
        spans.push_back(std::as_bytes(std::span(array.data(), array.size())));
    return spans;
}

void saveCheckpoint(const fs::path& folder, const std::string& id, const Identity& identity, std::int64_t logSize,
    std::int64_t step, const std::vector<StateSpan>& state)
{
    writeWhole(folder / (id + "." + std::to_string(step) + ".ckpt"), packed(identity, logSize, step, state));
    const auto all = list(folder, id);
    for (std::size_t i = 2; i < all.size(); ++i) {
        std::error_code ignored; // a file too many does no harm
        fs::remove(all[i].second, ignored);
    }
}

std::optional<Checkpoint> newestCheckpoint(
    const fs::path& folder, const std::string& id, const Identity& identity, std::int64_t logSize)
{
    for (const auto& [step, path] : list(folder, id))
        if (auto checkpoint = load(path, identity); checkpoint && checkpoint->logSize <= logSize)
            return checkpoint;
    return std::nullopt;
}

void checkCheckpoints(const fs::path& folder, const Identity& identity)
{
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        const fs::path extension = entry.path().extension();
        if (extension != ".ckpt" && extension != ".final")
            continue;
        std::ifstream in(entry.path(), std::ios::binary);
        std::string head(8 + 2 * hashSize, '\0');
        // A torn file is passed over; it has an older one beside it or its member begins anew.
        if (!in.read(head.data(), static_cast<std::streamsize>(head.size())))
            continue;
        Bytes bytes{head};
        checkHead(bytes, entry.path(), identity);
    }
}

void dropCheckpoints(const fs::path& folder, const std::string& id)
{
    for (const auto& [step, path] : list(folder, id)) {
        std::error_code ignored;
        fs::remove(path, ignored);
    }
}

void saveFinal(
    const fs::path& folder, const std::string& id, const Identity& identity, const std::vector<StateSpan>& state)
{
    for (const StateSpan& span : state)
        if (std::string_view(span.name) == "theta")
            writeWhole(folder / (id + ".final"), packed(identity, 0, 0, {span}));
}

std::optional<Checkpoint> loadFinal(const fs::path& folder, const std::string& id, const Identity& identity)
{
    const fs::path path = folder / (id + ".final");
    if (!fs::exists(path))
        return std::nullopt;
    return load(path, identity);
}

}

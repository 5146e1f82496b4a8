// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/failure.hpp"
#include "base/files.hpp"
#include "base/sha256.hpp"
#include "data/corpus.hpp"

#include <cstring>

namespace proxy {

namespace {

constexpr std::size_t headerSize = 4 + 3 * 4 + 8 + 8 + 64;

template <typename T> void put(std::string& out, T value)
{
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    out.append(bytes, sizeof(T));
}

template <typename T> T get(const std::string& in, std::size_t at)
{
    T value;
    std::memcpy(&value, in.data() + at, sizeof(T));
    return value;
}

Tokens parse(const std::string& bytes, const std::filesystem::path& path)
{
    const auto broken = [&path](const char* why) {
        return Failure(
            Exit::Corpus, "The token file " + path.string() + " " + why + "; write it again with isoloss-proxy --gen.");
    };
    if (bytes.size() < headerSize)
        throw broken("ends inside its header");
    const auto version = get<std::uint32_t>(bytes, 4), vocab = get<std::uint32_t>(bytes, 8),
               width = get<std::uint32_t>(bytes, 12);
    const auto count = get<std::uint64_t>(bytes, 16);
    if (version != 1 || vocab < 2 || vocab > 65536 || (width != 1 && width != 2))
        throw broken("has a header this version does not know");
    if ((bytes.size() - headerSize) / width != count || (bytes.size() - headerSize) % width != 0)
        throw broken("is shorter or longer than its header says");
    if (sha256(bytes.data() + headerSize, bytes.size() - headerSize) != bytes.substr(32, 64))
        throw broken("does not match its checksum");
    Tokens tokens{{}, static_cast<int>(vocab), get<double>(bytes, 24)};
    tokens.values.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        tokens.values[i] = width == 1 ? static_cast<unsigned char>(bytes[headerSize + i])
                                      : get<std::uint16_t>(bytes, headerSize + 2 * i);
        if (tokens.values[i] >= vocab)
            throw broken("holds a token outside its vocabulary");
    }
    return tokens;
}

}

Tokens readTokens(const std::filesystem::path& path)
{
    const std::string bytes = readWhole(path, static_cast<int>(Exit::Corpus));
    if (bytes.starts_with("PTOK"))
        return parse(bytes, path);
    Tokens tokens;
    tokens.vocab = 256;
    tokens.values.reserve(bytes.size());
    for (const char c : bytes)
        tokens.values.push_back(static_cast<unsigned char>(c));
    return tokens;
}

void writeTokens(const Tokens& tokens, const std::filesystem::path& path)
{
    const std::uint32_t width = tokens.vocab <= 256 ? 1 : 2;
    std::string payload;
    payload.reserve(tokens.values.size() * width);
    for (const std::uint16_t token : tokens.values) {
        if (width == 1)
            payload += static_cast<char>(token);
        else
            put(payload, token);
    }
    std::string out = "PTOK";
    put(out, std::uint32_t{1});
    put(out, static_cast<std::uint32_t>(tokens.vocab));
    put(out, width);
    put(out, static_cast<std::uint64_t>(tokens.values.size()));
    put(out, tokens.entropy);
    writeWhole(path, out + sha256(payload) + payload);
}

}

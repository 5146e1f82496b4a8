// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/failure.hpp"
#include "base/files.hpp"
#include "base/sha256.hpp"
#include "data/corpus.hpp"

#include <algorithm>
#include <cstring>

namespace proxy {

namespace {

constexpr std::size_t headerSize = 4 + 3 * 4 + 8 + 8 + 64;
constexpr std::int32_t llmcMagic = 20240520, llmcWideMagic = 20240801;
constexpr std::size_t llmcHeader = 1024;

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
    if (version != 1 || vocab < 2 || (width != 1 && width != 2 && width != 4))
        throw broken("has a header this version does not know");
    if (vocab > 65536)
        throw Failure(Exit::Corpus,
            "The token file " + path.string() + " has a vocabulary of " + std::to_string(vocab)
                + " tokens; at most 65536 can be trained on, so tokenize with a smaller one.");
    if ((bytes.size() - headerSize) / width != count || (bytes.size() - headerSize) % width != 0)
        throw broken("is shorter or longer than its header says");
    if (sha256(bytes.data() + headerSize, bytes.size() - headerSize) != bytes.substr(32, 64))
        throw broken("does not match its checksum");
    Tokens tokens{{}, static_cast<int>(vocab), get<double>(bytes, 24)};
    tokens.values.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t token = width == 1 ? static_cast<unsigned char>(bytes[headerSize + i])
            : width == 2                       ? get<std::uint16_t>(bytes, headerSize + 2 * i)
                                               : get<std::uint32_t>(bytes, headerSize + 4 * i);
        if (token >= vocab)
            throw broken("holds a token outside its vocabulary");
        tokens.values[i] = static_cast<std::uint16_t>(token);
    }
    return tokens;
}

// 16-bit tokens from byte `at` to the end.
Tokens parseWords(const std::string& bytes, std::size_t at, const std::filesystem::path& path)
{
    if ((bytes.size() - at) % 2 != 0)
        throw Failure(Exit::Corpus,
            "The file " + path.string() + " has an odd number of bytes (" + std::to_string(bytes.size())
                + "), so it does not hold 16-bit tokens or was cut off; copy it again, or read it as text with"
                  " \"format\":\"bytes\".");
    Tokens tokens;
    tokens.values.resize((bytes.size() - at) / 2);
    std::uint16_t largest = 1;
    for (std::size_t i = 0; i < tokens.values.size(); ++i) {
        tokens.values[i] = get<std::uint16_t>(bytes, at + 2 * i);
        largest = std::max(largest, tokens.values[i]);
    }
    tokens.vocab = largest + 1;
    return tokens;
}

Tokens parseLlmC(const std::string& bytes, const std::filesystem::path& path)
{
    const auto refused = [&path](const std::string& why) {
        return Failure(Exit::Corpus, "The llm.c token file " + path.string() + " " + why);
    };
    if (bytes.size() < llmcHeader)
        throw refused("ends inside its header of 1024 bytes; copy it again.");
    if (get<std::int32_t>(bytes, 0) == llmcWideMagic)
        throw refused("holds 32-bit tokens; only the 16-bit form with magic 20240520 can be trained on.");
    if (get<std::int32_t>(bytes, 0) != llmcMagic || get<std::int32_t>(bytes, 4) != 1)
        throw refused("has a header other than magic 20240520, version 1; write it again with llm.c's scripts.");
    const std::int64_t count = get<std::int32_t>(bytes, 8);
    const auto held = static_cast<std::int64_t>((bytes.size() - llmcHeader) / 2);
    if (count != held || (bytes.size() - llmcHeader) % 2 != 0)
        throw refused("should hold " + std::to_string(count) + " tokens by its header but holds " + std::to_string(held)
            + "; copy it again.");
    return parseWords(bytes, llmcHeader, path);
}

}

Tokens readTokens(const std::filesystem::path& path, FileFormat format)
{
    const std::string bytes = readWhole(path, static_cast<int>(Exit::Corpus));
    if (bytes.empty())
        throw Failure(Exit::Corpus, "The file " + path.string() + " is empty; choose one with text or tokens in it.");
    const auto magic = bytes.size() >= 4 ? get<std::int32_t>(bytes, 0) : 0;
    if (format == FileFormat::Auto)
        format = bytes.starts_with("PTOK")                 ? FileFormat::TokenFile
            : magic == llmcMagic || magic == llmcWideMagic ? FileFormat::LlmC
            : path.extension() == ".bin"                   ? FileFormat::Words
                                                           : FileFormat::Bytes;
    switch (format) {
    case FileFormat::TokenFile:
        return parse(bytes, path);
    case FileFormat::LlmC:
        return parseLlmC(bytes, path);
    case FileFormat::Words:
        return parseWords(bytes, 0, path);
    default:
        break;
    }
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

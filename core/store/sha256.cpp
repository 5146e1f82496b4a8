// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/sha256.h"

#include "core/error.h"
#include "core/store/project.h"
#include "core/store/sqlite.h"

#include <openssl/evp.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace store {

Sha256::Sha256() : m_context(EVP_MD_CTX_new(), EVP_MD_CTX_free)
{
    if (!m_context || EVP_DigestInit_ex(m_context.get(), EVP_sha256(), nullptr) != 1)
        throw Error("SHA-256 is not to be had from this machine's libcrypto: is its installation whole?");
}

Sha256& Sha256::update(std::span<const std::byte> bytes)
{
    EVP_DigestUpdate(m_context.get(), bytes.data(), bytes.size());
    return *this;
}

Hash Sha256::digest()
{
    Hash out;
    EVP_DigestFinal_ex(m_context.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr);
    return out;
}

Hash sha256Of(std::span<const std::byte> bytes) { return Sha256().update(bytes).digest(); }

std::string hex(std::span<const std::byte> bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(2 * bytes.size());
    for (const std::byte b : bytes)
        out.append({digits[std::size_t(b) >> 4], digits[std::size_t(b) & 15]});
    return out;
}

Hash fromHex(std::string_view text)
{
    Hash out{};
    if (text.size() != 64 || text.find_first_not_of("0123456789abcdef") != std::string_view::npos)
        return out;
    const auto value = [&](std::size_t i) { return text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10; };
    for (std::size_t i = 0; i < 32; ++i)
        out[i] = std::byte(value(2 * i) << 4 | value(2 * i + 1));
    return out;
}

std::string sha256(std::string_view bytes) { return hex(sha256Of(std::as_bytes(std::span(bytes)))); }

std::string sha256File(const std::filesystem::path& path)
{
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    Sha256 sum;
    std::vector<char> buffer(1 << 16);
    while (file.read(buffer.data(), std::streamsize(buffer.size())) || file.gcount() > 0)
        sum.update(std::as_bytes(std::span(buffer).first(std::size_t(file.gcount()))));
    if (!file.eof())        // neither opened nor read to its end
        throw Error(quoted(path) + " cannot be read (" + (errno ? std::strerror(errno) : "input error")
                    + "): check the name and that it may be read.");
    return hex(sum.digest());
}

}

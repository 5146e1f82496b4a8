// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/parallel.h"

#include <cstring>
#include <memory>
#include <string_view>

namespace io {

// Texts of more bytes than two of these are worth several threads.
inline constexpr std::size_t pieceSize = 4u << 20;

// The line that begins behind the next line end; null where there is none before `end`.
inline const char* nextLine(const char* from, const char* end) {
    const void* mark = from < end ? std::memchr(from, '\n', static_cast<std::size_t>(end - from)) : nullptr;
    return mark ? static_cast<const char*>(mark) + 1 : nullptr;
}

// Reads a text by several threads, in pieces of whole lines: read(piece) returns a std::unique_ptr to what it holds,
// append(result, piece) takes these in the order of the text. Ends early where append returns false, a line is longer than a
// piece, or read returns null. Returns the bytes that were taken; the rest is left to the caller. Throws Error("cancelled").
template <class Read, class Append>
std::size_t inPieces(std::string_view text, const Tick& tick, Read read, Append append) {
    using Result = decltype(read(text));
    struct Nothing {};
    const auto bound = [text](std::size_t i) -> const char* {
        const char* end = text.data() + text.size();
        if (i == 0) return text.data();
        if (i * pieceSize >= text.size()) return end;
        const char* from = text.data() + i * pieceSize - 1;
        return nextLine(from, std::min(end, from + pieceSize));
    };
    std::vector<std::pair<Result, std::string_view>> done((text.size() + pieceSize - 1) / pieceSize);
    std::size_t next = 0, taken = 0;
    bool stopped = false;
    std::mutex mutex;
    std::vector<char> ready(done.size());
    fit::parallel<Nothing>(done.size(), 0, tick, [&](std::size_t i, Nothing&) {
        if (const std::lock_guard lock(mutex); stopped) return;
        const char *first = bound(i), *last = bound(i + 1);
        Result result {};
        std::string_view piece;
        if (first && last && first <= last) {
            piece = {first, static_cast<std::size_t>(last - first)};
            result = read(piece);
        }
        const std::lock_guard lock(mutex);
        done[i] = {std::move(result), piece};
        ready[i] = true;
        for (; !stopped && next < done.size() && ready[next]; ++next) {
            auto& [part, lines] = done[next];
            stopped = !part || !append(*part, lines);
            if (!stopped) taken += lines.size();
            part.reset();
        }
    });
    return taken;
}

}

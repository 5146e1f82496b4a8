// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "data/corpus.hpp"
#include "spec/reader.hpp"

#include <filesystem>

namespace proxy {

// Reads the description of a text: "gen" with its keys, or "file", relative to `folder`.
Source readSource(Reader& reader, const std::filesystem::path& folder);

// Reads the description of a generated text alone.
Source readGenerated(Reader& reader);

// The same text drawn anew: other sample seeds and `count` tokens, in a mixture shared among the sources.
Source resampled(Source source, std::uint64_t sampleSeed, std::int64_t count);

// Canonical form, part of every member's identity.
Json describeSource(const Source& source);

// Symbols of the text, 0 for a file.
int vocabulary(const Source& source);

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/run.h"
#include "core/error.h"
#include "core/tick.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

namespace io {

// Something in a file that could not be read; the rest was. Line counts from 1, offset is in bytes.
struct Warning {
    std::string file;
    std::optional<std::uint64_t> line;
    std::optional<std::uint64_t> offset;
    std::string message;
};

struct Import {
    std::vector<data::Run> runs;
    std::vector<Warning> warnings;
};

// A file as a reader gets it: bytes mapped or read, the name for messages.
struct Input {
    std::filesystem::path path;
    std::string_view bytes;
    // Told by a reader that it has passed the first n bytes, so that their memory may be given back. May be empty.
    std::function<void(std::size_t n)> passed {};
};

// A log format. Adding one is one file and one line of readers.cpp.
struct Reader {
    std::string_view id;        // csv, jsonl, tensorboard, llmc, nanogpt, isoloss-proxy
    std::string_view name;      // for people
    std::string_view patterns;  // file names it usually has, for help: "*.csv *.tsv"
    // How sure the first bytes (up to 64 KiB) and the name make it, 0 to 100. 0 means no.
    int (*sniff)(const Input& head);
    // Reads what is readable; throws Error only where nothing is.
    Import (*read)(const Input&, const Tick&);
};

std::span<const Reader> readers();
const Reader* findReader(std::string_view id);

// Reads files and folders (a folder: every file below it that a reader knows; unknown ones are passed over with one
// warning). `format` forces a reader. Throws Error, one sentence with what to do, only where nothing could be read:
// the file is absent, unreadable, of 0 bytes or of no known format.
Import read(std::span<const std::filesystem::path>, std::string_view format = {}, const Tick& = {});

// The same for what cannot wait for the last file: hands over what each file holds in the order of the files, as soon as it
// and those before it are read, on one thread at a time, not that of the caller where there are several. Names are the readers' own.
void readEach(std::span<const std::filesystem::path>, std::string_view format, const Tick&, const std::function<void(Import&&)>& take);
// Two runs of one import never share a name: the folder tells them apart, then a number.
void nameApart(std::span<data::Run* const>);

}

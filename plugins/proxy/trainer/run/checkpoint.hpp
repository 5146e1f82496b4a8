// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "run/trainer.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace proxy {

// What a checkpoint must agree with before a member may go on from it.
struct Identity {
    std::string spec; // SHA-256 of the spec's text
    std::string build; // SHA-256 of everything about the build and the device that changes bits
};

// The stored state of one member. Files are DIR/ckpt/<id>.<step>.ckpt, the last two are kept, and DIR/ckpt/<id>.final
// for members that others grow from. Layout, little-endian: "PCKP", u32 version 1, the two hashes of Identity (64
// hexadecimal digits each), u64 length of the member's log, u64 updates made, u32 number of arrays, their u64 sizes,
// the arrays, SHA-256 of everything before as 64 hexadecimal digits.
struct Checkpoint {
    std::int64_t logSize = 0; // bytes of the member's log at this moment
    std::int64_t step = 0; // updates made
    std::vector<std::string> arrays; // as stateOf() orders them

    std::vector<std::span<const std::byte>> state() const;
};

// Stores a member's state in one step, then removes its older checkpoints but one. Throws Failure(Files), leaving the
// older ones as they were.
void saveCheckpoint(const std::filesystem::path& folder, const std::string& id, const Identity& identity,
    std::int64_t logSize, std::int64_t step, const std::vector<StateSpan>& state);

// The newest whole checkpoint of a member whose log reached at least `logSize` bytes; none where there is none.
// Throws Failure(Checkpoint) when it belongs to another spec or build.
std::optional<Checkpoint> newestCheckpoint(
    const std::filesystem::path& folder, const std::string& id, const Identity& identity, std::int64_t logSize);

// Throws Failure(Checkpoint) when any state in the folder belongs to another spec or build; reads their heads alone.
// To be called before anything is written.
void checkCheckpoints(const std::filesystem::path& folder, const Identity& identity);

// The member has ended: its checkpoints go.
void dropCheckpoints(const std::filesystem::path& folder, const std::string& id);

// Final weights of a member that others start from.
void saveFinal(const std::filesystem::path& folder, const std::string& id, const Identity& identity,
    const std::vector<StateSpan>& state);
std::optional<Checkpoint> loadFinal(
    const std::filesystem::path& folder, const std::string& id, const Identity& identity);

}

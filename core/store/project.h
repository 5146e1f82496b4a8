// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/run.h"
#include "core/store/packed.h"
#include "core/workspace.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace store {

// SHA-256 over a run's content (name, kind, config, series, words; not its path nor its format), 64 hex digits.
std::string contentHash(const data::Run&);
std::string sha256(std::string_view bytes);
std::string sha256File(const std::filesystem::path&);   // throws Error

// The project file: SQLite in WAL mode, application_id "ISOL", user_version migrated on open. Every change is one
// transaction; there is no save. One thread at a time (the main thread of the window).
class Project {
public:
    enum class Mode { ReadWrite, ReadOnly };
    // Opens, or creates where absent. Throws Error with one sentence: not a project, from a newer version, damaged,
    // not readable, folder not writable.
    static Project open(const std::filesystem::path&, Mode = Mode::ReadWrite);
    static Project inMemory();
    ~Project();
    Project(Project&&) noexcept;
    Project& operator=(Project&&) noexcept;

    const std::filesystem::path& path() const;

    // Adds runs and their entries in the workspace in one transaction and one undo step. A run that is there already
    // (same content) is not added twice; one that is there but damaged is repaired. Returns how many were new or
    // repaired. A run's colour is the lowest free one; a name that is taken gets a number: "name (2)".
    int add(std::span<const data::Run>, std::string_view label = "Import");
    int add(std::span<const Packed>, std::string_view label = "Import");
    // As add(), for the next part of one import: joins its step of undo where nothing was edited in between.
    int addMore(std::span<const Packed>, std::string_view label);
    // Writes a run without listing it, so that adding it later takes no time.
    void keep(const Packed&);
    // Runs that have gone on since they were added: each takes the place of the one whose hash stands beside it, with its
    // name, colour and check mark. No step of undo, as amend(). One that is no longer listed is left out.
    void replace(std::span<const std::pair<std::string, Packed>>);
    // Loads one run whole. Throws Error where the hash is unknown or the blob damaged.
    data::Run run(std::string_view hash) const;
    Packed packed(std::string_view hash) const;     // quick: unpack() does the work, on any thread
    // The same without series' values: name, config, series names with empty columns.
    data::Run about(std::string_view hash) const;
    // Those of the workspace, in its order, named as there. A damaged one is left out and named in warnings().
    std::vector<data::Run> runs() const;
    // What was found damaged so far and left out, a sentence each; show them wherever runs() is shown.
    const std::vector<std::string>& warnings() const;

    const Workspace& workspace() const;
    // One undo step. The same label within 500 ms replaces the last (a dragged slider). No change: no step. Where
    // another program changed the project meanwhile, both changes are kept; where both changed the same entry, its
    // change stays, is loaded, and this one throws Error. The last 1,000 steps can be undone.
    void edit(std::string_view label, Workspace);
    // Replaces the present state without an undo step, and what can be redone stays: for what is looked at, not what was
    // done (zoom, the tab in front). Merges as edit() does. In a project opened for reading it lasts until that is closed.
    void amend(Workspace);
    // False where there is nothing to undo. Never deletes a run. Throws Error where another program changed the
    // project meanwhile: that is loaded first, so that nobody undoes what he has not seen.
    bool undo();
    bool redo();
    // Takes up what another program changed; false where nothing did. Cheap: for a timer or a window that is activated.
    bool reload();
    std::string undoLabel() const, redoLabel() const;   // empty where there is nothing to undo or redo

    // A cache of results, keyed by a hash of the problem: the last 1,000. What cannot be written is not kept.
    std::optional<std::string> result(std::string_view key) const;
    void keepResult(std::string_view key, std::string_view json);

private:
    int add(std::span<const Packed>, std::string_view label, bool more);
    struct Data;
    explicit Project(std::unique_ptr<Data>);
    std::unique_ptr<Data> m;
};

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/project.h"

#include "core/store/history.h"
#include "core/store/merge.h"
#include "core/store/open.h"
#include "core/store/runs.h"

#include <algorithm>
#include <chrono>
#include <set>

namespace store {

using Clock = std::chrono::steady_clock;

struct Project::Data {
    std::filesystem::path path;
    Database db;
    bool readOnly = false;
    History::State state{};

    // The step that an edit of the same label may replace: the last one, where this program made it a moment ago.
    std::string label{};
    Clock::time_point edited{};

    std::shared_ptr<SharedColumns> columns = std::make_shared<SharedColumns>();
    mutable std::vector<std::string> warnings{};

    void warn(const std::string& sentence) const
    {
        if (std::ranges::find(warnings, sentence) == warnings.end())
            warnings.push_back(sentence);
    }

    void load()
    {
        state = History(db).load();
        label.clear();
        for (const std::string& warning : state.warnings)
            warn(warning);
    }

    void mustWrite() const
    {
        if (readOnly)
            throw Error(db.name() + " was opened for reading only: open it where it may be written, or work on a copy.");
    }

    // `wanted` with what another program changed meanwhile, which is loaded; needs a transaction around it.
    History::State merged(History::State wanted)
    {
        if (History(db).change() == state.change)
            return wanted;
        const Workspace base = state.workspace;
        load();
        std::optional<Workspace> both = merge(base, wanted.workspace, state.workspace);
        if (!both)
            throw Error(db.name() + " was changed by another program in the same place; its change is loaded now and "
                        "yours is not kept: look, then make it again.");
        return History::state(std::move(*both));
    }

    bool travel(History::Direction direction)
    {
        if (readOnly)
            return false;
        Transaction transaction(db);
        if (History(db).change() != state.change) {
            load();
            throw Error(db.name() + " was changed by another program; its changes are loaded now: look, then try again.");
        }
        std::optional<History::State> there = History(db).travel(state, direction);
        if (!there)
            return false;
        transaction.commit();
        state = std::move(*there);
        label.clear();
        return true;
    }
};

Project::Project(std::unique_ptr<Data> data) : m(std::move(data)) { m->load(); }
Project::~Project() = default;
Project::Project(Project&&) noexcept = default;
Project& Project::operator=(Project&&) noexcept = default;

Project Project::open(const std::filesystem::path& path, Mode mode)
{
    const bool readOnly = mode == Mode::ReadOnly;
    Database db = readOnly ? openToRead(path) : openToWrite(path);
    return Project(std::unique_ptr<Data>(new Data{.path = path, .db = std::move(db), .readOnly = readOnly}));
}

Project Project::inMemory()
{
    Database db = Database::memory();
    migrate(db);
    return Project(std::unique_ptr<Data>(new Data{.path = {}, .db = std::move(db)}));
}

const std::filesystem::path& Project::path() const { return m->path; }
const Workspace& Project::workspace() const { return m->state.workspace; }
const std::vector<std::string>& Project::warnings() const { return m->warnings; }

int Project::add(std::span<const data::Run> runs, std::string_view label)
{
    std::vector<Packed> packed;
    for (const data::Run& run : runs)
        packed.push_back(pack(run));
    return add(packed, label);
}

int Project::add(std::span<const Packed> runs, std::string_view label) { return add(runs, label, false); }
int Project::addMore(std::span<const Packed> runs, std::string_view label) { return add(runs, label, true); }

void Project::keep(const Packed& run)
{
    m->mustWrite();
    Transaction transaction(m->db);
    RunWriter(m->db).write(run.m->parts);
    transaction.commit();
}

int Project::add(std::span<const Packed> runs, std::string_view label, bool more)
{
    m->mustWrite();
    Transaction transaction(m->db);
    History history(m->db);
    if (history.change() != m->state.change)
        m->load();      // nothing of ours is unsaved: the runs join what another program left

    Workspace workspace = m->state.workspace;
    std::set<std::string, std::less<>> listed, names;
    std::set<int> colors;
    for (const RunEntry& entry : workspace.runs) {
        listed.insert(entry.hash);
        names.insert(entry.name);
        colors.insert(entry.color);
    }
    int count = 0, color = 0;
    RunWriter writer(m->db);
    for (const Packed& run : runs) {
        const bool written = writer.write(run.m->parts);
        const bool added = listed.insert(run.hash()).second;
        count += added || written;
        if (!added)
            continue;
        std::string name = run.name();
        for (int i = 2; !names.insert(name).second; ++i)
            name = run.name() + " (" + std::to_string(i) + ")";
        while (!colors.insert(color).second)
            ++color;
        workspace.runs.push_back({.hash = run.hash(), .name = name, .color = color});
    }
    History::State after = history.append(m->state, label, History::state(std::move(workspace)), more && m->label == label);
    transaction.commit();
    m->state = std::move(after);
    m->label = label;
    m->edited = {};     // an edit is never one with it
    return count;
}

void Project::replace(std::span<const std::pair<std::string, Packed>> runs)
{
    m->mustWrite();
    Transaction transaction(m->db);
    History history(m->db);
    if (history.change() != m->state.change)
        m->load();
    Workspace workspace = m->state.workspace;
    RunWriter writer(m->db);
    for (const auto& [before, run] : runs) {
        const auto entry = std::ranges::find(workspace.runs, before, &RunEntry::hash);
        if (entry == workspace.runs.end())
            continue;
        writer.write(run.m->parts);
        if (std::ranges::find(workspace.runs, run.hash(), &RunEntry::hash) == workspace.runs.end())
            entry->hash = run.hash();
        else if (before != run.hash())
            workspace.runs.erase(entry);    // it was imported by hand meanwhile
    }
    History::State after = history.replace(m->state, History::state(std::move(workspace)));
    transaction.commit();
    m->state = std::move(after);
}

data::Run Project::run(std::string_view hash) const { return unpack(readParts(m->db, fromHex(hash), true, m->columns)); }
data::Run Project::about(std::string_view hash) const { return unpack(readParts(m->db, fromHex(hash), false, nullptr)); }

Packed Project::packed(std::string_view hash) const
{
    Packed out;
    out.m = std::make_shared<const Packed::Data>(readParts(m->db, fromHex(hash), true, m->columns), std::string(hash));
    return out;
}

std::vector<data::Run> Project::runs() const
{
    std::vector<data::Run> out;
    for (const RunEntry& entry : m->state.workspace.runs)
        try {
            out.push_back(run(entry.hash));
            out.back().name = entry.name;
        } catch (const Damage& e) {
            m->warn(e.what());
        }
    return out;
}

void Project::edit(std::string_view label, Workspace workspace)
{
    m->mustWrite();
    History::State wanted = History::state(std::move(workspace));
    if (wanted.json == m->state.json)
        return;
    const auto now = Clock::now();
    Transaction transaction(m->db);
    History history(m->db);
    wanted = m->merged(std::move(wanted));
    const bool replace = !label.empty() && label == m->label && now - m->edited < std::chrono::milliseconds(500);
    History::State after = history.append(m->state, label, std::move(wanted), replace);
    transaction.commit();
    // A step that came to nothing is gone: the next edit must not replace the one before it.
    const bool made = after.seq > m->state.seq || (replace && after.seq == m->state.seq);
    m->label = made ? label : std::string_view();
    m->edited = now;
    m->state = std::move(after);
}

void Project::amend(Workspace workspace)
{
    History::State wanted = History::state(std::move(workspace));
    if (wanted.json == m->state.json)
        return;
    if (m->readOnly) {
        wanted.seq = m->state.seq, wanted.change = m->state.change;
        m->state = std::move(wanted);
        return;
    }
    Transaction transaction(m->db);
    wanted = m->merged(std::move(wanted));
    History::State after = History(m->db).replace(m->state, std::move(wanted));
    transaction.commit();
    m->state = std::move(after);
}

bool Project::undo() { return m->travel(History::Direction::Back); }
bool Project::redo() { return m->travel(History::Direction::Forth); }

std::string Project::undoLabel() const { return m->readOnly ? "" : History(m->db).undoLabel(m->state.seq); }
std::string Project::redoLabel() const { return m->readOnly ? "" : History(m->db).redoLabel(m->state.seq); }

bool Project::reload()
{
    if (History(m->db).change() == m->state.change)
        return false;
    m->load();
    return true;
}

std::optional<std::string> Project::result(std::string_view key) const
try {
    Statement row(m->db, "SELECT json FROM result WHERE key=?", key);
    return row.step() ? unpackText(row.bytes(0)) : std::nullopt;
} catch (const Damage&) {
    return {};      // it is computed again
}

void Project::keepResult(std::string_view key, std::string_view json)
try {
    if (m->readOnly)
        return;
    Transaction transaction(m->db);
    store::run(m->db, "INSERT OR REPLACE INTO result(key, at, json) VALUES(?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?)", key,
               Bytes(packText(json)));
    m->db.exec("DELETE FROM result WHERE id <= (SELECT max(id) FROM result) - 1000");
    transaction.commit();
} catch (const Error&) {
    // A cache: a full disk or a locked file costs the next one a few seconds, and must not cost this one the result.
}

}

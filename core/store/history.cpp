// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/history.h"

#include "core/store/column.h"
#include "core/store/runs.h"

#include <nlohmann/json.hpp>

namespace store {
namespace {

// None where the snapshot is damaged.
std::optional<Workspace> parse(Bytes blob)
try {
    const std::optional<std::string> text = unpackText(blob);
    if (!text)
        return {};
    return nlohmann::json::parse(*text).get<Workspace>();
} catch (const nlohmann::json::exception&) {
    return {};
} catch (const Error&) {
    return {};
}

Workspace allRuns(const Database& db)
{
    Workspace out;
    for (const auto& [hash, name] : listRuns(db))
        out.runs.push_back({.hash = hex(hash), .name = name, .color = int(out.runs.size())});
    return out;
}

}

History::State History::state(Workspace workspace, std::int64_t seq)
{
    std::string json = nlohmann::json(workspace).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (json.find("\xef\xbf\xbd") != std::string::npos)     // a name was not UTF-8: it is called as it will be read back
        workspace = nlohmann::json::parse(json).get<Workspace>();
    return {.seq = seq, .change = 0, .workspace = std::move(workspace), .json = std::move(json), .warnings = {}};
}

std::int64_t History::change() const { return m_db.integer("SELECT change FROM head WHERE id=1"); }

std::optional<History::State> History::nearest(std::int64_t seq, Direction direction) const
{
    Statement rows(m_db, direction == Direction::Back
            ? "SELECT seq, workspace FROM history WHERE seq < ? ORDER BY seq DESC"
            : "SELECT seq, workspace FROM history WHERE seq > ? ORDER BY seq", seq);
    while (rows.step())
        if (std::optional<Workspace> workspace = parse(rows.bytes(1)))
            return state(std::move(*workspace), rows.integer(0));
    return {};
}

History::State History::load() const
{
    Statement head(m_db, "SELECT seq, change FROM head WHERE id=1");
    if (!head.step())
        throw Damage(m_db.name() + " is damaged (it does not say where its history stands): restore a copy of it, or import "
                     "the logs into a new project.");
    const std::int64_t seq = head.integer(0), change = head.integer(1);
    std::optional<State> found;
    try {
        found = nearest(seq + 1, Direction::Back);
        if (!found)
            found = nearest(seq, Direction::Forth);
        if (found && found->seq != seq)
            found->warnings.push_back("The last steps in " + m_db.name() + " are damaged; it is shown as it was "
                                      + std::to_string(std::abs(seq - found->seq)) + " steps "
                                      + (found->seq < seq ? "before" : "later") + ", with all its runs still in the file.");
    } catch (const Damage&) {
        found.reset();
    }
    if (!found) {
        found = state(allRuns(m_db), seq);
        found->warnings.push_back("The history in " + m_db.name() + " is damaged: its runs are all shown, its fits and charts "
                                  "are lost.");
    }
    found->change = change;
    return std::move(*found);
}

History::State History::append(const State& from, std::string_view label, State to, bool replace) const
{
    if (to.json == from.json)
        return from;
    to.seq = from.seq;
    std::optional<State> before;
    if (replace) {
        before = nearest(from.seq, Direction::Back);
        to.seq = before ? before->seq : from.seq - 1;
    }
    run(m_db, "DELETE FROM history WHERE seq > ?", to.seq);
    if (before && before->json == to.json) {    // a slider that was dragged to where it started leaves no step
        to.change = moveHead(to.seq);
        return to;
    }
    ++to.seq;
    run(m_db, "INSERT INTO history VALUES(?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?)", to.seq, label,
        Bytes(packText(to.json)));
    to.change = moveHead(to.seq);
    trim(to.seq);
    return to;
}

History::State History::replace(const State& from, State to) const
{
    if (to.json == from.json)
        return from;
    to.seq = from.seq;
    run(m_db, "INSERT INTO history VALUES(?, '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?) "
              "ON CONFLICT(seq) DO UPDATE SET workspace=excluded.workspace", to.seq, Bytes(packText(to.json)));
    to.change = moveHead(to.seq);
    return to;
}

std::optional<History::State> History::travel(const State& from, Direction direction) const
{
    std::optional<State> to = nearest(from.seq, direction);
    if (to)
        to->change = moveHead(to->seq);
    return to;
}

std::int64_t History::moveHead(std::int64_t seq) const
{
    run(m_db, "UPDATE head SET seq=?, change=change+1", seq);
    return change();
}

void History::trim(std::int64_t head) const
{
    std::int64_t oldest = head - kept;
    if (head % 32 == 0) {
        Statement sizes(m_db, "SELECT seq, length(workspace) FROM history ORDER BY seq DESC");
        // The step just made and the one before it stay, however large they are.
        for (std::int64_t total = 0; sizes.step();)
            if ((total += sizes.integer(1)) > keptBytes && sizes.integer(0) < head - 1) {
                oldest = std::max(oldest, sizes.integer(0) + 1);
                break;
            }
    }
    run(m_db, "DELETE FROM history WHERE seq < ?", oldest);
}

std::string History::undoLabel(std::int64_t seq) const
{
    Statement row(m_db, "SELECT label FROM history WHERE seq = ?1 AND EXISTS(SELECT 1 FROM history WHERE seq < ?1)", seq);
    return row.step() ? row.text(0) : "";
}

std::string History::redoLabel(std::int64_t seq) const
{
    Statement row(m_db, "SELECT label FROM history WHERE seq > ? ORDER BY seq LIMIT 1", seq);
    return row.step() ? row.text(0) : "";
}

}

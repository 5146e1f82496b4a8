// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/ensemble.hpp"

#include "base/failure.hpp"
#include "base/sha256.hpp"
#include "run/manifest.hpp"
#include "run/records.hpp"
#include "run/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <fcntl.h>
#include <map>
#include <sys/file.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace proxy {

namespace fs = std::filesystem;

namespace {

// One process at a time writes the summary of a folder that several train into.
struct FolderLock {
    explicit FolderLock(const fs::path& path)
        : file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644))
    {
        if (file >= 0 && ::flock(file, LOCK_EX) != 0) {
            // A file system without locks: the last writer wins, as without them.
        }
    }
    ~FolderLock()
    {
        if (file >= 0)
            ::close(file);
    }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;
    int file;
};

// A member whose parent did not live to have final weights cannot start.
void endWithoutParent(Sweep& sweep, const Member& member)
{
    sweep.progress.warn(
        "The member \"" + member.name + "\" cannot start: its parent " + member.initFrom + " diverged.");
    Outcome outcome;
    outcome.status = Status::Diverged;
    outcome.nanStep = 0;
    outcome.firstLoss = outcome.validation = outcome.accuracy = std::nan("");
    MemberLog(sweep, member).end(outcome);
    const std::lock_guard lock(sweep.mutex);
    ++sweep.ended;
    ++sweep.diverged;
}

// What a job points into, from its start to its end.
struct Loaded {
    std::unique_ptr<MemberLog> log;
    std::optional<Checkpoint> weights;
    std::optional<Parent> parent;
};

const Member& byId(const Spec& spec, const std::string& id)
{
    return *std::find_if(spec.members.begin(), spec.members.end(), [&](const Member& m) { return m.id == id; });
}

// The job of a member, or nothing when it cannot start.
std::optional<Job> jobOf(Sweep& sweep, const Member& member, std::shared_ptr<Loaded>& loaded)
{
    loaded = std::make_shared<Loaded>();
    if (!member.initFrom.empty()) {
        loaded->weights = loadFinal(sweep.checkpoints(), member.initFrom, sweep.identity);
        if (!loaded->weights) {
            endWithoutParent(sweep, member);
            return std::nullopt;
        }
        loaded->parent = Parent{byId(sweep.spec, member.initFrom), loaded->weights->state().front()};
    }
    loaded->log = std::make_unique<MemberLog>(sweep, member);
    Job job;
    job.member = &member;
    MemberLog* log = loaded->log.get();
    job.listener.validation = [log](const ValidationRecord& record) { log->validation(record); };
    job.listener.step = [log](const StepRecord& record) { return log->step(record); };
    job.listener.checkpoint = [log](long step, const std::vector<StateSpan>& state) { log->checkpoint(step, state); };
    if (loaded->log->restored())
        job.restart.state = loaded->log->restored()->state();
    if (loaded->parent)
        job.restart.parent = &*loaded->parent;
    return job;
}

// The members of `queue` as jobs, in its order; how they end goes into their logs and the summary.
void trainAll(Sweep& sweep, const std::vector<const Member*>& queue, int slots)
{
    std::size_t next = 0;
    std::map<const Member*, std::shared_ptr<Loaded>> running;
    Work work;
    work.next = [&]() -> std::optional<Job> {
        for (;;) {
            const Member* member = nullptr;
            sweep.control.waitWhilePaused();
            {
                const std::lock_guard lock(sweep.mutex);
                if (next == queue.size() || stopCode != 0)
                    return std::nullopt;
                member = queue[next++];
            }
            if (sweep.control.dropped(member->id))
                continue;
            std::shared_ptr<Loaded> loaded;
            std::optional<Job> job = jobOf(sweep, *member, loaded);
            if (!job)
                continue;
            const std::lock_guard lock(sweep.mutex);
            ++sweep.alive;
            running[member] = std::move(loaded);
            return job;
        }
    };
    work.ended = [&](const Member& member, const Outcome& outcome) {
        std::shared_ptr<Loaded> loaded;
        {
            const std::lock_guard lock(sweep.mutex);
            loaded = std::move(running.at(&member));
            running.erase(&member);
        }
        loaded->log->end(outcome);
        sweep.progress.memberEnd(member, outcome);
        const std::lock_guard lock(sweep.mutex);
        --sweep.alive;
        ++sweep.ended;
        sweep.diverged += outcome.status == Status::Diverged ? 1 : 0;
        writeSummary(sweep);
    };
    // The others end cleanly as if asked to stop.
    work.abandon = [] { stopCode = static_cast<int>(Exit::Cancelled); };
    sweep.backend->run(sweep.corpus, slots, work);
}

// Hands members to the backend: whole where it mixes shapes, else class by class in the order of the queue.
void runQueue(Sweep& sweep, std::vector<const Member*> left)
{
    while (!left.empty() && stopCode == 0) {
        std::vector<const Member*> batch = std::exchange(left, {});
        if (!sweep.backend->mixesShapes()) {
            const auto other = std::stable_partition(batch.begin(), batch.end(),
                [kind = classOf(*batch.front())](const Member* m) { return classOf(*m) == kind; });
            left.assign(other, batch.end());
            batch.erase(other, batch.end());
        }
        int slots = static_cast<int>(batch.size());
        for (const Member* member : batch)
            slots = std::min(slots, sweep.backend->slots(classOf(*member), static_cast<int>(batch.size())));
        sweep.progress.classBegins(*batch.front(), static_cast<int>(batch.size()), slots);
        trainAll(sweep, batch, slots);
    }
}

// Members that grow from others come after all that do not.
void runGenerations(Sweep& sweep)
{
    std::vector<const Member*> first = sweep.queue;
    const auto grown =
        std::stable_partition(first.begin(), first.end(), [](const Member* m) { return m->initFrom.empty(); });
    const std::vector<const Member*> second(grown, first.end());
    first.erase(grown, first.end());
    runQueue(sweep, first);
    runQueue(sweep, second);
}

// Half-written files of a process that was killed. Another part of the sweep may be writing one right now.
void removeLeftovers(const fs::path& folder)
{
    std::error_code ignored;
    const auto old = fs::file_time_type::clock::now() - std::chrono::minutes(10);
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored))
        if (entry.path().extension() == ".new" && entry.last_write_time(ignored) < old)
            fs::remove(entry.path(), ignored);
}

void prepare(const RunOptions& options)
{
    if (fs::exists(options.out / "manifest.json") && !options.resume)
        throw Failure(Exit::Usage,
            "The folder " + options.out.string()
                + " already holds a sweep; add --resume to finish it or name another folder with --out.");
    for (const char* name : {"members", "ckpt"}) {
        std::error_code error;
        fs::create_directories(options.out / name, error);
        if (error)
            throw Failure(Exit::Files,
                "Cannot make the folder " + (options.out / name).string() + ": " + error.message()
                    + "; name another with --out.");
        removeLeftovers(options.out / name);
    }
    removeLeftovers(options.out);
}

// Weights that no member is waiting for any more.
void removeFinals(const Sweep& sweep)
{
    for (const std::string& parent : sweep.parents) {
        const bool needed = std::any_of(sweep.spec.members.begin(), sweep.spec.members.end(),
            [&](const Member& m) { return m.initFrom == parent && !finished(sweep.options, m); });
        std::error_code ignored;
        if (!needed)
            fs::remove(sweep.checkpoints() / (parent + ".final"), ignored);
    }
}

int wait(Sweep& sweep)
{
    const Clock::time_point start = Clock::now();
    std::unique_lock lock(sweep.mutex);
    while (!sweep.over) {
        sweep.changed.wait_for(lock, std::chrono::milliseconds(100));
        const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
        int none = 0;
        if (sweep.options.maxSeconds > 0 && seconds > sweep.options.maxSeconds)
            stopCode.compare_exchange_strong(none, static_cast<int>(Exit::Budget));
        sweep.progress.tick(sweep.tokens, sweep.restored, sweep.alive, sweep.ended, sweep.diverged);
    }
    return stopCode;
}

void writeManifest(const Sweep& sweep, const char* status, int code)
{
    Json facts = manifest(sweep.spec, sweep.corpus, sweep.backend->facts(), status);
    const RunOptions& options = sweep.options;
    facts["device"]["backend"] = sweep.backend->name();
    facts["device"]["threads"] = options.threads;
    facts["pid"] = ::getpid();
    facts["budget"] = {{"max_seconds", options.maxSeconds}, {"max_tokens", options.maxTokens}};
    if (options.shards > 1)
        facts["shard"] = {options.shard, options.shards};
    if (code >= 0) {
        const double seconds = std::chrono::duration<double>(Clock::now() - sweep.start).count();
        const auto trained = static_cast<double>(sweep.tokens);
        facts["exit_code"] = code;
        facts["totals"].update({{"trained_tokens", sweep.tokens.load()}, {"seconds", seconds},
            {"tokens_per_s", trained / std::max(seconds, 1e-3)}});
    }
    writeWhole(options.out / "manifest.json", facts.dump(1) + "\n");
}

}

void writeSummary(const Sweep& sweep)
{
    const FolderLock lock(sweep.checkpoints() / "lock");
    std::string lines;
    for (const Member& member : sweep.spec.members)
        if (const auto end = finished(sweep.options, member))
            lines += summaryLine(member, *end) + "\n";
    writeWhole(sweep.options.out / "summary.jsonl", lines);
}

std::vector<const Member*> selected(const Spec& spec, const RunOptions& options)
{
    for (const std::string& id : options.only)
        if (std::none_of(spec.members.begin(), spec.members.end(), [&](const Member& m) { return m.id == id; }))
            throw Failure(Exit::Usage,
                "The spec has no member " + id + "; isoloss-proxy --plan lists the ids to give to --only.");
    std::set<std::string> chosen;
    std::size_t families = 0;
    std::map<std::string, std::size_t> family; // of the members that start from a seed
    for (const Member& member : spec.members)
        if (member.initFrom.empty())
            family[member.id] = families++;
    for (const Member& member : spec.members) {
        const auto& only = options.only;
        const std::size_t own = family[member.initFrom.empty() ? member.id : member.initFrom];
        const bool wanted = (only.empty() || std::find(only.begin(), only.end(), member.id) != only.end())
            && static_cast<int>(own % static_cast<std::size_t>(options.shards)) == options.shard;
        if (wanted && !(options.resume && finished(options, member)))
            chosen.insert(member.id);
    }
    for (const Member& member : spec.members)
        if (chosen.contains(member.id) && !member.initFrom.empty()) {
            const auto end = finished(options, byId(spec, member.initFrom));
            const bool lost = end && end->value("status", "") == "diverged";
            if (!lost && !fs::exists(options.out / "ckpt" / (member.initFrom + ".final")))
                chosen.insert(member.initFrom);
        }
    std::vector<const Member*> members;
    for (const Member& member : spec.members)
        if (chosen.contains(member.id))
            members.push_back(&member);
    std::stable_sort(members.begin(), members.end(), [](auto* a, auto* b) { return a->flop() > b->flop(); });
    return members;
}

int runSweep(const Spec& spec, const RunOptions& options)
{
    std::unique_ptr<Backend> backend = openDevice(options.device, options.threads);
    const std::vector<const Member*> queue = selected(spec, options);
    std::int64_t tokens = 0;
    for (const Member* member : queue) {
        tokens += member->tokens();
        backend->slots(classOf(*member), 1); // refuses what can never fit
    }
    Corpus corpus = makeCorpus(spec);
    const Json build{buildFacts(), backend->facts()["kind"]};
    const Identity identity{sha256(spec.text), sha256(build.dump())};
    checkCheckpoints(options.out / "ckpt", identity);
    prepare(options);
    Progress progress(options.progress, tokens, static_cast<int>(queue.size()));
    progress.keepLog(options.out / "trainer.log");
    const bool ownerMayLeave = options.progress == ProgressStyle::Events && !options.detach;
    Control control(
        options.out / "control.jsonl", ownerMayLeave, [&](const std::string& text) { progress.warn(text); });
    Sweep sweep{spec, options, std::move(corpus), queue, progress, std::move(backend), control, identity, {}};
    for (const Member& member : spec.members)
        if (!member.initFrom.empty())
            sweep.parents.insert(member.initFrom);
    writeManifest(sweep, "running", -1);
    const std::string timing =
        options.shards > 1 ? "timing." + std::to_string(options.shard) + ".jsonl" : "timing.jsonl";
    sweep.timing = std::make_unique<LineFile>(options.out / timing, options.resume ? LineFile::keepAll : 0);

    const int threads = std::clamp(options.threads, 1, std::max(1, static_cast<int>(queue.size())));
    progress.plan(threads, static_cast<int>(spec.members.size() - queue.size()));
    // The backend works on its own thread, so that this one can watch the clock and tell how far it is.
    std::thread runner([&sweep] {
        try {
            runGenerations(sweep);
        } catch (...) {
            sweep.failure = std::current_exception();
        }
        const std::lock_guard lock(sweep.mutex);
        sweep.over = true;
        sweep.changed.notify_all();
    });
    const int code = wait(sweep);
    runner.join();
    if (sweep.failure) {
        progress.note("ends with an error");
        std::rethrow_exception(sweep.failure);
    }
    progress.note("ends with exit code " + std::to_string(code));
    removeFinals(sweep);
    writeSummary(sweep);
    writeManifest(sweep, code == 0 ? "done" : "stopped", code);
    return code;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/ensemble.hpp"

#include "base/failure.hpp"
#include "base/files.hpp"
#include "run/backend.hpp"
#include "run/manifest.hpp"
#include "run/records.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace proxy {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

std::atomic<int> stopCode{0};
static_assert(std::atomic<int>::is_always_lock_free, "the signal handler writes stopCode");

namespace {

fs::path memberFile(const RunOptions& options, const Member& member)
{
    return options.out / "members" / (member.id + ".jsonl");
}

// The end line of a finished member, if its file has one.
std::optional<Json> finished(const RunOptions& options, const Member& member)
{
    std::ifstream in(memberFile(options, member));
    std::string last;
    for (std::string line; std::getline(in, line);)
        last = std::move(line);
    const Json end = Json::parse(last, nullptr, false);
    if (!end.is_object() || end.value("t", "") != "end" || end.value("status", "") == "stopped")
        return std::nullopt;
    return end;
}

// What the threads of a sweep share.
struct Sweep {
    const Spec& spec;
    const RunOptions& options;
    Corpus corpus;
    std::vector<const Member*> queue;
    Progress& progress;
    std::unique_ptr<Backend> backend;

    std::mutex mutex{}; // guards what follows
    std::condition_variable changed{};
    int alive = 0, ended = 0, diverged = 0;
    bool over = false;
    std::exception_ptr failure{};
    std::unique_ptr<LineFile> timing{};

    std::atomic<std::int64_t> tokens{0};
};

// Summary of all finished members in the order of the plan, so that it does not depend on who ended first.
void writeSummary(const Sweep& sweep)
{
    std::string lines;
    for (const Member& member : sweep.spec.members)
        if (const auto end = finished(sweep.options, member))
            lines += summaryLine(member, *end) + "\n";
    writeWhole(sweep.options.out / "summary.jsonl", lines);
}

// The log of a member in training.
struct MemberLog {
    MemberLog(Sweep& owner, const Member& which)
        : sweep(owner)
        , member(which)
        , lines(memberFile(owner.options, which))
    {
        lines.add(configLine(member, sweep.spec, sweep.corpus.train.entropy));
        lines.flush(); // who lists the folder sees at once what is running
    }

    void flush()
    {
        lines.flush();
        const std::lock_guard lock(sweep.mutex);
        if (!times.empty()) {
            times.pop_back();
            sweep.timing->add(times);
            sweep.timing->flush();
            times.clear();
        }
    }

    bool step(const StepRecord& record)
    {
        const bool last = record.step + 1 == member.steps || !std::isfinite(record.measures.loss + record.gradNorm);
        const Clock::time_point now = Clock::now();
        if (record.step % member.logEvery == 0 || last || isCorner(member.schedule, record.step, member.steps)) {
            const double seconds = std::chrono::duration<double>(now - start).count();
            lines.add(stepLine(member, record));
            times += "{\"id\":\"" + member.id + "\",\"step\":" + std::to_string(record.step)
                + ",\"seconds\":" + jsonNumber(seconds, 6) + "}\n";
        }
        if (record.vectors)
            lines.add(vectorLine(record));
        if (now - flushed > std::chrono::milliseconds(300)) {
            flush();
            flushed = now;
        }
        sweep.tokens += member.batchTokens();
        return stopCode == 0;
    }

    Sweep& sweep;
    const Member& member;
    LineFile lines;
    Clock::time_point start = Clock::now(), flushed = start;
    std::string times;
};

// The members of `queue` as jobs, in its order; how they end goes into their logs and the summary.
void trainAll(Sweep& sweep, const std::vector<const Member*>& queue, int slots)
{
    std::size_t next = 0;
    std::map<const Member*, std::shared_ptr<MemberLog>> logs;
    Work work;
    work.next = [&]() -> std::optional<Job> {
        const Member* member = nullptr;
        {
            const std::lock_guard lock(sweep.mutex);
            if (next == queue.size() || stopCode != 0)
                return std::nullopt;
            member = queue[next++];
            ++sweep.alive;
        }
        const auto log = std::make_shared<MemberLog>(sweep, *member);
        Listener listener;
        listener.validation = [log](const ValidationRecord& r) { log->lines.add(validationLine(log->member, r)); };
        listener.step = [log](const StepRecord& record) { return log->step(record); };
        const std::lock_guard lock(sweep.mutex);
        logs[member] = log;
        return Job{member, std::move(listener)};
    };
    work.ended = [&](const Member& member, const Outcome& outcome) {
        std::shared_ptr<MemberLog> log;
        {
            const std::lock_guard lock(sweep.mutex);
            log = std::move(logs.at(&member));
            logs.erase(&member);
        }
        log->lines.add(endLine(member, outcome));
        log->flush();
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

// Hands the queue to the backend: whole where it mixes shapes, else class by class in the order of the queue.
void runQueue(Sweep& sweep)
{
    std::vector<const Member*> left = sweep.queue;
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
        trainAll(sweep, batch, slots);
    }
}

// The members still to be trained, costliest first so that the threads end together.
std::vector<const Member*> choose(const Spec& spec, const RunOptions& options)
{
    std::vector<const Member*> chosen;
    for (const std::string& id : options.only)
        if (std::none_of(spec.members.begin(), spec.members.end(), [&](const Member& m) { return m.id == id; }))
            throw Failure(Exit::Usage,
                "The spec has no member " + id + "; isoloss-proxy --plan lists the ids to give to --only.");
    for (const Member& member : spec.members) {
        const auto& only = options.only;
        if (!only.empty() && std::find(only.begin(), only.end(), member.id) == only.end())
            continue;
        if (!(options.resume && finished(options, member)))
            chosen.push_back(&member);
    }
    std::stable_sort(chosen.begin(), chosen.end(), [](auto* a, auto* b) { return a->flop() > b->flop(); });
    return chosen;
}

void prepare(const RunOptions& options)
{
    if (fs::exists(options.out / "manifest.json") && !options.resume)
        throw Failure(Exit::Usage,
            "The folder " + options.out.string()
                + " already holds a sweep; add --resume to finish it or name another folder with --out.");
    std::error_code error;
    fs::create_directories(options.out / "members", error);
    if (error)
        throw Failure(Exit::Files,
            "Cannot make the folder " + options.out.string() + ": " + error.message() + "; name another with --out.");
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
        sweep.progress.tick(sweep.tokens, sweep.alive, sweep.ended, sweep.diverged);
    }
    return stopCode;
}

}

int runSweep(const Spec& spec, const RunOptions& options)
{
    prepare(options);
    const std::vector<const Member*> queue = choose(spec, options);
    std::int64_t tokens = 0;
    for (const Member* member : queue)
        tokens += member->tokens();
    Progress progress(options.progress, tokens, static_cast<int>(queue.size()));
    Sweep sweep{spec, options, makeCorpus(spec), queue, progress, openDevice(options.device, options.threads)};
    const fs::path manifestFile = options.out / "manifest.json";
    writeWhole(manifestFile, manifest(spec, sweep.corpus, options.threads, "running").dump(1) + "\n");
    sweep.timing = std::make_unique<LineFile>(options.out / "timing.jsonl", options.resume);

    const int threads = std::clamp(options.threads, 1, std::max(1, static_cast<int>(queue.size())));
    progress.plan(threads, static_cast<int>(spec.members.size() - queue.size()));
    // The backend works on its own thread, so that this one can watch the clock and tell how far it is.
    std::thread runner([&sweep] {
        try {
            runQueue(sweep);
        } catch (...) {
            sweep.failure = std::current_exception();
        }
        const std::lock_guard lock(sweep.mutex);
        sweep.over = true;
        sweep.changed.notify_all();
    });
    const int code = wait(sweep);
    runner.join();
    if (sweep.failure)
        std::rethrow_exception(sweep.failure);
    writeSummary(sweep);
    const char* status = code == 0 ? "done" : "stopped";
    writeWhole(manifestFile, manifest(spec, sweep.corpus, options.threads, status).dump(1) + "\n");
    return code;
}

}

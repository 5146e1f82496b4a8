// SPDX-License-Identifier: GPL-3.0-or-later
#include "cuda/backend.hpp"

#include "base/failure.hpp"
#include "cuda/discover.hpp"
#include "cuda/seat.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <exception>
#include <mutex>

namespace proxy {

namespace {

using Clock = std::chrono::steady_clock;

// The state is fetched for a checkpoint at most so often: the listener decides, but cannot be asked beforehand.
constexpr std::chrono::seconds offerEvery{5};

// Jobs as they come, sorted by who trains them.
struct Jobs {
    const Work& work;
    std::deque<Job> plain{}, dropout{}, cpu{};

    std::deque<Job>& rightQueue(const Member& member)
    {
        return unsupported(member) ? cpu : member.dropout > 0 ? dropout : plain;
    }

    // The next job of one kind; others that come on the way wait.
    std::optional<Job> next(std::deque<Job>& wanted)
    {
        while (wanted.empty()) {
            std::optional<Job> job = work.next();
            if (!job)
                return std::nullopt;
            rightQueue(*job->member).push_back(std::move(*job));
        }
        Job job = std::move(wanted.front());
        wanted.pop_front();
        return job;
    }
};

class Cuda : public Backend {
public:
    Cuda(std::int64_t number, int threads)
        : m_device(number)
        , m_number(number)
        , m_threads(threads)
    {
    }

    std::string name() const override { return "cuda:" + std::to_string(m_number); }
    bool mixesShapes() const override { return false; }

    Json facts() const override
    {
        const Discovery found = discover();
        const DeviceMemory size = memory();
        Json facts{{"kind", "cuda"}, {"name", name()}, {"driver", found.driver}, {"runtime", found.runtime},
            {"cublas", found.blas}, {"mem_total", size.total}, {"mem_free", size.free}};
        for (const DeviceFacts& device : found.devices)
            if (device.number == m_number)
                facts.update({{"name", device.name}, {"index", device.number}, {"uuid", device.uuid},
                    {"cc", std::to_string(device.major) + "." + std::to_string(device.minor)},
                    {"sm", device.processors}});
        return facts;
    }

    DeviceMemory memory() const override { return {m_device.totalMemory(), m_device.freeMemory()}; }

    std::int64_t bytes(const ShapeClass& kind, int members) const override
    {
        if (kind.scalar == Scalar::Double)
            return members * memberBytes(kind.shape, 8);
        return StepProgram::bytes(kind.shape, Precision::Float, members, true);
    }

    int slots(const ShapeClass& kind, int wanted) const override
    {
        if (kind.scalar == Scalar::Double)
            return std::clamp(wanted, 1, m_threads);
        // Some memory stays free for the text, the validation batches and the recordings.
        const std::int64_t room = m_device.freeMemory() * 9 / 10;
        int fit = std::max(1, wanted);
        while (fit > 1 && bytes(kind, fit) > room)
            fit = static_cast<int>(std::min<std::int64_t>(fit - 1, fit * room / bytes(kind, fit)));
        fit = std::max(fit, 1);
        if (bytes(kind, fit) > room)
            throw Failure(Exit::Memory,
                "One member needs " + std::to_string(bytes(kind, 1) >> 20) + " MiB of " + name() + ", which has "
                    + std::to_string(room >> 20) + " MiB free; use a smaller batch, context or model.");
        return fit;
    }

    double stepSeconds(const Member& member, int members) const override
    {
        if (unsupported(member))
            return cpuBackend(m_threads)->stepSeconds(member, members);
        Corpus corpus;
        corpus.train.values.assign(static_cast<std::size_t>(member.shape.context) * 4 + 1, 0);
        corpus.train.vocab = member.shape.vocab;
        Member sample = member;
        sample.uniqueTokens = 0;
        sample.mix.clear();
        const DeviceCorpus texts(m_device, corpus);
        const auto program =
            StepProgram::make(m_device, texts, member.shape, Precision::Float, members, member.dropout > 0);
        for (int slot = 0; slot < members; ++slot)
            Seat({&sample, {}, {}}, corpus).sitDown(*program, slot);
        program->run(3);
        const auto start = Clock::now();
        constexpr int steps = 8;
        program->run(steps);
        return std::chrono::duration<double>(Clock::now() - start).count() / steps;
    }

    void run(const Corpus& corpus, int slots, const Work& work) override
    {
        Jobs jobs{work};
        std::exception_ptr failure;
        const auto attempt = [&](const auto& part) {
            try {
                part();
            } catch (...) {
                if (!failure)
                    failure = std::current_exception();
                work.abandon();
            }
        };
        attempt([&] {
            const DeviceCorpus texts(m_device, corpus);
            runProgram(texts, slots, jobs, jobs.plain, false, work);
            runProgram(texts, slots, jobs, jobs.dropout, true, work);
        });
        attempt([&] { runOnCpu(corpus, jobs, work); });
        // What was never started is told so, whatever went wrong.
        for (std::deque<Job>* queue : {&jobs.plain, &jobs.dropout, &jobs.cpu})
            for (; !queue->empty(); queue->pop_front())
                work.ended(*queue->front().member, stopped());
        if (failure)
            std::rethrow_exception(failure);
    }

private:
    static Outcome stopped()
    {
        Outcome outcome;
        outcome.status = Status::Stopped;
        return outcome;
    }

    void runOnCpu(const Corpus& corpus, Jobs& jobs, const Work& work)
    {
        if (jobs.cpu.empty())
            return;
        std::fprintf(stderr, "The device does not know the switch \"%s\" yet; %zu members train on the CPU.\n",
            unsupported(*jobs.cpu.front().member), jobs.cpu.size());
        const int threads = std::min(m_threads, static_cast<int>(jobs.cpu.size()));
        std::mutex mutex;
        Work rest = work;
        rest.next = [&]() -> std::optional<Job> {
            const std::lock_guard lock(mutex);
            if (jobs.cpu.empty())
                return std::nullopt;
            Job job = std::move(jobs.cpu.front());
            jobs.cpu.pop_front();
            return job;
        };
        cpuBackend(m_threads)->run(corpus, threads, rest);
    }

    std::unique_ptr<StepProgram> makeProgram(const DeviceCorpus& texts, const Shape& shape, int slots, bool dropout)
    {
        for (;; slots = (slots + 1) / 2) {
            try {
                return StepProgram::make(m_device, texts, shape, Precision::Float, slots, dropout);
            } catch (const OutOfDeviceMemory& full) {
                if (slots == 1)
                    throw Failure(Exit::Memory, std::string(full.what()) + " Use a smaller batch, context or model.");
            }
        }
    }

    void runProgram(const DeviceCorpus& texts, int slots, Jobs& jobs, std::deque<Job>& kind, bool dropout,
        const Work& work)
    {
        std::optional<Job> first = jobs.next(kind);
        if (!first)
            return;
        kind.push_front(std::move(*first));
        const auto program = makeProgram(texts, kind.front().member->shape, std::max(1, slots), dropout);
        std::vector<std::unique_ptr<Seat>> seats(static_cast<std::size_t>(program->slots()));
        try {
            while (fillSeats(*program, seats, jobs, kind, texts.host))
                stepSeats(*program, seats, work);
        } catch (...) {
            for (const auto& seat : seats)
                if (seat)
                    work.ended(seat->member(), stopped());
            throw;
        }
    }

    bool fillSeats(StepProgram& program, std::vector<std::unique_ptr<Seat>>& seats, Jobs& jobs,
        std::deque<Job>& kind, const Corpus& corpus)
    {
        bool anybody = false;
        for (std::size_t slot = 0; slot < seats.size(); ++slot) {
            if (!seats[slot]) {
                if (std::optional<Job> job = jobs.next(kind)) {
                    seats[slot] = std::make_unique<Seat>(std::move(*job), corpus);
                    seats[slot]->sitDown(program, static_cast<int>(slot));
                }
            }
            anybody = anybody || seats[slot];
        }
        return anybody;
    }

    void stepSeats(StepProgram& program, std::vector<std::unique_ptr<Seat>>& seats, const Work& work)
    {
        const auto release = [&](std::size_t slot) {
            const std::unique_ptr<Seat> seat = std::move(seats[slot]);
            program.empty(static_cast<int>(slot));
            work.ended(seat->member(), *seat->outcome());
        };
        std::vector<std::int64_t> batches(seats.size(), 0);
        long steps = StepProgram::ringLength;
        bool due = false;
        for (std::size_t slot = 0; slot < seats.size(); ++slot)
            if (seats[slot])
                due = (batches[slot] = seats[slot]->evaluationDue()) > 0 || due;
        if (due) {
            const std::vector<StepProgram::Evaluation> results = program.evaluate(batches);
            for (std::size_t slot = 0; slot < seats.size(); ++slot) {
                if (batches[slot] == 0)
                    continue;
                seats[slot]->evaluated(results[slot]);
                if (seats[slot]->outcome())
                    release(slot);
            }
        }
        std::vector<int> measured(seats.size(), 0);
        for (const auto& seat : seats)
            if (seat)
                steps = std::min(steps, seat->stepsToNext());
        bool measuring = false, anybody = false;
        for (std::size_t slot = 0; slot < seats.size(); ++slot) {
            if (seats[slot])
                measuring = (measured[slot] = seats[slot]->vectorsDueAfter(steps) ? 1 : 0) || measuring;
            anybody = anybody || seats[slot];
        }
        if (!anybody)
            return;
        const std::vector<RingRow> rows =
            program.run(static_cast<int>(steps), measuring ? measured : std::vector<int>());
        const bool offer = Clock::now() - m_offered >= offerEvery;
        if (offer)
            m_offered = Clock::now();
        for (std::size_t slot = 0; slot < seats.size(); ++slot) {
            if (!seats[slot])
                continue;
            for (long i = 0; i < steps; ++i) {
                const RingRow& row = rows[static_cast<std::size_t>(i) * seats.size() + slot];
                std::optional<Vectors> vectors;
                if (i + 1 == steps && measured[slot] && row.valid)
                    vectors = program.vectors(static_cast<int>(slot));
                seats[slot]->stepped(row, vectors ? &*vectors : nullptr);
            }
            seats[slot]->offerCheckpoint(program, static_cast<int>(slot), offer);
            if (seats[slot]->outcome())
                release(slot);
        }
    }

    mutable Device m_device;
    std::int64_t m_number;
    int m_threads;
    Clock::time_point m_offered = Clock::now();
};

}

std::unique_ptr<Backend> cudaBackend(std::int64_t number, int threads)
{
    return std::make_unique<Cuda>(number, threads);
}

}

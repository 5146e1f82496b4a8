// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/failure.hpp"
#include "run/backend.hpp"
#include "run/manifest.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

namespace proxy {

namespace {

std::string gigabytes(std::int64_t bytes)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.3g GB", static_cast<double>(bytes) / 1e9);
    return text;
}

// Seconds of the fastest of three steps on zero tokens.
template <typename T> double measured(const Member& member)
{
    Training<T> training(member);
    const std::vector<std::int32_t> tokens(static_cast<std::size_t>(member.shape.batch) * (member.shape.context + 1));
    double best = 1e30;
    for (int i = 0; i < 3; ++i) {
        const auto start = std::chrono::steady_clock::now();
        advance(training, tokens.data());
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
}

class Cpu : public Backend {
public:
    explicit Cpu(int threads)
        : m_threads(threads)
    {
        useOneBlasThread();
    }

    std::string name() const override { return "cpu"; }
    bool mixesShapes() const override { return true; }

    Json facts() const override
    {
        const Json host = hostFacts();
        const DeviceMemory size = memory();
        return {{"kind", "cpu"}, {"name", host["cpu"]}, {"cores", host["cores"]}, {"isa", engine<float>().name},
            {"blas", blasName()}, {"mem_total", size.total}, {"mem_free", size.free}};
    }

    DeviceMemory memory() const override
    {
        DeviceMemory size;
        std::ifstream in("/proc/meminfo");
        std::string key, unit;
        for (std::int64_t kibibytes = 0; in >> key >> kibibytes; std::getline(in, unit)) {
            if (key == "MemTotal:")
                size.total = kibibytes * 1024;
            if (key == "MemAvailable:")
                size.free = kibibytes * 1024;
        }
        return size;
    }

    std::int64_t bytes(const ShapeClass& kind, int members) const override
    {
        return members * memberBytes(kind.shape, kind.scalar == Scalar::Float ? 4 : 8);
    }

    int slots(const ShapeClass& kind, int wanted) const override
    {
        // Free memory varies from second to second; only what can never fit is refused.
        const std::int64_t total = memory().total, one = bytes(kind, 1);
        if (total > 0 && one > total)
            throw Failure(Exit::Memory,
                "One member of L " + std::to_string(kind.shape.layers) + ", d " + std::to_string(kind.shape.width)
                    + ", T " + std::to_string(kind.shape.context) + ", B " + std::to_string(kind.shape.batch)
                    + " needs " + gigabytes(one) + ", but this machine has " + gigabytes(total)
                    + "; use a smaller batch, context or model.");
        const std::int64_t fit = total > 0 ? total / std::max<std::int64_t>(1, one) : m_threads;
        return static_cast<int>(
            std::clamp<std::int64_t>(std::min(wanted, m_threads), 1, std::max<std::int64_t>(1, fit)));
    }

    double stepSeconds(const Member& member, int members) const override
    {
        const double one = member.scalar == Scalar::Float ? measured<float>(member) : measured<double>(member);
        return one * std::max(1, (members + m_threads - 1) / m_threads);
    }

    void run(const Corpus& corpus, int slots, const Work& work) override
    {
        std::mutex mutex;
        std::exception_ptr failure;
        const auto loop = [&] {
            try {
                while (const std::optional<Job> job = work.next())
                    work.ended(*job->member, train(*job->member, corpus, job->listener, job->restart));
            } catch (...) {
                const std::lock_guard lock(mutex);
                if (!failure)
                    failure = std::current_exception();
                work.abandon();
            }
        };
        std::vector<std::thread> threads;
        for (int i = 0; i < slots; ++i)
            threads.emplace_back(loop);
        for (std::thread& thread : threads)
            thread.join();
        if (failure)
            std::rethrow_exception(failure);
    }

private:
    int m_threads;
};

}

std::unique_ptr<Backend> cpuBackend(int threads)
{
    return std::make_unique<Cpu>(threads);
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/error.h"
#include "core/tick.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace fit {

// Calls work(i, scratch) for i in [0, n) on several threads, each with a Scratch of its own. Results belong into slot
// i, so that they do not depend on the number of threads. Ticks from the calling thread; false throws
// Error("cancelled"). The first exception of a worker is rethrown.
template <class Scratch, class Work>
void parallel(std::size_t n, int threads, const Tick& tick, Work work)
{
    const std::size_t hardware = std::max(1u, std::thread::hardware_concurrency());
    const std::size_t count = std::min(n, threads > 0 ? std::size_t(threads) : hardware);
    std::atomic<std::size_t> next{0};
    std::atomic<bool> stop{false};
    std::exception_ptr failure;
    std::mutex mutex;
    const auto run = [&](bool reports) {
        Scratch scratch;
        try {
            for (std::size_t i; !stop && (i = next++) < n;) {
                work(i, scratch);
                if (reports && tick && !tick(double(i + 1) / double(n)))
                    throw Error("cancelled");
            }
        } catch (...) {
            const std::lock_guard lock(mutex);
            if (!failure)
                failure = std::current_exception();
            stop = true;
        }
    };
    {
        std::vector<std::jthread> pool;
        for (std::size_t t = 1; t < count; ++t)
            pool.emplace_back(run, false);
        run(true);
    }
    if (failure)
        std::rethrow_exception(failure);
}

}

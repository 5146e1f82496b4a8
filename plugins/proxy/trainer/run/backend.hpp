// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "run/trainer.hpp"
#include "spec/spec.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace proxy {

// Members of one class have arrays of the same sizes; whatever else differs between them is in Member.
struct ShapeClass {
    Shape shape;
    Scalar scalar = Scalar::Float;

    bool operator==(const ShapeClass&) const = default;
};

inline ShapeClass classOf(const Member& member)
{
    return {member.shape, member.scalar};
}

// One member to be trained and who listens to it. A listener's calls for one member come in the order of its steps;
// calls for different members may come from different threads. A call that does not return holds the member: that is
// how a sweep pauses.
struct Job {
    const Member* member = nullptr;
    Listener listener{};
    Restart restart{}; // where it begins; what it points to lives until the job has ended
};

// Where the members that a backend trains come from and go to. Every function may be called from any thread.
struct Work {
    // The next member of the class in hand, or nothing when no more is to be started now. On a backend that mixes
    // shapes the call may wait for a member that another one grows from.
    std::function<std::optional<Job>()> next;
    // Once for every job, after the last call of its listener.
    std::function<void(const Member&, const Outcome&)> ended;
    // A file or the device failed: from here on every `step` answers false and `next` gives nothing.
    std::function<void()> abandon;
};

struct DeviceMemory {
    std::int64_t total = 0, free = 0; // bytes
};

// A device that can step a list of members. The bits of a member depend on nothing but the member and the corpus:
// neither on its slot nor on its neighbours nor on their number.
struct Backend {
    virtual ~Backend() = default;

    virtual std::string name() const = 0; // "cpu", "cuda:0"
    // {"kind", "name", ...} for --probe and the manifest.
    virtual Json facts() const = 0;
    // Whether run() takes members of different classes at once. If not, it is called once per class.
    virtual bool mixesShapes() const = 0;
    virtual DeviceMemory memory() const = 0;
    // Bytes that `members` slots of a class take, without the corpus.
    virtual std::int64_t bytes(const ShapeClass& kind, int members) const = 0;
    // How many members of the class to train at once when `wanted` of them wait; at least 1.
    // Throws Failure(Memory) when not even one fits.
    virtual int slots(const ShapeClass& kind, int wanted) const = 0;
    // Seconds for one training step of `members` members at once, from a few real steps on this device.
    virtual double stepSeconds(const Member& member, int members) const = 0;
    // Trains what `work` gives until it gives nothing more; a slot whose member ended takes the next one. Throws after
    // all members have ended, for reasons that are not a member's own.
    virtual void run(const Corpus& corpus, int slots, const Work& work) = 0;
};

// One std::thread per member, `threads` at once.
std::unique_ptr<Backend> cpuBackend(int threads);

// The backend of --device: auto, cpu, cuda:N. Throws Failure(NoDevice) with what to do instead.
std::unique_ptr<Backend> openDevice(const std::string& device, int threads);

// Every device this program can use, as --probe prints them.
Json probeDevices();

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cuda/device.hpp"
#include "cuda/slot.hpp"
#include "data/batches.hpp"
#include "data/corpus.hpp"
#include "run/trainer.hpp"

#include <memory>
#include <vector>

namespace proxy {

// What matrix products multiply: floats, or bfloat16 with sums, parameters and everything else in floats.
enum class Precision { Float, BFloat };

// The training text in device memory; the validation text is laid out by each program. Keeps a reference to `corpus`.
class DeviceCorpus {
public:
    DeviceCorpus(Device& device, const Corpus& corpus);
    ~DeviceCorpus();
    DeviceCorpus(const DeviceCorpus&) = delete;
    DeviceCorpus& operator=(const DeviceCorpus&) = delete;

    const Corpus& host;
    const std::uint16_t* train = nullptr;

private:
    Device& m_device;
};

// What of a member the device does not do yet, or null.
const char* unsupported(const Member& member);

// All members of one shape class, side by side in `slots` slots of one device: every kernel and matrix product works
// on all of them at once. A slot that is empty, done or diverged stands still.
class StepProgram {
public:
    static constexpr int ringLength = 64; // most steps of one call to run()

    virtual ~StepProgram() = default;
    // Bytes of device memory that `slots` slots take. `dropout`: whether any member uses it; without it the residual
    // sums are formed inside the matrix products, so the two kinds of members do not share a program.
    static std::int64_t bytes(const Shape& shape, Precision precision, int slots, bool dropout);
    // Throws OutOfDeviceMemory.
    static std::unique_ptr<StepProgram> make(
        Device& device, const DeviceCorpus& corpus, const Shape& shape, Precision precision, int slots, bool dropout);

    virtual int slots() const = 0;
    // Where a member stands: its updates so far and layout.size values each; null moments and norms begin at zero.
    struct SlotState {
        std::int64_t step = 0;
        const float *theta = nullptr, *first = nullptr, *second = nullptr;
        const double* limiter = nullptr; // one norm per tensor
    };
    virtual void fill(int slot, const Member& member, const Sampler& sampler, const SlotState& state) = 0;
    // Stops a slot.
    virtual void empty(int slot) = 0;
    // Makes `count` steps of every slot that moves; afterwards row i * slots() + slot of the answer is what the slot
    // did at the i-th of them. Where `measured` is not empty, vectors() can be asked for the slots it marks afterwards.
    virtual const std::vector<RingRow>& run(int count, const std::vector<int>& measured = {}) = 0;
    // What one slot measured at the last step of the last run(); the tensors are those of its member.
    virtual Vectors vectors(int slot) = 0;
    // Norms of the limiter, one per tensor of the class's layout.
    virtual std::vector<double> limiter(int slot) = 0;
    // Mean loss and accuracy over the first batches[slot] validation batches; 0 batches leave a slot out.
    struct Evaluation {
        double loss, accuracy;
    };
    virtual std::vector<Evaluation> evaluate(const std::vector<std::int64_t>& batches) = 0;
    // Forward and backward on given tokens (one batch per slot, rows of context + 1), without an update.
    virtual std::vector<BatchSums> differentiate(const std::vector<std::int32_t>& tokens) = 0;

    // Host copies of one slot's arrays, layout.size floats each.
    enum class Array { Theta, Gradient, First, Second };
    virtual std::vector<float> read(int slot, Array array) = 0;
};

}

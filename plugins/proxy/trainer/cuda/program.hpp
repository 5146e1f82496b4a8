// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cuda/device.hpp"
#include "cuda/slot.hpp"
#include "data/corpus.hpp"
#include "spec/member.hpp"

#include <memory>
#include <vector>

namespace proxy {

// What matrix products multiply: floats, or bfloat16 with sums, parameters and everything else in floats.
enum class Precision { Float, BFloat };

// Both corpora in device memory.
class DeviceCorpus {
public:
    DeviceCorpus(Device& device, const Corpus& corpus);
    ~DeviceCorpus();
    DeviceCorpus(const DeviceCorpus&) = delete;
    DeviceCorpus& operator=(const DeviceCorpus&) = delete;

    const std::uint16_t *train = nullptr, *validation = nullptr;
    std::int64_t trainTokens = 0, validationTokens = 0;

private:
    Device& m_device;
};

// All members of one shape class, side by side in `slots` slots of one device: every kernel and matrix product works
// on all of them at once. A slot that is empty, done or diverged stands still.
class StepProgram {
public:
    static constexpr int ringLength = 64; // most steps of one call to run()

    virtual ~StepProgram() = default;
    // Bytes of device memory that `slots` slots take.
    static std::int64_t bytes(const Shape& shape, Precision precision, int slots);
    // Throws OutOfDeviceMemory.
    static std::unique_ptr<StepProgram> make(
        Device& device, const DeviceCorpus& corpus, const Shape& shape, Precision precision, int slots);

    virtual int slots() const = 0;
    // Puts a member into a slot after `step` updates with these parameters; the moments begin at zero where null.
    virtual void fill(int slot, const Member& member, std::int64_t step, const float* theta, const float* first,
        const float* second)
        = 0;
    virtual void empty(int slot) = 0;
    // Makes `count` steps of every slot that moves; afterwards row i * slots() + slot of the answer is what the slot
    // did at the i-th of them.
    virtual const std::vector<RingRow>& run(int count) = 0;
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

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#if !defined(__CUDACC__)
#include "cuda/emulate.hpp"
#endif

namespace proxy {

// The device has no room left; fewer members may fit.
struct OutOfDeviceMemory : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// D_i = alpha op(A_i) op(B_i) + beta C_i for i < count, row-major with leading dimensions; op(A) is m x k, op(B) k x n.
// Consecutive matrices are `stride` elements apart. `half`: A and B hold bfloat16, C and D always 32-bit floats.
struct Product {
    bool transposeA = false, transposeB = false;
    int m = 0, n = 0, k = 0;
    float alpha = 1, beta = 0;
    const void* a = nullptr;
    int lda = 0;
    std::int64_t strideA = 0;
    const void* b = nullptr;
    int ldb = 0;
    std::int64_t strideB = 0;
    const float* c = nullptr; // may be d
    float* d = nullptr;
    int ldd = 0; // of c and d
    std::int64_t strideD = 0;
    int count = 1;
    bool half = false;
};

// One device and one ordered queue of work on it. There are two libraries behind this interface: the real one, and an
// emulation on the CPU that the tests run.
class Device {
public:
    // Throws Failure(NoDevice) with what is missing. The emulation takes its memory size instead of a number.
    explicit Device(std::int64_t number);
    ~Device();
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    std::int64_t totalMemory() const;
    std::int64_t freeMemory() const;

    // 256-byte aligned, contents arbitrary. Throws OutOfDeviceMemory.
    void* allocate(std::size_t bytes);
    void release(void* memory);

    // In the order of the queue; `from` may be changed as soon as the call returns.
    void upload(void* to, const void* from, std::size_t bytes);
    // Waits for all work before it.
    void download(void* to, const void* from, std::size_t bytes);
    void copy(void* to, const void* from, std::size_t bytes);
    void fill(void* to, int byte, std::size_t bytes);
    void wait();

    void multiply(const Product& product);

    // Records what `work` enqueues instead of doing it; replay() does all of it at once. A recording belongs to the
    // device and lives as long; its number is its name.
    int record(const std::function<void()>& work);
    void replay(int recording);
    void forget(int recording);

    // The queue to launch kernels on: a cudaStream_t. In the emulation launch() below is used instead.
    void* queue() const;
    void checkLaunch() const;
    void launch(const std::function<void()>& grid);

private:
    struct Inside;
    std::unique_ptr<Inside> m_inside;
};

#if defined(__CUDACC__)

template <typename... Parameters, typename... Arguments>
void launch(Device& device, unsigned pieces, int slots, unsigned threads, std::size_t shared,
    void (*kernel)(Parameters...), Arguments... arguments)
{
    const dim3 grid(pieces, static_cast<unsigned>(slots));
    kernel<<<grid, threads, shared, static_cast<cudaStream_t>(device.queue())>>>(static_cast<Parameters>(arguments)...);
    device.checkLaunch();
}

#else

template <typename... Parameters, typename... Arguments>
void launch(Device& device, unsigned pieces, int slots, unsigned threads, std::size_t shared,
    void (*kernel)(Parameters...), Arguments... arguments)
{
    device.launch([=] {
        emulate::runGrid({pieces, static_cast<unsigned>(slots), 1}, threads, shared,
            [&] { kernel(static_cast<Parameters>(arguments)...); });
    });
}

#endif

}

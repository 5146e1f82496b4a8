// SPDX-License-Identifier: GPL-3.0-or-later
// The CPU engine, compiled once per instruction set: PROXY_ARCH_FLOAT and PROXY_ARCH_DOUBLE name its two entries.
#include "model/backward.hpp"
#include "model/forward.hpp"

namespace proxy {
namespace {

// Partial sums of a block in T, the blocks in double: fast, and no precision is lost over a large tensor.
constexpr std::int64_t blockSize = 1024;

template <typename T> double squares(const T* values, std::int64_t count)
{
    double total = 0;
    for (std::int64_t begin = 0; begin < count; begin += blockSize) {
        const int n = static_cast<int>(count - begin < blockSize ? count - begin : blockSize);
        total += static_cast<double>(dot(values + begin, values + begin, n));
    }
    return total;
}

// One block of AdamW. The sums change no bit of the update, so logging more or less trains the same network.
template <bool Summed, bool Toward, typename T>
void adamBlock(Net<T>& net, std::int64_t begin, int count, const AdamStep& step, const T* initial, AdamSums* sums)
{
    T* theta = net.theta + begin;
    const T* grad = net.grad + begin;
    T* m = net.m + begin;
    T* v = net.v + begin;
    const AdamStep constants = step;
    const T shrink = T(step.decay), rate = T(step.rate), eps = T(step.eps);
    T update = 0, parameter = 0, change = 0, below = 0;
#pragma omp simd reduction(+ : update, parameter, change, below)
    for (int i = 0; i < count; ++i) {
        T root;
        const T before = theta[i];
        const T direction = adamDirection(grad[i], m[i], v[i], constants, root);
        const T pulled = Toward ? before - initial[i] : before;
        const T after = before - rate * direction - shrink * pulled;
        theta[i] = after;
        if constexpr (Summed) {
            update += direction * direction;
            parameter += before * before;
            change += (after - before) * (after - before);
            below += root < eps ? T(1) : T(0);
        }
    }
    if constexpr (Summed) {
        sums->update += static_cast<double>(update);
        sums->parameter += static_cast<double>(parameter);
        sums->change += static_cast<double>(change);
        sums->belowEps += static_cast<double>(below);
    }
}

template <typename T>
void adam(Net<T>& net, std::int64_t begin, std::int64_t count, const AdamStep& step, const T* initial, AdamSums* sums)
{
    const auto block = sums ? (initial ? adamBlock<true, true, T> : adamBlock<true, false, T>)
                            : (initial ? adamBlock<false, true, T> : adamBlock<false, false, T>);
    for (std::int64_t done = 0; done < count; done += blockSize) {
        const int n = static_cast<int>(count - done < blockSize ? count - done : blockSize);
        block(net, begin + done, n, step, initial ? initial + begin + done : nullptr, sums);
    }
}

template <typename T> void multiply(int m, int n, int k, const T* a, const T* b, T* c)
{
    gemm(Op::Plain, Op::Plain, m, n, k, T(1), a, k, b, n, T(0), c, n);
}

template <typename T>
constexpr Engine<T> table{PROXY_ARCH_NAME, &forward<T>, &backward<T>, &squares<T>, &adam<T>, &multiply<T>};

}

const Engine<float>& PROXY_ARCH_FLOAT();
const Engine<double>& PROXY_ARCH_DOUBLE();

const Engine<float>& PROXY_ARCH_FLOAT()
{
    return table<float>;
}

const Engine<double>& PROXY_ARCH_DOUBLE()
{
    return table<double>;
}

}

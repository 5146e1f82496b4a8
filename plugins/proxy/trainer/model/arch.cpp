// SPDX-License-Identifier: GPL-3.0-or-later
// The CPU engine, compiled once per instruction set: PROXY_ARCH_FLOAT and PROXY_ARCH_DOUBLE name its two entries.
#include "model/backward.hpp"
#include "model/forward.hpp"

namespace proxy {
namespace {

template <typename T> double gradNorm(const Net<T>& net)
{
    double total = 0;
    const T* g = net.grad;
#pragma omp simd reduction(+ : total)
    for (std::int64_t i = 0; i < net.layout.size; ++i)
        total += static_cast<double>(g[i]) * static_cast<double>(g[i]);
    return rootOf(total);
}

template <typename T> void adam(Net<T>& net, std::int64_t begin, std::int64_t count, const AdamStep& step, double decay)
{
    T* theta = net.theta + begin;
    const T* grad = net.grad + begin;
    T* m = net.m + begin;
    T* v = net.v + begin;
    const AdamStep constants = step;
    const T shrink = T(decay);
#pragma omp simd
    for (std::int64_t i = 0; i < count; ++i)
        adamElement(theta[i], grad[i], m[i], v[i], constants, shrink);
}

template <typename T> void multiply(int m, int n, int k, const T* a, const T* b, T* c)
{
    gemm(Op::Plain, Op::Plain, m, n, k, T(1), a, k, b, n, T(0), c, n);
}

template <typename T>
constexpr Engine<T> table{PROXY_ARCH_NAME, &forward<T>, &backward<T>, &gradNorm<T>, &adam<T>, &multiply<T>};

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

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The small dialect the kernels are written in: the same source is compiled by nvcc for the device and by any C++
// compiler for the emulation. One-dimensional blocks of whole warps, warps of 32 lanes.
#include "base/inline.hpp"
#include "cuda/emulate.hpp"

#include <cstdint>

#if defined(__CUDACC__)

#define PROXY_KERNEL static __global__ void
#define PROXY_DEVICE static __device__ inline
#define PROXY_DEVICE_MEMBER __device__
#define PROXY_SHARED __shared__
#define PROXY_POOL(Type, name) \
    extern __shared__ __align__(16) unsigned char proxyPool[]; \
    Type* name = reinterpret_cast<Type*>(proxyPool)

namespace proxy {

PROXY_DEVICE float shuffle(float value, int sourceLane)
{
    return __shfl_sync(0xffffffffu, value, sourceLane);
}
PROXY_DEVICE double shuffle(double value, int sourceLane)
{
    return __shfl_sync(0xffffffffu, value, sourceLane);
}
PROXY_DEVICE std::uint32_t votes(bool vote)
{
    return __ballot_sync(0xffffffffu, vote);
}
PROXY_DEVICE void atomicLargest(int* to, int value)
{
    atomicMax(to, value);
}
PROXY_DEVICE int atomicIncrease(int* to)
{
    return atomicAdd(to, 1);
}
PROXY_DEVICE int lowestBit(std::uint32_t bits)
{
    return __ffs(static_cast<int>(bits)) - 1;
}

}

#else

#define PROXY_KERNEL static void
#define PROXY_DEVICE [[maybe_unused]] static inline
#define PROXY_DEVICE_MEMBER
#define PROXY_SHARED static thread_local
#define PROXY_POOL(Type, name) Type* name = reinterpret_cast<Type*>(::proxy::emulate::dynamicShared())
#define threadIdx (::proxy::emulate::here().thread)
#define blockIdx (::proxy::emulate::here().block)
#define blockDim (::proxy::emulate::here().blockSize)
#define gridDim (::proxy::emulate::here().grid)
#define __syncthreads ::proxy::emulate::blockBarrier
#define __syncwarp ::proxy::emulate::warpBarrier

namespace proxy {

PROXY_DEVICE float shuffle(float value, int sourceLane)
{
    const auto bits = __builtin_bit_cast(std::uint32_t, value);
    return __builtin_bit_cast(float, emulate::exchange(bits, static_cast<unsigned>(sourceLane)));
}
PROXY_DEVICE double shuffle(double value, int sourceLane)
{
    const auto bits = __builtin_bit_cast(std::uint64_t, value);
    const auto lane = static_cast<unsigned>(sourceLane);
    const std::uint64_t low = emulate::exchange(static_cast<std::uint32_t>(bits), lane);
    const std::uint64_t high = emulate::exchange(static_cast<std::uint32_t>(bits >> 32), lane);
    return __builtin_bit_cast(double, high << 32 | low);
}
PROXY_DEVICE std::uint32_t votes(bool vote)
{
    return emulate::ballot(vote);
}
// Fibers of one operating-system thread take turns, so plain arithmetic is atomic.
PROXY_DEVICE void atomicLargest(int* to, int value)
{
    *to = value > *to ? value : *to;
}
PROXY_DEVICE int atomicIncrease(int* to)
{
    return (*to)++;
}
PROXY_DEVICE int lowestBit(std::uint32_t bits)
{
    return __builtin_ctz(bits);
}

}

#endif

namespace proxy {

PROXY_DEVICE int lane()
{
    return static_cast<int>(threadIdx.x % 32);
}
PROXY_DEVICE int warp()
{
    return static_cast<int>(threadIdx.x / 32);
}
PROXY_DEVICE int thread()
{
    return static_cast<int>(threadIdx.x);
}
PROXY_DEVICE int blockWidth()
{
    return static_cast<int>(blockDim.x);
}
// Blocks are laid out as x = piece of work, y = member slot.
PROXY_DEVICE int piece()
{
    return static_cast<int>(blockIdx.x);
}
PROXY_DEVICE int slotIndex()
{
    return static_cast<int>(blockIdx.y);
}

// Sum over groups of `width` neighbouring lanes (a power of two), the same in every lane and always in the same order.
template <typename T> PROXY_DEVICE T groupSum(T value, int width)
{
    for (int distance = width / 2; distance > 0; distance /= 2)
        value += shuffle(value, lane() ^ distance);
    return value;
}

template <typename T> PROXY_DEVICE T warpSum(T value)
{
    return groupSum(value, 32);
}

// Largest value of the warp; a NaN anywhere is the answer.
PROXY_DEVICE float warpLargest(float value)
{
    for (int distance = 16; distance > 0; distance /= 2) {
        const float other = shuffle(value, lane() ^ distance);
        value = other <= value || value != value ? value : other;
    }
    return value;
}

// Sum over the block, valid in every thread; up to 32 warps. Ends with a barrier passed, so it can be called again.
PROXY_DEVICE double blockSum(double value)
{
    PROXY_SHARED double sums[32];
    value = warpSum(value);
    if (lane() == 0)
        sums[warp()] = value;
    __syncthreads();
    double total = 0;
    for (int i = 0; i < blockWidth() / 32; ++i)
        total += sums[i];
    __syncthreads();
    return total;
}

// Floats as integers of the same order, NaN above everything, for atomicLargest.
PROXY_INLINE int orderedBits(float value)
{
    if (value != value)
        return 0x7fffffff;
    const int bits = __builtin_bit_cast(int, value);
    return bits < 0 ? bits ^ 0x7fffffff : bits;
}
PROXY_INLINE float fromOrderedBits(int bits)
{
    return __builtin_bit_cast(float, bits < 0 ? bits ^ 0x7fffffff : bits);
}

}

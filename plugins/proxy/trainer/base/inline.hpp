// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The scalar formulas are shared by every backend. On the CPU they have internal linkage, because the engine is
// compiled once per instruction set and the linker must never merge two versions of one formula.
#if defined(__CUDACC__)
#define PROXY_INLINE static __host__ __device__ inline
#else
#define PROXY_INLINE [[maybe_unused]] static inline __attribute__((always_inline))
#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>

// Runs device kernels on the CPU, one block at a time, each thread of the block as a fiber. What the device leaves
// undefined (a barrier or shuffle that some threads never reach) stops the program with a sentence here.
namespace proxy::emulate {

struct Index {
    unsigned x = 0, y = 0, z = 0;
};

// The thread that runs now, as its kernel sees itself.
struct Place {
    Index thread, block, blockSize, grid;
};
Place& here();

struct Misuse : std::logic_error {
    using std::logic_error::logic_error;
};

// Runs `body` for every thread of every block. `sharedBytes` of dynamic shared memory hold 0xff bytes, NaN as floating
// point, at the start of each block. Blocks run in reverse order, because nothing may depend on their order.
// Throws Misuse.
void runGrid(Index grid, unsigned blockSize, std::size_t sharedBytes, const std::function<void()>& body);

// What kernels call.
void blockBarrier();
void warpBarrier();
std::uint32_t exchange(std::uint32_t value, unsigned sourceLane);
std::uint32_t ballot(bool vote);
unsigned char* dynamicShared();

}

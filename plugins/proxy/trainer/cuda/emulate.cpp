// SPDX-License-Identifier: GPL-3.0-or-later
#include "cuda/emulate.hpp"

#include <cstring>
#include <memory>
#include <sys/mman.h>
#include <vector>
#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace proxy::emulate {

namespace {

constexpr std::size_t stackBytes = 64 * 1024;
constexpr unsigned warpSize = 32;

struct Fiber {
    Place place;
    bool done = false;
    unsigned index = 0;
#if defined(__x86_64__)
    void* stack = nullptr; // saved stack pointer
#else
    ucontext_t context;
#endif
};

struct Barrier {
    unsigned arrived = 0;
    std::uint32_t generation = 0;
};

struct Warp {
    Barrier barrier;
    unsigned live = 0;
    std::uint32_t words[2][warpSize];
    unsigned phase[warpSize];
};

// One block at a time; everything belongs to the operating-system thread that called runGrid.
struct Machine {
    std::vector<Fiber> fibers;
    std::vector<Warp> warps;
    unsigned char* stacks = nullptr;
    std::size_t stackCount = 0;
    Fiber main, *current = nullptr;
    Barrier block;
    unsigned live = 0, size = 0;
    std::uint64_t switchesWithoutProgress = 0;
    const std::function<void()>* body = nullptr;
    std::vector<unsigned char> shared;
    const char* failure = nullptr;

    ~Machine()
    {
        if (stacks)
            munmap(stacks, stackCount * stackBytes);
    }
};

Machine& machine()
{
    static thread_local Machine one;
    return one;
}

#if defined(__x86_64__)
// Saves the callee-saved registers on the old stack, changes stacks, restores them from the new one.
extern "C" void proxyFiberSwitch(void** from, void* to);
asm(R"(
.text
.globl proxyFiberSwitch
.type proxyFiberSwitch, @function
proxyFiberSwitch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size proxyFiberSwitch, .-proxyFiberSwitch
)");
#endif

void switchTo(Fiber& next)
{
    Machine& m = machine();
    Fiber& old = *m.current;
    m.current = &next;
#if defined(__x86_64__)
    proxyFiberSwitch(&old.stack, next.stack);
#else
    swapcontext(&old.context, &next.context);
#endif
}

[[noreturn]] void fail(const char* sentence)
{
    Machine& m = machine();
    m.failure = sentence;
    switchTo(m.main);
    __builtin_unreachable();
}

Fiber* nextLive(unsigned begin, unsigned count, unsigned after)
{
    Machine& m = machine();
    for (unsigned i = 1; i <= count; ++i) {
        Fiber& fiber = m.fibers[begin + (after - begin + i) % count];
        if (!fiber.done)
            return &fiber;
    }
    return nullptr;
}

void finish()
{
    Machine& m = machine();
    Fiber& self = *m.current;
    self.done = true;
    m.switchesWithoutProgress = 0;
    --m.live;
    Warp& warp = m.warps[self.index / warpSize];
    --warp.live;
    if (warp.barrier.arrived > 0)
        fail("A thread ended while others of its warp wait at a shuffle or warp barrier.");
    if (m.live > 0 && m.block.arrived == m.live) {
        m.block.arrived = 0;
        ++m.block.generation;
    }
    Fiber* next = nextLive(0, m.size, self.index);
    switchTo(next ? *next : m.main);
}

void fiberMain()
{
    (*machine().body)();
    finish();
    __builtin_unreachable();
}

void wait(Barrier& barrier, unsigned expected, unsigned begin, unsigned count)
{
    Machine& m = machine();
    Fiber& self = *m.current;
    m.switchesWithoutProgress = 0;
    if (++barrier.arrived == expected) {
        barrier.arrived = 0;
        ++barrier.generation;
        return;
    }
    const std::uint32_t mine = barrier.generation;
    while (barrier.generation == mine) {
        if (++m.switchesWithoutProgress > 4 * std::uint64_t{m.size} + 64)
            fail("The threads of a block wait for one another at different barriers.");
        Fiber* next = nextLive(begin, count, self.index);
        // Nobody else is left in the warp's range to run: let the whole block go on.
        if (next == &self)
            next = nextLive(0, m.size, self.index);
        if (next == &self)
            fail("A thread waits at a barrier that the others never reach.");
        switchTo(*next);
    }
}

void prepare(Fiber& fiber, unsigned index)
{
    Machine& m = machine();
    fiber.index = index;
    fiber.done = false;
    unsigned char* top = m.stacks + (index + 1) * stackBytes;
#if defined(__x86_64__)
    auto* words = reinterpret_cast<std::uint64_t*>(top) - 1;
    *words = 0; // a return address nobody uses; keeps the alignment a called function expects
    *--words = reinterpret_cast<std::uint64_t>(&fiberMain);
    for (int i = 0; i < 6; ++i)
        *--words = 0;
    fiber.stack = words;
#else
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = top - stackBytes;
    fiber.context.uc_stack.ss_size = stackBytes;
    fiber.context.uc_link = nullptr;
    makecontext(&fiber.context, &fiberMain, 0);
#endif
}

void runBlock(Index block, Index grid, unsigned blockSize)
{
    Machine& m = machine();
    m.size = m.live = blockSize;
    m.block = {};
    m.switchesWithoutProgress = 0;
    for (unsigned i = 0; i < blockSize; ++i) {
        prepare(m.fibers[i], i);
        m.fibers[i].place = {{i, 0, 0}, block, {blockSize, 1, 1}, grid};
    }
    for (Warp& warp : m.warps) {
        warp.barrier = {};
        warp.live = warpSize;
        std::memset(warp.phase, 0, sizeof warp.phase);
    }
    m.current = &m.main;
    switchTo(m.fibers[0]);
    if (m.failure) {
        const char* sentence = m.failure;
        m.failure = nullptr;
        throw Misuse(sentence);
    }
}

}

Place& here()
{
    return machine().current->place;
}

void runGrid(Index grid, unsigned blockSize, std::size_t sharedBytes, const std::function<void()>& body)
{
    Machine& m = machine();
    if (blockSize == 0 || blockSize % warpSize != 0 || blockSize > 1024)
        throw Misuse("A block must hold between 32 and 1024 threads, in whole warps.");
    if (sharedBytes > 48 * 1024)
        throw Misuse("A block asks for more than 48 KiB of shared memory.");
    if (m.stackCount < blockSize) {
        if (m.stacks)
            munmap(m.stacks, m.stackCount * stackBytes);
        m.stackCount = 1024;
        void* memory = mmap(nullptr, m.stackCount * stackBytes, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED)
            throw std::bad_alloc();
        m.stacks = static_cast<unsigned char*>(memory);
    }
    m.fibers.resize(blockSize);
    m.warps.resize(blockSize / warpSize);
    m.body = &body;
    for (unsigned z = grid.z; z-- > 0;)
        for (unsigned y = grid.y; y-- > 0;)
            for (unsigned x = grid.x; x-- > 0;) {
                m.shared.assign(sharedBytes + 64, 0xff);
                runBlock({x, y, z}, grid, blockSize);
            }
}

void blockBarrier()
{
    Machine& m = machine();
    wait(m.block, m.live, 0, m.size);
}

void warpBarrier()
{
    Machine& m = machine();
    const unsigned warp = m.current->index / warpSize;
    if (m.warps[warp].live != warpSize)
        fail("A shuffle or warp barrier is missing threads that have ended.");
    wait(m.warps[warp].barrier, warpSize, warp * warpSize, warpSize);
}

// Two buffers in turn: nobody can reach the next exchange but one before everybody has read this one.
std::uint32_t exchange(std::uint32_t value, unsigned sourceLane)
{
    Machine& m = machine();
    const unsigned lane = m.current->index % warpSize;
    Warp& warp = m.warps[m.current->index / warpSize];
    const unsigned phase = warp.phase[lane]++ % 2;
    warp.words[phase][lane] = value;
    warpBarrier();
    return warp.words[phase][sourceLane % warpSize];
}

std::uint32_t ballot(bool vote)
{
    Machine& m = machine();
    const unsigned lane = m.current->index % warpSize;
    Warp& warp = m.warps[m.current->index / warpSize];
    const unsigned phase = warp.phase[lane]++ % 2;
    warp.words[phase][lane] = vote ? 1 : 0;
    warpBarrier();
    std::uint32_t bits = 0;
    for (unsigned i = 0; i < warpSize; ++i)
        bits |= warp.words[phase][i] << i;
    return bits;
}

unsigned char* dynamicShared()
{
    auto address = reinterpret_cast<std::uintptr_t>(machine().shared.data());
    return reinterpret_cast<unsigned char*>((address + 63) / 64 * 64);
}

}

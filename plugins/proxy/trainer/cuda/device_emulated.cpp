// SPDX-License-Identifier: GPL-3.0-or-later
// The device interface on the CPU: plain loops for the matrix products, recordings as lists of calls.
#include "cuda/device.hpp"

#include "cuda/bfloat.hpp"
#include "cuda/discover.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <vector>

namespace proxy {

struct Device::Inside {
    std::int64_t total = 0, used = 0;
    std::map<void*, std::size_t> blocks;
    std::vector<std::vector<std::function<void()>>> recordings;
    bool recording = false;

    void enqueue(std::function<void()> work)
    {
        if (recording)
            recordings.back().push_back(std::move(work));
        else
            work();
    }
};

Device::Device(std::int64_t number)
    : m_inside(std::make_unique<Inside>())
{
    m_inside->total = number;
}

Device::~Device()
{
    for (const auto& [block, size] : m_inside->blocks)
        std::free(block);
}

std::int64_t Device::totalMemory() const
{
    return m_inside->total;
}

std::int64_t Device::freeMemory() const
{
    return m_inside->total - m_inside->used;
}

void* Device::allocate(std::size_t bytes)
{
    const std::size_t rounded = (bytes + 255) / 256 * 256;
    if (static_cast<std::int64_t>(rounded) > freeMemory())
        throw OutOfDeviceMemory("The device has no room for " + std::to_string(bytes) + " bytes.");
    void* block = std::aligned_alloc(256, rounded);
    if (!block)
        throw OutOfDeviceMemory("The machine has no room for " + std::to_string(bytes) + " bytes.");
    std::memset(block, 0xff, rounded); // NaN: whatever is read before it was written shows
    m_inside->blocks[block] = rounded;
    m_inside->used += static_cast<std::int64_t>(rounded);
    return block;
}

void Device::release(void* memory)
{
    const auto found = m_inside->blocks.find(memory);
    if (found == m_inside->blocks.end())
        return;
    m_inside->used -= static_cast<std::int64_t>(found->second);
    m_inside->blocks.erase(found);
    std::free(memory);
}

void Device::upload(void* to, const void* from, std::size_t bytes)
{
    if (m_inside->recording)
        throw emulate::Misuse("An upload from pageable memory cannot be recorded.");
    std::memcpy(to, from, bytes);
}

void Device::download(void* to, const void* from, std::size_t bytes)
{
    upload(to, from, bytes);
}

void Device::copy(void* to, const void* from, std::size_t bytes)
{
    m_inside->enqueue([=] { std::memcpy(to, from, bytes); });
}

void Device::fill(void* to, int byte, std::size_t bytes)
{
    m_inside->enqueue([=] { std::memset(to, byte, bytes); });
}

void Device::wait()
{
    if (m_inside->recording)
        throw emulate::Misuse("A recording cannot wait.");
}

namespace {

float element(const Product& p, const void* matrix, std::int64_t at)
{
    return p.half ? toFloat(static_cast<const BFloat*>(matrix)[at]) : static_cast<const float*>(matrix)[at];
}

void multiplyOne(const Product& p, std::int64_t index)
{
    std::vector<float> row(static_cast<std::size_t>(p.n));
    for (int i = 0; i < p.m; ++i) {
        std::fill(row.begin(), row.end(), 0.0f);
        for (int l = 0; l < p.k; ++l) {
            const float left = element(p, p.a,
                index * p.strideA + (p.transposeA ? std::int64_t{l} * p.lda + i : std::int64_t{i} * p.lda + l));
            const std::int64_t base = index * p.strideB + (p.transposeB ? l : std::int64_t{l} * p.ldb);
            const std::int64_t next = p.transposeB ? p.ldb : 1;
            for (int j = 0; j < p.n; ++j)
                row[static_cast<std::size_t>(j)] += left * element(p, p.b, base + j * next);
        }
        for (int j = 0; j < p.n; ++j) {
            const std::int64_t at = index * p.strideD + std::int64_t{i} * p.ldd + j;
            const float before = p.beta == 0 ? 0.0f : p.beta * p.c[at];
            p.d[at] = p.alpha * row[static_cast<std::size_t>(j)] + before;
        }
    }
}

}

void Device::multiply(const Product& product)
{
    m_inside->enqueue([product] {
        for (int index = 0; index < product.count; ++index)
            multiplyOne(product, index);
    });
}

int Device::record(const std::function<void()>& work)
{
    m_inside->recordings.emplace_back();
    m_inside->recording = true;
    work();
    m_inside->recording = false;
    return static_cast<int>(m_inside->recordings.size()) - 1;
}

void Device::replay(int recording)
{
    for (const auto& work : m_inside->recordings[static_cast<std::size_t>(recording)])
        work();
}

void Device::forget(int recording)
{
    m_inside->recordings[static_cast<std::size_t>(recording)].clear();
}

void* Device::queue() const
{
    return nullptr;
}

void Device::checkLaunch() const { }

void Device::launch(const std::function<void()>& grid)
{
    m_inside->enqueue(grid);
}

Discovery discover()
{
    Discovery found;
    found.driver = found.runtime = found.blas = "emulated";
    found.devices.push_back({0, "emulated device", "", 9, 0, 1, 0, 0});
    return found;
}

}

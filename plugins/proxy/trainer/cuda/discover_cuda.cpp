// SPDX-License-Identifier: GPL-3.0-or-later
#include "cuda/discover.hpp"

#include <cublasLt.h>
#include <cuda_runtime.h>

#include <cstdio>

namespace proxy {

namespace {

std::string version(int number)
{
    return number > 0 ? std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10) : "";
}

std::string identity(const cudaUUID_t& uuid)
{
    std::string text = "GPU-";
    for (int i = 0; i < 16; ++i) {
        char digits[4];
        std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(uuid.bytes[i]));
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text += '-';
        text += digits;
    }
    return text;
}

}

Discovery discover()
{
    Discovery found;
    int driver = 0, runtime = 0, count = 0;
    cudaDriverGetVersion(&driver);
    cudaRuntimeGetVersion(&runtime);
    found.driver = version(driver);
    found.runtime = version(runtime);
    const std::size_t blas = cublasLtGetVersion();
    found.blas = std::to_string(blas / 10000) + "." + std::to_string(blas / 100 % 100) + "." + std::to_string(blas % 100);
    const cudaError_t error = cudaGetDeviceCount(&count);
    if (driver == 0)
        found.problem = "This machine has no NVIDIA driver; install one that supports CUDA " + found.runtime
            + " or use --device cpu.";
    else if (error == cudaErrorInsufficientDriver)
        found.problem = "The NVIDIA driver is too old: it supports CUDA " + found.driver + ", this program needs "
            + found.runtime + "; update the driver or use --device cpu.";
    else if (error == cudaErrorNoDevice || (error == cudaSuccess && count == 0))
        found.problem = "The NVIDIA driver finds no GPU; if CUDA_VISIBLE_DEVICES is set, check it, or use --device cpu.";
    else if (error != cudaSuccess)
        found.problem = std::string("The NVIDIA driver does not answer: ") + cudaGetErrorString(error)
            + "; restart the machine or use --device cpu.";
    cudaGetLastError();
    for (int number = 0; found.problem.empty() && number < count; ++number) {
        cudaDeviceProp facts{};
        if (cudaGetDeviceProperties(&facts, number) != cudaSuccess)
            continue;
        DeviceFacts device{number, facts.name, identity(facts.uuid), facts.major, facts.minor,
            facts.multiProcessorCount, static_cast<std::int64_t>(facts.totalGlobalMem), 0};
        std::size_t free = 0, total = 0;
        if (cudaSetDevice(number) == cudaSuccess && cudaMemGetInfo(&free, &total) == cudaSuccess)
            device.free = static_cast<std::int64_t>(free);
        found.devices.push_back(device);
    }
    return found;
}

}

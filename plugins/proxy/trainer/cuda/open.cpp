// SPDX-License-Identifier: GPL-3.0-or-later
// The devices of isoloss-proxy-cuda; takes the place of run/device.cpp in that program.
#include "base/failure.hpp"
#include "cuda/backend.hpp"
#include "cuda/discover.hpp"

#include <charconv>
#include <cstdio>

namespace proxy {

std::unique_ptr<Backend> openDevice(const std::string& device, int threads)
{
    if (device == "cpu")
        return cpuBackend(threads);
    if (device == "auto") {
        const std::string why = refusal(discover(), 0);
        if (why.empty())
            return cudaBackend(0, threads);
        std::fprintf(stderr, "%s Going on with the CPU.\n", why.c_str());
        return cpuBackend(threads);
    }
    int number = -1;
    const std::string digits = device.starts_with("cuda:") ? device.substr(5) : device == "cuda" ? "0" : "";
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || number < 0)
        throw Failure(Exit::Usage, "The device \"" + device + "\" is not known; use auto, cpu or cuda:N.");
    if (const std::string why = refusal(discover(), number); !why.empty())
        throw Failure(Exit::NoDevice, why);
    return cudaBackend(number, threads);
}

Json probeDevices()
{
    const Discovery found = discover();
    Json devices = Json::array();
    for (const DeviceFacts& device : found.devices) {
        const std::string why = refusal(found, device.number);
        devices.push_back({{"kind", "cuda"}, {"index", device.number}, {"name", device.name}, {"uuid", device.uuid},
            {"cc", std::to_string(device.major) + "." + std::to_string(device.minor)}, {"sm", device.processors},
            {"mem_total", device.total}, {"mem_free", device.free}, {"usable", why.empty()}});
        if (!why.empty())
            devices.back()["reason"] = why;
    }
    Json result{{"driver", found.driver}, {"runtime", found.runtime}, {"cublas", found.blas}, {"devices", devices}};
    if (!found.problem.empty())
        result["reason"] = found.problem;
    return result;
}

}

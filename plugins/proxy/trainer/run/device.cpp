// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/failure.hpp"
#include "run/backend.hpp"

namespace proxy {

std::unique_ptr<Backend> openDevice(const std::string& device, int threads)
{
    if (device == "cpu" || device == "auto")
        return cpuBackend(threads);
    throw Failure(Exit::NoDevice,
        "The device \"" + device
            + "\" cannot be used by isoloss-proxy, which runs on the CPU; use isoloss-proxy-cuda or --device cpu.");
}

Json probeDevices()
{
    return Json{{"devices", Json::array({cpuBackend(1)->facts()})}};
}

}

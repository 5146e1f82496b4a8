// SPDX-License-Identifier: GPL-3.0-or-later
#include "cuda/discover.hpp"

namespace proxy {

std::string refusal(const Discovery& found, std::int64_t number)
{
    if (!found.problem.empty())
        return found.problem;
    for (const DeviceFacts& device : found.devices) {
        if (device.number != number)
            continue;
        if (device.major < 8)
            return "The device cuda:" + std::to_string(number) + " (" + device.name + ") has compute capability "
                + std::to_string(device.major) + "." + std::to_string(device.minor)
                + ", but at least 8.0 is needed; use another device or --device cpu.";
        return "";
    }
    return "There is no device cuda:" + std::to_string(number) + "; this machine has "
        + std::to_string(found.devices.size()) + ", numbered from 0.";
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace proxy {

struct DeviceFacts {
    int number = 0;
    std::string name, uuid;
    int major = 0, minor = 0; // compute capability
    int processors = 0;
    std::int64_t total = 0, free = 0; // bytes
};

// What the machine offers. Where nothing can be used, `problem` is a sentence with the reason and what to do.
struct Discovery {
    std::string driver, runtime, blas; // versions, "" where unknown
    std::vector<DeviceFacts> devices;
    std::string problem;
};
Discovery discover();

// Why this device cannot be used, or "".
std::string refusal(const Discovery& found, std::int64_t number);

}

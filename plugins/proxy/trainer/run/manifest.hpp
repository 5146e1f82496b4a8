// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "spec/spec.hpp"

#include <string>

namespace proxy {

// Version, compiler, flags, instruction set and matrix library of this program.
Json buildFacts();
// Processor model, cores and operating system.
Json hostFacts();

// Everything needed to know what a sweep was and on what it ran; `status` is "running" or how it ended.
Json manifest(const Spec& spec, const Corpus& corpus, const Json& device, const std::string& status);

}

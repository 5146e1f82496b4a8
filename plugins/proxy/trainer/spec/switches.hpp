// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "spec/reader.hpp"
#include "spec/spec.hpp"

namespace proxy {

// Reads the switches of one member that act on its maths: qk_norm, attention, mup, switches, init.
void readSwitches(Reader& reader, Member& member);

// Adds those of them that are on to a member's canonical form; a member without any keeps the identity it had before
// the switches existed.
void describeSwitches(const Member& member, Json& config);

// The parts of a mixture, [{"until":0.9,"weights":[1,0]}, ...], `until` rising to 1.
std::vector<MixPhase> readMix(Reader& reader, const char* key);

// Replaces the name after init.from by the id of the only member of that name, and checks that the layers fit.
void resolveParents(std::vector<Member>& members);

}

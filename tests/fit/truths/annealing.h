// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace synthetic {

inline void addAnnealing(std::map<std::string, Truth>&)
{
}

}

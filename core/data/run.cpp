// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/run.h"

#include <algorithm>

namespace data {

const Series* Run::find(std::string_view wanted) const {
    const auto found = std::ranges::find(series, wanted, &Series::name);
    return found == series.end() ? nullptr : &*found;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/chart/axis.h"
#include "core/workspace.h"

#include <optional>
#include <vector>

namespace chart {

// What is zoomed into, in data units; not set: everything.
struct Seen {
    Range x;
    std::vector<Range> y;       // per panel, may be shorter
    bool operator==(const Seen&) const = default;
};

// Views one after the other, as a browser keeps pages.
class Views {
public:
    const Seen& now() const { return m_now; }
    void replace(Seen seen) { m_now = std::move(seen); }    // the history stays
    // `merge`: one movement with the step before, such as the notches of one turn of the wheel.
    void go(Seen, bool merge = false);
    bool canGoBack() const { return !m_back.empty(); }
    bool canGoForward() const { return !m_forward.empty(); }
    void back();
    void forward();
    void forget();                                          // everything is shown, and there is nothing to go back to

private:
    Seen m_now;
    std::vector<Seen> m_back, m_forward;
};

// The axis zoomed about the place at `share` of its length, or moved by a share of it; as it was where numbers end.
Axis zoomed(const Axis&, double factor, double share);
Axis moved(const Axis&, double share);
Axis between(const Axis&, double from, double to);          // shares of its length

Range rangeOf(const Axis&);
// Nothing where the range is not set or a logarithmic axis cannot show it.
std::optional<Axis> axisOf(const Range&, bool log);

}

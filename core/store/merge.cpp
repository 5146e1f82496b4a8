// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/merge.h"

#include <algorithm>

namespace store {
namespace {

// Puts what we changed since `base` into `theirs`. False where the same entry was changed by both, and differently.
template<class T>
bool mergeInto(std::vector<T>& theirs, const std::vector<T>& base, const std::vector<T>& ours, std::string T::*key)
{
    if (ours == base || ours == theirs)
        return true;
    if (theirs == base) {
        theirs = ours;      // their order, too
        return true;
    }
    const auto find = [&](auto& entries, const T& like) {
        return std::ranges::find(entries, like.*key, [&](const T& e) -> const std::string& { return e.*key; });
    };
    for (const T& before : base) {
        if (find(ours, before) != ours.end())
            continue;
        const auto there = find(theirs, before);
        if (there != theirs.end() && *there != before)
            return false;
        if (there != theirs.end())
            theirs.erase(there);
    }
    for (const T& entry : ours) {
        const auto before = find(base, entry);
        const auto there = find(theirs, entry);
        if (before != base.end() && *before == entry)
            continue;
        if (there == theirs.end()) {
            if (before != base.end())
                return false;
            theirs.push_back(entry);
        } else if (*there != entry) {
            if (before == base.end() || *there != *before)
                return false;
            *there = entry;
        }
    }
    return true;
}

}

std::optional<Workspace> merge(const Workspace& base, const Workspace& ours, const Workspace& theirs)
{
    Workspace out = theirs;
    if (!mergeInto(out.runs, base.runs, ours.runs, &RunEntry::hash) || !mergeInto(out.fits, base.fits, ours.fits, &FitEntry::id)
        || !mergeInto(out.charts, base.charts, ours.charts, &ChartEntry::id))
        return {};
    if (ours.filter != base.filter) {
        if (theirs.filter != base.filter && theirs.filter != ours.filter)
            return {};
        out.filter = ours.filter;
    }
    return out;
}

}

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

std::vector<ChartEntry> withoutViews(std::vector<ChartEntry> charts)
{
    for (ChartEntry& chart : charts)
        chart.viewX = {}, chart.viewY.clear();
    return charts;
}

const ChartEntry* find(const std::vector<ChartEntry>& charts, const std::string& id)
{
    const auto it = std::ranges::find(charts, id, &ChartEntry::id);
    return it == charts.end() ? nullptr : &*it;
}

// As mergeInto, of a single value.
template<class T>
bool mergeOne(T& theirs, const T& base, const T& ours)
{
    if (ours == base || ours == theirs)
        return true;
    if (theirs != base)
        return false;
    theirs = ours;
    return true;
}

}

std::optional<Workspace> merge(const Workspace& base, const Workspace& ours, const Workspace& theirs)
{
    Workspace out = theirs;
    out.charts = withoutViews(theirs.charts);
    if (!mergeInto(out.runs, base.runs, ours.runs, &RunEntry::hash) || !mergeInto(out.fits, base.fits, ours.fits, &FitEntry::id)
        || !mergeInto(out.charts, withoutViews(base.charts), withoutViews(ours.charts), &ChartEntry::id))
        return {};
    // What two people look at is no conflict: our zoom where we moved it, else theirs.
    for (ChartEntry& chart : out.charts) {
        const ChartEntry *before = find(base.charts, chart.id), *our = find(ours.charts, chart.id), *their = find(theirs.charts, chart.id);
        const bool moved = our && (!before || our->viewX != before->viewX || our->viewY != before->viewY);
        if (const ChartEntry* from = moved || !their ? our : their)
            chart.viewX = from->viewX, chart.viewY = from->viewY;
    }
    if (!mergeOne(out.filter, base.filter, ours.filter) || !mergeOne(out.plan, base.plan, ours.plan)
        || !mergeOne(out.sweep, base.sweep, ours.sweep))
        return {};
    // Where both turned to another chart nothing is lost by staying with ours.
    if (ours.current != base.current)
        out.current = ours.current;
    return out;
}

}

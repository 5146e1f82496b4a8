// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/spec.h"

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

// Everything a user can edit, as one value. Every edit makes a new one (store::Project::edit), so undo, redo, autosave
// and crash recovery are one mechanism.

struct RunEntry {
    std::string hash;               // store::contentHash of the run
    std::string name;               // as the user calls it
    int color = 0;
    bool visible = true;
    bool operator==(const RunEntry&) const = default;
};

struct FitEntry {
    std::string id;                 // unique in the workspace: fit1, fit2, ...
    std::string title;
    fit::Spec spec;
    bool operator==(const FitEntry&) const = default;
};

struct ChartEntry {
    std::string id, title;          // chart1, ...
    std::string kind = "curves";    // curves, fit, or scatter
    std::string x = "step", y = "loss";
    std::string fit;                // id of the fit it shows (kind fit)
    std::string where;              // runs shown: an expression over config, empty for all visible
    bool logX = false, logY = false;
    double smoothing = 0;           // debiased EMA weight, 0 to 1; the view only
    bool operator==(const ChartEntry&) const = default;
};

struct Workspace {
    std::vector<RunEntry> runs;
    std::vector<FitEntry> fits;
    std::vector<ChartEntry> charts;
    std::string filter;             // of the run browser
    bool operator==(const Workspace&) const = default;
};

void to_json(nlohmann::json&, const Workspace&);
void from_json(const nlohmann::json&, Workspace&);   // unknown keys are kept out, missing ones default; throws Error

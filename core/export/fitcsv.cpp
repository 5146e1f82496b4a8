// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/csv.h"
#include "core/export/exporters.h"
#include "core/law/law.h"

namespace exporter {

namespace {

// One row per parameter; what belongs to the whole fit is repeated, so that tables of several fits can be stacked.
std::string rows(const fit::Fit& fit, int step)
{
    const law::Law& law = law::get(fit.spec.law);
    std::string out;
    std::vector<std::string> names, hashes;
    for (const fit::Source& source : fit.sources)
        names.push_back(source.name), hashes.push_back(source.sha256);
    for (const fit::Estimate& e : fit.parameters) {
        const int index = law.index(e.name);
        out += line({std::to_string(step), cell(fit.spec.law), cell(e.name),
                     cell(index < 0 ? "" : law.params[std::size_t(index)].meaning), cell(e.value), cell(e.se),
                     cell(e.ci.lower), cell(e.ci.upper), e.fixed ? "1" : "0", e.atBound ? "1" : "0",
                     cell(fit.interval), cell(fit.spec.level), std::to_string(fit.n),
                     cell(name(fit.spec.objective.value_or(law.objective))), cell(fit.spec.delta), cell(fit.objective),
                     cell(text::join(names, ";")), cell(text::join(hashes, ";"))});
    }
    return out;
}

const char* header = "step,law,parameter,meaning,value,se,ci_lower,ci_upper,fixed,at_bound,interval,level,n,objective,delta,"
                     "objective_value,source,sha256\n";

}

const FitExporter fitCsv{
    .id = "csv",
    .name = "Parameters as a table (CSV)",
    .fit = [](const fit::Fit& fit) { return header + rows(fit, 1); },
    .chain = [](const fit::Chain& chain) { return header + rows(chain.first, 1) + rows(chain.second, 2); },
};

}

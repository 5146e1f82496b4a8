// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/figure/fitview.h"

#include "core/error.h"
#include "core/figure/build.h"
#include "core/text.h"

#include <array>

namespace figure {

namespace {

constexpr std::array<FitView, 6> views{{
    {"", "Curves", "The law over its data, residuals below"},
    {"profile", "Profile of a parameter", "How far the objective rises while a parameter is held and the others are fitted again", 1},
    {"map", "Map of two parameters", "The same for two parameters at once: the region they may lie in", 2},
    {"correlation", "Correlations", "Which parameters move together"},
    {"residuals", "Residuals against…", "What the law misses, against any column"},
    {"contours", "Equal loss over N and D", "Lines of equal loss and equal compute, with the best of each budget"},
}};

// The first free parameters of a fit, those asked for in front.
std::vector<std::string> parametersOf(const fit::Fit& fit, std::span<const std::string> asked, std::size_t n)
{
    std::vector<std::string> out(asked.begin(), asked.begin() + std::ptrdiff_t(std::min(n, asked.size())));
    for (const fit::Estimate& e : fit.parameters)
        if (out.size() < n && !e.fixed && std::ranges::find(out, e.name) == out.end())
            out.push_back(e.name);
    if (out.size() < n)
        throw Error("The fit has " + std::string(out.empty() ? "no free parameter" : "only one free parameter") + ", so there is none to profile.");
    return out;
}

}

std::span<const FitView> fitViews() { return views; }

Figure ofFitView(const fit::Fit& fit, const fit::Problem& problem, const data::Table* table, std::string_view view, std::span<const std::string> of,
                 const Tick& tick)
{
    if (view.empty())
        return ofFit(fit);
    if (view == "profile")
        return ofProfile(fit, fit::profile(problem, fit, parametersOf(fit, of, 1)[0], 41, tick));
    if (view == "map") {
        const std::vector<std::string> names = parametersOf(fit, of, 2);
        // Parameters that are almost one have a valley narrower than a coarse grid's cells.
        const int points = problem.train.y.size() > 1000 ? 41 : 101;
        return ofProfileMap(fit, fit::profile(problem, fit, names[0], names[1], points, 0, tick));
    }
    if (view == "correlation")
        return ofCorrelation(fit);
    if (view == "residuals") {
        const std::string id = of.empty() ? std::string("predicted") : of.front();
        return ofResiduals(fit, against(fit, id, table));
    }
    if (view == "contours")
        return ofContours(fit);
    std::vector<std::string> known;
    for (const FitView& one : views)
        if (!one.id.empty())
            known.emplace_back(one.id);
    throw UsageError("There is no view '" + std::string(view) + "'" + text::didYouMean(view, known) + "; they are " + text::join(known, ", ") + ".");
}

}

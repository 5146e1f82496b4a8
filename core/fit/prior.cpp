// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/prior.h"

#include "core/fit/parallel.h"

#include <cmath>
#include <cstdlib>

namespace fit {
namespace {

constexpr double usual = 10;
constexpr std::array ladder{1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0, 0.0};     // from strong to weak

// Weights of rows that leave out one run.
std::vector<double> without(const Problem& problem, std::size_t run)
{
    std::vector<double> weights(problem.train.y.size(), 1);
    const auto& group = problem.train.groups[run];
    std::fill(weights.begin() + std::ptrdiff_t(group.begin), weights.begin() + std::ptrdiff_t(group.end), 0);
    return weights;
}

}

Held hold(const Search& search, std::span<const Vector> from, int threads)
{
    const Problem& problem = search.problem();
    const auto set = problem.spec.set.find("prior");
    const std::string mode = set == problem.spec.set.end() ? "auto" : set->second;
    if (!search.hasPrior() || mode == "off" || from.empty())
        return {};
    Search::Scratch scratch;
    Minimum free{.u = from.front()};
    for (const Vector& start : from)
        if (const double cost = search.cost(start, {}, scratch); cost < free.cost)
            free = {.u = start, .cost = cost};
    free = descend(search, free.u, {}, scratch, 1e-4);
    const double scatter = 2 * free.cost / double(problem.train.y.size());
    const std::size_t runs = problem.train.groups.size();
    if (mode != "auto")
        return {.points = mode == "on" ? usual : std::strtod(mode.c_str(), nullptr), .weight = (mode == "on" ? usual : std::strtod(mode.c_str(), nullptr)) * scatter};
    if (runs < 3)
        return {.points = usual, .weight = usual * scatter};
    // One chain of descents for each run that is left out, from the strongest prior to none.
    std::vector<std::array<double, ladder.size()>> error(runs);
    parallel<Search::Scratch>(runs, threads, {}, [&](std::size_t run, Search::Scratch& local) {
        const std::vector<double> weights = without(problem, run);
        const auto& group = problem.train.groups[run];
        Vector u = free.u;
        for (std::size_t i = 0; i < ladder.size(); ++i) {
            const Search held = search.withPrior(ladder[i] * scatter);
            u = descend(held, u, weights, local, 1e-6).u;
            const std::vector<double> r = held.residuals(u, local);
            error[run][i] = 0;
            for (std::size_t k = group.begin; k < group.end; ++k)
                error[run][i] += std::abs(r[k]) / double(group.end - group.begin);
        }
    });
    std::size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < ladder.size(); ++i) {
        double total = 0;
        for (const auto& of : error)
            total += of[i];
        if (std::getenv("PRIOR_DEBUG")) {
            std::fprintf(stderr, "W %g  mean %.6f :", ladder[i], total / double(runs));
            for (const auto& of : error) std::fprintf(stderr, " %.6f", of[i]);
            std::fprintf(stderr, "\n");
        }
        if (total < least)
            least = total, best = i;
    }
    return {.points = ladder[best], .weight = ladder[best] * scatter, .left = int(runs)};
}

}

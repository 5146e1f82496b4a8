// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/quantile.h"
#include "core/fit/random.h"
#include "core/metric/stability.h"
#include "core/text.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

// Sensitivity to the learning rate, and what a switch does to it.
namespace stability {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double mean(std::span<const double> v)
{
    return v.empty() ? nan : std::accumulate(v.begin(), v.end(), 0.) / double(v.size());
}

// Interval of a mean over seeds: their bootstrap with expanded percentiles; below six seeds those would lie beyond every
// resample, and Student's t takes their place.
fit::Interval overSeeds(std::span<const double> v, const Spec& spec)
{
    const std::size_t n = v.size();
    if (n < 2)
        return {nan, nan};
    const double centre = mean(v);
    if (n < 6) {
        double square = 0;
        for (const double x : v)
            square += (x - centre) * (x - centre);
        const double t = boost::math::quantile(boost::math::students_t(double(n - 1)), .5 + spec.level / 2);
        const double half = t * std::sqrt(square / double(n - 1) / double(n));
        return {centre - half, centre + half};
    }
    std::vector<double> draws;
    for (int r = 0; r < std::max(200, spec.resamples); ++r) {
        fit::Random random(spec.seed, std::uint64_t(r));
        double sum = 0;
        for (std::size_t i = 0; i < n; ++i)
            sum += v[random.below(n)];
        draws.push_back(sum / double(n));
    }
    const double tail = fit::drawnTail(spec.level, double(n - 1));
    return {fit::quantile(draws, tail), fit::quantile(draws, 1 - tail)};
}

// Loss by seed and rate of one size of one arm; of runs alike the last counts.
using Grid = std::map<double, std::map<double, const Trial*>>;

// The rates all seeds have.
std::vector<double> common(const Grid& grid)
{
    std::map<double, std::size_t> seen;
    for (const auto& [seed, rates] : grid)
        for (const auto& [rate, trial] : rates)
            ++seen[rate];
    std::vector<double> out;
    for (const auto& [rate, count] : seen)
        if (count == grid.size())
            out.push_back(rate);
    return out;
}

std::vector<double> sensitivityOfSeeds(const Grid& grid, std::span<const double> rates)
{
    std::vector<double> out;
    for (const auto& [seed, trials] : grid) {
        double sum = 0, least = std::numeric_limits<double>::infinity();
        for (const double rate : rates) {
            const double loss = trials.at(rate)->clipped();
            sum += loss, least = std::min(least, loss);
        }
        out.push_back(sum / double(rates.size()) - least);
    }
    return out;
}

bool within(double rate, double from, double to)
{
    return rate >= from * (1 - 1e-9) && rate <= to * (1 + 1e-9);
}

// The window of so many decades, from one of the rates on, over which the mean sensitivity is least.
std::vector<double> shifted(const Grid& grid, const std::vector<double>& rates, double decades)
{
    std::vector<double> best = rates;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < rates.size(); ++i) {
        const double to = rates[i] * std::pow(10, decades);
        if (to > rates.back() * (1 + 1e-9))
            break;
        std::vector<double> window;
        std::ranges::copy_if(rates, std::back_inserter(window), [&](double r) { return within(r, rates[i], to); });
        if (const double s = mean(sensitivityOfSeeds(grid, window)); s < least)
            least = s, best = window;
    }
    return best;
}

// A missing seed is one like any other; NaN would be unequal to itself.
double seedOf(const Trial& t) { return std::isnan(t.seed) ? -1 : t.seed; }

std::map<std::pair<std::size_t, double>, Grid> grids(std::span<const Trial> trials)
{
    std::map<std::pair<std::size_t, double>, Grid> out;
    for (const Trial& t : trials)
        out[{t.arm, t.N}][seedOf(t)][t.lr] = &t;
    return out;
}

}

std::vector<Sensitivity> sensitivities(std::span<const Trial> trials, const Spec& spec, std::vector<fit::Warning>& warnings)
{
    std::vector<Sensitivity> out;
    bool few = false, single = false, dropped = false, edge = false;
    std::set<std::vector<double>> kinds;
    for (const auto& [place, grid] : grids(trials)) {
        std::vector<double> rates = common(grid);
        std::set<double> all;
        for (const auto& [seed, row] : grid)
            for (const auto& [rate, trial] : row)
                all.insert(rate);
        dropped = dropped || rates.size() < all.size();
        if (spec.window[1] > 0)
            std::erase_if(rates, [&](double r) { return !within(r, spec.window[0], spec.window[1]); });
        if (spec.decades > 0)
            rates = shifted(grid, rates, spec.decades);
        if (rates.size() < 2) {
            few = true;
            continue;
        }
        kinds.insert(rates);
        Sensitivity s{.arm = place.first, .N = place.second, .rates = rates};
        s.perSeed = sensitivityOfSeeds(grid, rates);
        s.value = mean(s.perSeed);
        s.ci = overSeeds(s.perSeed, spec);
        single = single || grid.size() < 2;
        std::vector<double> initial;
        for (const double rate : rates) {
            std::vector<double> losses;
            for (const auto& [seed, row] : grid) {
                const Trial& t = *row.at(rate);
                losses.push_back(t.clipped());
                initial.push_back(t.initial);
                s.diverged += t.verdict.diverged;
            }
            s.losses.push_back(mean(losses));
            s.low.push_back(std::ranges::min(losses));
            s.high.push_back(std::ranges::max(losses));
        }
        s.initial = mean(initial);
        const auto best = std::size_t(std::ranges::min_element(s.losses) - s.losses.begin());
        s.best = s.losses[best], s.bestRate = rates[best];
        edge = edge || best == 0 || best + 1 == rates.size();
        out.push_back(std::move(s));
    }
    if (few)
        warnings.push_back({"few-rates", "Sizes with fewer than two learning rates that all their seeds share have no sensitivity; train the missing ones."});
    if (dropped)
        warnings.push_back({"missing-rates", "Some seeds lack a learning rate; rates that not every seed of a size has are left out of its sensitivity."});
    if (single && !out.empty())
        warnings.push_back({"one-seed", "Sizes with one seed have a sensitivity without an interval; train three seeds or more."});
    if (kinds.size() > 1 && spec.decades <= 0)
        warnings.push_back({"different-rates", "Sensitivities are means over different learning rates and cannot be compared; give a window that all have."});
    if (edge)
        warnings.push_back({"edge-rate", "A best learning rate lies at the edge of those tried: the sensitivity is too small there; widen the grid."});
    return out;
}

std::vector<Contrast> contrasts(std::span<const Arm> arms, std::span<const Sensitivity> all, std::span<const Trial> trials, const Spec& spec)
{
    const auto grid = grids(trials);
    std::vector<Contrast> out;
    for (std::size_t a = 0; a < arms.size(); ++a)
        for (std::size_t b = a + 1; b < arms.size(); ++b) {
            std::vector<std::string> differ;
            for (const auto& [key, level] : arms[a].levels)
                if (arms[b].levels.at(key) != level)
                    differ.push_back(key);
            if (differ.size() != 1)
                continue;
            // "With" is the level that says something; off, none, 0 and nothing are without.
            const auto says = [&](std::size_t arm) {
                const std::string& l = arms[arm].levels.at(differ[0]);
                return !(l.empty() || l == "off" || l == "none" || l == "null" || l == "0" || l == "false");
            };
            const std::size_t without = says(a) && !says(b) ? b : a, with = without == a ? b : a;
            for (const Sensitivity& x : all)
                for (const Sensitivity& y : all) {
                    if (x.arm != without || y.arm != with || x.N != y.N || (x.rates != y.rates && spec.decades <= 0))
                        continue;
                    const Grid &from = grid.at({x.arm, x.N}), &to = grid.at({y.arm, y.N});
                    Contrast c{.without = without, .with = with, .factor = differ[0], .from = arms[without].levels.at(differ[0]),
                               .to = arms[with].levels.at(differ[0]), .N = x.N, .difference = nan, .ci = {nan, nan}};
                    std::vector<double> differences;
                    std::size_t i = 0;
                    for (auto it = from.begin(); it != from.end(); ++it, ++i)
                        if (const auto same = to.find(it->first); same != to.end())
                            differences.push_back(y.perSeed[std::size_t(std::distance(to.begin(), same))] - x.perSeed[i]);
                    c.seeds = int(differences.size());
                    c.difference = differences.empty() ? y.value - x.value : mean(differences);
                    c.ci = overSeeds(differences, spec);
                    out.push_back(std::move(c));
                }
        }
    return out;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/profile.h"

#include "core/error.h"
#include "core/fit/parallel.h"

#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/students_t.hpp>

#include <cmath>

namespace fit {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

struct Setting {
    const Problem& problem;
    Search whole;
    Vector u;
    double cost, scale, dof;

    Setting(const Problem& p, const Fit& fit) : problem(p), whole(Search(p).binned().withPrior(fit.hold.weight, fit.hold.points)), u(whole.search(fit.values()))
    {
        Search::Scratch scratch;
        u = descend(whole, u, {}, scratch, 1e-15).u;
        cost = whole.cost(u, {}, scratch);
        scale = whole.points() * scatter(whole, u, scratch).scale();
        dof = std::max(1.0, double(p.train.y.size()) - double(whole.size()));
    }
    Search hold(const std::map<std::string, double>& held) const
    {
        return Search(problem, held).binned().withPrior(whole.priorWeight(), whole.points());
    }
    int place(std::string_view name) const
    {
        const int param = problem.law->index(name);
        const auto it = std::ranges::find(whole.free(), param);
        if (param < 0 || it == whole.free().end())
            throw UsageError("The law " + problem.spec.law + " has no free parameter '" + std::string(name) + "' to profile.");
        return int(it - whole.free().begin());
    }
    std::string name(int place) const { return std::string(problem.law->params[std::size_t(whole.free()[place])].id); }
    // A parameter's value from its place in search space and back.
    double value(int place, double at) const
    {
        Vector v = u;
        v[place] = at;
        return whole.params(v)[std::size_t(whole.free()[place])];
    }
    double rise(double reached) const { return std::isfinite(reached) && scale > 0 ? std::max(0.0, 2 * (reached - cost) / scale) : nan; }
};

// One parameter held at points of search space, each refit from where its neighbour ended.
struct Along {
    const Setting& setting;
    int place;
    std::vector<double> params;
    Search::Scratch scratch;

    Along(const Setting& s, int at) : setting(s), place(at), params(s.whole.params(s.u)) {}
    double operator()(double at)
    {
        const auto param = std::size_t(setting.whole.free()[place]);
        const double value = setting.value(place, at);
        const Search held = setting.hold({{std::string(setting.problem.law->params[param].id), value}});
        const Minimum m = descend(held, held.search(params), {}, scratch, 1e-11, {}, 300);
        if (std::isfinite(m.cost)) {
            params = held.params(m.u);
            params[param] = value;
        }
        return setting.rise(m.cost);
    }
};

// Where the profile reaches `threshold` on one side, in search space; infinite where it does not within the bound.
double crossing(const Setting& setting, int place, double direction, double width, double threshold)
{
    const double bound = direction > 0 ? setting.whole.upper()[place] : setting.whole.lower()[place];
    Along along(setting, place);
    double inside = setting.u[place], step = width;
    std::vector<double> known = along.params;
    for (int i = 0; i < 60; ++i) {
        double outside = inside + direction * step;
        const bool last = direction * (outside - bound) >= 0;
        if (last)
            outside = bound;
        if (direction * (outside - inside) <= 0)
            return direction * infinity;
        const double rise = along(outside);
        if (!(rise < threshold)) {
            // The square root of the rise is nearly linear: regula falsi on it, safeguarded by halving.
            double low = 0, high = std::isnan(rise) ? infinity : std::sqrt(rise) - std::sqrt(threshold);
            for (int j = 0; j < 50 && std::abs(outside - inside) > 1e-5 * width; ++j) {
                const double share = low < 0 && std::isfinite(high) && j % 3 != 2 ? std::clamp(-low / (high - low), 0.05, 0.95) : 0.5;
                const double middle = inside + share * (outside - inside);
                along.params = known;
                const double r = along(middle);
                if (r < threshold)
                    inside = middle, low = std::sqrt(r) - std::sqrt(threshold), known = along.params;
                else
                    outside = middle, high = std::isnan(r) ? infinity : std::sqrt(r) - std::sqrt(threshold);
                if (std::abs(r / threshold - 1) < 1e-4)
                    return middle;
            }
            return (inside + outside) / 2;
        }
        if (last)
            return direction * infinity;
        inside = outside, known = along.params, step *= 1.6;
    }
    return direction * infinity;
}

double width(const Setting& setting, const Fit& fit, int place)
{
    const double variance = place < std::ssize(fit.covariance) ? fit.covariance[std::size_t(place)][std::size_t(place)] : 0;
    return variance > 0 && std::isfinite(variance) ? std::sqrt(variance) : 0.02 * (1 + std::abs(setting.u[place]));
}

double studentSquare(const Setting& setting, double level)
{
    return std::pow(boost::math::quantile(boost::math::students_t(setting.dof), 0.5 + level / 2), 2);
}

Interval ends(const Setting& setting, const Fit& fit, int place, double threshold)
{
    const double step = width(setting, fit, place);
    const double low = crossing(setting, place, -1, step, threshold), high = crossing(setting, place, 1, step, threshold);
    return {std::isinf(low) ? low : setting.value(place, low), std::isinf(high) ? high : setting.value(place, high)};
}

}

Scatter scatter(const Search& search, const Vector& u, Search::Scratch& scratch)
{
    const std::vector<double> r = search.residuals(u, scratch);
    const std::vector<double>& weight = search.problem().train.weight;
    const auto n = double(r.size());
    double square = 0, total = 0;
    for (std::size_t i = 0; i < r.size(); ++i) {
        const double w = weight.empty() ? 1 : weight[i];
        square += w * std::pow(std::min(std::abs(r[i]), search.delta()), 2);
        total += w;
    }
    const double dof = std::max(1.0, n - double(search.size()));
    square *= (search.problem().precision || weight.empty() ? 1 : n / total) / dof;
    if (std::isinf(search.delta()))
        return {square, 1};
    std::vector<double> size(r.size());
    std::ranges::transform(r, size.begin(), [](double e) { return std::abs(e); });
    std::ranges::nth_element(size, size.begin() + std::ptrdiff_t(size.size() / 2));
    // Silverman's rule on the median absolute residual; the share of residuals within delta, smoothed over that width.
    const double smooth = std::max(1.06 * size[size.size() / 2] / 0.6745 * std::pow(n, -0.2), 1e-300), delta = search.delta();
    double slope = 0;
    for (const double e : r)
        slope += 0.5 * (std::erf((delta - e) / (smooth * std::sqrt(2))) - std::erf((-delta - e) / (smooth * std::sqrt(2))));
    slope /= n;
    return {square, slope > 0 ? slope : nan};
}

Profile profile(const Problem& problem, const Fit& fit, std::string_view name, int points, const Tick& tick)
{
    const Setting setting(problem, fit);
    const int place = setting.place(name);
    Profile out{.names = {std::string(name)}, .threshold = studentSquare(setting, fit.spec.level)};
    out.ci = ends(setting, fit, place, out.threshold);
    const double step = width(setting, fit, place);
    const auto end = [&](double direction) {
        const double far = crossing(setting, place, direction, step, 2 * out.threshold);
        return std::isinf(far) ? direction > 0 ? setting.whole.upper()[place] : setting.whole.lower()[place] : far;
    };
    const double low = end(-1), high = end(1), centre = setting.u[place];
    const int half = std::max(2, points / 2);
    std::vector<std::pair<double, double>> found{{setting.value(place, centre), 0.0}};
    int done = 0;
    for (const double to : {low, high}) {
        Along along(setting, place);
        for (int i = 1; i <= half; ++i) {
            const double at = centre + (to - centre) * double(i) / double(half);
            found.emplace_back(setting.value(place, at), along(at));
            if (tick && !tick(double(++done) / double(2 * half)))
                throw Error("cancelled");
        }
    }
    std::ranges::sort(found);
    for (const auto& [value, rise] : found)
        out.first.push_back(value), out.rise.push_back(rise);
    return out;
}

Profile profile(const Problem& problem, const Fit& fit, std::string_view first, std::string_view second, int points, int threads, const Tick& tick)
{
    const Setting setting(problem, fit);
    const int a = setting.place(first), b = setting.place(second);
    if (a == b)
        throw UsageError("A map needs two different parameters.");
    // Two parameters at once: F on 2 and n - k.
    Profile out{.names = {std::string(first), std::string(second)},
                .threshold = 2 * boost::math::quantile(boost::math::fisher_f(2, setting.dof), fit.spec.level)};
    const auto axis = [&](int place) {
        const double step = width(setting, fit, place), t = std::sqrt(out.threshold);
        double low = crossing(setting, place, -1, step, out.threshold), high = crossing(setting, place, 1, step, out.threshold);
        low = std::isinf(low) ? std::max(setting.whole.lower()[place], setting.u[place] - 4 * t * step) : low;
        high = std::isinf(high) ? std::min(setting.whole.upper()[place], setting.u[place] + 4 * t * step) : high;
        const double margin = 0.25 * (high - low);
        low = std::max(setting.whole.lower()[place], low - margin), high = std::min(setting.whole.upper()[place], high + margin);
        std::vector<double> at(static_cast<std::size_t>(points));
        for (int i = 0; i < points; ++i)
            at[std::size_t(i)] = low + (high - low) * double(i) / double(points - 1);
        return at;
    };
    const std::vector<double> u = axis(a), v = axis(b);
    for (const double at : u)
        out.first.push_back(setting.value(a, at));
    for (const double at : v)
        out.second.push_back(setting.value(b, at));
    const auto n = std::size_t(points);
    out.rise.assign(n * n, nan);
    parallel<Search::Scratch>(n, threads, tick, [&](std::size_t i, Search::Scratch& scratch) {
        // Along a row from its middle outwards, so that each refit begins near its neighbour.
        const std::vector<double> centre = setting.whole.params(setting.u);
        for (const int direction : {1, -1}) {
            std::vector<double> from = centre;
            for (std::size_t j = direction > 0 ? n / 2 : n / 2 - 1; j < n; j += std::size_t(direction)) {
                const Search held = setting.hold({{out.names[0], out.first[i]}, {out.names[1], out.second[j]}});
                const Minimum m = descend(held, held.search(from), {}, scratch, 1e-9, {}, 200);
                out.rise[i * n + j] = setting.rise(m.cost);
                if (std::isfinite(m.cost))
                    from = held.params(m.u);
            }
        }
    });
    return out;
}

void profileIntervals(Fit& fit, const Search& search, const Vector&, int threads, const Tick& tick)
{
    const Setting setting(search.problem(), fit);
    const double threshold = studentSquare(setting, fit.spec.level);
    std::vector<Interval> found(std::size_t(search.size()));
    struct None {
    };
    parallel<None>(found.size(), threads, tick, [&](std::size_t i, None&) { found[i] = ends(setting, fit, int(i), threshold); });
    for (std::size_t i = 0; i < found.size(); ++i) {
        Estimate& estimate = fit.parameters[std::size_t(search.free()[i])];
        const law::Param& param = search.problem().law->params[std::size_t(search.free()[i])];
        estimate.ci = found[i];
        if (std::isinf(found[i].lower) || std::isinf(found[i].upper))
            fit.warnings.push_back({"open-interval", "The data do not bound " + estimate.name + (std::isinf(found[i].upper) ? " from above" : " from below")
                + ": the objective stays within the interval's threshold up to its bound " + std::to_string(std::isinf(found[i].upper) ? param.upper : param.lower)
                + ". Report the bounded side only, or fix it from elsewhere."});
    }
    fit.interval = "profile";
}

}

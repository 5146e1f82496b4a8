// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/validate.h"

#include "core/error.h"
#include "core/fit/solve.h"
#include "core/text.h"

#include <cmath>
#include <set>

namespace fit {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::array<std::string_view, 3> names{"holdout", "rolling", "leave-one-out"};

// The rows of `from` for which keep is true, group by group.
Problem::Data part(const Problem::Data& from, std::size_t width, const std::vector<bool>& keep)
{
    Problem::Data to;
    for (std::size_t g = 0; g < from.groups.size(); ++g) {
        const auto& group = from.groups[g];
        const std::size_t begin = to.y.size();
        for (std::size_t k = group.begin; k < group.end; ++k) {
            if (!keep[k])
                continue;
            to.x.insert(to.x.end(), &from.x[k * width], &from.x[k * width] + width);
            to.logX.insert(to.logX.end(), &from.logX[k * width], &from.logX[k * width] + width);
            to.y.push_back(from.y[k]);
            if (!from.weight.empty())
                to.weight.push_back(from.weight[k]);
        }
        if (to.y.size() > begin) {
            to.groups.push_back({begin, to.y.size(), group.curve});
            to.names.push_back(from.names[g]);
        }
    }
    return to;
}

struct Split {
    std::string held;
    std::vector<bool> out;
};

// What rows are ordered by: compute where the law reads it or size and data, else its first input.
std::pair<std::vector<double>, std::string> order(const Problem& problem)
{
    const auto& inputs = problem.law->inputs;
    const auto place = [&](std::string_view id) {
        const auto it = std::ranges::find(inputs, id, &law::Quantity::id);
        return it == inputs.end() ? -1 : int(it - inputs.begin());
    };
    const int N = place("N"), D = place("D"), C = place("C");
    std::vector<double> key;
    const std::size_t m = inputs.size();
    for (std::size_t k = 0; k < problem.train.y.size(); ++k) {
        const double* x = &problem.train.x[k * m];
        key.push_back(C >= 0 ? x[C] : N >= 0 && D >= 0 ? 6 * x[N] * x[D] : x[0]);
    }
    return {key, C >= 0 || (N >= 0 && D >= 0) ? "compute" : std::string(inputs[0].id)};
}

std::vector<Split> splits(const Problem& problem, Validation kind)
{
    std::vector<Split> out;
    const std::size_t n = problem.train.y.size();
    if (kind == Validation::LeaveOneOut) {
        if (problem.train.groups.size() < 3)
            throw Error("Leaving one run out needs three runs or more; there " + std::string(problem.train.groups.size() == 1 ? "is one." : "are two."));
        for (std::size_t g = 0; g < problem.train.groups.size(); ++g) {
            Split split{"run " + problem.train.names[g], std::vector<bool>(n)};
            for (std::size_t k = problem.train.groups[g].begin; k < problem.train.groups[g].end; ++k)
                split.out[k] = true;
            out.push_back(std::move(split));
        }
        return out;
    }
    const auto [key, what] = order(problem);
    std::vector<double> sorted = key;
    std::ranges::sort(sorted);
    std::set<double> seen;
    for (const double share : {.5, .6, .7, .8, .9}) {
        const double limit = sorted[std::min(n - 1, std::size_t(std::ceil(share * double(n))) - 1)];
        if (limit >= sorted.back() || !seen.insert(limit).second)
            continue;
        char text[64];
        std::snprintf(text, sizeof text, "%s above %.3g", what.c_str(), limit);
        Split split{text, std::vector<bool>(n)};
        for (std::size_t k = 0; k < n; ++k)
            split.out[k] = key[k] > limit;
        out.push_back(std::move(split));
    }
    if (out.empty())
        throw Error("All rows have the same " + what + ": none can be held out as larger than the rest.");
    return out;
}

Metrics mean(const std::vector<Validated::Fold>& folds)
{
    Metrics total;
    int r2 = 0;
    const auto n = double(folds.size());
    for (const auto& fold : folds) {
        total.n += fold.errors.n;
        total.mae += fold.errors.mae / n, total.rmse += fold.errors.rmse / n, total.mape += fold.errors.mape / n;
        if (!std::isnan(fold.errors.r2))
            total.r2 += fold.errors.r2, ++r2;
    }
    total.r2 = r2 ? total.r2 / r2 : nan;
    total.aicc = total.bic = nan;
    return total;
}

}

std::string_view name(Validation kind) { return names[std::size_t(kind)]; }

Validation validation(std::string_view name)
{
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == name)
            return Validation(i);
    throw UsageError("There is no validation '" + std::string(name) + "'" + text::didYouMean(name, std::vector<std::string>(names.begin(), names.end()))
                     + "; they are holdout, rolling and leave-one-out.");
}

Validation usual(const Problem& problem)
{
    if (!problem.held.y.empty())
        return Validation::Holdout;
    return problem.law->curves && problem.train.groups.size() >= 3 ? Validation::LeaveOneOut : Validation::Rolling;
}

Validated validate(const Problem& problem, Validation kind, int threads, const Tick& tick)
{
    Validated out{.kind = kind};
    Problem bare = problem;
    bare.spec.bootstrap = 0;
    bare.spec.interval.clear();
    if (kind == Validation::Holdout) {
        if (problem.held.y.empty())
            throw Error("No row is held out: say which by --holdout.");
        const Fit fit = solve(bare, threads, tick);
        out.folds.push_back({"rows where " + problem.spec.holdout, fit.n, fit.holdout});
        out.errors = fit.holdout;
        return out;
    }
    const std::vector<Split> all = splits(problem, kind);
    std::string why;
    for (std::size_t i = 0; i < all.size(); ++i) {
        Problem fold = bare;
        std::vector<bool> in = all[i].out;
        in.flip();
        fold.train = part(problem.train, problem.law->inputs.size(), in);
        fold.held = part(problem.train, problem.law->inputs.size(), all[i].out);
        fold.byRun = fold.train.groups.size() > 1;
        try {
            const Fit fit = solve(fold, threads, [&](double at) { return !tick || tick((double(i) + at) / double(all.size())); });
            out.folds.push_back({all[i].held, fit.n, fit.holdout});
            out.judged.resize(problem.train.y.size());
            std::transform(out.judged.begin(), out.judged.end(), all[i].out.begin(), out.judged.begin(), [](bool a, bool b) { return a || b; });
        } catch (const Error& e) {
            if (std::string_view(e.what()) == "cancelled")
                throw;
            why = e.what();     // too few rows below a limit: the larger folds stand
        }
    }
    if (out.folds.empty())
        throw Error("No part of the rows could be fitted alone: " + why);
    out.errors = mean(out.folds);
    return out;
}

Comparison compare(const std::vector<Spec>& specs, const data::Table& table, std::vector<Source> sources, std::optional<Validation> kind,
                   int threads, const Tick& tick)
{
    if (specs.empty())
        throw UsageError("Name the laws to compare, such as --laws chinchilla,kaplan_nd.");
    Comparison out;
    std::optional<Validation> chosen = kind;
    for (std::size_t i = 0; i < specs.size(); ++i) {
        Compared one{.spec = specs[i], .fit = {}, .validated = {}, .why = {}};
        const auto progress = [&](double at) { return !tick || tick((double(i) + at) / double(specs.size())); };
        try {
            const Problem problem = makeProblem(specs[i], table, sources);
            if (!chosen)
                chosen = usual(problem);
            one.fit = solve(problem, threads, [&](double at) { return progress(at * (*chosen == Validation::Holdout ? 1 : .4)); });
            if (*chosen == Validation::Holdout && !problem.held.y.empty())
                one.validated = Validated{*chosen, {{"rows where " + problem.spec.holdout, one.fit->n, one.fit->holdout}}, one.fit->holdout};
            else
                one.validated = validate(problem, *chosen, threads, [&](double at) { return progress(.4 + .6 * at); });
        } catch (const UsageError& e) {
            if (specs.size() == 1)
                throw;
            one.why = e.what();
        } catch (const Error& e) {
            if (std::string_view(e.what()) == "cancelled" || specs.size() == 1)
                throw;
            one.why = e.what();
        }
        out.laws.push_back(std::move(one));
    }
    out.kind = chosen.value_or(Validation::Rolling);
    std::ranges::stable_sort(out.laws, [](const Compared& a, const Compared& b) {
        const auto rank = [](const Compared& c) { return c.validated && std::isfinite(c.validated->errors.mae) ? c.validated->errors.mae : std::numeric_limits<double>::infinity(); };
        return rank(a) < rank(b);
    });
    std::set<int> counts, folds;
    std::set<std::optional<double>> scales;
    for (const Compared& c : out.laws)
        if (c.fit && c.validated) {
            counts.insert(c.fit->n);
            folds.insert(int(c.validated->folds.size()));
            scales.insert(logShift(c.spec.objective.value_or(law::get(c.spec.law).objective)));
        }
    if (counts.size() > 1 || folds.size() > 1)
        out.warnings.push_back({"different-rows", "The laws could not all use the same rows: AICc and BIC of different rows cannot be compared, and held-out errors only roughly."});
    if (scales.size() > 1)
        out.warnings.push_back({"different-objectives", "Some laws are fitted to the loss and some to its logarithm: AICc and BIC cannot be compared between them."});
    return out;
}

}

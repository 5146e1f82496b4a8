// SPDX-License-Identifier: GPL-3.0-or-later
// How the solver's time grows: a warm refit and a cold fit of chinchilla by points, a fit by starts. tests/bench/fit.py runs
// scipy beside it.
#include "core/fit/solve.h"
#include "tests/fit/synthetic.h"

#include <chrono>
#include <cstdio>

namespace {

template <class Work>
double milliseconds(Work work)
{
    std::vector<double> times;
    for (int i = 0; i < 9; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        work();
        times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    }
    std::ranges::sort(times);
    return times[times.size() / 2];
}

fit::Problem problem(int n, int starts = 0)
{
    synthetic::Truth truth = synthetic::truths().at("chinchilla");
    fit::Random random(1, 2);
    for (int i = 0; i < n; ++i)
        truth.rows.push_back({1e7 * std::exp(7 * random.uniform()), 2e8 * std::exp(8 * random.uniform())});
    fit::Spec spec;
    spec.starts = starts;
    return synthetic::draw(law::get("chinchilla"), truth, 1, spec);
}

// The slope of log time over log size.
double slope(const std::vector<std::pair<double, double>>& at)
{
    double x = 0, y = 0, xx = 0, xy = 0;
    for (const auto& [size, time] : at) {
        const double u = std::log(size), v = std::log(time);
        x += u, y += v, xx += u * u, xy += u * v;
    }
    const auto n = double(at.size());
    return (n * xy - x * y) / (n * xx - x * x);
}

}

int main()
{
    std::vector<std::pair<double, double>> refits, fits, byStarts;
    for (const int n : {1000, 4000, 16000, 64000}) {
        const fit::Problem p = problem(n);
        fit::Fit near = fit::solve(p, 1);
        // As a dragged bar asks: one parameter held a little away, the others re-optimised.
        const double refit = milliseconds([&] { (void)fit::refine(p, near, {{"alpha", near.value("alpha") * 1.01}}); });
        const double warm = milliseconds([&] { (void)fit::refine(p, near, {}); });
        refits.emplace_back(n, refit);
        fits.emplace_back(n, n > 16000 ? NAN : milliseconds([&] { (void)fit::solve(p, 1); }));
        if (std::isnan(fits.back().second))
            fits.pop_back();
        std::printf("%6d points: refit from the minimum %.2f ms, with one parameter held away %.2f ms%s\n", n, warm, refit,
                    n > 16000 ? "" : (", fit from 36 starts " + std::to_string(int(std::lround(fits.back().second))) + " ms").c_str());
    }
    std::printf("slope in points (1: linear): refit %.2f, fit %.2f\n", slope(refits), slope(fits));
    for (const int starts : {160, 640, 2560}) {
        const fit::Problem p = problem(240, starts);
        byStarts.emplace_back(starts, milliseconds([&] { (void)fit::solve(p, 1); }));
        std::printf("%6d starts on 240 points: %.1f ms\n", starts, byStarts.back().second);
    }
    std::printf("slope in starts: %.2f\n", slope(byStarts));
}

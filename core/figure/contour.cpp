// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/figure/contour.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <deque>
#include <map>

namespace figure {

namespace {

// A crossing lies on an edge of the grid, which two neighbouring cells share: its number tells where pieces join.
struct Piece {
    std::size_t from, to;
};

double between(double a, double b, double share, bool log)
{
    return log && a > 0 && b > 0 ? a * std::pow(b / a, share) : a + (b - a) * share;
}

}

std::vector<Polyline> contour(std::span<const double> x, std::span<const double> y, std::span<const double> values, double level, bool logX, bool logY)
{
    const std::size_t n = x.size(), m = y.size();
    std::vector<Polyline> out;
    if (n < 2 || m < 2 || values.size() != n * m)
        return out;
    const auto at = [&](std::size_t i, std::size_t j) { return values[i * m + j]; };
    // Edges: 2k along x from grid point k, 2k + 1 along y from it.
    const auto edge = [&](std::size_t i, std::size_t j, bool alongY) { return 2 * (i * m + j) + (alongY ? 1 : 0); };
    std::vector<Piece> pieces;
    for (std::size_t i = 0; i + 1 < n; ++i)
        for (std::size_t j = 0; j + 1 < m; ++j) {
            const std::array corner{at(i, j), at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)};
            double sum = 0;
            for (const double v : corner)
                sum += v;
            if (!std::isfinite(sum))
                continue;
            const std::array sides{edge(i, j, false), edge(i + 1, j, true), edge(i, j + 1, false), edge(i, j, true)};
            std::vector<std::size_t> crossed;
            for (std::size_t k = 0; k < 4; ++k)
                if ((corner[k] >= level) != (corner[(k + 1) % 4] >= level))
                    crossed.push_back(sides[k]);
            if (crossed.size() == 2) {
                pieces.push_back({crossed[0], crossed[1]});
            } else if (crossed.size() == 4) {       // a saddle: its middle says which corners belong together
                const bool joined = (sum / 4 >= level) == (corner[0] >= level);
                pieces.push_back({crossed[joined ? 0 : 3], crossed[joined ? 1 : 0]});
                pieces.push_back({crossed[joined ? 2 : 1], crossed[joined ? 3 : 2]});
            }
        }
    std::multimap<std::size_t, std::size_t> ends;       // edge -> piece
    for (std::size_t k = 0; k < pieces.size(); ++k)
        ends.emplace(pieces[k].from, k), ends.emplace(pieces[k].to, k);
    std::vector<bool> used(pieces.size());
    const auto next = [&](std::size_t from) -> std::ptrdiff_t {
        for (auto [it, last] = ends.equal_range(from); it != last; ++it)
            if (!used[it->second])
                return std::ptrdiff_t(it->second);
        return -1;
    };
    for (std::size_t k = 0; k < pieces.size(); ++k) {
        if (used[k])
            continue;
        used[k] = true;
        std::deque<std::size_t> way{pieces[k].from, pieces[k].to};
        for (const bool forward : {true, false})
            for (std::ptrdiff_t p; (p = next(forward ? way.back() : way.front())) >= 0;) {
                const Piece& piece = pieces[std::size_t(p)];
                used[std::size_t(p)] = true;
                if (forward)
                    way.push_back(piece.from == way.back() ? piece.to : piece.from);
                else
                    way.push_front(piece.from == way.front() ? piece.to : piece.from);
            }
        Polyline line;
        for (const std::size_t e : way) {
            const std::size_t i = e / 2 / m, j = e / 2 % m;
            const bool alongY = e % 2;
            const double a = at(i, j), b = alongY ? at(i, j + 1) : at(i + 1, j);
            const double share = a == b ? .5 : (level - a) / (b - a);
            line.x.push_back(alongY ? x[i] : between(x[i], x[i + 1], share, logX));
            line.y.push_back(alongY ? between(y[j], y[j + 1], share, logY) : y[j]);
        }
        out.push_back(std::move(line));
    }
    return out;
}

}

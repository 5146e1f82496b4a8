// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/joint.h"

#include "core/error.h"
#include "core/fit/interval.h"
#include "core/fit/levenberg.h"
#include "core/fit/parallel.h"
#include "core/fit/profile.h"
#include "core/fit/solve.h"
#include "core/text.h"

#include <boost/math/distributions/students_t.hpp>

#include <cmath>

namespace fit {
namespace {

// All groups as one search: the shared parameters first, then each group's own, in the order of the law.
class Together {
public:
    using Vector = Eigen::VectorXd;
    using Matrix = Eigen::MatrixXd;
    struct Scratch {
        Search::Scratch one;
        Search::Derivatives part;
    };
    struct Derivatives {
        Vector gradient;
        Matrix inliers, outliers;
    };

    Together(const std::vector<Problem>& problems, const std::vector<std::string>& shared)
    {
        for (const Problem& problem : problems)
            m_parts.emplace_back(problem);
        const Search& first = m_parts.front();
        for (int i = 0; i < first.size(); ++i) {
            const std::string id(first.problem().law->params[std::size_t(first.free()[i])].id);
            (std::ranges::find(shared, id) != shared.end() ? m_shared : m_own).push_back(i);
        }
        const auto n = Eigen::Index(m_shared.size() + m_own.size() * m_parts.size());
        m_lower.resize(n), m_upper.resize(n);
        for (std::size_t g = 0; g < m_parts.size(); ++g)
            for (int i = 0; i < first.size(); ++i) {
                m_lower[place(g, i)] = m_parts[g].lower()[i];
                m_upper[place(g, i)] = m_parts[g].upper()[i];
            }
    }

    const Vector& lower() const { return m_lower; }
    const Vector& upper() const { return m_upper; }
    std::size_t groups() const { return m_parts.size(); }
    const Search& part(std::size_t g) const { return m_parts[g]; }
    const std::vector<int>& shared() const { return m_shared; }
    // Where group g's i-th free parameter stands.
    Eigen::Index place(std::size_t g, int i) const
    {
        if (const auto it = std::ranges::find(m_shared, i); it != m_shared.end())
            return it - m_shared.begin();
        return std::ssize(m_shared) + Eigen::Index(g * m_own.size()) + (std::ranges::find(m_own, i) - m_own.begin());
    }
    fit::Vector of(std::size_t g, const Vector& z) const
    {
        fit::Vector u(m_parts[g].size());
        for (int i = 0; i < u.size(); ++i)
            u[i] = z[place(g, i)];
        return u;
    }
    double cost(const Vector& z, std::span<const double>, Scratch& scratch) const
    {
        double total = 0;
        for (std::size_t g = 0; g < m_parts.size(); ++g)
            total += m_parts[g].cost(of(g, z), {}, scratch.one);
        return total;
    }
    double cost(const Vector& z, std::span<const double>, Scratch& scratch, Derivatives& d) const
    {
        d.gradient = Vector::Zero(z.size());
        d.inliers = d.outliers = Matrix::Zero(z.size(), z.size());
        double total = 0;
        for (std::size_t g = 0; g < m_parts.size(); ++g) {
            total += m_parts[g].cost(of(g, z), {}, scratch.one, scratch.part);
            if (!std::isfinite(total))
                return total;
            for (int i = 0; i < m_parts[g].size(); ++i) {
                d.gradient[place(g, i)] += scratch.part.gradient[i];
                for (int j = 0; j < m_parts[g].size(); ++j) {
                    d.inliers(place(g, i), place(g, j)) += scratch.part.inliers(i, j);
                    d.outliers(place(g, i), place(g, j)) += scratch.part.outliers(i, j);
                }
            }
        }
        return total;
    }

private:
    std::vector<Search> m_parts;
    std::vector<int> m_shared, m_own;   // places among a group's free parameters
    Vector m_lower, m_upper;
};

struct Group {
    std::string name, filter;
};

std::vector<Group> groupsOf(const data::Table& table, const std::string& by)
{
    std::vector<Group> out;
    const auto add = [&](const std::string& name, const std::string& value) {
        if (std::ranges::none_of(out, [&](const Group& g) { return g.name == name; }))
            out.push_back({name, "`" + by + "`==" + value});
    };
    for (const auto& column : table.text)
        if (column.name == by) {
            for (const std::int32_t code : column.code)
                if (code >= 0) {
                    const std::string& level = column.levels[std::size_t(code)];
                    add(level, level.find('\'') == std::string::npos ? "'" + level + "'" : "\"" + level + "\"");
                }
            return out;
        }
    if (const auto* numbers = table.number(by)) {
        for (const double v : numbers->values)
            if (std::isfinite(v)) {
                add(text::number(v), text::number(v));
                if (out.size() > 200)
                    throw UsageError("'" + by + "' holds more than 200 different values: group by a column of few.");
            }
        std::ranges::sort(out, {}, [](const Group& g) { return std::stod(g.name); });
        return out;
    }
    std::vector<std::string> names;
    for (const auto& column : table.text)
        names.push_back(column.name);
    for (const auto& column : table.numbers)
        names.push_back(column.name);
    throw UsageError("There is no column '" + by + "' to group by" + text::didYouMean(by, names) + ".");
}

std::string both(const std::string& filter, const std::string& more) { return filter.empty() ? more : "(" + filter + ") and " + more; }

}

Joint solveJoint(const Spec& spec, const data::Table& table, std::vector<Source> sources, const std::string& by,
                 const std::vector<std::string>& shared, int threads, const Tick& tick)
{
    const law::Law& law = law::get(spec.law);
    for (const std::string& name : shared)
        if (law.index(name) < 0)
            throw UsageError("The law " + spec.law + " has no parameter '" + name + "' to share.");
    Joint joint{.by = by, .shared = shared};
    std::vector<Problem> problems;
    const std::vector<Group> groups = groupsOf(table, by);
    std::vector<std::string> small;
    std::string why;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        Spec one = spec;
        one.where = both(spec.where, groups[i].filter);
        if (!spec.holdout.empty())
            one.holdout = both(spec.holdout, groups[i].filter);
        try {
            Problem problem = makeProblem(one, table, sources);
            joint.fits.push_back(solve(problem, threads, [&](double at) { return !tick || tick((double(i) + at) / double(groups.size()) * (shared.empty() ? 1 : .7)); }));
            problems.push_back(std::move(problem));
            joint.names.push_back(groups[i].name);
        } catch (const UsageError&) {
            throw;
        } catch (const Error& e) {
            if (std::string_view(e.what()) == "cancelled")
                throw;
            small.push_back(groups[i].name);
            why = e.what();
        }
    }
    if (joint.fits.empty())
        throw Error("No group of '" + by + "' can be fitted: " + (why.empty() ? "the column is empty." : why));
    if (!small.empty())
        joint.warnings.push_back({"small-groups", std::to_string(small.size()) + (small.size() == 1 ? " group of " : " groups of ") + by + " could not be fitted and "
            + (small.size() == 1 ? "is" : "are") + " left out (" + text::join(std::vector(small.begin(), small.begin() + std::min<std::ptrdiff_t>(3, std::ssize(small))), ", ")
            + (small.size() > 3 ? ", ..." : "") + "): " + why});

    double rss = 0;
    const auto total = [&](const Search& search, const Vector& u) {
        Search::Scratch scratch;
        for (const double r : search.residuals(u, scratch))
            rss += r * r;
    };
    const Together together(problems, shared);
    const auto k = std::size_t(together.lower().size());
    for (const Problem& problem : problems)
        joint.n += int(problem.train.y.size());
    joint.free = int(k);
    if (shared.empty() || together.shared().empty()) {
        for (std::size_t g = 0; g < joint.fits.size(); ++g) {
            joint.objective += joint.fits[g].objective;
            total(together.part(g), together.part(g).search(joint.fits[g].values()));
        }
    } else {
        // Starts: the shared values of each group alone, and their median; the rest of every group refitted to them.
        std::vector<Eigen::VectorXd> starts;
        const std::size_t G = joint.fits.size();
        std::vector<fit::Vector> alone;
        for (std::size_t g = 0; g < G; ++g)
            alone.push_back(together.part(g).search(joint.fits[g].values()));
        for (std::size_t s = 0; s <= std::min<std::size_t>(G, 8); ++s) {
            Eigen::VectorXd z(static_cast<Eigen::Index>(k));
            std::map<std::string, double> held;
            for (const int i : together.shared()) {
                std::vector<double> values;
                for (const fit::Vector& u : alone)
                    values.push_back(u[i]);
                std::ranges::sort(values);
                fit::Vector u = alone[s ? s - 1 : 0];
                u[i] = s ? u[i] : values[values.size() / 2];
                const auto param = std::size_t(together.part(0).free()[i]);
                held[std::string(law.params[param].id)] = together.part(0).params(u)[param];
            }
            for (std::size_t g = 0; g < G; ++g) {
                const Search rest(problems[g], held);
                Search::Scratch scratch;
                const Minimum m = descend(rest, rest.search(joint.fits[g].values()), {}, scratch, 1e-9);
                const fit::Vector u = together.part(g).search(rest.params(m.u));
                for (int i = 0; i < u.size(); ++i)
                    z[together.place(g, i)] = u[i];
            }
            starts.push_back(std::move(z));
        }
        std::vector<MinimumOf<Eigen::VectorXd>> minima(starts.size());
        parallel<Together::Scratch>(starts.size(), threads, [&](double at) { return !tick || tick(.7 + .3 * at); },
            [&](std::size_t i, Together::Scratch& scratch) {
                minima[i] = levenberg(together, starts[i], std::span<const double>(), scratch, 1e-14, std::span<const MinimumOf<Eigen::VectorXd>>(), 500);
            });
        const auto& best = *std::ranges::min_element(minima, {}, [](const auto& m) { return m.cost; });
        if (!std::isfinite(best.cost))
            throw Error("The groups cannot be fitted with shared " + text::join(shared, ", ") + ": no start gives finite predictions.");
        joint.objective = best.cost;

        // Wald's covariance of all parameters at once; the scatter is that of all residuals.
        Eigen::MatrixXd normal = Eigen::MatrixXd::Zero(Eigen::Index(k), Eigen::Index(k)), middle = normal;
        Scatter all{0, 0};
        for (std::size_t g = 0; g < G; ++g) {
            const Search& search = together.part(g);
            const fit::Vector u = together.of(g, best.u);
            total(search, u);
            const Information information = fit::information(search, u);
            for (int i = 0; i < search.size(); ++i)
                for (int j = 0; j < search.size(); ++j) {
                    normal(together.place(g, i), together.place(g, j)) += information.normal(i, j);
                    middle(together.place(g, i), together.place(g, j)) += information.middle(i, j);
                }
            Search::Scratch scratch;
            const Scatter part = scatter(search, u, scratch);
            const auto n = double(problems[g].train.y.size());
            all.square += part.square * std::max(1.0, n - double(search.size())), all.slope += part.slope * n;
        }
        const double dof = std::max(1.0, double(joint.n) - double(k));
        all.square /= dof, all.slope /= double(joint.n);
        const bool sandwich = !problems.front().train.weight.empty() && !problems.front().precision;
        const Eigen::MatrixXd inverse = inverseOf(normal);
        const Eigen::MatrixXd covariance = all.variance() * (sandwich ? Eigen::MatrixXd(inverse * middle * inverse) : inverse);
        const double t = boost::math::quantile(boost::math::students_t(dof), 0.5 + spec.level / 2);
        for (std::size_t g = 0; g < G; ++g) {
            const Search& search = together.part(g);
            const std::vector<double> p = search.params(together.of(g, best.u));
            std::map<std::string, double> values;
            for (std::size_t i = 0; i < p.size(); ++i)
                values[std::string(law.params[i].id)] = p[i];
            std::vector<Warning> warnings = joint.fits[g].warnings;
            Fit fit = fit::at(problems[g], values);
            fit.starts = {int(starts.size()), int(std::ranges::count_if(minima, [&](const auto& m) { return m.cost <= best.cost * (1 + 1e-6); })), 1};
            fit.interval = "wald";
            fit.dof = dof;
            fit.covariance.assign(std::size_t(search.size()), std::vector<double>(std::size_t(search.size()), 0));
            for (int i = 0; i < search.size(); ++i) {
                for (int j = 0; j < search.size(); ++j)
                    fit.covariance[std::size_t(i)][std::size_t(j)] = covariance(together.place(g, i), together.place(g, j));
                const auto param = std::size_t(search.free()[i]);
                setWald(fit.parameters[param], law.params[param], p[param], std::sqrt(covariance(together.place(g, i), together.place(g, i))), t);
                const double u = best.u[together.place(g, i)];
                fit.parameters[param].atBound = u <= search.lower()[i] || u >= search.upper()[i];
            }
            joint.fits[g] = std::move(fit);
        }
    }
    const auto n = double(joint.n), free = double(k);
    joint.bic = n * std::log(rss / n) + free * std::log(n);
    joint.aicc = n - free - 1 > 0 ? n * std::log(rss / n) + 2 * free + 2 * free * (free + 1) / (n - free - 1) : std::numeric_limits<double>::quiet_NaN();
    return joint;
}

}

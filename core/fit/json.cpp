// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/json.h"

#include "core/error.h"
#include "core/law/law.h"
#include "core/text.h"
#include "core/version.h"

#include <cmath>
#include <fstream>

namespace fit {
namespace {

using Json = nlohmann::ordered_json;

double real(const Json& json)
{
    if (json.is_number())
        return json.get<double>();
    const auto word = json.is_string() ? json.get<std::string>() : "";
    if (word == "NaN")
        return std::numeric_limits<double>::quiet_NaN();
    if (word == "Infinity" || word == "-Infinity")
        return (word[0] == '-' ? -1 : 1) * std::numeric_limits<double>::infinity();
    throw Error("a number is expected, not " + json.dump());
}

Json toJson(const Interval& i) { return {number(i.lower), number(i.upper)}; }
Interval interval(const Json& json) { return {real(json.at(0)), real(json.at(1))}; }

Json toJson(const std::vector<double>& values)
{
    Json out = Json::array();
    for (const double v : values)
        out.push_back(number(v));
    return out;
}

std::vector<double> reals(const Json& json)
{
    std::vector<double> out;
    for (const Json& v : json)
        out.push_back(real(v));
    return out;
}

Json toJson(const Metrics& m, bool held)
{
    Json out;
    if (held)
        out["n"] = m.n;
    out["r2"] = number(m.r2);
    out["mae"] = number(m.mae);
    out["rmse"] = number(m.rmse);
    out["mape"] = number(m.mape);
    if (!held) {
        out["aicc"] = number(m.aicc);
        out["bic"] = number(m.bic);
    }
    return out;
}

Metrics metrics(const Json& json, int n)
{
    Metrics m{.n = json.value("n", n)};
    m.r2 = real(json.at("r2")), m.mae = real(json.at("mae")), m.rmse = real(json.at("rmse")), m.mape = real(json.at("mape"));
    if (json.contains("aicc"))
        m.aicc = real(json["aicc"]), m.bic = real(json.at("bic"));
    return m;
}

Fit fitFromJson(const Json& json)
{
    Fit fit;
    fit.spec.law = json.at("law").get<std::string>();
    const law::Law& law = law::get(fit.spec.law);
    if (json.contains("spec"))
        fit.spec = nlohmann::json(json["spec"]).get<Spec>();
    fit.n = json.value("n", 0);
    for (const Json& e : json.value("excluded", Json::array()))
        fit.excluded.push_back({e.at("row").get<std::int64_t>(), e.at("why").get<std::string>()});
    if (const Json o = json.value("objective", Json::object()); !o.empty()) {
        const Objective kind = objective(o.at("kind").get<std::string>());
        if (kind != fit.spec.objective.value_or(law.objective))
            fit.spec.objective = kind;
        fit.spec.delta = real(o.at("delta"));
        fit.objective = real(o.at("value"));
    }
    for (const law::Param& param : law.params) {
        const std::string name(param.id);
        const Json& e = json.at("parameters").at(name);
        fit.parameters.push_back({.name = name, .value = real(e.at("value")), .se = real(e.value("se", Json("NaN"))),
            .ci = e.contains("ci") ? interval(e["ci"]) : Interval{}, .fixed = e.value("fixed", false),
            .atBound = e.value("at_bound", false)});
    }
    if (const Json i = json.value("interval", Json::object()); !i.empty()) {
        fit.interval = i.at("kind").get<std::string>();
        fit.spec.level = real(i.at("level"));
        fit.resamples = i.value("resamples", 0);
        fit.unit = i.value("unit", "run");
        if (i.contains("dof"))
            fit.dof = real(i["dof"]);
    }
    if (json.contains("metrics"))
        fit.metrics = metrics(json["metrics"], fit.n);
    if (json.contains("holdout"))
        fit.holdout = metrics(json["holdout"], 0);
    if (const Json s = json.value("starts", Json::object()); !s.empty())
        fit.starts = {s.at("tried").get<int>(), s.at("reached_best").get<int>(), s.at("distinct_minima").get<int>()};
    fit.condition = real(json.value("condition", Json(0)));
    for (const Json& w : json.value("warnings", Json::array()))
        fit.warnings.push_back({w.at("id").get<std::string>(), w.at("message").get<std::string>()});
    const Json data = json.value("data", Json::object());
    for (const Json& s : data.value("sources", Json::array()))
        fit.sources.push_back({s.at("name").get<std::string>(), s.value("sha256", ""), s.value("path", "")});
    const Json inputs = data.value("inputs", Json::object()), ranges = data.value("ranges", Json::object());
    for (const auto& [id, column] : inputs.items())
        fit.inputs[id] = column.get<std::string>();
    for (const auto& [id, range] : ranges.items())
        fit.ranges[id] = interval(range);
    const Json units = data.value("units", Json::object());
    for (const auto& [id, unit] : units.items())
        fit.units[id] = unit.get<std::string>();
    for (const Json& row : json.value("covariance", Json::array()))
        fit.covariance.push_back(reals(row));
    for (const Json& row : json.value("draws", Json::array()))
        fit.draws.push_back(reals(row));
    const Json points = json.value("points", Json::object());
    fit.groups = points.value("groups", std::vector<std::string>{});
    for (const Json& row : points.value("rows", Json::array())) {
        const std::vector<double> v = reals(row.at(0));
        fit.points.push_back({v, real(row.at(1)), real(row.at(2)), row.at(3).get<int>(), row.at(4).get<int>() != 0});
    }
    fit.spec.seed = json.value("seed", std::uint64_t(1));
    fit.seconds = json.value("seconds", 0.0);
    return fit;
}

}

Json number(double v)
{
    if (std::isfinite(v))
        return v;
    return std::isnan(v) ? "NaN" : v > 0 ? "Infinity" : "-Infinity";
}

Json toJson(const Fit& fit)
{
    const law::Law& law = law::get(fit.spec.law);
    Json out;
    out["law"] = fit.spec.law;
    out["n"] = fit.n;
    out["excluded"] = Json::array();
    for (const auto& e : fit.excluded)
        out["excluded"].push_back({{"row", e.row}, {"why", e.why}});
    out["objective"] = {{"kind", name(fit.spec.objective.value_or(law.objective))}, {"delta", number(fit.spec.delta)},
                        {"value", number(fit.objective)}};
    out["parameters"] = Json::object();
    for (const Estimate& e : fit.parameters) {
        Json& p = out["parameters"][e.name] = {{"value", number(e.value)}, {"se", number(e.se)}, {"ci", toJson(e.ci)},
                                               {"at_bound", e.atBound}};
        if (e.fixed)
            p["fixed"] = true;
    }
    out["interval"] = {{"kind", fit.interval}, {"level", fit.spec.level}, {"resamples", fit.resamples}, {"unit", fit.unit}};
    if (!std::isnan(fit.dof))
        out["interval"]["dof"] = fit.dof;
    out["metrics"] = toJson(fit.metrics, false);
    out["holdout"] = toJson(fit.holdout, true);
    out["starts"] = {{"tried", fit.starts.tried}, {"reached_best", fit.starts.reachedBest},
                     {"distinct_minima", fit.starts.distinctMinima}};
    out["condition"] = number(fit.condition);
    out["warnings"] = Json::array();
    for (const Warning& w : fit.warnings)
        out["warnings"].push_back({{"id", w.id}, {"message", w.message}});
    Json& data = out["data"] = {{"sources", Json::array()}, {"where", fit.spec.where}, {"holdout", fit.spec.holdout},
                                {"inputs", fit.inputs}, {"ranges", Json::object()}};
    for (const Source& s : fit.sources)
        data["sources"].push_back({{"name", s.name}, {"sha256", s.sha256}});
    for (const auto& [id, range] : fit.ranges)
        data["ranges"][id] = toJson(range);
    if (!fit.units.empty())
        data["units"] = fit.units;
    out["spec"] = nlohmann::json(fit.spec);
    out["covariance"] = Json::array();
    for (const auto& row : fit.covariance)
        out["covariance"].push_back(toJson(row));
    if (!fit.draws.empty()) {
        out["draws"] = Json::array();
        for (const auto& row : fit.draws)
            out["draws"].push_back(toJson(row));
    }
    Json& points = out["points"] = {{"columns", {"x", "observed", "predicted", "group", "held_out"}},
                                    {"groups", fit.groups}, {"rows", Json::array()}};
    for (const Point& p : fit.points)
        points["rows"].push_back(Json::array({toJson(p.x), number(p.observed), number(p.predicted), p.group, int(p.heldOut)}));
    out["seed"] = fit.spec.seed;
    out["version"] = version;
    out["seconds"] = fit.seconds;
    return out;
}

Json toJson(const Chain& chain)
{
    return {{"chain", {toJson(chain.first), toJson(chain.second)}}, {"version", version}};
}

std::variant<Fit, Chain> fromJson(const Json& json)
try {
    if (json.contains("chain"))
        return Chain{fitFromJson(json["chain"].at(0)), fitFromJson(json["chain"].at(1))};
    return fitFromJson(json);
} catch (const nlohmann::json::exception& e) {
    const std::string what = e.what();
    throw Error("this is not a fit of isoloss (" + what.substr(what.find(']') + 2) + ")");
}

std::variant<Fit, Chain> load(const std::filesystem::path& path)
{
    std::ifstream file(path);
    if (!file)
        throw Error("Cannot open '" + path.string() + "': check the name and that it may be read.");
    try {
        return fromJson(Json::parse(file));
    } catch (const nlohmann::json::exception& e) {
        throw Error("'" + path.string() + "' is not JSON: it breaks off or is damaged near byte "
                    + [&] { const auto* parse = dynamic_cast<const nlohmann::json::parse_error*>(&e);
                            return std::to_string(parse ? parse->byte : 0); }() + "; make it again with 'isoloss-cli fit ... --out'.");
    } catch (const Error& e) {
        throw Error("'" + path.string() + "' cannot be used: " + e.what() + "; make it again with 'isoloss-cli fit ... --out'.");
    }
}

Fit preset(std::string_view lawAndPreset, const std::map<std::string, double>& set)
{
    const auto colon = lawAndPreset.find(':');
    const law::Law& law = law::get(lawAndPreset.substr(0, colon));
    Fit fit{.interval = "none"};
    fit.spec.law = law.info.id;
    std::span<const double> values;
    std::vector<std::string> ids;
    for (const law::Preset& p : law.presets) {
        ids.emplace_back(p.id);
        if (colon != std::string_view::npos ? p.id == lawAndPreset.substr(colon + 1) : values.empty())
            values = p.values;
    }
    if (colon != std::string_view::npos && values.empty())
        throw UsageError("The law " + fit.spec.law + " has no preset '" + std::string(lawAndPreset.substr(colon + 1))
                         + "'; it has " + text::join(ids, ", ") + ".");
    for (const auto& [name, value] : set)
        if (law.index(name) < 0)
            throw UsageError("The law " + fit.spec.law + " has no parameter '" + name + "'.");
    const double none = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t i = 0; i < law.params.size(); ++i) {
        const std::string id(law.params[i].id);
        const auto given = set.find(id);
        // With constants of one's own and no preset named, a published value must not slip in beside them.
        const bool published = colon != std::string_view::npos || set.empty();
        const double value = given != set.end() ? given->second : published && !values.empty() ? values[i] : law.params[i].fixed;
        if (std::isnan(value))
            throw UsageError("The law " + fit.spec.law + " needs a value of " + id + ": name a preset ("
                             + text::join(ids, ", ") + ") or say --set " + id + "=VALUE.");
        fit.parameters.push_back({.name = id, .value = value, .se = none, .ci = {none, none}, .fixed = true});
    }
    fit.warnings.push_back({"no-interval", "Published constants carry no covariance: no interval can be given."});
    return fit;
}

}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/spec.h"

#include "core/error.h"
#include "core/fields.h"
#include "core/text.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <vector>

namespace fit {
namespace {

constexpr std::array<std::pair<Objective, std::string_view>, 5> objectives = {{
    {Objective::HuberLog, "huber-log"},
    {Objective::LogLs, "log-ls"},
    {Objective::Ls, "ls"},
    {Objective::Huber, "huber"},
    {Objective::Log1pLs, "log1p-ls"},
}};

nlohmann::json finite(double v)
{
    if (std::isfinite(v))
        return v;
    return std::isnan(v) ? "NaN" : v > 0 ? "Infinity" : "-Infinity";
}

nlohmann::json finite(const std::pair<double, double>& v)
{
    return nlohmann::json::array({finite(v.first), finite(v.second)});
}

template<class T>
nlohmann::json finite(const std::map<std::string, T>& values)
{
    auto out = nlohmann::json::object();
    for (const auto& [key, value] : values)
        out[key] = finite(value);
    return out;
}

}

void to_json(nlohmann::json& json, const Spec& spec)
{
    const Spec usual;
    json = nlohmann::json::object();
    json["law"] = spec.law;     // always: a stored fit must not change its law with a later default
    const auto put = [&](const char* key, const auto& value, const auto& usually, auto convert) {
        if (!(value == usually))
            json[key] = convert(value);
    };
    const auto same = [](const auto& value) { return value; };
    const auto number = [](const auto& value) { return finite(value); };
    put("map", spec.map, usual.map, same);
    put("where", spec.where, usual.where, same);
    put("holdout", spec.holdout, usual.holdout, same);
    put("fixed", spec.fixed, usual.fixed, number);
    put("freed", spec.freed, usual.freed, same);
    put("bounds", spec.bounds, usual.bounds, number);
    put("start", spec.start, usual.start, number);
    put("set", spec.set, usual.set, same);
    if (spec.objective)
        json["objective"] = name(*spec.objective);
    put("delta", spec.delta, usual.delta, number);
    put("starts", spec.starts, usual.starts, same);
    put("bootstrap", spec.bootstrap, usual.bootstrap, same);
    put("interval", spec.interval, usual.interval, same);
    put("level", spec.level, usual.level, number);
    put("seed", spec.seed, usual.seed, same);
}

void from_json(const nlohmann::json& json, Spec& spec)
{
    spec = {};
    const Fields fields(json, "");
    fields.read("law", spec.law);
    fields.read("map", spec.map);
    fields.read("where", spec.where);
    fields.read("holdout", spec.holdout);
    fields.read("fixed", spec.fixed);
    fields.read("freed", spec.freed);
    fields.read("bounds", spec.bounds);
    fields.read("start", spec.start);
    fields.read("set", spec.set);
    fields.visit("objective", [&](const nlohmann::json& value, const std::string& path) {
        if (!value.is_string())
            Fields::fail(path, "text", value);
        spec.objective = objective(value.get_ref<const std::string&>());
    });
    fields.read("delta", spec.delta);
    fields.read("starts", spec.starts);
    fields.read("bootstrap", spec.bootstrap);
    fields.visit("interval", [&](const nlohmann::json& value, const std::string& path) {
        if (!value.is_string())
            Fields::fail(path, "text", value);
        spec.interval = intervalKind(value.get_ref<const std::string&>());
    });
    fields.read("level", spec.level);
    fields.read("seed", spec.seed);
}

std::string intervalKind(std::string_view name)
{
    const std::vector<std::string> words{"wald", "bootstrap", "wild", "leave-one-out", "profile"};
    if (std::ranges::find(words, name) == words.end())
        throw UsageError("There is no interval '" + std::string(name) + "'" + text::didYouMean(name, words) + "; they are " + text::join(words, ", ") + ".");
    return name == "wald" || name == "bootstrap" ? std::string() : std::string(name);
}

std::optional<double> logShift(Objective objective)
{
    switch (objective) {
    case Objective::HuberLog:
    case Objective::LogLs: return 0;
    case Objective::Log1pLs: return 1;
    case Objective::Ls:
    case Objective::Huber: break;
    }
    return {};
}

std::string_view name(Objective objective)
{
    for (const auto& [value, word] : objectives)
        if (value == objective)
            return word;
    return "";
}

Objective objective(std::string_view name)
{
    std::vector<std::string> words;
    for (const auto& [value, word] : objectives) {
        if (word == name)
            return value;
        words.emplace_back(word);
    }
    throw UsageError("There is no objective '" + std::string(name) + "'" + text::didYouMean(name, words) + "; they are "
                     + text::join(words, ", ") + ".");
}

}

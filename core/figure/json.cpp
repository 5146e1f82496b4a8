// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/figure/json.h"

#include "core/error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace figure {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::array<std::string_view, 6> marks{"line", "points", "band", "bars", "rule", "text"};
constexpr std::array<std::string_view, 9> styles{"data",    "raw",      "fit",      "interval", "extrapolated",
                                                 "heldOut", "excluded", "diverged", "reference"};

Json writeNumber(double v)
{
    if (std::isnan(v))
        return nullptr;
    if (std::isinf(v))
        return v > 0 ? "Infinity" : "-Infinity";
    return v;
}

Json write(const std::vector<double>& values)
{
    Json out = Json::array();
    for (const double v : values)
        out.push_back(writeNumber(v));
    return out;
}

double readNumber(const Json& json, const std::string& where)
{
    if (json.is_number())
        return json.get<double>();
    if (json.is_null())
        return std::numeric_limits<double>::quiet_NaN();
    if (json.is_string() && json == "NaN")
        return std::numeric_limits<double>::quiet_NaN();
    if (json.is_string() && (json == "Infinity" || json == "-Infinity"))
        return json == "Infinity" ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
    throw Error("figure: " + where + " is not a number");
}

// Reads fields of one object and names the one that does not fit.
struct Fields {
    const Json& json;
    std::string where;

    Fields(const Json& object, std::string place) : json(object), where(std::move(place))
    {
        if (!json.is_object())
            throw Error("figure: " + (where.empty() ? "the document" : where) + " is not an object");
    }
    std::string at(const char* key) const { return where.empty() ? key : where + "." + key; }
    void get(const char* key, std::string& to) const
    {
        if (const auto it = json.find(key); it != json.end()) {
            if (!it->is_string())
                throw Error("figure: " + at(key) + " is not a text");
            to = it->get<std::string>();
        }
    }
    void get(const char* key, bool& to) const
    {
        if (const auto it = json.find(key); it != json.end()) {
            if (!it->is_boolean())
                throw Error("figure: " + at(key) + " is neither true nor false");
            to = it->get<bool>();
        }
    }
    void get(const char* key, double& to) const
    {
        if (const auto it = json.find(key); it != json.end())
            to = readNumber(*it, at(key));
    }
    void get(const char* key, int& to) const
    {
        double value = to;
        get(key, value);
        if (!(std::abs(value) <= 1e6))
            throw Error("figure: " + at(key) + " is not a small whole number");
        to = int(value);
    }
    void get(const char* key, std::vector<double>& to) const
    {
        const auto it = json.find(key);
        if (it == json.end())
            return;
        if (!it->is_array())
            throw Error("figure: " + at(key) + " is not a list of numbers");
        to.clear();
        to.reserve(it->size());
        for (std::size_t i = 0; i < it->size(); ++i)
            to.push_back((*it)[i].is_number() ? (*it)[i].get<double>()
                                              : readNumber((*it)[i], at(key) + "[" + std::to_string(i) + "]"));
    }
    template <class E, std::size_t n>
    void get(const char* key, E& to, const std::array<std::string_view, n>& names) const
    {
        const auto it = json.find(key);
        if (it == json.end())
            return;
        for (std::size_t i = 0; i < n; ++i)
            if (it->is_string() && *it == names[i]) {
                to = E(i);
                return;
            }
        throw Error("figure: " + at(key) + " is none of the known words, such as " + std::string(names[0]));
    }
};

Json write(const Axis& axis)
{
    Json out = {{"title", axis.title}};
    if (!axis.unit.empty())
        out["unit"] = axis.unit;
    if (axis.log)
        out["log"] = true;
    if (axis.from != axis.to) {
        out["from"] = writeNumber(axis.from);
        out["to"] = writeNumber(axis.to);
    }
    if (!axis.names.empty())
        out["names"] = axis.names;
    return out;
}

Axis readAxis(const Json& panel, const char* key, const std::string& where)
{
    Axis axis;
    const auto it = panel.find(key);
    if (it == panel.end())
        return axis;
    const Fields fields(*it, where.empty() ? key : where + "." + key);
    fields.get("title", axis.title);
    fields.get("unit", axis.unit);
    fields.get("log", axis.log);
    fields.get("from", axis.from);
    fields.get("to", axis.to);
    if (const auto names = it->find("names"); names != it->end()) {
        if (!names->is_array() || !std::ranges::all_of(*names, [](const Json& name) { return name.is_string(); }))
            throw Error("figure: " + fields.at("names") + " is not a list of texts");
        axis.names = names->get<std::vector<std::string>>();
    }
    return axis;
}

Layer readLayer(const Json& json, const std::string& where)
{
    const Fields fields(json, where);
    Layer layer;
    fields.get("mark", layer.mark, marks);
    fields.get("style", layer.style, styles);
    fields.get("name", layer.name);
    fields.get("color", layer.color);
    fields.get("x", layer.x);
    fields.get("y", layer.y);
    fields.get("low", layer.low);
    fields.get("high", layer.high);
    fields.get("run", layer.run);
    fields.get("shade", layer.shade);
    if (layer.mark != Mark::Rule && layer.mark != Mark::Band && layer.x.size() != layer.y.size())
        throw Error("figure: " + where + " has " + std::to_string(layer.x.size()) + " values of x and " +
                    std::to_string(layer.y.size()) + " of y; give as many of each");
    if (layer.low.size() != layer.high.size() || (layer.mark == Mark::Band && layer.low.size() != layer.x.size()))
        throw Error("figure: " + where + " needs as many values of low and high as of x");
    return layer;
}

const Json& list(const Json& json, const char* key, const std::string& where)
{
    const auto it = json.find(key);
    if (it == json.end() || !it->is_array())
        throw Error("figure: " + where + " is missing or not a list");
    return *it;
}

}

Json toJson(const Figure& f)
{
    Json out = {{"id", f.id}, {"title", f.title}, {"note", f.note}};
    Json& panels = out["panels"] = Json::array();
    for (const Panel& panel : f.panels) {
        Json layers = Json::array();
        for (const Layer& layer : panel.layers) {
            Json one = {{"mark", marks[std::size_t(layer.mark)]},
                        {"style", styles[std::size_t(layer.style)]},
                        {"name", layer.name},
                        {"color", layer.color},
                        {"x", write(layer.x)},
                        {"y", write(layer.y)}};
            if (!layer.low.empty() || !layer.high.empty()) {
                one["low"] = write(layer.low);
                one["high"] = write(layer.high);
            }
            if (!layer.run.empty())
                one["run"] = layer.run;
            if (!std::isnan(layer.shade))
                one["shade"] = writeNumber(layer.shade);
            layers.push_back(std::move(one));
        }
        panels.push_back({{"x", write(panel.x)}, {"y", write(panel.y)}, {"height", panel.height}, {"layers", layers}});
    }
    if (const Shading& s = f.shading; s.from != s.to)
        out["shading"] = write(Axis{.title = s.title, .unit = s.unit, .log = s.log, .from = s.from, .to = s.to});
    if (!f.warnings.empty())
        out["warnings"] = f.warnings;
    if (!f.recipe.empty())
        out["recipe"] = f.recipe;
    return out;
}

Figure fromJson(const Json& json)
{
    const Fields fields(json, "");
    Figure f;
    fields.get("id", f.id);
    fields.get("title", f.title);
    fields.get("note", f.note);
    fields.get("recipe", f.recipe);
    const Axis shading = readAxis(json, "shading", "");
    f.shading = {.title = shading.title, .unit = shading.unit, .log = shading.log, .from = shading.from, .to = shading.to};
    if (json.contains("warnings"))
        for (const Json& warning : list(json, "warnings", "warnings")) {
            if (!warning.is_string())
                throw Error("figure: warnings holds something else than texts");
            f.warnings.push_back(warning.get<std::string>());
        }
    const Json& panels = list(json, "panels", "panels");
    for (std::size_t i = 0; i < panels.size(); ++i) {
        const std::string where = "panels[" + std::to_string(i) + "]";
        const Fields inPanel(panels[i], where);
        Panel panel;
        panel.x = readAxis(panels[i], "x", where);
        panel.y = readAxis(panels[i], "y", where);
        inPanel.get("height", panel.height);
        if (!(panel.height > 0) || !std::isfinite(panel.height))
            throw Error("figure: " + where + ".height must be above 0");
        const Json& layers = list(panels[i], "layers", where + ".layers");
        for (std::size_t k = 0; k < layers.size(); ++k)
            panel.layers.push_back(readLayer(layers[k], where + ".layers[" + std::to_string(k) + "]"));
        f.panels.push_back(std::move(panel));
    }
    if (f.panels.empty())
        throw Error("figure: panels is empty; a figure needs at least one");
    return f;
}

}

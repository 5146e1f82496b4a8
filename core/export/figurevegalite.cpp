// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/exporters.h"
#include "core/export/ink.h"
#include "core/export/ticks.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace exporter {

namespace {

using Json = nlohmann::ordered_json;
using figure::Layer;
using figure::Mark;
using figure::Style;

// Layers with a name share one scale of names to colours, which is the legend.
struct Names {
    Json domain = Json::array(), range = Json::array();
};

Json number(double v)
{
    return std::isfinite(v) ? Json(v) : Json(nullptr);
}

Json field(const char* name, const figure::Panel& panel, bool horizontal)
{
    const figure::Axis& axis = horizontal ? panel.x : panel.y;
    Json scale{{"zero", false}, {"nice", false}};
    if (axis.log)
        scale["type"] = "log";
    if (axis.from != axis.to)
        scale["domain"] = {axis.from, axis.to};
    Json out{{"field", name}, {"type", "quantitative"}, {"scale", scale}, {"title", label(axis)}};
    if (!axis.names.empty()) {
        Json places = Json::array();
        for (std::size_t i = 1; i <= axis.names.size(); ++i)
            places.push_back(i);
        out["axis"] = {{"values", places}, {"labelExpr", Json(axis.names).dump(-1, ' ', false, Json::error_handler_t::replace) + "[datum.value - 1]"}};
    } else if (const std::vector<double> ticks = ticksWithinADecade(panel, horizontal); !ticks.empty())
        out["axis"] = {{"values", ticks}, {"format", horizontal ? "~s" : "~g"}};
    else if (axis.log)
        out["axis"] = {{"format", horizontal ? ".0e" : "~g"}};
    return out;
}

Json values(const Layer& layer)
{
    Json out = Json::array();
    const std::size_t n = std::max({layer.x.size(), layer.y.size(), layer.low.size()});
    for (std::size_t i = 0; i < n; ++i) {
        Json row = Json::object();
        const auto put = [&](const char* key, const std::vector<double>& from) {
            if (i < from.size())
                row[key] = number(from[i]);
        };
        put("x", layer.x), put("y", layer.y), put("low", layer.low), put("high", layer.high);
        out.push_back(std::move(row));
    }
    return out;
}

Json markOf(const Layer& layer, const figure::Panel& panel, const Ink& look)
{
    static const std::array<Json, 4> dashes{Json::array(), {5, 3}, {2, 2}, {6, 2, 1, 2}};
    Json out{{"type", "line"}, {"opacity", look.opacity}};
    // Marks at the rim stay whole where the data make the limits.
    if (panel.x.from != panel.x.to || panel.y.from != panel.y.to)
        out["clip"] = true;
    switch (layer.mark) {
    case Mark::Band: out["type"] = "area"; break;
    case Mark::Bars: out["type"] = "bar"; break;
    case Mark::Text: out.update({{"type", "text"}, {"text", layer.name}, {"fontSize", 9}}); break;
    case Mark::Points:
        out.update({{"type", "point"}, {"size", 22}, {"filled", !look.hollow && look.mark != 'x'},
                    {"shape", look.mark == 'x' ? "cross" : look.mark == '^' ? "triangle-up" : "circle"}});
        break;
    case Mark::Rule:
        if (layer.x.empty() || layer.y.empty())
            out["type"] = "rule";
        [[fallthrough]];
    case Mark::Line:
        out["strokeWidth"] = look.width;
        if (look.dash)
            out["strokeDash"] = dashes[std::size_t(look.dash)];
    }
    return out;
}

Json specOf(const figure::Figure& f, const Layer& layer, const figure::Panel& panel)
{
    const Ink look = ink(f, layer);
    Json encoding = Json::object();
    if (!layer.x.empty())
        encoding["x"] = field("x", panel, true);
    if (layer.mark == Mark::Band) {
        encoding["y"] = field("low", panel, false);
        encoding["y2"] = {{"field", "high"}};
    } else if (layer.style == Style::Diverged && layer.mark == Mark::Points) {
        encoding["y"] = {{"value", 4}};     // pixels below the upper rim
    } else if (!layer.y.empty()) {
        encoding["y"] = field("y", panel, false);
    }
    if (layer.mark == Mark::Line || (layer.mark == Mark::Rule && !layer.x.empty() && !layer.y.empty()))
        encoding["order"] = {{"field", "x"}, {"type", "quantitative"}};
    Json out{{"data", {{"values", values(layer)}}}, {"mark", markOf(layer, panel, look)}};
    if (isShaded(f, layer)) {
        const figure::Shading& shading = f.shading;
        encoding["color"] = {{"datum", layer.shade}, {"type", "quantitative"}, {"title", label({.title = shading.title, .unit = shading.unit})},
            {"scale", {{"type", shading.log ? "log" : "linear"}, {"range", rampColors()}, {"interpolate", "rgb"}, {"domain", {shading.from, shading.to}}}}};
    } else if (isNamed(f, layer)) {
        // A JSON string is one of Vega's expressions too.
        const std::string name = Json(layer.name).dump(-1, ' ', false, Json::error_handler_t::replace);
        out["transform"] = Json::array({{{"calculate", name}, {"as", "name"}}});
        encoding["color"] = {{"field", "name"}, {"type", "nominal"}};
    } else {
        encoding["color"] = {{"value", look.color}};
    }
    out["encoding"] = std::move(encoding);
    return out;
}

// Error bars of points, as a layer of their own.
Json barsOf(const figure::Figure& f, const Layer& layer, const figure::Panel& panel)
{
    return {{"data", {{"values", values(layer)}}}, {"mark", {{"type", "rule"}}},
        {"encoding",
            {{"x", field("x", panel, true)}, {"y", field("low", panel, false)}, {"y2", {{"field", "high"}}},
                {"color", {{"value", ink(f, layer).color}}}}}};
}

std::string vegaLite(const figure::Figure& f)
{
    Names names;
    Json panels = Json::array();
    for (const figure::Panel& panel : f.panels) {
        Json layers = Json::array();
        for (const Layer& layer : panel.layers) {
            if (isNamed(f, layer) && std::ranges::find(names.domain, Json(layer.name)) == names.domain.end())
                names.domain.push_back(layer.name), names.range.push_back(ink(f, layer).color);
            if (layer.mark == Mark::Points && !layer.low.empty())
                layers.push_back(barsOf(f, layer, panel));
            layers.push_back(specOf(f, layer, panel));
        }
        panels.push_back({{"width", 520}, {"height", std::round(360 * panel.height)}, {"layer", std::move(layers)}});
        // The ramp and the names of what is not shaded are two scales.
        if (f.shading.from != f.shading.to)
            panels.back()["resolve"] = {{"scale", {{"color", "independent"}}}, {"legend", {{"color", "independent"}}}};
    }
    for (Json& panel : panels)
        for (Json& layer : panel["layer"])
            if (layer["encoding"]["color"].contains("field"))
                layer["encoding"]["color"]["scale"] = {{"domain", names.domain}, {"range", names.range}};
    Json out{{"$schema", "https://vega.github.io/schema/vega-lite/v5.json"},
             {"title", {{"text", f.title}, {"subtitle", f.note}, {"anchor", "start"}, {"subtitleFontSize", 8}}},
             {"usermeta", {{"isoloss", f.recipe}}},
             {"vconcat", std::move(panels)},
             {"config", {{"view", {{"stroke", nullptr}}}, {"legend", {{"title", nullptr}}}}}};
    return out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}

const FigureExporter figureVegaLite{.id = "vl.json", .name = "Vega-Lite chart (JSON)", .figure = vegaLite};

}

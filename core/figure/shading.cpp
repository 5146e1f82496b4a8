// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/figure/shading.h"

#include "core/data/keys.h"
#include "core/law/quantity.h"
#include "core/text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace figure {
namespace {

constexpr std::size_t mostByRun = 12;       // curves that colours and dashes tell apart

const double* numberOf(const data::Run& run, const std::string& key)
{
    const auto it = run.config.find(key);
    const double* v = it == run.config.end() ? nullptr : std::get_if<double>(&it->second);
    return v && std::isfinite(*v) ? v : nullptr;
}

struct Key {
    std::string name;
    std::size_t distinct = 0, runs = 0;
};

// The numeric keys of the configurations that take several values.
std::vector<Key> keysOf(std::span<const Curve> curves)
{
    std::map<std::string, std::pair<std::set<double>, std::size_t>> values;
    for (const Curve& curve : curves)
        for (const auto& [key, value] : curve.run->config)
            if (const double* v = numberOf(*curve.run, key))
                values[key].first.insert(*v), ++values[key].second;
    std::vector<Key> out;
    for (const auto& [name, seen] : values)
        if (seen.first.size() >= 2)
            out.push_back({name, seen.first.size(), seen.second});
    return out;
}

bool isSize(const std::string& key)
{
    static const std::vector<std::string> aliases = text::split(law::quantity::N.aliases, ' ');
    return key == "N" || std::ranges::find(aliases, data::plainKey(key, true)) != aliases.end()
        || data::plainKey(key, true) == "num_parameters";
}

bool isRate(const std::string& key)
{
    static constexpr std::array<std::string_view, 6> names{"lr", "learning_rate", "max_lr", "peak_lr", "learning_rate_peak", "base_lr"};
    return std::ranges::find(names, data::plainKey(key, true)) != names.end();
}

// The key that best tells the runs apart: their size, then the learning rate, then the one of most values. What takes
// another value in every run is more often a result or a number of the run than a setting, so it comes last.
std::string best(std::span<const Curve> curves)
{
    std::vector<Key> keys = keysOf(curves);
    std::erase_if(keys, [&](const Key& key) {
        return 2 * key.runs < curves.size() || data::plainKey(key.name, true).ends_with("seed");
    });
    const auto rank = [&](const Key& key) {
        const int kind = isSize(key.name) ? 3 : isRate(key.name) ? 2 : key.distinct < curves.size() ? 1 : 0;
        return std::pair(kind, key.distinct);
    };
    const auto it = std::ranges::max_element(keys, {}, rank);
    return it == keys.end() ? "" : it->name;
}

void byRun(std::span<Curve> curves)
{
    for (Curve& curve : curves)
        curve.color = curve.entry->color;
}

bool shade(Figure& figure, std::span<Curve> curves, const std::string& key)
{
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const Curve& curve : curves)
        if (const double* v = numberOf(*curve.run, key))
            low = std::min(low, *v), high = std::max(high, *v);
    if (!(low < high))
        return false;
    for (Curve& curve : curves) {
        const double* v = numberOf(*curve.run, key);
        curve.color = v ? curve.entry->color : -1;
        curve.shade = v ? *v : std::numeric_limits<double>::quiet_NaN();
    }
    figure.shading = {.title = isSize(key) ? "parameters" : key, .unit = {}, .log = low > 0 && high / low > 20, .from = low, .to = high};
    return true;
}

// A colour for each word, in the order of the alphabet.
bool byWords(std::span<Curve> curves, const std::string& key)
{
    std::map<std::string, int> words;
    const auto wordOf = [&](const Curve& curve) -> const std::string* {
        const auto it = curve.run->config.find(key);
        return it == curve.run->config.end() ? nullptr : std::get_if<std::string>(&it->second);
    };
    for (const Curve& curve : curves)
        if (const std::string* word = wordOf(curve))
            words[*word];
    int next = 0;
    for (auto& [word, color] : words)
        color = next++;
    for (Curve& curve : curves) {
        const std::string* word = wordOf(curve);
        curve.color = word ? words[*word] : -1;
    }
    return !words.empty();
}

}

std::string colour(Figure& figure, std::span<Curve> curves, const std::string& colorBy)
{
    byRun(curves);
    if (colorBy == "run" || (colorBy.empty() && curves.size() <= mostByRun))
        return {};
    const std::string key = colorBy.empty() ? best(curves) : colorBy;
    if (!key.empty() && shade(figure, curves, key))
        return "coloured by " + figure.shading.title;
    if (colorBy.empty())
        return {};
    if (byWords(curves, key))
        return "coloured by " + key;
    byRun(curves);
    const bool one = std::ranges::any_of(curves, [&](const Curve& curve) { return numberOf(*curve.run, key); });
    if (curves.size() > 1)
        figure.warnings.push_back(one ? "'" + key + "' is the same in all runs shown: the colours are by run; choose what differs."
                                      : "No run shown has '" + key + "' in its configuration: the colours are by run; choose another key.");
    return {};
}

}

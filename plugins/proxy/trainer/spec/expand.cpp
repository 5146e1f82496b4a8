// SPDX-License-Identifier: GPL-3.0-or-later
#include "spec/reader.hpp"

#include <algorithm>

namespace proxy {

namespace {

// One value for one (dotted) key, and where the user wrote it.
struct Choice {
    std::string key, pointer;
    OrderedJson value;
};

// One way to vary: alternatives, each a set of choices made together.
using Axis = std::vector<std::vector<Choice>>;

[[noreturn]] void refuse(const std::string& pointer, const std::string& why)
{
    throw Failure(Exit::Usage, "Spec error at " + pointer + ": " + why);
}

std::string slashed(const std::string& dotted)
{
    std::string path = "/" + dotted;
    std::replace(path.begin(), path.end(), '.', '/');
    return path;
}

void checkList(const std::string& pointer, const OrderedJson& list)
{
    if (!list.is_array() || list.empty())
        refuse(pointer, "a list with at least one value is expected here, not " + list.dump() + ".");
}

void addSizes(const OrderedJson& spec, std::vector<Axis>& axes)
{
    if (!spec.contains("sizes"))
        return;
    checkList("/sizes", spec["sizes"]);
    Axis axis;
    for (std::size_t i = 0; i < spec["sizes"].size(); ++i) {
        const std::string pointer = "/sizes/" + std::to_string(i);
        const OrderedJson& size = spec["sizes"][i];
        if (!size.is_object())
            refuse(pointer, "an object in braces is expected here.");
        std::vector<Choice> choices;
        for (const auto& [key, value] : size.items())
            choices.push_back({key, pointer + "/" + key, value});
        axis.push_back(std::move(choices));
    }
    axes.push_back(std::move(axis));
}

void addZip(const OrderedJson& spec, std::vector<Axis>& axes)
{
    if (!spec.contains("zip"))
        return;
    if (!spec["zip"].is_object() || spec["zip"].empty())
        refuse("/zip", "an object of lists is expected here.");
    Axis axis;
    for (const auto& [key, list] : spec["zip"].items()) {
        checkList("/zip/" + key, list);
        if (axis.empty())
            axis.resize(list.size());
        if (axis.size() != list.size())
            refuse("/zip/" + key,
                "this list has " + std::to_string(list.size()) + " values and the first one "
                    + std::to_string(axis.size()) + "; zipped lists must be of one length.");
        for (std::size_t i = 0; i < list.size(); ++i)
            axis[i].push_back({key, "/zip/" + key + "/" + std::to_string(i), list[i]});
    }
    axes.push_back(std::move(axis));
}

void addGrid(const OrderedJson& spec, std::vector<Axis>& axes)
{
    if (!spec.contains("grid"))
        return;
    if (!spec["grid"].is_object())
        refuse("/grid", "an object of lists is expected here.");
    for (const auto& [key, list] : spec["grid"].items()) {
        checkList("/grid/" + key, list);
        Axis axis;
        for (std::size_t i = 0; i < list.size(); ++i)
            axis.push_back({{key, "/grid/" + key + "/" + std::to_string(i), list[i]}});
        axes.push_back(std::move(axis));
    }
}

std::string shown(const OrderedJson& value)
{
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_object() && value.contains("kind") && value["kind"].is_string())
        return value["kind"].get<std::string>();
    return value.dump();
}

// Replaces {key} in a name by the member's value of that key.
std::string filled(const std::string& pattern, const OrderedJson& config)
{
    std::string name;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const std::size_t close = pattern[i] == '{' ? pattern.find('}', i) : std::string::npos;
        if (close == std::string::npos) {
            name += pattern[i];
            continue;
        }
        const std::string key = pattern.substr(i + 1, close - i - 1);
        const OrderedJson::json_pointer pointer(slashed(key));
        if (!config.contains(pointer))
            refuse("/defaults/name", "the name asks for {" + key + "}, which the member does not set.");
        name += shown(config.at(pointer));
        i = close;
    }
    return name;
}

void choose(Expanded& member, const Choice& choice, std::string& automatic)
{
    const std::string path = slashed(choice.key);
    try {
        member.config[OrderedJson::json_pointer(path)] = choice.value;
    } catch (const nlohmann::json::exception&) {
        refuse(choice.pointer, "the key " + choice.key + " leads into a value that is not an object.");
    }
    member.origin.emplace_back(path, choice.pointer);
    if (choice.key != "name")
        automatic += (automatic.empty() ? "" : " ") + choice.key + "=" + shown(choice.value);
}

}

std::vector<Expanded> expand(const OrderedJson& spec)
{
    const OrderedJson defaults = spec.value("defaults", OrderedJson::object());
    if (!defaults.is_object())
        refuse("/defaults", "an object in braces is expected here.");
    std::vector<Axis> axes;
    addSizes(spec, axes);
    addZip(spec, axes);
    addGrid(spec, axes);
    std::size_t total = 1;
    for (const Axis& axis : axes) {
        total *= axis.size();
        if (total > 100000)
            refuse("/grid", "the spec asks for more than 100000 members; vary fewer keys at once.");
    }

    std::vector<Expanded> members;
    for (std::size_t index = 0; index < total; ++index) {
        Expanded member{defaults, {}};
        std::string automatic;
        std::size_t block = total, rest = index;
        for (const Axis& axis : axes) {
            block /= axis.size();
            for (const Choice& choice : axis[rest / block])
                choose(member, choice, automatic);
            rest %= block;
        }
        if (!member.config.contains("name"))
            member.config["name"] = automatic.empty() ? "member" : automatic;
        else if (member.config["name"].is_string())
            member.config["name"] = filled(member.config["name"].get<std::string>(), member.config);
        members.push_back(std::move(member));
    }
    return members;
}

}

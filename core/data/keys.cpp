// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/keys.h"

#include "core/data/syntax.h"
#include "core/text.h"

#include <cctype>
#include <cmath>

namespace data {

std::string plainKey(std::string_view key, bool last)
{
    if (const auto at = key.find_last_of("/."); last && at != std::string_view::npos)
        key.remove_prefix(at + 1);
    std::string out = text::lower(key);
    for (char& c : out)
        if (!std::isalnum(static_cast<unsigned char>(c)))
            c = '_';
    return out;
}

const Value* find(const Config& config, std::span<const std::string_view> names)
{
    for (const bool last : {false, true})
        for (const std::string_view name : names)
            for (const auto& [key, value] : config)
                if (plainKey(key, last) == name)
                    return &value;
    return nullptr;
}

double positive(const Config& config, std::span<const std::string_view> names)
{
    for (const std::string_view name : names) {
        const Value* value = find(config, std::span(&name, 1));
        if (!value)
            continue;
        const auto* word = std::get_if<std::string>(value);
        const double number = word ? scaledNumber(*word).value_or(0) : std::get<double>(*value);
        if (std::isfinite(number) && number > 0)
            return number;
    }
    return std::nan("");
}

}

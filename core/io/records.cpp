// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/records.h"

#include <algorithm>

namespace io {

Records::Part& Records::part(std::string_view name) {
    if (m_next >= m_parts.size()) m_next = 0;
    if (m_next < m_parts.size() && m_parts[m_next].name == name) return m_parts[m_next++];
    const auto found = m_at.find(name);
    if (found != m_at.end()) {
        m_next = found->second + 1;
        return m_parts[found->second];
    }
    m_at.emplace(name, m_parts.size());
    m_parts.push_back({.name = std::string(name), .step = {}, .value = {}, .wall = {}});
    m_next = m_parts.size();
    return m_parts.back();
}

void Records::add(std::string_view name, double step, double value) {
    Part& to = part(name);
    to.step.push_back(step);
    to.value.push_back(value);
}

void Records::add(std::string_view name, double step, double value, double wall) {
    Part& to = part(name);
    to.step.push_back(step);
    to.value.push_back(value);
    to.wall.push_back(wall);
}

std::vector<data::Series> Records::take() {
    std::vector<data::Column> known;
    const auto shared = [&known](std::vector<double> values) {
        const auto same = std::ranges::find_if(known, [&](const data::Column& other) { return *other == values; });
        if (same != known.end()) return *same;
        values.shrink_to_fit();
        auto column = std::make_shared<const std::vector<double>>(std::move(values));
        if (known.size() < 64) known.push_back(column);
        return data::Column(column);
    };
    std::vector<data::Series> series;
    for (Part& part : m_parts) {
        const bool timed = part.wall.size() == part.value.size();
        part.value.shrink_to_fit();
        series.push_back({.name = std::move(part.name), .step = shared(std::move(part.step)),
                          .value = std::make_shared<const std::vector<double>>(std::move(part.value)),
                          .wall = timed ? shared(std::move(part.wall)) : nullptr});
    }
    *this = {};
    return series;
}

}

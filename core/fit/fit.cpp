// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/fit.h"

#include "core/error.h"
#include "core/law/quantity.h"

namespace fit {

double Fit::value(std::string_view parameter) const
{
    for (const Estimate& estimate : parameters)
        if (estimate.name == parameter)
            return estimate.value;
    throw UsageError("The fit of " + spec.law + " has no parameter '" + std::string(parameter) + "'.");
}

std::string Fit::unitOf(const law::Quantity& quantity) const
{
    const auto it = units.find(std::string(quantity.id));
    return it == units.end() ? std::string(quantity.unit) : it->second;
}

std::vector<double> Fit::values() const
{
    std::vector<double> out;
    for (const Estimate& estimate : parameters)
        out.push_back(estimate.value);
    return out;
}

}

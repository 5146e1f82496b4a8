// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/fit.h"
#include "core/law/law.h"

// Fits put together by hand: exact predictions of given parameters, observations off by a known share.
namespace fits {

struct Row {
    std::vector<double> x;
    bool heldOut = false;
};

// Observed values alternate between 1 % above and 1 % below the law. The covariance is diagonal, 2 % of each free parameter.
inline fit::Fit make(std::string_view id, const std::vector<double>& values, const std::vector<Row>& rows)
{
    const law::Law& law = law::get(id);
    fit::Fit fit;
    fit.spec.law = id;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const law::Param& param = law.params[i];
        const bool fixed = !std::isnan(param.fixed);
        fit.parameters.push_back({.name = std::string(param.id), .value = values[i], .se = fixed ? 0 : .02 * values[i],
            .ci = {values[i] * (fixed ? 1 : .96), values[i] * (fixed ? 1 : 1.04)}, .fixed = fixed, .atBound = false});
        if (!fixed)
            fit.covariance.emplace_back();
    }
    for (std::size_t i = 0, k = 0; i < values.size(); ++i) {
        if (fit.parameters[i].fixed)
            continue;
        fit.covariance[k].assign(fit.covariance.size(), 0);
        fit.covariance[k][k] = law.params[i].scale == law::Scale::Log ? 4e-4 : 4e-4 * values[i] * values[i];
        ++k;
    }
    std::vector<double> x, logX;
    for (const Row& row : rows)
        for (const double v : row.x)
            x.push_back(v), logX.push_back(std::log(v));
    const std::vector<law::Rows::Group> groups{{0, rows.size(), nullptr}};
    std::vector<double> y(rows.size());
    if (!law.curves)
        law.eval(values.data(), {rows.size(), x, logX, groups}, y.data(), nullptr);
    fit.groups = {"table"};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        fit.points.push_back({.x = rows[i].x, .observed = y[i] * (i % 2 ? .99 : 1.01), .predicted = y[i], .group = 0,
                              .heldOut = rows[i].heldOut});
        (rows[i].heldOut ? fit.holdout.n : fit.n) += 1;
    }
    for (std::size_t k = 0; k < law.inputs.size(); ++k) {
        fit::Interval range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
        for (const Row& row : rows)
            if (!row.heldOut)
                range = {std::min(range.lower, row.x[k]), std::max(range.upper, row.x[k])};
        fit.ranges[std::string(law.inputs[k].id)] = range;
        fit.inputs[std::string(law.inputs[k].id)] = std::string(law.inputs[k].id);
    }
    fit.metrics = {.n = fit.n, .r2 = .998, .mae = .0123, .rmse = .0145, .mape = .01, .aicc = -120.5, .bic = -110.25};
    fit.holdout.mae = .02;
    fit.objective = .00101827;
    fit.sources = {{.name = "runs.csv", .sha256 = "00ff", .path = {}}};
    return fit;
}

inline const std::vector<double> epoch{1.8172181, 477.826, 2143.417, .3473105, .3671724};

inline fit::Fit grid()
{
    std::vector<Row> rows;
    for (const double n : {1e8, 4e8, 1.6e9, 6.4e9})
        for (const double d : {2e9, 8e9, 3.2e10, 1.28e11})
            rows.push_back({{n, d}, n > 5e9 && d > 1e11});
    return make("chinchilla", epoch, rows);
}

}

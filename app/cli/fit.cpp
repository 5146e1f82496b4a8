// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/cli.h"

#include "core/data/expression.h"
#include "core/fit/joint.h"
#include "core/fit/solve.h"
#include "core/text.h"

namespace cli {
namespace {

void show(const Output& output, const fit::Fit& fit)
{
    const law::Law& law = law::get(fit.spec.law);
    output.say(std::string(law.info.formula));
    output.say("n = " + std::to_string(fit.n) + (fit.excluded.empty() ? "" : " (" + std::to_string(fit.excluded.size()) + " excluded)")
               + ", objective " + shown(fit.objective, 6) + ", best from " + std::to_string(fit.starts.reachedBest) + " of "
               + std::to_string(fit.starts.tried) + " starts, " + std::to_string(int(100 * fit.spec.level)) + " % intervals by " + fit.interval);
    for (const fit::Estimate& e : fit.parameters) {
        std::string name = "  " + e.name;
        name.resize(std::max<std::size_t>(name.size(), 12), ' ');
        output.say(name + (e.fixed ? shown(e.value) + " (fixed)" : shown(e.value, e.ci)) + (e.atBound ? " at its bound" : ""));
    }
    output.say("  error: MAE " + shown(fit.metrics.mae) + ", R2 " + shown(fit.metrics.r2)
               + (fit.holdout.n ? "; held out (" + std::to_string(fit.holdout.n) + "): MAE " + shown(fit.holdout.mae) + ", R2 "
                      + shown(fit.holdout.r2) : ""));
    for (const fit::Warning& w : fit.warnings)
        output.note("warning: " + w.message);
}

struct Options {
    std::string law, objective, interval, starts = "0", out;
    std::string by;
    std::vector<std::string> data, map, fix, free, set, share;
    int bootstrap = 0, threads = 0;
    fit::Spec spec;
};

// One law over groups of rows: a fit each, side by side.
void fitGroups(const Options& o, const fit::Spec& spec, const Data& data, const Output& output)
{
    std::vector<std::string> shared;
    for (const std::string& list : o.share)
        for (const std::string& name : text::split(list, ','))
            shared.push_back(name);
    const fit::Joint joint = fit::solveJoint(spec, data.table, data.sources, o.by, shared, o.threads, output.progress("Fitting"));
    Json all{{"by", joint.by}, {"shared", joint.shared}, {"n", joint.n}, {"free", joint.free}, {"objective", fit::number(joint.objective)},
             {"aicc", fit::number(joint.aicc)}, {"bic", fit::number(joint.bic)}, {"groups", Json::array()}};
    output.say(std::string(law::get(spec.law).info.formula) + ", by " + o.by + (shared.empty() ? "" : ", sharing " + text::join(shared, ", ")));
    output.say("n = " + std::to_string(joint.n) + ", " + std::to_string(joint.free) + " free parameters, objective " + shown(joint.objective, 6)
               + ", AICc " + shown(joint.aicc) + ", BIC " + shown(joint.bic));
    for (std::size_t g = 0; g < joint.fits.size(); ++g) {
        const fit::Fit& fit = joint.fits[g];
        output.say(o.by + " = " + joint.names[g] + " (n = " + std::to_string(fit.n) + ", MAE " + shown(fit.metrics.mae)
                   + (fit.holdout.n ? ", held out " + shown(fit.holdout.mae) : "") + ")");
        for (const fit::Estimate& e : fit.parameters) {
            std::string name = "  " + e.name;
            name.resize(std::max<std::size_t>(name.size(), 12), ' ');
            output.say(name + (e.fixed ? shown(e.value) + " (fixed)" : shown(e.value, e.ci)) + (e.atBound ? " at its bound" : ""));
        }
        all["groups"].push_back({{"group", joint.names[g]}, {"fit", fit::toJson(fit)}});
        if (!o.out.empty()) {
            std::string name;
            for (const char c : joint.names[g])
                name += std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' ? c : '_';
            const std::filesystem::path path(o.out);
            write(path.parent_path() / (path.stem().string() + "-" + name + path.extension().string()), fit::toJson(fit).dump(1) + "\n");
        }
    }
    for (const fit::Warning& w : joint.warnings)
        output.note("warning: " + w.message);
    all["warnings"] = warningsJson(joint.warnings);
    output.document(all);
}

}

std::function<void()> fitLaw(CLI::App& app, const Output& output)
{
    auto o = std::make_shared<Options>();
    app.add_option("LAW", o->law, "A law of 'isoloss-cli laws', or a formula such as 'L = E + A/N^a'")->required();
    app.add_option("DATA", o->data, "Logs, tables or projects")->required();
    app.add_option("--map", o->map, "INPUT=COLUMN or INPUT=EXPRESSION; the rest is guessed from names")->allow_extra_args(false);
    app.add_option("--where", o->spec.where, "Rows to fit");
    app.add_option("--holdout", o->spec.holdout, "Rows to predict, not to fit");
    app.add_option("--fix", o->fix, "NAME=VALUE")->allow_extra_args(false);
    app.add_option("--free", o->free, "A parameter that is fixed by default")->allow_extra_args(false);
    app.add_option("--set", o->set, "last=K, rows=all, skip=F, smooth=K, warmup=W|none|peak, anchor=X:Y, region=A:B, weight=run|n|EXPRESSION, unit=U")->allow_extra_args(false);
    app.add_option("--objective", o->objective, "huber-log, log-ls, ls, huber or log1p-ls (default: the law's usual one)");
    app.add_option("--delta", o->spec.delta, "Threshold of Huber's loss")->check(CLI::PositiveNumber);
    app.add_option("--starts", o->starts, "How many starts, or grid: the published procedure's");
    app.add_option("--bootstrap", o->bootstrap, "Resamples; 0: Wald intervals")->check(CLI::NonNegativeNumber);
    app.add_option("--interval", o->interval, "wald, bootstrap, wild (signs of residuals), leave-one-out (runs) or profile; wild and bootstrap "
                                              "draw --bootstrap resamples");
    app.add_option("--ci", o->spec.level, "Level of the intervals")->check(CLI::Range(0.01, 0.9999));
    app.add_option("--by", o->by, "One fit per value of this column");
    app.add_option("--share", o->share, "Parameters that all groups of --by have in common")->allow_extra_args(false);
    app.add_option("--seed", o->spec.seed, "Seed of resamples and random starts");
    app.add_option("--threads", o->threads, "Threads; 0: all cores")->check(CLI::NonNegativeNumber);
    app.add_option("--out", o->out, "Write the fit here (with --by one file per group)");
    return [o, &output] {
        fit::Spec spec = o->spec;
        spec.law = law::get(o->law).info.id;
        spec.map = pairs(o->map, "--map");
        spec.fixed = numbers(o->fix, "--fix");
        spec.set = pairs(o->set, "--set");
        for (const std::string& name : o->free)
            spec.freed[name] = true;
        if (!o->objective.empty())
            spec.objective = fit::objective(o->objective);
        spec.starts = o->starts == "grid" ? -1 : int(data::parseNumber(o->starts));
        spec.bootstrap = o->bootstrap;
        if (!o->interval.empty())
            spec.interval = fit::intervalKind(o->interval);
        if ((o->interval == "bootstrap" || o->interval == "wild") && spec.bootstrap == 0)
            spec.bootstrap = 1000;
        const Data data = load(o->data, output.progress("Reading"));
        for (const io::Warning& w : data.warnings)
            output.note("warning: " + w.file + ": " + w.message);
        if (!o->by.empty())
            return fitGroups(*o, spec, data, output);
        if (!o->share.empty())
            throw UsageError("--share says what the groups of --by COLUMN have in common.");
        const fit::Fit fit = fit::solve(fit::makeProblem(spec, data.table, data.sources), o->threads, output.progress("Fitting"));
        const Json json = fit::toJson(fit);
        if (!o->out.empty())
            write(o->out, json.dump(1) + "\n");
        show(output, fit);
        output.document(json);
    };
}

std::function<void()> chain(CLI::App& app, const Output& output)
{
    auto files = std::make_shared<std::array<std::string, 3>>();
    app.add_option("FIT1", (*files)[0], "The fit that predicts")->required();
    app.add_option("FIT2", (*files)[1], "The fit that reads what FIT1 predicts")->required();
    app.add_option("--out", (*files)[2], "Write the chain here");
    return [files, &output] {
        const auto single = [](const std::string& name) {
            auto loaded = loadFit(name, {});
            if (const auto* fit = std::get_if<fit::Fit>(&loaded))
                return *fit;
            throw UsageError("'" + name + "' is a chain already; a chain joins two single fits.");
        };
        const fit::Chain chain{single((*files)[0]), single((*files)[1])};
        const law::Law& second = law::get(chain.second.spec.law);
        if (second.inputs.size() != 1)
            throw UsageError("The second fit must read one quantity; " + chain.second.spec.law + " reads "
                             + std::to_string(second.inputs.size()) + ".");
        const Json json = fit::toJson(chain);
        if (!(*files)[2].empty())
            write((*files)[2], json.dump(1) + "\n");
        output.say(chain.first.spec.law + " -> " + chain.second.spec.law);
        output.document(json);
    };
}

}

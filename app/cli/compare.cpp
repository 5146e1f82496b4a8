// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/cli.h"

#include "core/fit/columns.h"
#include "core/fit/validate.h"
#include "core/text.h"

#include <set>

namespace cli {
namespace {

// Formulas hold commas of their own: what is neither an id nor holds an = belongs to the formula before it.
std::vector<std::string> lawsOf(const std::vector<std::string>& lists)
{
    std::vector<std::string> laws;
    for (const std::string& list : lists) {
        bool first = true;
        for (const std::string& piece : text::split(list, ',')) {
            const auto begin = piece.find_first_not_of(' ');
            const std::string plain = begin == std::string::npos ? "" : piece.substr(begin, piece.find_last_not_of(' ') - begin + 1);
            if (first || plain.find('=') != std::string::npos || laws.back().find('=') == std::string::npos || law::find(plain))
                laws.push_back(plain);
            else
                laws.back() += "," + piece;
            first = false;
        }
    }
    return laws;
}

Json errors(const fit::Metrics& m)
{
    return {{"n", m.n}, {"mae", fit::number(m.mae)}, {"rmse", fit::number(m.rmse)}, {"mape", fit::number(m.mape)}, {"r2", fit::number(m.r2)}};
}

}

std::function<void()> compareLaws(CLI::App& app, const Output& output)
{
    struct Options {
        std::vector<std::string> data, laws, map, set;
        std::string validate, objective;
        int threads = 0;
        fit::Spec spec;
    };
    auto o = std::make_shared<Options>();
    app.add_option("DATA", o->data, "Logs, tables or projects")->required();
    app.add_option("--laws", o->laws, "Laws of 'isoloss-cli laws' or formulas, separated by commas; LAW[KEY=VALUE;...] sets for one")->required()->allow_extra_args(false);
    app.add_option("--map", o->map, "INPUT=COLUMN or INPUT=EXPRESSION, for the laws that read it")->allow_extra_args(false);
    app.add_option("--where", o->spec.where, "Rows to use");
    app.add_option("--holdout", o->spec.holdout, "Rows to judge the laws by, not to fit");
    app.add_option("--validate", o->validate, "holdout, rolling (fit the smaller, judge by the larger) or leave-one-out (runs); "
                                              "default: --holdout, else what suits the first law");
    app.add_option("--set", o->set, "As for fit, for all laws")->allow_extra_args(false);
    app.add_option("--objective", o->objective, "One objective for all laws (default: each law's usual one)");
    app.add_option("--delta", o->spec.delta, "Threshold of Huber's loss")->check(CLI::PositiveNumber);
    app.add_option("--threads", o->threads, "Threads; 0: all cores")->check(CLI::NonNegativeNumber);
    return [o, &output] {
        const Data data = load(o->data, output.progress("Reading"));
        for (const io::Warning& w : data.warnings)
            output.note("warning: " + w.file + ": " + w.message);
        const auto map = pairs(o->map, "--map"), set = pairs(o->set, "--set");
        std::vector<fit::Spec> specs;
        std::set<std::string> used;
        for (std::string id : lawsOf(o->laws)) {
            fit::Spec spec = o->spec;
            // LAW[KEY=VALUE]: settings of this one.
            if (const auto open = id.find('['); open != std::string::npos && id.ends_with(']') && law::find(id.substr(0, open))) {
                spec.set = pairs(text::split(std::string_view(id).substr(open + 1, id.size() - open - 2), ';'), "--laws");
                id.resize(open);
            }
            const law::Law& law = law::get(id);
            spec.law = law.info.id;
            if (!o->objective.empty())
                spec.objective = fit::objective(o->objective);
            for (const law::Quantity& q : fit::quantities(law))
                if (const auto given = map.find(std::string(q.id)); given != map.end())
                    spec.map.insert(*given), used.insert(given->first);
            spec.set.insert(set.begin(), set.end());
            specs.push_back(std::move(spec));
        }
        for (const auto& [id, column] : map)
            if (!used.contains(id))
                throw UsageError("--map " + id + "=" + column + ": none of the laws reads " + id + ".");
        const auto kind = o->validate.empty() ? std::nullopt : std::optional(fit::validation(o->validate));
        const fit::Comparison found = fit::compare(specs, data.table, data.sources, kind, o->threads, output.progress("Fitting"));
        Json all{{"validation", fit::name(found.kind)}, {"laws", Json::array()}};
        output.say("law                        held-out MAE   RMSE        R2        AICc        BIC        parameters   (" + std::string(fit::name(found.kind)) + ")");
        for (const fit::Compared& c : found.laws) {
            const std::string law(c.spec.law);
            std::string name = law;
            Json own = Json::object();
            for (const auto& [key, value] : c.spec.set)
                if (!set.contains(key) || set.at(key) != value)
                    own[key] = value, name += (name == law ? "[" : ";") + key + "=" + value;
            name += name == law ? "" : "]";
            if (!c.why.empty()) {
                output.say(name + ": " + c.why);
                all["laws"].push_back({{"law", law}, {"why", c.why}});
                continue;
            }
            char line[200];
            int free = 0;
            for (const fit::Estimate& e : c.fit->parameters)
                free += !e.fixed;
            const fit::Metrics& m = c.validated->errors;
            std::snprintf(line, sizeof line, "%-26s %-14.5g %-11.5g %-9.5g %-11.5g %-10.5g %d", name.c_str(), m.mae, m.rmse, m.r2, c.fit->metrics.aicc, c.fit->metrics.bic, free);
            output.say(line);
            Json folds = Json::array();
            for (const auto& fold : c.validated->folds)
                folds.push_back({{"held", fold.held}, {"fitted", fold.n}, {"errors", errors(fold.errors)}});
            all["laws"].push_back({{"law", law}, {"holdout", errors(m)}, {"aicc", fit::number(c.fit->metrics.aicc)}, {"bic", fit::number(c.fit->metrics.bic)},
                                   {"folds", folds}, {"fit", fit::toJson(*c.fit)}});
            if (!own.empty())
                all["laws"].back()["set"] = own;
        }
        for (const fit::Warning& w : found.warnings)
            output.note("warning: " + w.message);
        all["warnings"] = warningsJson(found.warnings);
        output.document(all);
    };
}

}

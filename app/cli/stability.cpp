// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/cli.h"

#include "core/data/select.h"
#include "core/metric/stability.h"
#include "core/text.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

namespace cli {
namespace {

using fit::number;
using stability::Study;

Json numbers(std::span<const double> values)
{
    Json out = Json::array();
    for (const double v : values)
        out.push_back(number(v));
    return out;
}

Json interval(const fit::Interval& ci)
{
    return Json::array({number(ci.lower), number(ci.upper)});
}

Json document(const Study& s)
{
    const auto arm = [&](std::size_t i) { return s.arms[i].name; };
    Json out{{"arms", Json::array()}, {"sensitivity", Json::array()}, {"interventions", Json::array()}, {"runs", Json::array()},
             {"logit_growth", Json::array()}, {"update_collapse", Json::array()}, {"warnings", warningsJson(s.warnings)}};
    for (const stability::Arm& a : s.arms)
        out["arms"].push_back({{"name", a.name}, {"levels", a.levels}});
    for (const auto& v : s.sensitivity)
        out["sensitivity"].push_back({{"arm", arm(v.arm)}, {"N", number(v.N)}, {"value", number(v.value)}, {"ci", interval(v.ci)}, {"per_seed", numbers(v.perSeed)},
            {"best_loss", number(v.best)}, {"best_lr", number(v.bestRate)}, {"initial_loss", number(v.initial)}, {"lr", numbers(v.rates)},
            {"loss", numbers(v.losses)}, {"loss_low", numbers(v.low)}, {"loss_high", numbers(v.high)}, {"diverged", v.diverged}});
    for (const auto& c : s.contrasts)
        out["interventions"].push_back({{"factor", c.factor}, {"from", c.from}, {"to", c.to}, {"without", arm(c.without)}, {"with", arm(c.with)},
            {"N", number(c.N)}, {"difference", number(c.difference)}, {"ci", interval(c.ci)}, {"seeds", c.seeds}});
    for (const auto& t : s.trials)
        out["runs"].push_back({{"run", t.name}, {"arm", arm(t.arm)}, {"N", number(t.N)}, {"lr", number(t.lr)}, {"seed", number(t.seed)}, {"loss", number(t.loss)},
            {"max_logit", number(t.maxLogit)}, {"diverged", t.verdict.diverged}, {"cause", name(t.verdict.cause)}, {"step", number(t.verdict.step)},
            {"loss_step", number(t.verdict.lossStep)}});
    const auto growth = [&](const char* key, const std::vector<stability::Growth>& all) {
        for (const auto& g : all) {
            Json one{{"arm", arm(g.arm)}, {"lr", number(g.lr)}, {"N", numbers(g.N)}, {"value", numbers(g.value)}, {"coefficients", numbers(g.coefficients)},
                     {"limit", number(g.limit)}, {"crossing", number(g.crossing)}, {"ci", interval(g.ci)}};
            if (g.backTest)
                one["back_test"] = {{"N", number(g.backTest->N)}, {"value", number(g.backTest->value)}, {"predicted", number(g.backTest->predicted)},
                                    {"ci", interval(g.backTest->ci)}};
            out[key].push_back(std::move(one));
        }
    };
    growth("logit_growth", s.logitGrowth);
    growth("update_collapse", s.updateCollapse);
    return out;
}

// Columns as wide as their widest cell.
void table(const Output& output, const std::string& title, const std::vector<std::vector<std::string>>& rows)
{
    if (rows.size() < 2)
        return;
    const auto letters = [](const std::string& s) { return std::size_t(std::ranges::count_if(s, [](char c) { return (c & 0xC0) != 0x80; })); };
    std::vector<std::size_t> width(rows.front().size());
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            width[i] = std::max(width[i], letters(row[i]));
    output.say(title);
    for (const auto& row : rows) {
        std::string line = " ";
        for (std::size_t i = 0; i < row.size(); ++i)
            line += " " + row[i] + (i + 1 < row.size() ? std::string(width[i] - letters(row[i]) + 1, ' ') : "");
        output.say(line);
    }
    output.say("");
}

std::string orNone(double v, int digits = 4)
{
    return std::isnan(v) ? "-" : std::isinf(v) ? "never" : shown(v, digits);
}

std::string between(double v, const fit::Interval& ci)
{
    return orNone(v) + (std::isnan(ci.lower) ? "" : " (" + orNone(ci.lower) + " to " + orNone(ci.upper) + ")");
}

void show(const Output& output, const Study& s, bool every)
{
    const auto arm = [&](std::size_t i) { return s.arms[i].name; };
    std::vector<std::vector<std::string>> rows{{"N", "arm", "sensitivity", "best loss", "at lr", "rates", "seeds", "diverged"}};
    for (const auto& v : s.sensitivity)
        rows.push_back({shown(v.N), arm(v.arm), between(v.value, v.ci), shown(v.best), shown(v.bestRate), std::to_string(v.rates.size()),
                        std::to_string(v.perSeed.size()), std::to_string(v.diverged)});
    table(output, "Learning-rate sensitivity", rows);
    rows = {{"N", "switch", "difference", "seeds", ""}};
    for (const auto& c : s.contrasts)
        rows.push_back({shown(c.N), c.factor + ": " + c.from + " to " + c.to, between(c.difference, c.ci), std::to_string(c.seeds),
                        c.ci.upper < 0 ? "lowers it" : c.ci.lower > 0 ? "raises it" : "not told apart"});
    table(output, "Sensitivity with a switch less that without it", rows);
    rows = {{"run", "N", "arm", "lr", "seed", "ended", "first sign", "at step", "largest logit"}};
    std::size_t fine = 0;
    for (const auto& t : s.trials)
        if (every || t.verdict.diverged || t.verdict.cause != stability::Cause::None)
            rows.push_back({t.name, shown(t.N), arm(t.arm), shown(t.lr), orNone(t.seed), t.verdict.diverged ? "diverged" : "loss " + shown(t.loss),
                            t.verdict.cause == stability::Cause::None ? "-" : std::string(name(t.verdict.cause)), orNone(t.verdict.step), orNone(t.maxLogit)});
        else
            ++fine;
    if (rows.size() == 1)
        output.say("None of " + std::to_string(fine) + " runs diverged or showed a sign of it.\n");
    table(output, "Runs that diverged or showed a sign of it" + (fine ? " (" + std::to_string(fine) + " others show none)" : std::string()), rows);
    const auto growth = [&](const std::string& title, const std::vector<stability::Growth>& all) {
        std::vector<std::vector<std::string>> lines{{"lr", "arm", "sizes", "passes " + (all.empty() ? "" : shown(all.front().limit)) + " at N", "largest size, predicted from the rest"}};
        for (const auto& g : all)
            lines.push_back({shown(g.lr), arm(g.arm), std::to_string(std::set<double>(g.N.begin(), g.N.end()).size()),
                             std::isnan(g.crossing) ? "not within 1000 times the largest" : between(g.crossing, g.ci),
                             g.backTest ? between(g.backTest->predicted, g.backTest->ci) + ", is " + shown(g.backTest->value) : "-"});
        table(output, title, lines);
    };
    growth("Attention logits by size, extrapolated", s.logitGrowth);
    growth("Gradient RMS by size, down to the optimiser's eps", s.updateCollapse);
}

}

std::function<void()> stabilityOf(CLI::App& app, const Output& output)
{
    struct Options {
        std::vector<std::string> data, by;
        std::string window;
        stability::Spec spec;
        bool every = false;
    };
    auto o = std::make_shared<Options>();
    app.add_option("DATA", o->data, "Folders of sweeps, logs or projects")->required();
    app.add_option("--where", o->spec.where, "Runs to study, e.g. \"steps==1000\"");
    app.add_option("--by", o->by, "Keys of the configuration whose values are compared (default: all that differ)")->delimiter(',')->allow_extra_args(false);
    app.add_option("--window", o->window, "Learning rates FROM:TO of the sensitivity; shift: the three decades with the least, size by size");
    app.add_option("--logit-limit", o->spec.logitLimit, "Attention logits beyond it count as a sign (10,000)")->check(CLI::PositiveNumber);
    app.add_option("--at", o->spec.at, "Share of the steps at which attention logits are read for the extrapolation (0.02)")->check(CLI::Range(0.0, 1.0));
    app.add_option("--loss", o->spec.loss, "Series of the final loss (default: the validation loss)");
    app.add_option("--logits", o->spec.logit, "Series of the largest attention logit");
    app.add_option("--gradient", o->spec.gradient, "Series of the gradient RMS of the first MLP matrix");
    app.add_option("--resamples", o->spec.resamples, "Resamples of intervals")->check(CLI::NonNegativeNumber);
    app.add_option("--ci", o->spec.level, "Level of intervals")->check(CLI::Range(0.0, 1.0));
    app.add_option("--seed", o->spec.seed, "Seed of the resamples");
    app.add_flag("--all", o->every, "List every run, not only those that went wrong");
    return [o, &output] {
        stability::Spec spec = o->spec;
        spec.by = o->by;
        if (o->window == "shift") {
            spec.decades = 3;
        } else if (!o->window.empty()) {
            const auto ends = text::split(o->window, ':');
            if (ends.size() != 2)
                throw UsageError("--window takes FROM:TO or shift, not '" + o->window + "'.");
            const auto two = numbers({"from=" + ends[0] + ",to=" + ends[1]}, "--window");
            spec.window = {two.at("from"), two.at("to")};
        }
        std::vector<std::string> paths;
        for (const std::string& path : o->data) {
            const auto members = std::filesystem::path(path) / "members";
            paths.push_back(std::filesystem::is_directory(members) ? members.string() : path);
        }
        const Data data = load(paths, output.progress("Reading"));
        for (const io::Warning& w : data.warnings)
            output.note("warning: " + w.file + ": " + w.message);
        const Study study = stability::study(data.runs, spec, output.progress("Studying"));
        show(output, study, o->every);
        for (const fit::Warning& w : study.warnings)
            output.note("warning: " + w.message);
        output.document(document(study));
    };
}

}

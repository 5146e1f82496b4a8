// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/data/expression.h"
#include "core/data/keys.h"
#include "core/data/select.h"
#include "core/metric/stability.h"
#include "core/text.h"

#include <algorithm>
#include <cmath>
#include <set>

// From runs to trials: what each was, how it ended, and what of it went wrong first.
namespace stability {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 8> sizeNames{"n_nonembedding", "non_embedding_params", "params_no_embed", "n", "params", "n_params", "num_params", "parameters"};
constexpr std::array<std::string_view, 5> layerNames{"l", "n_layer", "n_layers", "layers", "num_layers"};
constexpr std::array<std::string_view, 5> widthNames{"d", "n_embd", "d_model", "width", "hidden_size"};
constexpr std::array<std::string_view, 5> rateNames{"peak_lr", "lr", "learning_rate", "max_lr", "lr_peak"};
constexpr std::array<std::string_view, 3> seedNames{"seed", "init_seed", "random_seed"};
constexpr std::array<std::string_view, 3> epsNames{"eps", "adam_eps", "epsilon"};
constexpr std::array<std::string_view, 5> stepNames{"steps", "max_steps", "total_steps", "num_steps", "train_steps"};
constexpr std::array<std::string_view, 4> initialNames{"l0", "initial_loss", "init_loss", "loss_at_init"};
constexpr std::array<std::string_view, 3> warmupNames{"warmup", "warmup_steps", "warmup_iters"};
constexpr std::array<std::string_view, 1> nanNames{"nan_step"};
// Keys that follow from the size, name the run or tell its result, compared by their last component.
constexpr auto noFactors = std::to_array<std::string_view>({"id", "name", "n", "p", "l", "d", "heads", "params", "n_params", "num_params", "parameters",
    "non_embedding_params", "n_layer", "n_layers", "layers", "num_layers", "n_embd", "d_model", "width", "hidden_size", "n_head", "n_heads",
    "num_heads", "lr", "peak_lr", "learning_rate", "max_lr", "lr_peak", "seed", "init_seed", "random_seed", "data_seed", "status", "step", "val",
    "acc", "l0", "tok", "flop", "flops", "tokens", "flop_per_token", "batch_tokens", "seconds", "nan_step", "run_id", "created", "date", "time"});

constexpr std::array<std::string_view, 5> validationNames{"val_loss", "val/loss", "eval_loss", "eval/loss", "validation_loss"};
constexpr std::array<std::string_view, 4> lossNames{"loss", "train_loss", "train/loss", "training_loss"};
constexpr std::array<std::string_view, 6> logitNames{"mal", "max_attention_logit", "max_attn_logit", "attn_logit_max", "max_logit", "attention/max_logit"};
constexpr std::array<std::string_view, 4> normNames{"gn", "grad_norm", "grads/global_norm", "gradient_norm"};
constexpr std::array<std::string_view, 3> logZNames{"lz", "log_z", "logz"};
constexpr std::array<std::string_view, 3> meanLogitNames{"lmean", "logit_mean", "logits/mean"};

const data::Series* named(const data::Run& run, const std::string& asked, Names usual)
{
    if (!asked.empty())
        return run.find(asked);
    for (const std::string_view name : usual)
        if (const data::Series* s = run.find(name))
            return s;
    for (const std::string_view name : usual)
        for (const data::Series& s : run.series)
            if (data::plainKey(s.name) == data::plainKey(name))
                return &s;
    return nullptr;
}

// Of the first block where it is logged for each, else of all together.
const data::Series* earlyLogits(const data::Run& run, const Spec& spec)
{
    if (spec.logit.empty())
        for (const data::Series& s : run.series) {
            const std::string key = data::plainKey(s.name);
            for (const std::string_view name : logitNames)
                if (key == data::plainKey(name) + "_0" || key == data::plainKey(name) + "_layer0")
                    return &s;
        }
    return named(run, spec.logit, logitNames);
}

bool isFirstBlock(const std::string& key)
{
    for (const char* mark : {"layer0", "layer_0", "layers_0", "block0", "block_0", "blocks_0", "h_0", "h0_"})
        if (key.find(mark) != std::string::npos)
            return true;
    return false;
}

// RMS of the gradient of the first MLP matrix of the first block; of all gradients together where that is all there is.
const data::Series* mlpGradient(const data::Run& run, const Spec& spec)
{
    if (!spec.gradient.empty())
        return run.find(spec.gradient);
    const data::Series* all = nullptr;
    for (const data::Series& s : run.series) {
        const std::string key = data::plainKey(s.name);
        if (key.find("grad") == std::string::npos || key.find("rms") == std::string::npos)
            continue;
        if (isFirstBlock(key))
            for (const char* mark : {"mlp_up", "fc1", "fc_in", "c_fc", "w1", "dense_0", "up_proj", "mlp_0"})
                if (key.find(mark) != std::string::npos)
                    return &s;
        if (key.find("all") != std::string::npos || key == "grad_rms")
            all = &s;
    }
    return all;
}

double number(const data::Config& config, Names names)
{
    const data::Value* v = data::find(config, names);
    const double* d = v ? std::get_if<double>(v) : nullptr;
    return d ? *d : nan;
}

double lastOf(const data::Series* s)
{
    return s && !s->value->empty() ? s->value->back() : nan;
}

// Mean over the records from step `from` on, at least the last one.
double meanFrom(const data::Series* s, double from)
{
    if (!s || s->value->empty())
        return nan;
    double sum = 0;
    int n = 0;
    for (std::size_t i = 0; i < s->value->size(); ++i)
        if ((*s->step)[i] >= from)
            sum += (*s->value)[i], ++n;
    return n ? sum / n : s->value->back();
}

// The record nearest to a step; NaN where it is further off than half as much again.
double valueAt(const data::Series* s, double step)
{
    double best = std::numeric_limits<double>::infinity(), value = nan;
    for (std::size_t i = 0; s && i < s->value->size(); ++i)
        if (const double off = std::abs((*s->step)[i] - step); off < best)
            best = off, value = (*s->value)[i];
    return best <= std::max(1.0, .5 * step) ? value : nan;
}

double largest(const data::Series* s)
{
    double out = nan;
    for (std::size_t i = 0; s && i < s->value->size(); ++i)
        if (const double v = (*s->value)[i]; !(v <= out) && !std::isnan(v))
            out = v;
    return out;
}

double lastStep(const data::Run& run)
{
    double out = 0;
    for (const data::Series& s : run.series)
        if (!s.step->empty())
            out = std::max(out, s.step->back());
    return out;
}

// First step at which `is` holds of a record; infinity where it never does.
template <class F> double firstStep(const data::Series* s, F&& is)
{
    for (std::size_t i = 0; s && i < s->value->size(); ++i)
        if (is((*s->value)[i]))
            return (*s->step)[i];
    return std::numeric_limits<double>::infinity();
}

double median(std::vector<double> v)
{
    std::erase_if(v, [](double x) { return !std::isfinite(x); });
    if (v.empty())
        return nan;
    std::ranges::nth_element(v, v.begin() + std::ssize(v) / 2);
    return v[v.size() / 2];
}

// Where the loss, smoothed over a hundredth of its records, left for good what is better than half-way back to l0; of the
// records before step `end`.
double lossLostAt(const data::Series& loss, double initial, double end)
{
    const auto n = std::size_t(std::ranges::lower_bound(*loss.step, end) - loss.step->begin());
    const std::size_t width = std::max<std::size_t>(1, n / 100);
    std::vector<double> smooth;
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        sum += (*loss.value)[i] - (i >= width ? (*loss.value)[i - width] : 0);
        if (i + 1 >= width)
            smooth.push_back(sum / double(width));
    }
    double best = initial;
    for (const double v : smooth)
        if (v < best)
            best = v;
    const double limit = best + (initial - best) / 2;
    std::size_t lost = smooth.size();
    while (lost > 0 && !(smooth[lost - 1] <= limit))
        --lost;
    return lost == smooth.size() ? nan : (*loss.step)[lost];
}

}

Spec specOf(std::span<const std::string> settings)
{
    Spec spec;
    for (const std::string& one : settings) {
        const auto equals = one.find('=');
        const std::string key = one.substr(0, equals);
        double* field = key == "at" ? &spec.at : key == "decades" ? &spec.decades : key == "limit" ? &spec.logitLimit : nullptr;
        if (!field || equals == std::string::npos)
            throw UsageError("A stability study has no setting '" + one + "'; it has at=, decades= and limit=.");
        *field = data::parseNumber(one.substr(equals + 1));
    }
    return spec;
}

std::string_view name(Cause cause)
{
    constexpr std::array<std::string_view, 7> names{"", "attention logits", "output logits", "update collapse", "gradient explosion", "not a number", "loss alone"};
    return names[std::size_t(cause)];
}

Verdict judge(const data::Run& run, const Spec& spec, double initial, double finalLoss, double eps)
{
    constexpr double never = std::numeric_limits<double>::infinity();
    Verdict out;
    const data::Series* train = named(run, {}, lossNames);
    const data::Series* loss = train ? train : named(run, spec.loss, validationNames);
    double broken = number(run.config, nanNames);
    for (const data::Series* s : {loss, named(run, {}, normNames)})
        if (const double at = firstStep(s, [](double v) { return !std::isfinite(v); }); at < never)
            broken = std::isnan(broken) ? at : std::min(broken, at);
    if (std::isnan(broken) && !std::isfinite(finalLoss))
        broken = lastStep(run);
    if (loss)
        out.lossStep = lossLostAt(*loss, initial, std::isnan(broken) ? never : broken);
    if (!std::isnan(broken) && !(out.lossStep <= broken))
        out.lossStep = broken;
    out.diverged = !std::isnan(out.lossStep) || finalLoss >= initial;

    std::vector<std::pair<double, Cause>> signs;
    signs.emplace_back(std::min(firstStep(named(run, spec.logit, logitNames), [&](double v) { return v > spec.logitLimit; }),
                                firstStep(earlyLogits(run, spec), [&](double v) { return v > spec.logitLimit; })), Cause::AttentionLogits);
    for (const Names names : {Names(logZNames), Names(meanLogitNames)})
        signs.emplace_back(firstStep(named(run, {}, names), [&](double v) { return std::abs(v) > spec.driftLimit; }), Cause::OutputLogits);
    if (eps > 0)
        signs.emplace_back(firstStep(mlpGradient(run, spec), [&](double v) { return v < eps; }), Cause::UpdateCollapse);
    if (const data::Series* norm = named(run, {}, normNames)) {
        // The first gradients are large for good reasons.
        const double usual = median(*norm->value), start = norm->value->empty() ? 0 : (*norm->step)[norm->value->size() / 20];
        std::size_t i = 0;
        signs.emplace_back(firstStep(norm, [&](double v) { return (*norm->step)[i++] >= start && std::isfinite(v) && v > 100 * usual; }),
                           Cause::GradientExplosion);
    }
    const auto first = std::ranges::min_element(signs, {}, [](const auto& s) { return s.first; });
    // A sign after the loss was lost is a consequence.
    if (first != signs.end() && first->first < never && !(first->first > out.lossStep)) {
        out.cause = first->second;
        out.step = first->first;
    } else if (out.diverged) {
        out.cause = !std::isnan(broken) && broken <= out.lossStep ? Cause::NotANumber : Cause::Loss;
        out.step = out.lossStep;
    }
    return out;
}

namespace {

std::string wordOf(const data::Value& value)
{
    const double* number = std::get_if<double>(&value);
    return number ? text::number(*number) : std::get<std::string>(value);
}

// Keys in which runs differ and that are no size, rate, seed or result.
std::vector<std::string> factors(std::span<const data::Run> runs, std::span<const std::size_t> used)
{
    std::map<std::string, std::set<std::string>> levels;
    std::map<std::string, std::size_t> holders;
    for (const std::size_t i : used)
        for (const auto& [key, value] : runs[i].config)
            if (std::ranges::find(noFactors, data::plainKey(key, true)) == noFactors.end())
                levels[key].insert(wordOf(value)), ++holders[key];
    std::vector<std::string> out;
    for (const auto& [key, words] : levels) {
        const std::size_t kinds = words.size() + (holders[key] < used.size());
        // What differs from run to run names them.
        if (kinds > 1 && (kinds < used.size() || used.size() <= 3))
            out.push_back(key);
    }
    return out;
}

}

Study study(std::span<const data::Run> runs, const Spec& spec, const Tick& tick)
{
    if (!(spec.level > 0 && spec.level < 1) || !(spec.at > 0 && spec.at <= 1) || !(spec.end > 0 && spec.end <= 1) || !(spec.logitLimit > 0)
        || spec.resamples < 0 || spec.window[0] > spec.window[1] || spec.decades < 0)
        throw UsageError("A stability study wants a level, shares of the steps between 0 and 1 and a positive limit of the logits.");
    Study out;
    std::vector<data::Selectable> all;
    for (const data::Run& run : runs)
        all.push_back({run.name, &run.config});
    const std::vector<bool> chosen = data::select(all, spec.where);
    std::vector<std::size_t> used;
    std::size_t unread = 0;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const data::Run& run = runs[i];
        if (!chosen[i] || run.kind != data::Kind::Log)
            continue;
        Trial t{.run = i, .name = run.name};
        t.N = data::positive(run.config, sizeNames);
        if (std::isnan(t.N)) {
            const double d = data::positive(run.config, widthNames);
            t.N = 12 * data::positive(run.config, layerNames) * d * d;
        }
        t.lr = data::positive(run.config, rateNames);
        if (std::isnan(t.lr))
            t.lr = largest(named(run, {}, std::array<std::string_view, 3>{"lr", "learning_rate", "train/lr"}));
        t.seed = number(run.config, seedNames);
        t.eps = data::positive(run.config, epsNames);
        t.steps = data::positive(run.config, stepNames);
        if (std::isnan(t.steps))
            t.steps = lastStep(run);
        const data::Series *train = named(run, {}, lossNames), *validation = named(run, spec.loss, validationNames);
        t.initial = number(run.config, initialNames);
        if (std::isnan(t.initial) && train && !train->value->empty())
            t.initial = train->value->front();
        else if (std::isnan(t.initial) && validation && !validation->value->empty())
            t.initial = validation->value->front();
        t.loss = validation ? lastOf(validation) : meanFrom(train, .99 * t.steps);
        if (!(t.lr > 0) || !(t.N > 0) || !std::isfinite(t.initial) || (!train && !validation)) {
            ++unread;
            continue;
        }
        // A run that broke off is lost whatever it showed last.
        if (const data::Series* s = train ? train : validation; s && !s->value->empty() && !std::isfinite(s->value->back()))
            t.loss = nan;
        if (!std::isnan(number(run.config, nanNames)))
            t.loss = nan;
        const data::Series *logits = named(run, spec.logit, logitNames), *early = earlyLogits(run, spec);
        t.maxLogit = largest(logits ? logits : early);
        t.earlyLogit = valueAt(early, spec.at * t.steps);
        t.endGradient = meanFrom(mlpGradient(run, spec), (1 - spec.end) * t.steps);
        t.verdict = judge(run, spec, t.initial, t.loss, t.eps);
        used.push_back(i);
        out.trials.push_back(std::move(t));
        if (tick && !tick(.5 * double(i + 1) / double(runs.size())))
            throw Error("cancelled");
    }
    if (out.trials.empty())
        throw Error("No run has a learning rate, a size and a loss: a study needs 'lr' and 'N' (or 'L' and 'd') in the configuration of runs.");
    if (unread)
        out.warnings.push_back({"unread", std::to_string(unread) + (unread == 1 ? " run has" : " runs have")
            + " no learning rate, size or loss and " + (unread == 1 ? "is" : "are") + " left out."});

    const std::vector<std::string> keys = spec.by.empty() ? factors(runs, used) : spec.by;
    std::map<std::map<std::string, std::string>, std::size_t> known;
    std::vector<std::map<std::string, std::string>> levels;
    for (const std::size_t i : used) {
        auto& one = levels.emplace_back();
        for (const std::string& key : keys) {
            const auto it = runs[i].config.find(key);
            one[key] = it == runs[i].config.end() ? "" : wordOf(it->second);
        }
        known.try_emplace(one, 0);
    }
    for (auto& [combination, index] : known) {
        index = out.arms.size();
        std::string name;
        for (const auto& [key, word] : combination)
            name += (name.empty() ? "" : ", ") + key.substr(key.find_last_of('/') + 1) + "=" + (word.empty() ? "-" : word);
        out.arms.push_back({name.empty() ? "all runs alike" : name, combination});
    }
    for (std::size_t i = 0; i < out.trials.size(); ++i)
        out.trials[i].arm = known[levels[i]];
    std::ranges::stable_sort(out.trials, {}, [](const Trial& t) { return std::tuple(t.arm, t.N, t.lr, t.seed); });

    out.sensitivity = sensitivities(out.trials, spec, out.warnings);
    out.contrasts = contrasts(out.arms, out.sensitivity, out.trials, spec);
    out.logitGrowth = logitGrowth(out.trials, spec, out.warnings);
    const auto warmsUp = [&](const Trial& t) {
        const double warmup = number(runs[t.run].config, warmupNames);
        return (warmup <= 1 ? warmup * t.steps : warmup) >= spec.at * t.steps;
    };
    const auto read = [](const Trial& t) { return std::isfinite(t.earlyLogit); };
    if (!out.logitGrowth.empty() && std::ranges::any_of(out.trials, [&](const Trial& t) { return read(t) && warmsUp(t); }))
        out.warnings.push_back({"early-read", "Attention logits are read while the learning rate still warms up, where they say little; read them later "
                                              "(--at) or warm up for a smaller share of the steps."});
    out.updateCollapse = updateCollapse(out.trials, spec, out.warnings);
    if (tick && !tick(1))
        throw Error("cancelled");
    return out;
}

}

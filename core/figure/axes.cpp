// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/figure/axes.h"

#include "core/data/keys.h"
#include "core/law/quantity.h"
#include "core/text.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

namespace figure {
namespace {

using data::plainKey;
using Names = std::vector<std::string_view>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// A law's aliases as plain keys, and others that logs use.
std::vector<std::string> aliasesOf(const law::Quantity& quantity, std::initializer_list<std::string_view> more)
{
    std::vector<std::string> out;
    for (const std::string& alias : text::split(quantity.aliases, ' '))
        out.push_back(plainKey(alias));
    out.insert(out.end(), more.begin(), more.end());
    return out;
}

const std::vector<std::string>& tokenNames()
{
    static const auto names = aliasesOf(law::quantity::D, {"tokens_seen", "num_input_tokens_seen", "consumed_tokens",
        "train_num_tokens", "time_token", "token_count", "total_tokens_seen"});
    return names;
}

const std::vector<std::string>& flopNames()
{
    static const auto names = aliasesOf(law::quantity::C, {"cumulative_flops", "train_flops", "total_training_flops"});
    return names;
}

double sizeOf(const data::Run& run)
{
    static const auto aliases = aliasesOf(law::quantity::N, {"num_parameters", "n_parameters", "num_param", "param_count",
        "total_params", "nparams", "model_params"});
    static const Names names(aliases.begin(), aliases.end());
    if (const auto it = run.config.find("N"); it != run.config.end())
        if (const auto* n = std::get_if<double>(&it->second); n && *n > 0)
            return *n;
    if (const double n = data::positive(run.config, names); n > 0)
        return n;
    for (const data::Series& s : run.series)
        if (std::ranges::find(aliases, plainKey(s.name, true)) != aliases.end() && s.value && !s.value->empty() && s.value->back() > 0)
            return s.value->back();
    return nan;
}

double sequenceOf(const data::Run& run)
{
    static const Names names{"seq_len", "seq_length", "sequence_length", "block_size", "context_length", "context_size",
        "max_seq_len", "max_seq_length", "max_sequence_length", "sequence_length_t", "ctx_len", "n_ctx"};
    return data::positive(run.config, names);
}

// Tokens of one step: as the configuration says, else sequences times their length.
double tokensPerStep(const data::Run& run)
{
    static const Names direct{"tokens_per_step", "tokens_per_batch", "tokens_per_iter", "tokens_per_iteration", "batch_tokens",
        "batch_size_in_tokens", "batch_size_tokens", "global_batch_size_tokens", "global_batch_tokens", "train_batch_tokens"};
    if (const double tokens = data::positive(run.config, direct); tokens > 0)
        return tokens;
    const double length = sequenceOf(run);
    // total_batch_size counts tokens in some trainers and sequences in others: fewer than one sequence is no batch.
    if (const double total = data::positive(run.config, Names{"total_batch_size"}); total > 0)
        return length > 0 && total < length ? total * length : total;
    if (const double global = data::positive(run.config, Names{"global_batch_size"}); global > 0)
        return global * length;
    const double one = data::positive(run.config, Names{"batch_size", "micro_batch_size", "train_micro_batch_size_per_gpu",
        "per_device_train_batch_size", "device_batch_size", "micro_batch_size_b"});
    const auto factor = [&](const Names& names) {
        const double v = data::positive(run.config, names);
        return v > 0 ? v : 1;
    };
    return one * length * factor({"gradient_accumulation_steps", "grad_accum_steps", "grad_accumulation_steps", "grad_accum",
                                  "accumulate_grad_batches"})
        * factor({"world_size", "ddp_world_size", "num_processes", "num_gpus", "n_gpus", "num_devices"});
}

bool isSound(const data::Series& s) { return s.step && s.value && s.step->size() == s.value->size(); }

bool sameSteps(const data::Series& a, const data::Series& b)
{
    return a.step == b.step || (a.step && b.step && *a.step == *b.step);
}

// The counter of one of these names: one logged at the steps of y, else by the order of the names. Counters of a
// validation are named after it, val_tok.
const data::Series* counter(const data::Run& run, const std::vector<std::string>& names, const data::Series* y)
{
    const data::Series* best = nullptr;
    std::size_t least = std::size_t(-1);
    for (const data::Series& s : run.series) {
        const std::string whole = plainKey(s.name), last = plainKey(s.name, true);
        for (std::size_t i = 0; i < names.size(); ++i) {
            const bool named = whole == names[i] || last == names[i];
            if (!isSound(s) || (!named && whole != "val_" + names[i]))
                continue;
            const std::size_t rank = i + (named ? 0 : names.size()) + (y && sameSteps(s, *y) ? 0 : 2 * names.size());
            if (rank < least)
                least = rank, best = &s;
        }
    }
    return best;
}

// Where an x comes from.
struct Source {
    enum class Kind { None, Step, Series, Counter, Wall, Constant } kind = Kind::None;
    const data::Series* series = nullptr;
    double factor = 1;          // of the series, or of the step
    bool derived = false;
    std::string why;
};

Source tokensOf(const data::Run& run, const data::Series* y)
{
    using enum Source::Kind;
    if (const data::Series* s = counter(run, tokenNames(), y))
        return {.kind = Counter, .series = s};
    if (const data::Series* s = counter(run, {"consumed_samples", "train_samples"}, y); s && sequenceOf(run) > 0)
        return {.kind = Counter, .series = s, .factor = sequenceOf(run), .derived = true};
    if (const double tokens = tokensPerStep(run); tokens > 0)
        return {.kind = Step, .factor = tokens, .derived = true};
    return {.why = "it logs no tokens and its configuration names no tokens_per_step, nor a batch size with a sequence length"};
}

Source flopsOf(const data::Run& run, const data::Series* y)
{
    if (const data::Series* s = counter(run, flopNames(), y))
        return {.kind = Source::Kind::Counter, .series = s};
    Source source = tokensOf(run, y);
    source.derived = true;
    if (source.kind == Source::Kind::None)
        return {.why = "it logs no FLOPs, and no tokens to work them out from"};
    const double perToken = data::positive(run.config, Names{"flop_per_token", "flops_per_token"}), size = sizeOf(run);
    if (!(perToken > 0 || size > 0))
        return {.why = "it logs no FLOPs and its configuration names no number of parameters (N, params)"};
    source.factor *= perToken > 0 ? perToken : 6 * size;
    return source;
}

bool hasWall(const data::Series& s) { return isSound(s) && s.wall && s.wall->size() == s.step->size(); }

Source sourceOf(const data::Run& run, const data::Series* y, std::string_view x)
{
    using enum Source::Kind;
    if (x.empty() || x == "step")
        return {.kind = Step};
    if (x == "tokens")
        return tokensOf(run, y);
    if (x == "flops")
        return flopsOf(run, y);
    const data::Series* series = run.find(x);
    if (!series && (x == "wall" || x == "time" || x == "relative")) {
        if (y ? hasWall(*y) : std::ranges::any_of(run.series, hasWall))
            return {.kind = Wall};
        return {.why = "it logs no times"};
    }
    if (series && isSound(*series))
        return {.kind = Series, .series = series};
    if (const auto it = run.config.find(x); it != run.config.end())
        if (const double* at = std::get_if<double>(&it->second))
            return {.kind = Constant, .factor = *at};
    return {.why = "it logs no '" + std::string(x) + "'"};
}

// Values of x at the steps of y, NaN where it has none there. Counters grow steadily: between two records they are what
// a straight line over the steps says.
std::vector<double> joined(const data::Series& x, const data::Series& y, bool interpolate)
{
    const std::vector<double>&from = *x.step, &to = *y.step;
    std::vector<double> out(to.size(), nan);
    if (!std::ranges::is_sorted(from) || !std::ranges::is_sorted(to)) {
        std::unordered_map<double, double> atStep;
        for (std::size_t i = 0; i < from.size(); ++i)
            atStep[from[i]] = (*x.value)[i];
        for (std::size_t i = 0; i < to.size(); ++i)
            if (const auto it = atStep.find(to[i]); it != atStep.end())
                out[i] = it->second;
        return out;
    }
    std::size_t at = 0;     // the first record beyond the step
    for (std::size_t i = 0; i < to.size(); ++i) {
        while (at < from.size() && from[at] <= to[i])
            ++at;
        if (at && from[at - 1] == to[i])
            out[i] = (*x.value)[at - 1];
        else if (interpolate && at && at < from.size()) {
            const double x0 = (*x.value)[at - 1], x1 = (*x.value)[at];
            out[i] = x0 + (x1 - x0) * (to[i] - from[at - 1]) / (from[at] - from[at - 1]);
        }
    }
    return out;
}

double firstWall(const data::Run& run)
{
    double first = std::numeric_limits<double>::infinity();
    for (const data::Series& s : run.series)
        for (std::size_t i = 0; hasWall(s) && i < s.wall->size(); ++i)
            if (std::isfinite((*s.wall)[i])) {
                first = std::min(first, (*s.wall)[i]);
                break;
            }
    return first;
}

}

Along along(const data::Run& run, const data::Series& y, std::string_view x)
{
    using enum Source::Kind;
    if (!isSound(y))
        return {.x = {}, .y = {}, .why = "it has no records"};
    const Source source = sourceOf(run, &y, x);
    Along out{.x = {}, .y = {}, .why = source.why, .derived = source.derived};
    switch (source.kind) {
    case None:
        return out;
    case Constant: {
        // One place on the axis: that of the last value which is a number.
        const auto last = std::find_if(y.value->rbegin(), y.value->rend(), [](double v) { return std::isfinite(v); });
        if (last == y.value->rend())
            out.why = "it has no value that is a number";
        else
            out.x = {source.factor}, out.y = {*last};
        return out;
    }
    case Step:
        out.x = *y.step;
        break;
    case Wall: {
        out.x = *y.wall;
        const double first = firstWall(run);
        for (double& v : out.x)
            v = (v - first) / 3600;
        break;
    }
    case Series:
    case Counter:
        if (sameSteps(*source.series, y))
            out.x = *source.series->value;
        else
            out.x = joined(*source.series, y, source.kind == Counter);
    }
    if (source.factor != 1)
        for (double& v : out.x)
            v *= source.factor;
    out.y = *y.value;
    if (std::ranges::none_of(out.x, [](double v) { return std::isnan(v); }))
        return out;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < out.x.size(); ++i)
        if (!std::isnan(out.x[i]))
            out.x[kept] = out.x[i], out.y[kept++] = out.y[i];
    out.x.resize(kept), out.y.resize(kept);
    if (!kept && !y.value->empty())
        out.why = "it logs '" + std::string(x) + "' at other steps";
    return out;
}

std::vector<AxisChoice> axisChoices(std::span<const data::Run> runs)
{
    std::vector<AxisChoice> out{{"step", "step", ""}, {"tokens", "training tokens", ""}, {"flops", "training compute", "FLOPs"},
                                {"wall", "time since the start", "h"}};
    for (AxisChoice& choice : out) {
        if (runs.empty())
            choice.why = "there is no run";
        for (const data::Run& run : runs) {
            Source source = sourceOf(run, nullptr, choice.id);
            choice.available |= source.kind != Source::Kind::None;
            if (choice.why.empty())
                choice.why = std::move(source.why);
        }
        if (choice.available)
            choice.why.clear();
    }
    std::set<std::string, std::less<>> names{"step", "tokens", "flops", "wall"};
    for (const data::Run& run : runs)
        for (const data::Series& s : run.series)
            if (names.insert(s.name).second)
                out.push_back({.id = s.name, .title = s.name, .unit = {}, .available = true, .why = {}});
    return out;
}

}

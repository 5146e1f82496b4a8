// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/records.hpp"

#include <charconv>
#include <cmath>

namespace proxy {

namespace {

// Builds one flat JSON object; the keys are ours and need no escaping.
struct Line {
    std::string text = "{";

    Line& raw(const char* key, const std::string& value)
    {
        text += (text.size() > 1 ? ",\"" : "\"") + std::string(key) + "\":" + value;
        return *this;
    }
    Line& put(const char* key, const std::string& value) { return raw(key, Json(value).dump()); }
    Line& put(const char* key, std::int64_t value) { return raw(key, std::to_string(value)); }
    Line& put(const char* key, double value, int digits) { return raw(key, jsonNumber(value, digits)); }
    std::string close() const { return text + "}"; }
};

double flopSeen(const Member& member, std::int64_t tokens)
{
    return flopPerToken(member.shape) * static_cast<double>(tokens);
}

}

std::string jsonNumber(double value, int digits)
{
    if (std::isnan(value))
        return "\"NaN\"";
    if (std::isinf(value))
        return value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    char buffer[40];
    const auto end = digits > 0
        ? std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::general, digits)
        : std::to_chars(buffer, buffer + sizeof buffer, value);
    return {buffer, end.ptr};
}

std::string configLine(const Member& member, const Spec& spec, double entropy)
{
    OrderedJson line{{"t", "cfg"}, {"id", member.id}, {"name", member.name}, {"sweep", spec.name},
        {"N", nonEmbedding(member.shape)}, {"P", parameters(member.shape, member.qkNorm)}};
    const Json config = describe(member);
    for (const auto& [key, value] : config.items())
        line[key] = value;
    line["batch_tokens"] = member.batchTokens();
    line["tokens"] = member.tokens();
    line["flop_per_token"] = flopPerToken(member.shape);
    line["data"] = spec.data;
    if (std::isfinite(entropy))
        line["entropy"] = entropy;
    return line.dump();
}

std::string stepLine(const Member& member, const StepRecord& record)
{
    const Measures& m = record.measures;
    Line line;
    line.put("t", "s")
        .put("step", std::int64_t{record.step})
        .put("loss", m.loss, 7)
        .put("lr", record.lr, 0)
        .put("gn", record.gradNorm, 6)
        .put("lz", m.logZ, 6)
        .put("lmean", m.logitMean, 6)
        .put("lrms", m.logitRms, 6)
        .put("lmin", m.logitMin, 6)
        .put("lmax", m.logitMax, 6)
        .put("lzmax", m.logZTop, 6)
        .put("mal", m.maxAttention, 6);
    if (member.zCoefficient > 0)
        line.put("zloss", m.zLoss, 6);
    if (member.optimiser.clip > 0)
        line.put("clip", record.clip, 6);
    if (member.optimiser.limiter > 0)
        line.put("limiter", record.limiter, 6);
    if (m.topWeight > 0)
        line.put("rw_max", m.topWeight, 6).put("rw_entropy", m.weightEntropy, 6);
    const auto all = static_cast<double>(parameters(member.shape, member.qkNorm));
    if (member.prune.sparsity > 0)
        line.put("sparsity", 1 - static_cast<double>(record.nonZero) / all, 6)
            .put("nonzero", record.nonZero)
            .put("nonzero_mean", record.meanNonZero, 8);
    return line.put("tok", record.tokens).put("flop", flopSeen(member, record.tokens), 7).close();
}

std::string vectorLine(const StepRecord& record)
{
    const Vectors& v = *record.vectors;
    const auto layers = [](const std::vector<double>& values) {
        std::string list = "[";
        for (const double value : values)
            list.append(list.size() > 1 ? "," : "").append(jsonNumber(value, 6));
        list.push_back(']');
        return list;
    };
    const auto tensors = [&v](double Vectors::PerTensor::*field) {
        Line line;
        for (const Vectors::PerTensor& tensor : v.tensors)
            line.put(tensor.name.c_str(), tensor.*field, 6);
        return line.close();
    };
    Line line;
    line.put("t", "v")
        .put("step", std::int64_t{record.step})
        .raw("mal", layers(v.maxAttention))
        .raw("block_rms", layers(v.blockRms))
        .raw("q_rms", layers(v.queryRms))
        .raw("k_rms", layers(v.keyRms));
    if (!v.entropy.empty())
        line.raw("attention_entropy", layers(v.entropy));
    return line.raw("grad_rms", tensors(&Vectors::PerTensor::gradRms))
        .raw("upd_rms", tensors(&Vectors::PerTensor::updateRms))
        .raw("par_rms", tensors(&Vectors::PerTensor::parameterRms))
        .raw("upd_par", tensors(&Vectors::PerTensor::ratio))
        .raw("below_eps", tensors(&Vectors::PerTensor::belowEps))
        .close();
}

std::string validationLine(const Member& member, const ValidationRecord& record)
{
    return Line()
        .put("t", "val")
        .put("step", std::int64_t{record.step})
        .put("loss", record.loss, 7)
        .put("acc", record.accuracy, 6)
        .put("tok", record.tokens)
        .put("flop", flopSeen(member, record.tokens), 7)
        .close();
}

std::string endLine(const Member& member, const Outcome& outcome)
{
    const std::int64_t tokens = member.batchTokens() * outcome.steps;
    Line line;
    line.put("t", "end").put("status", std::string(statusName(outcome.status)));
    if (outcome.nanStep >= 0)
        line.put("nan_step", std::int64_t{outcome.nanStep});
    if (outcome.earlyStop >= 0)
        line.put("early_stop", std::int64_t{outcome.earlyStop});
    return line.put("step", std::int64_t{outcome.steps})
        .put("val", outcome.validation, 7)
        .put("acc", outcome.accuracy, 6)
        .put("l0", outcome.firstLoss, 7)
        .put("tok", tokens)
        .put("flop", flopSeen(member, tokens), 7)
        .close();
}

std::string summaryLine(const Member& member, const Json& end)
{
    OrderedJson line{{"t", "end"}, {"id", member.id}, {"name", member.name}, {"N", nonEmbedding(member.shape)},
        {"P", parameters(member.shape, member.qkNorm)}, {"lr", member.lr}, {"schedule", describe(member)["sched"]["kind"]},
        {"seed", member.seed}};
    for (const auto& [key, value] : end.items())
        if (key != "t")
            line[key] = value;
    return line.dump();
}

}

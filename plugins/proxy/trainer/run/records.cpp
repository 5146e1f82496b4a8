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
    return Line()
        .put("t", "s")
        .put("step", std::int64_t{record.step})
        .put("loss", record.measures.loss, 7)
        .put("lr", record.lr, 0)
        .put("gn", record.gradNorm, 6)
        .put("lz", record.measures.logZ, 6)
        .put("mal", record.measures.maxAttention, 6)
        .put("tok", record.tokens)
        .put("flop", flopSeen(member, record.tokens), 7)
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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "schedule/read.hpp"

namespace proxy {

namespace {

const std::vector<std::string> kindNames{"constant", "linear", "cosine", "wsd", "two-stage", "multi-step",
    "inverse-sqrt", "cyclic", "infinite", "rewarm", "points", "segments", "wsd-linear", "wsd-exp", "wsd-sqrt"};
const std::vector<std::string> decayNames{"linear", "exponential", "1-sqrt", "cosine", "mirror-cosine", "square"};
const std::vector<std::string> curveNames{
    "warm", "linear", "cosine", "mirror-cosine", "1-sqrt", "square", "exponential", "inverse-sqrt", "constant"};
constexpr double most = 1e12;

bool decays(ScheduleKind kind)
{
    return kind == ScheduleKind::Linear || kind == ScheduleKind::Cosine || kind == ScheduleKind::Wsd
        || kind == ScheduleKind::Cyclic || kind == ScheduleKind::Infinite || kind == ScheduleKind::Rewarm;
}

bool exponential(const Schedule& s)
{
    return s.kind == ScheduleKind::Infinite
        || ((s.kind == ScheduleKind::Wsd || s.kind == ScheduleKind::Cyclic) && s.decay == DecayShape::Exponential);
}

// The end value as an absolute rate, or as a fraction of the peak.
void readEnd(Reader& reader, Schedule& s, double lr)
{
    if (reader.has("final")) {
        if (reader.has("min_lr"))
            reader.refuse("final", "the end is given as min_lr already; leave one of them out");
        s.minLr = lr * reader.number("final", 0.1, 0, 1);
    } else {
        s.minLr = reader.number("min_lr", s.minLr, 0, most);
    }
    const char* key = reader.has("final") ? "final" : "min_lr";
    if (s.minLr > lr)
        reader.refuse(key, "the value must not exceed the peak lr");
    if (exponential(s) && s.minLr <= 0)
        reader.refuse(key, "an exponential decay needs a value above 0");
}

// The rate of a second stage, absolute as `key` or a fraction of the peak as `factor`.
double readRate(Reader& reader, const char* key, double fallback, double lr)
{
    if (!reader.has("factor"))
        return reader.number(key, fallback, 0, most);
    if (reader.has(key))
        reader.refuse("factor", std::string("the rate is given as ") + key + " already; leave one of them out");
    return lr * reader.number("factor", 0.1, 0, 1000);
}

double at(const OrderedJson& pair, std::size_t i, Reader& reader, const char* key)
{
    if (!pair.is_array() || pair.size() != 2 || !pair[i].is_number() || !(pair[i].get<double>() >= 0))
        reader.refuse(key, "the value must be a list of pairs [place, fraction of the peak], none of them negative");
    return pair[i].get<double>();
}

void readPairs(Reader& reader, const char* key, Schedule& s)
{
    const OrderedJson* list = reader.raw(key);
    if (!list || !list->is_array() || list->empty() || list->size() > 10000)
        reader.refuse(key, "the value must be a list of 1 to 10000 pairs [place, fraction of the peak]");
    for (const OrderedJson& pair : *list) {
        SchedulePart part;
        part.at = at(pair, 0, reader, key);
        part.to = at(pair, 1, reader, key);
        if (!s.parts.empty() && !(part.at > s.parts.back().at))
            reader.refuse(key, "the places must rise from pair to pair");
        s.parts.push_back(part);
    }
}

void readSegments(Reader& reader, Schedule& s)
{
    const OrderedJson* list = reader.raw("segments");
    if (!list || !list->is_array() || list->empty() || list->size() > 1000)
        reader.refuse("segments", "the value must be a list of 1 to 1000 objects {kind, from, to, steps}");
    while (s.parts.size() < list->size()) {
        Reader inner = reader.item("segments", s.parts.size());
        SchedulePart part;
        part.curve = static_cast<Curve>(inner.choice("kind", 8, curveNames));
        part.from = inner.number("from", s.parts.empty() ? 1 : s.parts.back().to, 0, 1000);
        part.to = inner.number("to", part.from, 0, 1000);
        part.length = inner.number("steps", 1, 0, most);
        if (part.curve == Curve::Exponential && !(part.from > 0 && part.to > 0))
            inner.refuse("to", "an exponential segment needs values above 0");
        inner.finish();
        s.parts.push_back(part);
    }
}

void readKind(Reader& reader, Schedule& s, double lr)
{
    switch (s.kind) {
    case ScheduleKind::Wsd:
        s.decayFraction = reader.number("decay_frac", s.decayFraction, 0, most);
        break;
    case ScheduleKind::TwoStage:
        s.switchAt = reader.has("at") ? reader.number("at", 0, 0, most) : reader.number("switch", s.switchAt, 0, most);
        s.secondLr = readRate(reader, "second_lr", lr / 10, lr);
        break;
    case ScheduleKind::Rewarm:
        s.switchAt = reader.number("at", s.switchAt, 0, most);
        s.rewarm = reader.number("rewarm", s.rewarm, 0, most);
        s.secondLr = readRate(reader, "second_lr", lr, lr);
        break;
    case ScheduleKind::Infinite:
        s.cooldown = reader.number("cooldown", s.cooldown, 0, most);
        s.decayFraction = reader.number("decay_frac", s.decayFraction, 0, most);
        s.secondLr = readRate(reader, "constant_lr", lr / 2, lr);
        if (!(s.secondLr > 0))
            reader.refuse("constant_lr", "an exponential decay needs a value above 0");
        break;
    case ScheduleKind::Cyclic:
        s.cycles = static_cast<int>(reader.integer("cycles", s.cycles, 1, 1000));
        break;
    case ScheduleKind::MultiStep:
        readPairs(reader, "stages", s);
        break;
    case ScheduleKind::Points:
        readPairs(reader, "points", s);
        break;
    case ScheduleKind::Segments:
        readSegments(reader, s);
        break;
    default:
        break;
    }
}

}

Schedule readSchedule(Reader reader, double lr)
{
    Schedule s;
    const std::size_t kind = reader.choice("kind", 2, kindNames);
    const bool core = kind >= 12; // the core's names carry the shape of the decay
    s.kind = core ? ScheduleKind::Wsd : static_cast<ScheduleKind>(kind);
    // A drawn course holds its own warm-up.
    const bool drawn = s.kind == ScheduleKind::Points || s.kind == ScheduleKind::Segments;
    s.warmup = reader.number("warmup", drawn ? 0 : s.warmup, 0, most);
    if (core) {
        s.decay = static_cast<DecayShape>(kind - 12);
        if (reader.has("decay_frac") && reader.has("decay"))
            reader.refuse("decay", "the length is given as decay_frac already; leave one of them out");
        s.decayFraction = reader.number(reader.has("decay") ? "decay" : "decay_frac", s.decayFraction, 0, most);
    } else {
        if (s.kind == ScheduleKind::Wsd || s.kind == ScheduleKind::Cyclic)
            s.decay = static_cast<DecayShape>(reader.choice("decay", s.kind == ScheduleKind::Wsd ? 0 : 3, decayNames));
        readKind(reader, s, lr);
    }
    if (decays(s.kind))
        readEnd(reader, s, lr);
    reader.finish();
    return s;
}

Json describeSchedule(const Schedule& s)
{
    Json out{{"kind", kindNames[static_cast<std::size_t>(s.kind)]}, {"warmup", s.warmup}};
    if (decays(s.kind))
        out["min_lr"] = s.minLr;
    if (s.kind == ScheduleKind::Wsd || s.kind == ScheduleKind::Cyclic)
        out["decay"] = decayNames[static_cast<std::size_t>(s.decay)];
    if (s.kind == ScheduleKind::Wsd || s.kind == ScheduleKind::Infinite)
        out["decay_frac"] = s.decayFraction;
    if (s.kind == ScheduleKind::TwoStage) {
        out["switch"] = s.switchAt;
        out["second_lr"] = s.secondLr;
    }
    if (s.kind == ScheduleKind::Rewarm) {
        out["at"] = s.switchAt;
        out["rewarm"] = s.rewarm;
        out["second_lr"] = s.secondLr;
    }
    if (s.kind == ScheduleKind::Infinite) {
        out["cooldown"] = s.cooldown;
        out["constant_lr"] = s.secondLr;
    }
    if (s.kind == ScheduleKind::Cyclic)
        out["cycles"] = s.cycles;
    if (s.kind == ScheduleKind::Segments) {
        for (const SchedulePart& part : s.parts)
            out["segments"].push_back({{"kind", curveNames[static_cast<std::size_t>(part.curve)]}, {"from", part.from},
                {"to", part.to}, {"steps", part.length}});
    } else if (!s.parts.empty()) {
        const char* key = s.kind == ScheduleKind::Points ? "points" : "stages";
        for (const SchedulePart& part : s.parts)
            out[key].push_back({part.at, part.to});
    }
    return out;
}

}

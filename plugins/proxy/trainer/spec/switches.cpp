// SPDX-License-Identifier: GPL-3.0-or-later
#include "spec/switches.hpp"

#include <algorithm>

namespace proxy {

namespace {

const std::vector<std::string> qkNames{"off", "head", "full", "rms_fixed"};
const std::vector<std::string> attentionNames{"softmax", "squared_relu"};
const std::vector<std::string> mupNames{"none", "simple", "intermediate", "full"};
const std::vector<std::string> reweightNames{"none", "linupper", "quadratic", "upper", "extremes"};

template <typename Names, typename Value> const std::string& nameOf(const Names& names, Value value)
{
    return names[static_cast<std::size_t>(value)];
}

bool absent(const OrderedJson* value)
{
    return !value || value->is_null();
}

// A key may be missing or null: the switch is off.
bool isOn(Reader& reader, const char* key)
{
    return !absent(reader.raw(key));
}

void readReweight(Reader& switches, Member& m)
{
    if (!isOn(switches, "reweight"))
        return;
    Reader reader = switches.object("reweight");
    m.reweight.kind = static_cast<Reweighting>(reader.choice("kind", 1, reweightNames));
    m.reweight.temperature = reader.number("r", m.reweight.temperature, 1e-3, 1e6);
    m.reweight.start = reader.number("start", m.reweight.start, 0, 1e12);
    reader.finish();
}

void readPrune(Reader& switches, Member& m)
{
    if (!isOn(switches, "prune"))
        return;
    Reader reader = switches.object("prune");
    m.prune.sparsity = reader.number("sparsity", 0.5, 0, 0.999);
    m.prune.begin = reader.number("begin", m.prune.begin, 0, 1);
    m.prune.end = reader.number("end", m.prune.end, 0, 1);
    if (m.prune.end <= m.prune.begin)
        reader.refuse("end", "the value must be above begin, " + OrderedJson(m.prune.begin).dump());
    reader.finish();
}

void readInit(Reader& reader, Member& m)
{
    if (!isOn(reader, "init"))
        return;
    Reader init = reader.object("init");
    m.initFrom = init.text("from", "");
    if (m.initFrom.empty())
        init.refuse("from", "the value must be the name of the member to start from");
    init.choice("op", 0, {"stack"});
    m.stack = static_cast<int>(init.integer("g", 2, 1, 64));
    if (m.shape.layers % m.stack != 0)
        init.refuse("g", "the value must divide the layers L, " + std::to_string(m.shape.layers));
    init.finish();
}

}

std::vector<MixPhase> readMix(Reader& reader, const char* key)
{
    std::vector<MixPhase> parts;
    const OrderedJson* list = reader.raw(key);
    if (absent(list))
        return parts;
    const char* form = R"(the value must be a list like [{"until":0.9,"weights":[1,0]},{"until":1,"weights":[1,1]}])";
    if (!list->is_array() || list->empty())
        reader.refuse(key, form);
    double before = 0;
    for (const OrderedJson& item : *list) {
        if (!item.is_object() || item.size() != 2 || !item.contains("until") || !item.contains("weights")
            || !item["until"].is_number() || !item["weights"].is_array() || item["weights"].empty())
            reader.refuse(key, form);
        MixPhase part{item["until"].get<double>(), {}};
        double total = 0;
        for (const OrderedJson& weight : item["weights"]) {
            const double w = weight.is_number() ? weight.get<double>() : -1;
            if (!(w >= 0 && w < 1e12))
                reader.refuse(key, "weights must be numbers from 0 on");
            part.weights.push_back(w);
            total += w;
        }
        if (!(total > 0))
            reader.refuse(key, "the weights of a part must not all be 0");
        if (!(part.until > before && part.until <= 1))
            reader.refuse(key, "the values of until must rise from above 0 to 1");
        if (!parts.empty() && parts.front().weights.size() != part.weights.size())
            reader.refuse(key, "every part must have the same number of weights");
        before = part.until;
        parts.push_back(std::move(part));
    }
    if (parts.size() > mostPhases || parts.front().weights.size() > mostDomains)
        reader.refuse(key, "there must be at most " + std::to_string(mostPhases) + " parts of at most "
                + std::to_string(mostDomains) + " weights");
    if (before < 1)
        reader.refuse(key, "the last part must have \"until\":1");
    // One source all the time is no mixture.
    if (std::all_of(parts.begin(), parts.end(), [](const MixPhase& part) { return part.weights.size() == 1; }))
        parts.clear();
    return parts;
}

void readSwitches(Reader& reader, Member& m)
{
    constexpr std::int64_t most = std::int64_t{1} << 40;
    m.qkNorm = static_cast<QkNorm>(reader.choice("qk_norm", 1, qkNames));
    if (m.qkNorm == QkNorm::RmsFixed)
        m.kappa = reader.number("kappa", m.kappa, 0, 1e12);
    m.attention = static_cast<Attention>(reader.choice("attention", 0, attentionNames));
    if (isOn(reader, "mup"))
        m.mup = static_cast<Mup>(reader.choice("mup", 0, mupNames));
    m.baseWidth = static_cast<int>(reader.integer("base_width", m.baseWidth, 1, 65536));

    readInit(reader, m);
    if (!isOn(reader, "switches"))
        return;
    Reader switches = reader.object("switches");
    if (isOn(switches, "limiter"))
        m.optimiser.limiter = switches.number("limiter", 1.01, 1, 1e6);
    readReweight(switches, m);
    if (isOn(switches, "dropout"))
        m.dropout = switches.number("dropout", 0, 0, 0.99);
    readPrune(switches, m);
    if (isOn(switches, "unique_tokens"))
        m.uniqueTokens = switches.integer("unique_tokens", 0, std::int64_t{m.shape.context} + 1, most);
    m.mix = readMix(switches, "mix");
    switches.finish();
}

void describeSwitches(const Member& m, Json& config)
{
    config["qk_norm"] = nameOf(qkNames, m.qkNorm);
    if (m.qkNorm == QkNorm::RmsFixed)
        config["kappa"] = m.kappa;
    if (m.attention != Attention::Softmax)
        config["attention"] = nameOf(attentionNames, m.attention);
    if (m.mup != Mup::None) {
        config["mup"] = nameOf(mupNames, m.mup);
        config["base_width"] = m.baseWidth;
    }
    if (m.optimiser.scaleByRms)
        config["opt"]["lr_param_rms"] = true;
    if (m.optimiser.to == DecayTo::Initial)
        config["opt"]["decay_to"] = "initial";
    Json switches = Json::object();
    if (m.optimiser.limiter > 0)
        switches["limiter"] = m.optimiser.limiter;
    if (m.reweight.kind != Reweighting::None)
        switches["reweight"] = {{"kind", nameOf(reweightNames, m.reweight.kind)}, {"r", m.reweight.temperature},
            {"start", m.reweight.start}};
    if (m.dropout > 0)
        switches["dropout"] = m.dropout;
    if (m.prune.sparsity > 0)
        switches["prune"] = {{"sparsity", m.prune.sparsity}, {"begin", m.prune.begin}, {"end", m.prune.end}};
    if (m.uniqueTokens > 0)
        switches["unique_tokens"] = m.uniqueTokens;
    for (const MixPhase& part : m.mix)
        switches["mix"].push_back({{"until", part.until}, {"weights", part.weights}});
    if (!switches.empty())
        config["switches"] = switches;
    if (m.earlyStop.margin >= 0)
        config["early_stop"] = {{"above_init", m.earlyStop.margin}, {"steps", m.earlyStop.steps}};
    if (!m.initFrom.empty())
        config["init"] = {{"from", m.initFrom}, {"op", "stack"}, {"g", m.stack}};
}

void resolveParents(std::vector<Member>& members)
{
    for (Member& member : members) {
        if (member.initFrom.empty())
            continue;
        const auto refuse = [&member](const std::string& why) {
            throw Failure(Exit::Usage,
                "Spec error at /defaults/init/from: the member \"" + member.name + "\" is to start from \""
                    + member.initFrom + "\", but " + why);
        };
        const Member* parent = nullptr;
        for (const Member& other : members) {
            if (other.name != member.initFrom)
                continue;
            if (parent)
                refuse("several members have that name; give each its own.");
            parent = &other;
        }
        if (!parent)
            refuse("no member has that name.");
        if (parent == &member || !parent->initFrom.empty())
            refuse("that one does not start from a seed itself; stack once only.");
        const Shape &a = parent->shape, &b = member.shape;
        if (a.layers * member.stack != b.layers)
            refuse("its " + std::to_string(a.layers) + " layers times g = " + std::to_string(member.stack)
                + " are not L = " + std::to_string(b.layers) + ".");
        if (a.width != b.width || a.heads != b.heads || a.vocab != b.vocab || parent->qkNorm != member.qkNorm
            || parent->scalar != member.scalar)
            refuse("both must agree in d, heads, vocab, qk_norm and dtype.");
        member.initFrom = parent->id;
    }
}

}
